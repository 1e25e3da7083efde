"""The cache of conversions: what was made of a fingerprint is found again, checked, and capped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.cache import Cache
from tfjs_build.fs import sha256_bytes

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


def seal(entry: Path) -> None:
    """Make an entry's hash that of what it holds now, as somebody would who plants one."""
    parts = [entry.name, *(sha256_bytes((entry / name).read_bytes()) for name in ("model.json", "notes.json"))]
    (entry / "sha256").write_text(sha256_bytes("\n".join(parts).encode()))


def test_what_was_deleted_comes_back_from_the_cache(project: Project) -> None:
    whole = project.files()
    (entry,) = entries(project)
    (entry / "notes.json").write_text(json.dumps(["told again"]))
    seal(entry)
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


def _other_names(entry: Path) -> None:
    """Let the entry name one of the project's own files as its shard, with the hash that this has."""
    (shard,) = entry.glob("*.bin")
    text = (entry / "model.json").read_text(encoding="utf-8")
    (entry / "model.json").write_text(text.replace(shard.name, "../../../mine.txt"), encoding="utf-8")
    seal(entry)


def _a_link_for_a_shard(entry: Path) -> None:
    (shard,) = entry.glob("*.bin")
    shard.unlink()
    shard.symlink_to(entry.parents[2] / "mine.txt")


def _a_pipe_for_a_shard(entry: Path) -> None:
    (shard,) = entry.glob("*.bin")
    shard.unlink()
    os.mkfifo(shard)


def _a_pipe_for_the_index(entry: Path) -> None:
    (entry / "model.json").unlink()
    os.mkfifo(entry / "model.json")


def _a_link_for_the_entry(entry: Path) -> None:
    moved = entry.rename(entry.parents[2] / "elsewhere")
    entry.symlink_to(moved)


def _a_link_for_the_cache(entry: Path) -> None:
    cache = entry.parent
    moved = cache.rename(entry.parents[2] / "elsewhere")
    cache.symlink_to(moved)


def _a_file_for_the_entry(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.write_text("a file")


def _a_file_for_the_cache(entry: Path) -> None:
    shutil.rmtree(entry.parent)
    entry.parent.write_text("a file")


def _another_model(entry: Path) -> None:
    """A page that is shown numbers which no conversion gave: the metadata of a whole entry, changed."""
    text = (entry / "model.json").read_text(encoding="utf-8")
    (entry / "model.json").write_text(text.replace('"labels":["a","b"]', '"labels":["b","a"]'), encoding="utf-8")


def _notes_of_another_type(entry: Path) -> None:
    (entry / "notes.json").write_text('{"a": 1}')


@pytest.mark.parametrize(
    "plant",
    [
        _other_names,
        _a_link_for_a_shard,
        _a_pipe_for_a_shard,
        _a_pipe_for_the_index,
        _a_link_for_the_entry,
        _a_link_for_the_cache,
        _a_file_for_the_entry,
        _a_file_for_the_cache,
        _another_model,
        _notes_of_another_type,
    ],
)
def test_a_planted_entry_is_not_used_and_touches_nothing(project: Project, plant: Callable[[Path], None]) -> None:
    whole = project.files()
    (project.root / "mine.txt").write_text("mine")
    (entry,) = entries(project)
    plant(entry)
    before = {path: path.read_bytes() for path in (project.root / "elsewhere").rglob("*") if path.is_file()}
    shutil.rmtree(project.root / "public")
    result = project.run("build", "--json")
    assert (result.code, result.steps) == (0, ["started", "written", "stopped"])
    assert (project.root / "mine.txt").read_text() == "mine"
    assert {name: data for name, data in project.files().items() if name in whole} == whole
    assert {path: path.read_bytes() for path in before} == before
    assert project.run("build", "--check").code == 0


def test_notes_are_texts(project: Project, tmp_path: Path) -> None:
    (entry,) = entries(project)
    (entry / "notes.json").write_text("[1, null]")
    seal(entry)
    assert Cache(entry.parent).get(entry.name, tmp_path / "staging") is None


def test_an_entry_of_another_fingerprint_is_not_used(project: Project, tmp_path: Path) -> None:
    (entry,) = entries(project)
    entry.rename(entry.with_name("0" * 64))
    assert Cache(entry.parent).get("0" * 64, tmp_path / "staging") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("classify", {"output": "y", "softmax": "yes"}),
        ("classify", {"output": "y", "softmax": True, "more": 1}),
        ("classify", ["y"]),
        ("labels", [1, 2]),
        ("version", 5),
        ("async", "no"),
    ],
)
def test_an_entry_whose_metadata_are_of_other_types_is_not_there(project: Project, key: str, value: object) -> None:
    [entry] = entries(project)
    document = json.loads((entry / "model.json").read_bytes())
    document["userDefinedMetadata"]["tfjs-build"][key] = value
    (entry / "model.json").write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))
    seal(entry)
    shutil.rmtree(project.root / "public")
    result = project.run("build", "--json")
    assert result.code == 0
    assert result.of("failed") == []
    assert "cache" not in result.of("written")[0]
