"""Whole processes, timed: wall-clock seconds and the memory of the largest process among them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """`seconds` of wall clock; `megabytes` resident at the peak, of the largest process of the command."""

    seconds: float
    megabytes: float


def measure(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> Measured:
    """Run a command once; raises RuntimeError with its output where it fails."""
    begun = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        # wait4 tells of this process and of those that it has waited for.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} failed:\n{output.decode(errors='replace')}")
    return Measured(seconds, usage.ru_maxrss / 1024)


def median(runs: int, once: Callable[[], Measured]) -> Measured:
    """Return the medians of several runs."""
    results = [once() for _ in range(runs)]
    return Measured(
        statistics.median(result.seconds for result in results),
        statistics.median(result.megabytes for result in results),
    )
