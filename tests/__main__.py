"""Every test (`make test`): what needs no oracle beside what waits for it, so that no processor idles.

Each part is a process. What it prints comes as it is printed, under its name, and what failed once more at the end.
An interrupted part ends as it does when it is run alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.support.project import REPOSITORY

_PYTEST = ("-m", "pytest", "--all")
_CONVERSION, _BROWSER = "tests/conversion", "tests/browser"
PARTS = {
    "conversion": (*_PYTEST, _CONVERSION),
    "rest": (*_PYTEST, *(f"--ignore={folder}" for folder in (_CONVERSION, _BROWSER))),
    "browser": (*_PYTEST, _BROWSER),
    "pythons": ("-m", "tools.pythons", "--ends"),
}
"""What Python runs, in the order in which they begin: the first takes the longest, the others come beside it one after
the other."""

AT_ONCE = 2
_TOLD_AGAIN = ("FAILED ", "ERROR ")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Part:
    """A part of the tests, and what became of it."""

    name: str
    arguments: Sequence[str]
    code: int | None = None
    seconds: float = 0.0
    processors: float = 0.0
    again: list[str] = field(default_factory=list)
    last: str = ""

    @property
    def verdict(self) -> str:
        """The line that says how it ended, with seconds on the clock and of the processors."""
        how = "not run" if self.code is None else "passed" if self.code == 0 else f"failed with exit code {self.code}"
        return f"{self.name}: {how} in {self.seconds:.0f} s, {self.processors:.0f} s of the processors"


class Runner:
    """Runs parts, and ends those that run when it is told to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[int] = set()
        self._stopped = False

    def run(self, part: Part) -> None:
        """Run a part, unless all have been stopped."""
        start = time.monotonic()
        with self._lock:
            if self._stopped:
                return
            process = subprocess.Popen(
                [sys.executable, *part.arguments],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # it is interrupted once: by `stop`
            )
            self._running.add(process.pid)
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                _say(f"{part.name:10} | {line.rstrip()}")
                if line.startswith(_TOLD_AGAIN):
                    part.again.append(line.rstrip())
                part.last = line.rstrip() or part.last
        _, status, used = os.wait4(process.pid, 0)
        with self._lock:
            self._running.discard(process.pid)
        process.returncode = part.code = os.waitstatus_to_exitcode(status)
        part.seconds, part.processors = time.monotonic() - start, used.ru_utime + used.ru_stime
        _say(part.verdict)

    def stop(self) -> None:
        """Interrupt what runs; nothing else begins."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process, signal.SIGINT)


def main(commands: Mapping[str, Sequence[str]] = PARTS) -> int:
    """Run all parts; return 0 where all have passed."""
    runner, parts = Runner(), [Part(name, arguments) for name, arguments in commands.items()]
    with _stopping(runner) as stopped, ThreadPoolExecutor(AT_ONCE) as pool:
        for each in [pool.submit(runner.run, part) for part in parts]:
            each.result()
    for part in parts:
        for line in (*part.again, part.last, part.verdict):
            _say(line)
    if stopped:
        return 128 + stopped[0]
    return 0 if all(part.code == 0 for part in parts) else 1


@contextlib.contextmanager
def _stopping(runner: Runner) -> Iterator[list[int]]:
    """Stop the runner at the first signal; yields the signals that came."""
    came: list[int] = []

    def stop(number: int, _: object) -> None:
        came.append(number)
        if len(came) == 1:
            threading.Thread(target=runner.stop).start()  # who holds its lock may be the one that is interrupted

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
