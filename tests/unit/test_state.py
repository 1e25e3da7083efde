"""The state between builds: what it remembers, and what it does not trust."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tfjs_build import fs
from tfjs_build.fs import StatKey
from tfjs_build.state import Published, State, StateFolder

LONG_AGO = 1_000_000_000


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that nothing has touched for long, as far as anybody can tell."""
    path = tmp_path / "old.bin"
    path.write_bytes(b"content")
    monkeypatch.setattr(fs, "_RACY_NS", 0)
    return path


def test_a_file_is_hashed_once(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State()
    first = state.sha256(old)
    monkeypatch.setattr("tfjs_build.state.sha256_file", lambda path: pytest.fail(f"{path} was read again"))
    assert state.sha256(old) == first == fs.sha256_bytes(b"content")


def test_another_size_mtime_or_inode_is_another_file(old: Path) -> None:
    state = State()
    state.sha256(old)
    stat = old.stat()
    replacement = old.with_name("new.bin")
    replacement.write_bytes(b"CONTENT")
    os.utime(replacement, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    replacement.replace(old)
    assert state.sha256(old) == fs.sha256_bytes(b"CONTENT")


def test_a_file_changed_a_moment_ago_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "new.bin"
    path.write_bytes(b"1")
    state = State()
    state.sha256(path)
    assert not state.hashes


def test_it_survives_and_keeps_the_order_of_fields(tmp_path: Path, old: Path) -> None:
    folder = StateFolder(tmp_path / "tfjs.yaml")
    state = State({"net": Published({"z": "1", "a": "2"}, {"x/model.json": "f" * 64})}, {"s/_runtime.ts": "0" * 64})
    state.sha256(old)
    folder.save(state)
    loaded = folder.load()
    assert loaded.models == state.models
    assert list(loaded.models["net"].fields) == ["z", "a"]
    assert loaded.shared == state.shared
    assert loaded.hashes == {str(old): (StatKey.of(old), fs.sha256_bytes(b"content"))}
    assert (tmp_path / ".tfjs-build/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1, "models": 3}', b"\xff\xfe"])
def test_a_damaged_state_is_an_empty_one(tmp_path: Path, damage: bytes) -> None:
    folder = StateFolder(tmp_path / "tfjs.yaml")
    folder.create()
    (folder.path / "tfjs.yaml.state.json").write_bytes(damage)
    assert folder.load() == State()


def test_two_manifests_in_a_folder_do_not_share_it(tmp_path: Path) -> None:
    StateFolder(tmp_path / "tfjs.yaml").save(State({"net": Published()}))
    assert not StateFolder(tmp_path / "other.yaml").load().models


OTHER_BUILD = """
import sys
from pathlib import Path
from tfjs_build.state import StateFolder
with StateFolder(Path(sys.argv[1])).lock(lambda: print("waiting", flush=True)):
    print("locked", flush=True)
"""


def test_the_lock_waits_for_the_other(tmp_path: Path) -> None:
    manifest = tmp_path / "tfjs.yaml"
    with StateFolder(manifest).lock(lambda: pytest.fail("nobody else is here")):
        other = subprocess.Popen([sys.executable, "-c", OTHER_BUILD, manifest], stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "waiting\n"
    assert other.communicate()[0] == "locked\n"
    assert other.returncode == 0


def test_what_a_killed_build_left_behind_is_cleared(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "tfjs.yaml")
    (folder.staging / "net").mkdir(parents=True)
    (folder.staging / "net" / "shard-0").write_bytes(b"half")
    with folder.lock(lambda: None):
        assert not folder.staging.exists()
