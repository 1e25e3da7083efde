"""What is in `.tfjs-build/` and in the output is damaged, file by file: a build heals it, or says what is in its way,
and touches nothing of the user's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.faults.harness import run
from tests.faults.judging import torn
from tests.support.keras_files import write_dense
from tfjs_build.sources.keras import KIND
from tfjs_build.sources.opening import import_converters

import_converters([KIND])  # once, for all processes that are forked

_MANIFEST = "version: 1\noutput: public/models\nstubs: src\nmodels:\n  net: {source: net.keras}\n"
_OURS = (".tfjs-build", "public", "src")


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    if data:
        data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def _deleted(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _a_file(path: Path) -> None:
    _deleted(path)
    path.write_text("{}")


def _a_folder(path: Path) -> None:
    _deleted(path)
    path.mkdir()
    (path / "file").write_text("x")


def _a_pipe(path: Path) -> None:
    _deleted(path)
    os.mkfifo(path)


def _a_link(path: Path) -> None:
    """To a file of the user's."""
    _deleted(path)
    root = next(each for each in path.parents if (each / "tfjs.yaml").exists())
    path.symlink_to(root / "mine.txt")


def _a_link_to_a_folder(path: Path) -> None:
    _deleted(path)
    root = next(each for each in path.parents if (each / "tfjs.yaml").exists())
    path.symlink_to(root / "mine", target_is_directory=True)


def _a_link_to_itself(path: Path) -> None:
    _deleted(path)
    path.symlink_to(path.name)


_OF_FILES = (_emptied, _cut, _flipped)
_OF_ALL = (_deleted, _a_file, _a_folder, _a_pipe, _a_link, _a_link_to_a_folder, _a_link_to_itself)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is built, with files of the user's."""
    root = tmp_path_factory.mktemp("damage") / "built"
    root.mkdir()
    write_dense(root / "net.keras")
    (root / "tfjs.yaml").write_text(_MANIFEST)
    (root / "mine.txt").write_text("mine")
    (root / "mine").mkdir()
    (root / "mine" / "mine.txt").write_text("mine")
    assert run(root, "build").code == 0
    return root


def _served(root: Path) -> dict[str, bytes]:
    return {
        (path := Path(folder, name)).relative_to(root).as_posix(): path.read_bytes()
        for served in ("public", "src")
        for folder, _, names in os.walk(root / served, followlinks=True)
        for name in names
        if Path(folder, name).is_file()
    }


def _users(root: Path) -> dict[str, bytes]:
    theirs = (path for path in (root / "mine").iterdir() if path.is_file())
    files = [root / "mine.txt", *theirs, root / "net.keras", root / "tfjs.yaml"]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def _places(root: Path) -> list[Path]:
    found = [path for folder in _OURS for path in (root / folder, *sorted((root / folder).rglob("*")))]
    missing = [root / ".tfjs-build" / name for name in ("staging", "logs", "tfjs.yaml.journal")]
    return found + [path for path in missing if path not in found]


def _damaged(project: Path, tmp_path: Path, command: tuple[str, ...], step: int, save: bool) -> int:
    """Damage each place in each way (`step`: only every so many of them), and run a command. Returns how many."""
    tried = 0
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(project, undisturbed, symlinks=True)
    if save:
        write_dense(undisturbed / "net.keras", seed=3)
    assert run(undisturbed, *command).code == 0
    expected, users = _served(undisturbed), _users(undisturbed)
    pairs = [
        (place, damage) for place in _places(project) for damage in (*(_OF_FILES if place.is_file() else ()), *_OF_ALL)
    ]
    for place, damage in pairs[::step]:
        root = tmp_path / "damaged"
        shutil.copytree(project, root, symlinks=True)
        at = root / place.relative_to(project)
        if not at.exists():
            at.mkdir()
        damage(at)
        if save:
            write_dense(root / "net.keras", seed=3)
        outcome = run(root, *command)
        what = f"{place.relative_to(project)} {damage.__name__}: {outcome.printed}"
        assert outcome.code in (0, 1, 2), what
        assert not any(word in outcome.printed for word in ("Traceback", "a bug in", "None:")), what
        # Into a folder of theirs that stands in for the output it is published; nothing in it is changed.
        assert users.items() <= _users(root).items(), what
        if outcome.code == 0:
            _see_healed(root, place.relative_to(project), expected, what)
        else:
            assert at.name in outcome.printed or at.parent.name in outcome.printed, what
        shutil.rmtree(root)
        tried += 1
    return tried


def _see_healed(root: Path, place: Path, expected: Mapping[str, bytes], what: str) -> None:
    # A model that was edited is not ours to remove.
    assert [fault for fault in torn(root) if expected or not fault.startswith(str(root / place))] == [], what
    served = _served(root)
    # What was put into a folder of the output, or was edited and is no longer to be there, is not ours to delete.
    # A stub that was edited stays, and what it imports with it.
    imported = {"src/_runtime.js", "src/_runtime.d.ts"} if place.parts[0] == "src" else set()
    more = {name for name in served.keys() - expected.keys() - imported if not name.startswith(place.as_posix())}
    assert not more, what
    assert {name: data for name, data in served.items() if name in expected} == expected, what


@pytest.mark.full
@pytest.mark.parametrize("command", ["build", "save"])
def test_some_damages(project: Path, tmp_path: Path, command: str) -> None:
    assert _damaged(project, tmp_path, ("build",), 11, command == "save") > 10


@pytest.mark.long
@pytest.mark.parametrize("command", ["build", "save", "clean"])
def test_all_damages(project: Path, tmp_path: Path, count: Callable[[str, int], None], command: str) -> None:
    count("damage", _damaged(project, tmp_path, ("clean" if command == "clean" else "build",), 1, command == "save"))
