"""`make test` runs its parts side by side: what each prints and how it ends is told, and an interruption ends all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.__main__ import PARTS, main
from tests.support.project import REPOSITORY

LONG = "import time; print('begun', flush=True)\nfor _ in range(600): time.sleep(0.1)"
"""A signal that comes just before a sleep begins is heard when that is over."""


def test_all_that_was_printed_is_told_and_what_failed_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"good": ("-c", "print('1 passed')"), "bad": ("-c", "print('FAILED it\\n1 failed'); exit(3)")}) == 1
    lines = capsys.readouterr().out.splitlines()
    assert {"good       | 1 passed", "bad        | FAILED it", "bad        | 1 failed"} <= {*lines}
    end = lines[-5:]
    assert [end[0], *end[2:4]] == ["1 passed", "FAILED it", "1 failed"]
    assert end[1].startswith("good: passed in ")
    assert end[4].startswith("bad: failed with exit code 3 in ")


def test_all_have_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(dict.fromkeys(("a", "b", "c"), ("-c", ""))) == 0
    assert [line.split(" in ")[0] for line in capsys.readouterr().out.splitlines() if ": " in line][-3:] == [
        "a: passed",
        "b: passed",
        "c: passed",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_what_runs_and_nothing_else_begins(number: signal.Signals) -> None:
    code = f"import sys, tests.__main__ as it; sys.exit(it.main(dict.fromkeys('abc', ('-c', {LONG!r}))))"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        begun = {process.stdout.readline() for _ in range(2)}
        os.kill(process.pid, number)
        out, _ = process.communicate(timeout=30)
    assert begun == {"a          | begun\n", "b          | begun\n"}
    assert process.returncode == 128 + number
    assert "KeyboardInterrupt" in out
    assert out.splitlines()[-1] == "c: not run in 0 s, 0 s of the processors"


def test_every_test_is_in_a_part() -> None:
    rest, others = PARTS["rest"], (*PARTS["conversion"], *PARTS["browser"])
    left_out = {argument.removeprefix("--ignore=") for argument in rest if argument.startswith("--ignore=")}
    assert left_out == {argument for argument in others if argument.startswith("tests/")}
    assert not {*rest} - {"-m", "pytest", "--all", *(f"--ignore={folder}" for folder in left_out)}
