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


@dataclass(frozen=True)
class Used(Measured):
    """`cpu` is the seconds of CPU of all processes of the command."""

    cpu: float


def measure(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> Measured:
    """Run a command once; raises RuntimeError with its output where it fails."""
    return used(command, cwd=cwd, env=env)


def used(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> Used:
    """Run a command once, as `measure` does, and return what it used of the processor as well."""
    environment = {**os.environ, **(env or {})}
    # What pip installs is compiled; our checkout is compiled by its first run, unless that is forbidden.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
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
    return Used(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def quartile(values: Sequence[float], which: int) -> float:
    """Return the first (lower), second (the median) or third quartile of some values; of one, that one."""
    return statistics.quantiles(values, n=4, method="inclusive")[which - 1] if len(values) > 1 else values[0]


def median(runs: int, once: Callable[[], Measured]) -> Measured:
    """Return the medians of several runs."""
    return medians(runs, once)[0]


def medians(runs: int, *works: Callable[[], Measured]) -> list[Measured]:
    """Return the medians of several runs of each work, done in turns: what slows the machine slows them all."""
    results = list(zip(*([work() for work in works] for _ in range(runs)), strict=True))
    return [
        Measured(
            statistics.median(result.seconds for result in each),
            statistics.median(result.megabytes for result in each),
        )
        for each in results
    ]
