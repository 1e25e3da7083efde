"""Versions that reports remember, and what is different between two."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.coding.graphs import classifier
from tests.unit.report.making import publish
from tfjs_build.report.committed import committed, version_of
from tfjs_build.report.history import MOST, Change, Version, by_layer, compared, layer_of, remember

OLD = Version("a" * 16, "2026-01-01", 10, 100, 90, {"head": 60, "body": 30, "gone": 10}, {"Relu": 2, "Exp": 1})
NEW = Version("b" * 16, "2026-01-02", 10, 95, None, {"head": 15, "body": 30, "new": 50}, {"Relu": 3, "Exp": 1})


def test_differences() -> None:
    found = compared("then", OLD, NEW)
    assert found.layers == [Change("new", None, 50), Change("head", 60, 15), Change("gone", 10, None)]
    assert found.ops == [Change("Relu", 2, 3)]
    assert (found.since, found.before) == ("then", OLD)
    same = compared("then", OLD, OLD)
    assert (same.layers, same.ops) == ([], [])


def test_layers() -> None:
    assert layer_of("block/expand/kernel") == "block/expand"
    assert layer_of("weights") == "weights"
    assert by_layer({"a/b/x": 1, "a/b/y": 2, "a/z": 4, "w": 8}) == {"a/b": 3, "a": 4, "w": 8}


def test_versions_are_remembered_the_newest_first(tmp_path: Path) -> None:
    file = tmp_path / "report" / "history.json"
    assert remember(file, "net", OLD) == [OLD]
    assert remember(file, "net", NEW) == [NEW, OLD]
    assert remember(file, "other", OLD) == [OLD]
    later = Version(OLD.version, "2026-03-03", *list(vars(OLD).values())[2:])
    assert remember(file, "net", later) == [OLD, NEW], "the day is that on which it was first seen"
    for number in range(MOST + 5):
        known = remember(file, "net", Version(f"{number:016}", "2026-01-01", 1, 2, 3, {}, {}))
    assert len(known) == MOST


@pytest.mark.parametrize("content", ["", "[]", '{"net": 1}', '{"net": [{}]}', "[" * 100_000])
def test_a_damaged_file_is_no_history(tmp_path: Path, content: str) -> None:
    (tmp_path / "history.json").write_text(content)
    assert remember(tmp_path / "history.json", "net", OLD) == [OLD]
    assert remember(tmp_path / "history.json", "net", NEW) == [NEW, OLD]


def test_what_cannot_be_written_is_not_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert remember(tmp_path / "file" / "below" / "history.json", "net", OLD) == [OLD]


def test_nothing_is_written_where_a_link_leads(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("mine")
    (tmp_path / "report").symlink_to(elsewhere)
    remember(tmp_path / "report" / "history.json", "net", OLD)
    assert [path.name for path in elsewhere.iterdir()] == ["mine"]
    (tmp_path / "report" / "history.json").unlink()
    (tmp_path / "report" / "history.json").symlink_to(elsewhere / "mine")
    assert remember(tmp_path / "report" / "history.json", "net", NEW) == [NEW]
    assert (elsewhere / "mine").read_text() == "mine"
    assert remember(tmp_path / "report" / "history.json", "net", OLD) == [OLD, NEW]


def git(folder: Path, *arguments: str) -> None:
    """Run git, as somebody."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_last_commits_version(tmp_path: Path) -> None:
    index = publish(tmp_path / "models" / "net", classifier(), {"dense/kernel": "uint8"})
    assert committed(index) is None, "no repository"
    git(tmp_path, "init", "--quiet")
    assert committed(index) is None, "no commit"
    git(tmp_path, "add", "models/net/model.json")
    git(tmp_path, "commit", "--quiet", "-m", "x")
    data = index.read_bytes()
    index.write_text("{}")
    found = committed(index)
    assert found is not None
    assert found == version_of(data, found.seen)
    assert len(found.seen) == len("2026-01-01")
    assert found.layers == {"first": 5184, "depth": 1728, "dense": 7680 + 40, "Reshape": 8}
    assert found.ops["Const"] == 5
    assert found.gzip is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000])
def test_a_model_json_that_is_none(data: bytes) -> None:
    assert version_of(data, "") is None
