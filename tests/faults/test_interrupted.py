"""A command is interrupted, or killed, at any moment from its first import on: no traceback, from it or its children,
none of which is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.judging import torn
from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY

_AT = """
import os, sys
at, number, told = (int(sys.argv.pop(1)) for _ in range(3))
count, process = 0, os.getpid()
def hook(event, _):
    global count
    if os.getpid() == process:
        count += 1
        if count == at:
            os.kill(process, number)
sys.addaudithook(hook)
from tfjs_build.__main__ import main
code = main()
os.write(told, str(count).encode())
sys.exit(code)
"""


def _interrupted(root: Path, number: int, at: int) -> tuple[int, str, int]:
    """Run a build that gets a signal at the `at`-th event that Python tells of; return its exit code, what it and its
    children printed before the last of them ended, and how many events there were."""
    ends = os.pipe()
    try:
        arguments = [str(at), str(int(number)), str(ends[1]), "build", "--force", "-j", "2"]
        done = subprocess.run(
            [sys.executable, "-c", _AT, *arguments],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            pass_fds=ends[1:],
        )
    finally:
        os.close(ends[1])
    told = os.read(ends[0], 20)
    os.close(ends[0])
    return done.returncode, done.stdout, int(told or 0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is built."""
    text = "version: 1\noutput: public/models\nstubs: src\nmodels:\n"
    for name in ("net", "other"):
        write_dense(tmp_path / f"{name}.keras")
        text += f"  {name}: {{source: {name}.keras}}\n"
    (tmp_path / "tfjs.yaml").write_text(text)
    assert _interrupted(tmp_path, signal.SIGINT, 0)[0] == 0
    return tmp_path


def _try_all(project: Path, number: signal.Signals, points: int) -> int:
    """Send a signal at points that are spread over a build; return how many. The first import is not one of them: what
    comes before is Python's own."""
    events = _interrupted(project, number, 0)[2]
    assert events > 500
    tried = 0
    for at in range(60, events, max(1, events // points)):
        code, printed, _ = _interrupted(project, number, at)
        what = f"{number.name} at event {at} of {events}: {printed}"
        assert "Traceback" not in printed, what
        # Before the command is imported, the system ends it at a SIGTERM.
        ends = {signal.SIGINT: (0, 130), signal.SIGTERM: (0, 130, -number), signal.SIGKILL: (-number,)}
        assert code in ends[number], what
        assert torn(project) == [], what
        tried += 1
    assert _interrupted(project, number, 0)[0] == 0
    return tried


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_some_interruptions(project: Path, number: signal.Signals) -> None:
    assert _try_all(project, number, 8) >= 8


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_many_interruptions(project: Path, count: Callable[[str, int], None], number: signal.Signals) -> None:
    count("interrupted", _try_all(project, number, 150))
