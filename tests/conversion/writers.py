"""Processes that have TensorFlow and write families of the oracle's suites, one request after another: it takes ten
seconds of a processor to start one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile

from tests.support.project import REPOSITORY


class Writer:
    """A process that is started when it is first asked for something; one thread at a time asks."""

    def __init__(self, python: str) -> None:
        self._command = [python, "-W", "ignore", "-m", "tests.oracle", "--serve"]
        self._process: subprocess.Popen[str] | None = None
        self._errors = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 -- closed by `close`

    def write(self, suite: str, folder: Path, families: Sequence[str]) -> str:
        """Have families of a suite written into `folder`; return what went wrong, or nothing."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps([suite, str(folder), *families]) + "\n")
            process.stdin.flush()
        if answer := process.stdout.readline():
            return str(json.loads(answer))
        self._process = None  # another one answers the next request
        with process:
            self._errors.seek(0)
            said = self._errors.read()[-4000:]
        return f"ended with code {process.returncode}: {said}"

    def kill(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Let go of what is left when nobody asks any more."""
        if self._process is not None:
            with self._process as process:
                process.kill()
        self._errors.close()

    def _started(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        pipe = subprocess.PIPE
        return subprocess.Popen(
            self._command, cwd=REPOSITORY, env=environment, stdin=pipe, stdout=pipe, stderr=self._errors, text=True
        )


class Writers:
    """As many as there are processors, which share what is asked for: building small models keeps one busy at a time.

    Which of them writes what depends on nothing but what is asked for, and in which order.
    """

    def __init__(self, python: str) -> None:
        self._each = deque((Writer(python), ThreadPoolExecutor(1)) for _ in range(os.cpu_count() or 1))

    def submit(self, suite: str, folder: Path, families: Sequence[str]) -> list[Future[str]]:
        """Have families of a suite written into `folder`, after what was asked for before; return what will tell what
        went wrong."""
        shares = [families[start :: len(self._each)] for start in range(len(self._each))]
        asked = [
            turns.submit(writer.write, suite, folder, share)
            for (writer, turns), share in zip(self._each, shares, strict=True)
            if share
        ]
        self._each.rotate(-len(families))  # of several suites with one family each, not all are one writer's
        return asked

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *_: object) -> None:
        for writer, turns in self._each:
            turns.shutdown(wait=False, cancel_futures=True)
            writer.kill()
            turns.shutdown()
            writer.close()
