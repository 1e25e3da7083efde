"""Files and folders that whoever runs the command cannot read, or not write: it says so in a line, and what is served
stays whole."""

from __future__ import annotations

import contextlib
import encodings
import importlib
import json
import os
import pkgutil
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tfjs_build
from tests.faults.harness import run
from tests.faults.judging import torn
from tests.support.keras_files import write_dense

_MANIFEST = "version: 1\noutput: public/models\nstubs: src\nmodels:\n  net: {source: net.keras, labels: labels.txt}\n"
_NOBODY = 65534
_REPORT = ("report", "--no-curve")
_COMMANDS = (("build",), ("build", "--check"), ("explain",), ("inspect", "net"), ("doctor",), _REPORT, ("clean",))


@pytest.fixture(scope="module")
def user() -> int | None:
    """Who runs the command: root may read and write everything, and becomes another user for it. That one may not be
    able to read Python, so that all of it is imported before."""
    if os.getuid() != 0:
        return None
    for module in pkgutil.walk_packages(tfjs_build.__path__, "tfjs_build."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        with contextlib.suppress(ImportError):  # those of other systems
            importlib.import_module(module.name)
    return _NOBODY


@pytest.fixture(scope="module")
def project(user: int | None) -> Iterator[Path]:
    """A project that is built, and whose source has been saved since; in a folder that every user can reach."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        Path(folder).chmod(0o777)
        root = Path(folder) / "prepared" / "project"
        root.mkdir(parents=True)
        write_dense(root / "net.keras")
        (root / "labels.txt").write_text("a\nb\n")
        (root / "tfjs.yaml").write_text(_MANIFEST)
        assert run(root, "build").code == 0
        _import_what_was_imported(root)
        write_dense(root / "net.keras", seed=3)
        _own(root, user)
        yield root


def _import_what_was_imported(root: Path) -> None:
    """Import what each command imports, which a process of another user may not be able to."""
    note = root.with_name("modules.json")
    code = "import json, sys; from pathlib import Path; from tfjs_build.cli import main; main(sys.argv[2:]); " + (
        "Path(sys.argv[1]).write_text(json.dumps(sorted(sys.modules)))"
    )
    for command in (("build", "--force"), ("doctor",), ("explain",), ("inspect", "net"), _REPORT):
        subprocess.run(
            [sys.executable, "-c", code, str(note), *command],
            cwd=root,
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(Path(tfjs_build.__file__).parent.parent)},
        )
        for name in json.loads(note.read_text()):
            with contextlib.suppress(ImportError):  # `__main__`, and what packages make up
                importlib.import_module(name)


def _own(root: Path, user: int | None) -> None:
    if user is not None:
        for path in (root.parent, root, *root.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)


def _copy(project: Path, user: int | None, name: str) -> Path:
    root = project.parent.with_name(name) / "project"
    root.parent.mkdir()
    shutil.copytree(project, root, symlinks=True)
    _own(root, user)
    return root


def _try_all(project: Path, user: int | None, step: int) -> int:
    """Take the rights to each file and folder away, and run each command; return how often."""
    places = [Path(), *sorted(path.relative_to(project) for path in project.rglob("*"))]
    tries = [
        (place, mode, command)
        for place in places
        for mode in (0o000, 0o444, 0o555, 0o333)
        if mode != 0o333 or (project / place).is_dir()
        for command in _COMMANDS
    ]
    undisturbed = _copy(project, user, "undisturbed")
    assert run(undisturbed, "build", user=user).code == 0
    expected = _served(undisturbed)
    before = _served(project)
    for place, mode, command in tries[::step]:
        root = _copy(project, user, "tried")
        old = stat.S_IMODE((root / place).stat().st_mode)
        (root / place).chmod(mode)
        outcome = run(root, *command, user=user)
        what = f"{place} {mode:o} {command}: {outcome.printed}"
        if (root / place).exists():
            (root / place).chmod(old)
        assert outcome.code in (0, 1, 2), what
        assert not any(word in outcome.printed for word in ("Traceback", "a bug in", "None:")), what
        assert torn(root) == [], what
        if command[0] != "clean":
            served = _served(root)
            assert served.keys() <= before.keys() | expected.keys(), what
            assert all(data in (before.get(name), expected.get(name)) for name, data in served.items()), what
        outcome = run(root, "build", user=user)
        assert outcome.code == 0, f"{what}\nthen: {outcome.printed}"
        assert _served(root) == expected, what
        shutil.rmtree(root.parent)
    shutil.rmtree(undisturbed.parent)
    return len(tries[::step])


def _served(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("public", "src")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }


@pytest.mark.full
def test_some_rights(project: Path, user: int | None) -> None:
    assert _try_all(project, user, 29) > 10


@pytest.mark.long
def test_all_rights(project: Path, user: int | None, count: Callable[[str, int], None]) -> None:
    count("permissions", _try_all(project, user, 1))
