"""The state between builds: what it remembers, and what it does not trust."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
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
    state = State({"net": Published({"z": "1", "a": "2"}, {"x/model.json": "f" * 64})}, {"s/_runtime.js": "0" * 64})
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


def test_a_line_of_the_journal_that_was_cut_short_takes_none_with_it(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "tfjs.yaml")
    first = State({"net": Published({"a": "1"}, {"x/model.json": "f" * 64})})
    folder.record(first, "net")
    with (folder.path / "tfjs.yaml.journal").open("ab") as journal:
        journal.write(b'{"model": "torn", "fie')  # the disk was full
    second = State({"other": Published({"b": "2"}, {"y/model.json": "e" * 64})})
    folder.record(second, "other")
    assert folder.load().models == {**first.models, **second.models}


def test_what_another_manifest_has_begun_to_record_stays(tmp_path: Path) -> None:
    other = StateFolder(tmp_path / "other.yaml")
    other.record(State({"net": Published()}), "net")  # its build was killed before it could save
    folder = StateFolder(tmp_path / "tfjs.yaml")
    folder.save(State())
    with folder.lock(lambda: None):
        folder.remove()
    assert list(other.load().models) == ["net"]


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


def _build(root: Path) -> Project:
    project = Project(root / "app")
    project.manifest("version: 1\noutput: public\nmodels:\n  net: {source: net.keras}\n")
    write_dense(project.root / "net.keras")
    return project


@pytest.mark.parametrize("name", ["staging", "lock", ".gitignore", "logs", "tfjs.yaml.state.json"])
def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path, name: str) -> None:
    """A checkout may bring one along."""
    project = _build(tmp_path)
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "file").write_text("theirs")
    (project.root / ".tfjs-build").mkdir()
    target = theirs if name in ("staging", "logs") else theirs / "file"
    (project.root / ".tfjs-build" / name).symlink_to(target)
    assert project.run("build").code == 0
    assert project.run("build", "--check").code == 0
    assert [path.name for path in theirs.iterdir()] == ["file"]
    assert (theirs / "file").read_text() == "theirs"


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    project = _build(tmp_path)
    theirs = tmp_path / "theirs"
    (theirs / "staging").mkdir(parents=True)
    (project.root / ".tfjs-build").symlink_to(theirs)
    result = project.run("build")
    assert result.code != 0
    assert "it is a link; delete it" in result.err
    assert "Traceback" not in result.err
    assert [path.name for path in theirs.iterdir()] == ["staging"]


@pytest.mark.parametrize("name", ["staging", "lock", "cache", "tfjs.yaml.state.json", ".gitignore"])
@pytest.mark.parametrize("kind", ["folder", "file", "pipe"])
def test_something_else_in_the_place_of(tmp_path: Path, name: str, kind: str) -> None:
    """It is built all the same, or said what is in the way."""
    project = _build(tmp_path)
    place = project.root / ".tfjs-build" / name
    place.parent.mkdir()
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.write_text("?")
    result = project.run("build")
    assert "Traceback" not in result.err
    assert result.code == 0 or f".tfjs-build/{name}" in result.err


def test_an_empty_gitignore_is_written_again(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "tfjs.yaml")
    folder.create()
    (folder.path / ".gitignore").write_text("")
    folder.create()
    assert (folder.path / ".gitignore").read_text() == "*\n"
    assert [path.name for path in folder.path.iterdir()] == [".gitignore"]


def test_the_lock_of_a_folder_that_was_deleted_keeps_nobody_out(tmp_path: Path) -> None:
    """`clean` deletes the folder while others wait for its lock: they take that of the new folder, one at a time."""
    folder = StateFolder(tmp_path / "tfjs.yaml")
    cleaning = folder.try_lock()
    assert cleaning is not None
    code = (
        "import sys; from pathlib import Path; from tfjs_build.state import StateFolder\n"
        f"folder = StateFolder(Path({str(tmp_path / 'tfjs.yaml')!r}))\n"
        "with folder.lock(waiting=lambda: print('waiting', flush=True)):\n"
        "    print('mine', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline() == "waiting\n"
        folder.remove()
        cleaning.close()
        assert other.stdout.readline() == "mine\n"
        assert folder.try_lock() is None
        other.stdin.close()
    taken = folder.try_lock()
    assert taken is not None
    taken.close()


def test_what_a_kill_left_in_the_folder_goes(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "tfjs.yaml")
    folder.create()
    for name in ("tfjs.yaml.state.json.99.tmp", ".gitignore.99.tmp"):
        (folder.path / name).write_text("half")
    (folder.staging / "net").mkdir(parents=True)
    with folder.lock(waiting=lambda: pytest.fail("nobody has it")):
        assert sorted(path.name for path in folder.path.iterdir()) == [".gitignore", "lock"]
