"""The cache of conversions: what was made of a fingerprint is found again, checked, and capped."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.cache import Cache

MANIFEST = "version: 1\noutput: public\nstubs: src\nmodels:\n  net: {source: net.keras, labels: [a, b]}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    project.manifest(MANIFEST)
    write_dense(project.root / "net.keras")
    assert project.run("build").code == 0
    return project


def entries(project: Project) -> list[Path]:
    return sorted((project.root / ".tfjs-build" / "cache").iterdir())


def test_what_was_deleted_comes_back_from_the_cache(project: Project) -> None:
    whole = project.files()
    (entry,) = entries(project)
    (entry / "notes.json").write_text(json.dumps(["told again"]))
    os.utime(entry, (1, 1))
    shutil.rmtree(project.root / "public")
    shutil.rmtree(project.root / "src")
    result = project.run("build", "--json")
    assert result.steps == ["started", "note", "written", "stopped"]
    assert result.of("note")[0]["message"] == "told again"
    assert project.files() == whole
    assert entry.stat().st_mtime > 1  # it was used, and so stays longest


def test_a_damaged_entry_is_not_used(project: Project) -> None:
    whole = project.files()
    (entry,) = entries(project)
    (shard,) = entry.glob("*.bin")
    content = bytearray(shard.read_bytes())
    content[0] ^= 1
    shard.unlink()
    shard.write_bytes(content)
    shutil.rmtree(project.root / "public")
    assert project.run("build").code == 0
    assert project.files() == whole


@pytest.mark.parametrize("name", ["model.json", "notes.json"])
def test_an_entry_that_is_not_whole_is_not_used(project: Project, name: str) -> None:
    whole = project.files()
    (entry,) = entries(project)
    (entry / name).write_text(json.dumps({}))
    shutil.rmtree(project.root / "public")
    assert project.run("build").code == 0
    assert project.files() == whole


def test_the_least_recently_used_entries_go_first(project: Project, tmp_path: Path) -> None:
    staged = []
    for seed in range(4):
        write_dense(project.root / "net.keras", seed=seed)
        assert project.run("build").code == 0
    for index, entry in enumerate(entries(project)):
        os.utime(entry, (index, index))
        found = Cache(entry.parent).get(entry.name, tmp_path / "staging" / str(index))
        assert found is not None
        staged.append(found)
    size = sum(file.stat().st_size for file in entries(project)[0].iterdir())
    small = Cache(tmp_path / "cache", most_bytes=int(size * 2.5))
    for index, each in enumerate(staged):
        small.put(f"digest-{index}", each)
        small.prune()
        os.utime(tmp_path / "cache" / f"digest-{index}", (index + 10, index + 10))
        if index == 1:
            os.utime(tmp_path / "cache" / "digest-0", (100, 100))  # used since
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["digest-0", "digest-3"]


def test_what_is_larger_than_the_cache_is_not_kept(project: Project, tmp_path: Path) -> None:
    (entry,) = entries(project)
    staged = Cache(entry.parent).get(entry.name, tmp_path / "staging")
    assert staged is not None
    Cache(tmp_path / "cache", most_bytes=3).put("digest", staged)
    assert not (tmp_path / "cache").exists()


def test_what_a_kill_left_goes(project: Project) -> None:
    unfinished = project.root / ".tfjs-build" / "cache" / "0123.99.tmp"
    unfinished.mkdir()
    write_dense(project.root / "net.keras", seed=1)
    assert project.run("build").code == 0
    assert not unfinished.exists()


def test_an_edit_of_what_is_published_does_not_come_back_from_the_cache(project: Project) -> None:
    """Where they are links, the edit reaches the cache as well."""
    whole = project.files()
    (name,) = [name for name in whole if name.endswith(".bin")]
    with (project.root / name).open("r+b") as file:
        file.write(b"\x00\x01\x02")
    assert project.run("build").code == 0
    assert project.files() == whole
