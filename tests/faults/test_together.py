"""Several commands at once in one project: builds, a `clean` and saves, beside a watch; what is served is read all the
time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.judging import torn, torn_under_way
from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY

_NAMES = ("net", "other")
_MANIFEST = "version: 1\noutput: public/models\nstubs: src\nmodels:\n" + "".join(
    f"  {name}: {{source: {name}.keras}}\n" for name in _NAMES
)


def _started(root: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tfjs_build", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def _reader(root: Path) -> Iterator[list[str]]:
    """Read what is served over and over, in a thread; gives the faults that were found."""
    faults: list[str] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set() and not faults:
            for name in _NAMES:
                faults.extend(torn_under_way(root / "public" / "models" / name / "model.json"))
            over.wait(0.002)  # the others need the processor, too

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield faults
    finally:
        over.set()
        thread.join()


def _save(root: Path, name: str, seed: int) -> None:
    """Save a source as a trainer does: whole, under its own name."""
    write_dense(root / f"{name}.keras.new", seed=seed)
    (root / f"{name}.keras.new").replace(root / f"{name}.keras")


def _try_rounds(root: Path, rounds: int) -> int:
    """Run two builds and a `clean` at once, `rounds` times, with a save before and one meanwhile."""
    for name in _NAMES:
        _save(root, name, 0)
    (root / "tfjs.yaml").write_text(_MANIFEST)
    (root / "mine.txt").write_text("mine")
    with _reader(root) as faults:
        watch = _started(root, "watch", "--json")
        assert watch.stdout is not None
        printed: list[str] = []
        reading = threading.Thread(target=lambda: printed.extend(watch.stdout or ()))
        reading.start()
        try:
            for index in range(rounds):
                _save(root, "net", 1 + 2 * index)
                commands = [_started(root, *words) for words in (["build"], ["clean"], ["build", "--force"])]
                _save(root, "other", 2 + 2 * index)
                for process in commands:
                    said, _ = process.communicate()
                    assert process.returncode == 0, f"round {index}: {said}"
                assert faults == [], f"round {index}"
                assert watch.poll() is None, printed
        finally:
            watch.send_signal(signal.SIGINT)
            assert watch.wait() == 130, printed
            reading.join()
            watch.stdout.close()
        last = _started(root, "build")
        said, _ = last.communicate()
        assert last.returncode == 0, said
    assert faults == []
    assert torn(root) == []
    assert not any("Traceback" in line or "a bug in" in line for line in printed), printed
    assert (root / "mine.txt").read_text() == "mine"
    built = [path.name for path in sorted((root / "public" / "models").iterdir())]
    assert built == list(_NAMES)
    assert all(len(list((root / "public" / "models" / name).iterdir())) == 2 for name in _NAMES)
    assert not list((root / ".tfjs-build").glob("*.tmp"))
    assert not (root / ".tfjs-build" / "staging").exists()
    return rounds


@pytest.mark.full
def test_some_rounds(tmp_path: Path) -> None:
    _try_rounds(tmp_path, 2)


@pytest.mark.long
def test_many_rounds(tmp_path: Path, count: Callable[[str, int], None]) -> None:
    count("together", _try_rounds(tmp_path, 40))
