"""Conversions in child processes: several at once, killed with their parent, and no crash of theirs is ours.

HDF5 and protobuf parse files that we do not trust; a child that dies takes nothing with it. On POSIX a child is a fork,
which costs next to nothing and imports what it needs itself; where there are many, that is imported once, before.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfjs_build.bugs import InternalError
from tfjs_build.errors import ModelError, TfjsBuildError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from tfjs_build.job import Job
    from tfjs_build.staged import Staged

_MANY = 8
"""Jobs from which on imports (0.1 s a job) are worth being in the parent."""
_QUIET_SECONDS = 0.5
_PROGRESS_SECONDS = 0.1


@dataclass
class _Running:
    job: Job
    process: BaseProcess
    connection: Connection


def run_all(
    jobs: Sequence[Job],
    limit: int,
    started: Callable[[Job], None],
    running: Callable[[Job], None],
    progress: Callable[[Job, str, float], None],
) -> Generator[tuple[Job, Staged | TfjsBuildError | InternalError]]:
    """Run jobs, at most `limit` at a time, and yield each with its outcome as it ends.

    `started` is called before a job begins, `running` once it has: what it does goes on beside the conversion.

    Closing the generator (or an exception in the caller) kills what is still running.
    """
    if sys.platform == "win32":
        context = multiprocessing.get_context("spawn")
    else:
        context = multiprocessing.get_context("fork")
        if len(jobs) > _MANY:
            _import_once(jobs)
    waiting = list(reversed(jobs))
    alive: dict[Connection, _Running] = {}
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        while waiting or alive:
            while waiting and len(alive) < limit:
                job = waiting.pop()
                started(job)
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_child, args=(theirs, job, os.getpid()), daemon=True)
                process.start()
                theirs.close()
                alive[ours] = _Running(job, process, ours)
                running(job)
            for ready in multiprocessing.connection.wait(list(alive)):
                entry = alive[ready]  # type: ignore[index]
                kind, *rest = _receive(entry)
                if kind == "progress":
                    progress(entry.job, *rest)
                    continue
                del alive[entry.connection]
                entry.connection.close()
                entry.process.join()
                yield entry.job, rest[0]
    finally:
        for entry in alive.values():
            entry.process.kill()
            entry.process.join()


def _import_once(jobs: Sequence[Job]) -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy must not start threads before a fork
    from tfjs_build import convert, job

    assert job
    convert.import_converters({each.source.kind for each in jobs})


def _receive(entry: _Running) -> tuple[Any, ...]:
    try:
        message: tuple[Any, ...] = entry.connection.recv()
    except EOFError:
        entry.process.join()
        code = entry.process.exitcode or 0
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        hint = "The source may be damaged." if code != -signal.SIGKILL else "The system may be out of memory."
        return "done", ModelError(f"the conversion died ({how})", hint=hint)
    return message


def _child(connection: Connection, job: Job, parent: int) -> None:
    # Ctrl-C reaches the whole process group; the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begun = time.monotonic()
    last = begun

    def progress(step: str, fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - begun < _QUIET_SECONDS or now - last < _PROGRESS_SECONDS:
            return
        last = now
        if os.getppid() != parent:
            os._exit(1)
        connection.send(("progress", step, fraction))

    outcome: object
    try:
        from tfjs_build import job as work

        outcome = work.run(job, progress)
    except TfjsBuildError as error:
        outcome = error
    except MemoryError:
        outcome = ModelError("out of memory")
    except OSError as error:
        outcome = ModelError(f"{error.strerror or error}: {error.filename or job.staging}")
    except Exception:  # noqa: BLE001 -- whatever it is, the parent reports it as our bug
        outcome = InternalError(traceback.format_exc())
    connection.send(("done", outcome))
    connection.close()
