"""Executions in forked processes, many in each, within limits of time and memory; a parent sees who dies of what.

A process works through a batch and tells of each case when it begins and when it is judged. Who is silent for too much
of a processor's time hangs; who dies has crashed; the next process goes on behind the case that it was.
"""

from __future__ import annotations

import faulthandler
import importlib
import itertools
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import IO, NamedTuple

from tests.fuzz.judge import Judge, Verdict, found
from tests.fuzz.kinds import KINDS
from tfjs_build.sources.opening import import_converters
from tfjs_build.sources.registry import KINDS as SOURCES
from tfjs_build.stubs import render

MOST_SECONDS = 10.0
"""Of a processor's time, that of a wait counting for as much: the machine may be busy."""
_SILENT_SECONDS = 60.0
MOST_BYTES = 2 << 30
_BATCH = 100
_USED = (
    "difflib",
    "tfjs_build.commands.build",
    "tfjs_build.hub",
    "tfjs_build.job",
    "tfjs_build.publish",
    "tfjs_build.reporters.text",
    "tfjs_build.sources.foreign",
    "tfjs_build.stubs",
    "urllib.request",
)


class Case(NamedTuple):
    """A seed of a kind, and the edits of it: each is made with a `Random` of its own, so that any can be left out."""

    kind: str
    seed: str
    edits: tuple[int, ...]

    def files(self) -> dict[str, bytes]:
        """Return the project, edited."""
        kind = KINDS[self.kind]
        files = dict(kind.seed(self.seed).files)
        for edit in self.edits:
            files = kind.edit(files, Random(edit))
        return files


def warm() -> None:
    """Import and compile all that a build needs, once, before processes are forked that only build."""
    for name in _USED:
        importlib.import_module(name)
    import_converters(SOURCES)
    for language in ("typescript", "javascript"):
        render.compile_stub(language=language)


def judge(root: Path, cases: Iterable[Case]) -> Iterator[tuple[Case, Verdict]]:
    """Make and judge cases, one after the other, below the folder `root`, which need not exist."""
    yield from ((case, verdict) for case, verdict in _judged(root, cases, Case.files))


def judge_files(root: Path, projects: Mapping[str, Mapping[str, bytes]]) -> dict[str, Verdict]:
    """Judge projects by their names."""
    cases = [Case("", name, ()) for name in projects]
    return {case.seed: verdict for case, verdict in _judged(root, cases, lambda case: dict(projects[case.seed]))}


def _judged(root: Path, cases: Iterable[Case], make: object) -> Iterator[tuple[Case, Verdict]]:
    left = iter(cases)
    while batch := list(itertools.islice(left, _BATCH)):
        while batch:
            done = 0
            for verdict in _batch(root, batch, make):
                yield batch[done], verdict
                done += 1
            batch = batch[done:]


def _batch(root: Path, batch: list[Case], make: object) -> Iterator[Verdict]:
    """Yield a verdict for each case, or until one has ended the process, whose verdict is the last."""
    reading, writing = os.pipe()
    stacks = root.with_name(f"{root.name}.stack")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _work(root, batch, make, writing, stacks)
    os.close(writing)
    lines = os.fdopen(reading, "rb")
    try:
        yield from _watched(process, lines, stacks, len(batch))
    finally:
        lines.close()
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _watched(process: int, lines: IO[bytes], stacks: Path, count: int) -> Iterator[Verdict]:
    buffer = b""
    judged = 0
    begun, used = time.monotonic(), 0.0
    while judged < count:
        ready, _, _ = select.select([lines], [], [], 1.0)
        if ready:
            data = os.read(lines.fileno(), 1 << 16)
            if not data:
                yield _died(process, stacks)
                return
            buffer += data
            *whole, buffer = buffer.split(b"\n")
            for line in whole:
                yield Verdict(*json.loads(line))
                judged += 1
            begun, used = time.monotonic(), _processor_seconds(process)
        elif _processor_seconds(process) - used > MOST_SECONDS or time.monotonic() - begun > _SILENT_SECONDS:
            os.kill(process, signal.SIGUSR1)
            time.sleep(0.2)  # for the stack to be written
            stack = stacks.read_text(encoding="utf-8", errors="replace")
            yield found("hang", _as_traceback(stack))
            return


def _died(process: int, stacks: Path) -> Verdict:
    info = os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    status = info.si_status if info is not None else 0
    stack = _as_traceback(stacks.read_text(encoding="utf-8", errors="replace"))
    return found(f"died of {status}", stack or "?")


def _as_traceback(stack: str) -> str:
    """Turn what faulthandler writes, the innermost call first and no source lines, into what Python prints."""
    lines = [line for line in stack.splitlines() if line.lstrip().startswith("File")]
    return "".join(f"{line.replace(' in ', ', in ').replace('line', 'line', 1)}\n    ?\n" for line in reversed(lines))


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _work(root: Path, batch: list[Case], make: object, writing: int, stacks: Path) -> None:
    """Judge a batch, in a process of its own, which ends here."""
    code = 70
    try:
        assert callable(make)
        errors = os.dup(2)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        judge = Judge(root)
        judge.prepare()
        with stacks.open("w") as file:
            faulthandler.enable(file, all_threads=False)
            faulthandler.register(signal.SIGUSR1, file, all_threads=False)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            limit_memory()
            for case in batch:
                verdict = judge.build(make(case))
                os.write(writing, json.dumps(verdict).encode() + b"\n")
        code = 0
    except BaseException:
        os.write(errors, traceback.format_exc()[-600:].encode())
    finally:
        os._exit(code)


def limit_memory() -> None:
    """Keep this process from taking much more memory than it has: an edit may ask for any amount."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    most = pages * resource.getpagesize() + MOST_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
