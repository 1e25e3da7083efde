"""A watch whose models need code: what is imported is watched, TensorFlow stays, and ends with the watch."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.watch.watching import Watching

MANIFEST = """\
version: 1
output: out
models:
  made: { source: "python:nets:made", allow_code: true }
"""


@pytest.fixture
def watching(folder: Path, with_tensorflow: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is to be watched."""
    monkeypatch.setenv("TFJS_BUILD_WORKER", with_tensorflow["TFJS_BUILD_WORKER"])
    (folder / "tfjs.yaml").write_text(MANIFEST, encoding="utf-8")
    return folder


def save(path: Path, text: str) -> None:
    """Save a file as editors do: in one step."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def supervisors(watch: Watching) -> list[int]:
    """Return the processes that have TensorFlow and run nobody's code."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == watch.process.pid and b"tfjs_build_worker" in command:
                found.append(int(entry.name))
    return found


def test_a_module_that_is_imported_by_an_import(watching: Path) -> None:
    watch = Watching(watching)
    try:
        first = watch.until("written", model="made")["version"]
        watch.until("ready")
        before = supervisors(watch)
        save(watching / "factors.py", "FACTOR = 4.0\n")
        second = watch.until("written", model="made")["version"]
        save(watching / "layers" / "scaling.py", "import nowhere\n")
        failed = watch.until("failed", model="made")
        assert failed["message"] == (
            "python:nets:made raised ModuleNotFoundError: No module named 'nowhere' at layers/scaling.py:1"
        )
        assert len({first, second}) == 2
        assert supervisors(watch) == before
        assert len(before) == 1
        assert watch.end() == 0
        assert watch.left_over() == []
    finally:
        watch.close()


def test_it_is_started_again(watching: Path) -> None:
    watch = Watching(watching)
    try:
        watch.until("ready")
        [process] = supervisors(watch)
        os.kill(process, signal.SIGKILL)
        save(watching / "factors.py", "FACTOR = 5.0\n")
        watch.until("written", model="made")
        assert supervisors(watch) != [process]
        watch.process.kill()
        watch.process.wait()
        assert watch.left_over() == []
    finally:
        watch.close()
