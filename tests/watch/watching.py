"""A watch in a temporary project, as a user runs it: its events as they come, and whether anything is left of it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.support.project import REPOSITORY

PATIENCE_SECONDS = 60.0
"""How long a test waits for what must happen; it waits no longer than it takes."""

MARK = "TFJS_BUILD_TEST_MARK"


class Watching:
    """A running `tfjs-build watch --json`."""

    def __init__(
        self,
        root: Path,
        *arguments: str,
        command: Sequence[str] = (),
        prefix: Sequence[str] = (),
        stdin: int | None = None,
    ) -> None:
        self.root = root
        self.mark = uuid.uuid4().hex
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), MARK: self.mark}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        tail = ["--", *command] if command else []
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "tfjs_build", "watch", "--json", *arguments, *tail],
            cwd=root,
            env=environment,
            stdin=subprocess.PIPE if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C of the tests' own is not for it
            preexec_fn=listen,
        )
        self.events: list[dict[str, Any]] = []
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._err: list[str] = []
        self._threads = [
            threading.Thread(target=self._read_events, daemon=True),
            threading.Thread(target=self._read_err, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(json.loads(line))
        self._queue.put(None)

    def _read_err(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._err.append(line)

    @property
    def err(self) -> str:
        """What it has written to stderr, once it has ended."""
        self._threads[1].join(PATIENCE_SECONDS)
        return self.err_so_far

    @property
    def err_so_far(self) -> str:
        """What it has written to stderr until now."""
        return "".join(self._err)

    def until(self, event: str, **values: object) -> dict[str, Any]:
        """Wait for an event with these values, and return it."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                found = self._queue.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {event} {values} after {self.events}") from None
            assert found is not None, f"the watch ended without {event} {values}: {self.events} {self.err}"
            self.events.append(found)
            if found["event"] == event and all(found.get(name) == value for name, value in values.items()):
                return found

    def said(self, event: str) -> list[dict[str, Any]]:
        """Return the events of one kind that have been waited for, or past."""
        return [each for each in self.events if each["event"] == event]

    def end(self, number: int | None = None) -> int:
        """End it (with a signal, or by closing its stdin) and return its exit code; the rest of its events is read."""
        if number is not None:
            self.process.send_signal(number)
        elif self.process.stdin is not None:
            self.process.stdin.close()
        code = self.process.wait(PATIENCE_SECONDS)
        while (event := self._queue.get(timeout=PATIENCE_SECONDS)) is not None:
            self.events.append(event)
        return code

    def close(self) -> None:
        """Kill it if it still runs, and close its pipes."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def left_over(self) -> list[str]:
        """Wait for every process that it started to be gone, and return those that are not."""
        return processes_with(self.mark)


def processes_with(mark: str) -> list[str]:
    """Wait for all processes with this `MARK` in their environment to be gone, and return those that are not."""
    eventually(lambda: not _processes(mark))
    return _processes(mark)


def _processes(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                    if state != "Z":
                        found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def listen() -> None:
    """Ignore no signal that whoever runs the tests ignores (`nohup`, a background job): the watch would, too."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def eventually(condition: Callable[[], object]) -> None:
    """Wait until something is so that nothing announces."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)


@contextlib.contextmanager
def watching(root: Path, *arguments: str, **options: Any) -> Iterator[Watching]:
    """Run a watch until the block ends; it must leave nothing behind."""
    each = Watching(root, *arguments, **options)
    try:
        yield each
        if each.process.poll() is None:
            each.end()
        assert each.left_over() == []
    finally:
        each.close()
