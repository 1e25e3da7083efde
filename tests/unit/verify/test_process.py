"""Programs that are guarded: what they print last, and that nothing of them is left, however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY
from tfjs_build.verify.process import Guarded

FAMILY = """\
import os, sys, time
if os.fork() == 0:
    os.setpgid(0, os.getpgid(os.getppid()))
open(sys.argv[1] + str(os.getpid()), "w").close()
print("Error: lost\\nbye", flush=True)
time.sleep(600)
"""
OWNER = """\
import sys
from tfjs_build.verify.process import Guarded
Guarded(sys.argv[1:])
print("up", flush=True)
sys.stdin.read()
"""


def numbers(folder: Path) -> list[int]:
    """Return the processes of a family, once both are there."""
    while len(found := [int(path.name) for path in folder.iterdir()]) < 2:
        os.sched_yield()
    return found


def ended(number: int) -> bool:
    """Whether a process is no more, or only not yet reaped by whoever has inherited it."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


def test_it_ends_with_all_that_it_has_started(tmp_path: Path) -> None:
    program = Guarded([sys.executable, "-c", FAMILY, f"{tmp_path}/"])
    family = numbers(tmp_path)
    assert program.ended is None
    program.close()
    while not all(map(ended, family)):
        os.sched_yield()


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_it_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, sys.executable, "-c", FAMILY, f"{tmp_path}/"],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        family = numbers(tmp_path)
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    while not all(map(ended, family)):
        os.sched_yield()


def test_its_exit_code_and_last_words() -> None:
    program = Guarded([sys.executable, "-c", "print('Error: it is broken'); print('a note'); raise SystemExit(7)"])
    while program.ended is None:
        os.sched_yield()
    assert program.ended == 7
    assert program.last_words() == "Error: it is broken"
    program.close()


def test_a_program_that_is_not_there() -> None:
    program = Guarded(["/none/such"])
    while program.ended is None:
        os.sched_yield()
    assert program.ended == 127
    program.close()
