"""What a process that goes on prints, a dev server say: line by line, while it runs."""

from __future__ import annotations

import re
import subprocess
import threading

PATIENCE = 120.0
"""Seconds that somebody waits for a line."""


class Printed:
    """The lines of a process's standard output, without colours, read by a thread of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.lines: list[str] = []
        self._process = process
        self._news = threading.Condition()
        self._passed = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.lines.append(re.sub(r"\x1b\[[\d;]*m", "", line))
                self._news.notify_all()
        with self._news:
            self._process.stdout.close()
            self._news.notify_all()

    @property
    def text(self) -> str:
        """All that it has printed."""
        return "".join(self.lines)

    def until(self, pattern: str | re.Pattern[str], patience: float = PATIENCE) -> re.Match[str]:
        """Wait for a line in which a pattern is found, after those that earlier calls have found something in.

        AssertionError, with all that was printed, if the process ends before, or nothing comes for `patience` seconds.
        """
        assert self._process.stdout is not None
        with self._news:
            while True:
                while self._passed < len(self.lines):
                    self._passed += 1
                    if found := re.search(pattern, self.lines[self._passed - 1]):
                        return found
                assert not self._process.stdout.closed and self._news.wait(patience), self.text

    def end(self) -> None:
        """Wait until all that a process that has ended printed is read; nobody else may close its pipe."""
        self._reader.join(PATIENCE)
