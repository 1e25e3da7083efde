"""What each file of tests takes, on the clock and of the processors, told when all have run: where to look next time.

A session's fixture counts for the first test that wants it, and a child once it has been waited for; the oracle in the
background has not been, before the end. Where processors idle, the clock is far ahead of them.
"""

from __future__ import annotations

import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

SHOWN = 40
LEAST = 2.0
"""Seconds on the clock below which a file is not told of."""


class Times:
    """The plugin that adds it up, by file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._clock: dict[Path, float] = defaultdict(float)
        self._processors: dict[Path, float] = defaultdict(float)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Measure a test with the fixtures that it is the first to want."""
        clock, processors = time.monotonic(), _processors()
        try:
            return (yield)
        finally:
            self._clock[item.path] += time.monotonic() - clock
            self._processors[item.path] += _processors() - processors

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell the slowest files."""
        if lines := self.lines():
            terminalreporter.section("slowest files: seconds on the clock, and of the processors")
            for line in lines:
                terminalreporter.write_line(line)

    def lines(self) -> list[str]:
        """Return a line for each of the slowest files, and one for all."""
        slowest = sorted((path for path, clock in self._clock.items() if clock >= LEAST), key=self._clock.__getitem__)
        lines = [
            f"{self._clock[path]:7.1f} {self._processors[path]:7.1f}  {path.relative_to(self._root).as_posix()}"
            for path in slowest[: -SHOWN - 1 : -1]
        ]
        clock, processors = (sum(each.values()) for each in (self._clock, self._processors))
        return [*lines, f"{clock:7.1f} {processors:7.1f}  all {len(self._clock)} files"] if lines else []


def _processors() -> float:
    """Return the seconds of the processors that this process and the children that have ended took."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
