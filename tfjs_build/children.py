"""Conversions in child processes: several at once, killed with their parent, and no crash of theirs is ours.

HDF5 and protobuf parse files that we do not trust; a child that dies takes nothing with it but what it works on. A
child of a build is a fork, which costs next to nothing and imports what it needs itself. A watch has threads, which
must not be forked: its children are forks of a server that has imported all that a conversion needs (see
`watch/warm.py`).

A child that has converted a model waits for another one: what it has imported, and the memory that is its own by now,
serve all of a build's many models. It has one task at a time; one that is killed, dies or fails is not used again. That
a sound source is refused is no failure.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import multiprocessing.connection
import os
import platform
import queue
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

from tfjs_build.answers import DamagedAnswerError, receive, send
from tfjs_build.bugs import InternalError
from tfjs_build.errors import ModelError, RefusedError, TfjsBuildError, os_error_text
from tfjs_build.limits import enforced, over_time
from tfjs_build.model import Limits
from tfjs_build.records import record

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from tfjs_build.convert.tensorflow.service import Service
    from tfjs_build.model import Model
    from tfjs_build.staged import Staged

    Outcome: TypeAlias = "Staged | Path | TfjsBuildError | InternalError"

_Result = TypeVar("_Result")

Work: TypeAlias = Callable[[Any, Callable[[str, float], None]], object]
"""What a child does with its task; it tells how far it is."""


class Task(Protocol):
    """What a child works on: something about a model. `staging` is where it works."""

    @property
    def model(self) -> Model: ...

    @property
    def staging(self) -> Path: ...


_LONGEST_WAIT = 3600.0
"""Seconds after which `wait` returns nothing if nothing happens: longer ones are more than some systems can count."""

MOST_TASKS = 100
"""How many tasks a child takes: what a library leaks, or gets wrong, has an end."""

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)

PATIENCE = 30.0
"""Seconds in which a child that has begun to send something must go on."""

_QUIET_SECONDS = 0.5
_PROGRESS_SECONDS = 0.1


@record(frozen=True)
class Advanced:
    """A conversion has done `fraction` (0 to 1) of `step`."""

    job: Task
    step: str
    fraction: float


@record(frozen=True)
class Ended:
    """A conversion or a preparation is over, with what it made or what went wrong."""

    job: Task
    outcome: Outcome


@dataclass
class _Child:
    """A process, our end of the pipe to it, and how many tasks it has been given."""

    process: BaseProcess
    connection: Connection
    tasks: int = 0

    def end(self) -> None:
        """Kill it, unless it has ended by itself."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.connection.close()


@record(frozen=True)
class _Running:
    job: Task
    child: _Child
    preparing: bool
    deadline: float
    """When its time is up, on `time.monotonic`'s clock."""


class Children:
    """The conversions under way, one a model, and the children that wait for one; closing kills them all."""

    def __init__(self, *, warm: bool = False, tensorflow: Service | None = None) -> None:
        """`warm`: children are forks of the fork server, where there is one. `tensorflow` is started when one of them
        asks for it, and ended with them."""
        self._tensorflow = tensorflow
        self._context = _context("forkserver" if warm else "fork")
        self._running: dict[str, _Running] = {}
        self._waiting: list[_Child] = []
        self._dismissed: list[_Child] = []

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, model: str) -> bool:
        return model in self._running

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        for model in list(self._running):
            self.kill(model)
        self.rest()
        if self._tensorflow is not None:
            self._tensorflow.close()

    def start(self, job: Task, work: Work | None = None) -> None:
        """Begin a conversion, or other work on a task."""
        # What earlier tasks have left counts as this one's memory, where somebody counts it closely.
        child = self._free() if job.model.limits.memory >= Limits.memory else self._new()
        child.tasks += 1
        # Where it cannot be told, it has died, which `wait` sees.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            child.connection.send((job, work))
        limits, preparing = job.model.limits, work is not None
        deadline = time.monotonic() + (limits.download if preparing else limits.time)
        self._running[job.model.name] = _Running(job, child, preparing, deadline)

    def kill(self, model: str) -> None:
        """End a model's conversion, if one is under way; it leaves nothing but files in its staging folder."""
        entry = self._running.pop(model, None)
        if entry is not None:
            entry.child.end()

    def rest(self) -> None:
        """End the children that have nothing to do."""
        self.dismiss()
        while self._dismissed:
            self._dismissed.pop().end()

    def dismiss(self) -> None:
        """Kill the children that have nothing to do, and do not wait until they are gone: to take their memory back
        takes the system some hundredths of a second."""
        for child in self._waiting:
            child.process.kill()
        self._dismissed += self._waiting
        self._waiting.clear()

    def _free(self) -> _Child:
        """Return a child that has nothing to do: the one that had something last, or a new one."""
        while self._waiting:
            child = self._waiting.pop()
            if child.process.is_alive():
                return child
            child.end()
        return self._new()

    def _new(self) -> _Child:
        return _Child(*_started(self._context, _work))

    def wait(self, timeout: float | None = None, wake: Sequence[Connection] = ()) -> list[Advanced | Ended]:
        """Return what has happened, as soon as anything has; nothing where the time is up or one of `wake` is ready.

        `timeout` is in seconds, None for no end.
        """
        by_connection = {entry.child.connection: entry for entry in self._running.values()}
        messages: list[Advanced | Ended] = []
        heard: set[str] = set()
        left = [_LONGEST_WAIT if timeout is None else timeout, *(self._left(entry) for entry in by_connection.values())]
        asked = self._tensorflow.handles() if self._tensorflow is not None else []
        for ready in multiprocessing.connection.wait([*by_connection, *asked, *wake], min(left)):  # type: ignore[list-item]
            entry = by_connection.get(ready)  # type: ignore[call-overload]
            if entry is None:
                if ready in asked and self._tensorflow is not None:
                    self._tensorflow.attend()
                continue
            heard.add(entry.job.model.name)
            kind, *rest = _receive(entry.child.process, entry.child.connection)
            if kind == "progress":
                messages.append(Advanced(entry.job, *rest))
                continue
            del self._running[entry.job.model.name]
            failed = isinstance(rest[0], Exception) and not isinstance(rest[0], RefusedError)
            if failed or entry.child.tasks >= MOST_TASKS:
                entry.child.end()
            else:
                self._waiting.append(entry.child)
            messages.append(Ended(entry.job, rest[0]))
        # What has been sent is read first: that it is done may have stood behind its progress for a while.
        over = [each for name, each in self._running.items() if name not in heard and not self._left(each)]
        for entry in over:
            self.kill(entry.job.model.name)
            messages.append(Ended(entry.job, over_time(entry.job.model.limits, preparing=entry.preparing)))
        return messages

    def _left(self, entry: _Running) -> float:
        return max(0.0, entry.deadline - time.monotonic())


def call(
    limits: Limits, function: Callable[..., _Result], *arguments: object, tensorflow: Service | None = None
) -> _Result:
    """Return what a function of a module returns when it runs in a child; raises what it raises. `tensorflow` is
    started if it asks for that.

    Raises ModelError for a child that dies or is over `limits`, InternalError for an error that is not one of
    errors.py.
    """
    process, connection = _started(_context("fork"), _call, limits, function, *arguments)
    try:
        deadline = time.monotonic() + limits.time
        while True:
            asked = tensorflow.handles() if tensorflow is not None else []
            left = max(0.0, deadline - time.monotonic())
            ready = multiprocessing.connection.wait([connection, *asked], left)  # type: ignore[list-item]
            if not ready:
                raise over_time(limits, preparing=False)
            if connection in ready:
                break
            assert tensorflow is not None
            tensorflow.attend()
        _, outcome = _receive(process, connection)
    finally:
        process.kill()
        process.join()
        process.close()
        connection.close()
    if isinstance(outcome, (TfjsBuildError, InternalError)):
        raise outcome
    result: _Result = outcome
    return result


def _context(method: Literal["forkserver", "fork"]) -> Any:
    # typeshed's BaseContext has no Process
    return multiprocessing.get_context("spawn" if sys.platform == "win32" else method)


def _started(context: Any, target: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Connection]:
    """Start a child on `target`, and return it with our end of the pipe whose other end is the target's first
    argument."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by whoever started us
            stream.flush()
    ours, theirs = context.Pipe(duplex=True)
    _have_patience(ours, PATIENCE)
    if context.get_start_method() == "fork":
        target = functools.partial(_closing, ours, target)
    process = context.Process(target=target, args=(theirs, *arguments), daemon=True)
    with _no_interruption():  # before the child has said what is to become of it
        process.start()
    theirs.close()
    return process, ours


def _have_patience(connection: Connection, seconds: float) -> None:
    """Let reading from a pipe's end fail where nothing comes for so long in the midst of a message."""
    if sys.platform != "win32":
        with socket.socket(fileno=os.dup(connection.fileno())) as end:
            end.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
            )


@contextlib.contextmanager
def _no_interruption() -> Iterator[None]:
    """Hold back the signals that interrupt, here and in a fork that begins meanwhile."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _closing(parents: Connection, target: Callable[..., None], *arguments: object) -> None:
    """Run `target` without the parent's end of the pipe, which a fork has too: else its closing would not be seen."""
    parents.close()
    target(*arguments)


def _receive(process: BaseProcess, connection: Connection) -> tuple[Any, ...]:
    try:
        return receive(connection)
    except DamagedAnswerError:
        process.kill()  # whatever has befallen it
        process.join()
        return "done", ModelError("the conversion sent what is no answer", hint="The source may be damaged.")
    except (EOFError, ConnectionError):
        process.join()
        code = process.exitcode or 0
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        hint = "The source may be damaged." if code != -signal.SIGKILL else "The system may be out of memory."
        return "done", ModelError(f"the conversion died ({how})", hint=hint)


def _work(connection: Connection) -> None:
    """Do what the parent sends, one task after the other."""
    for job, work in _begin(connection):
        _send(connection, ("done", _done(connection, job, work)))


def _done(connection: Connection, job: Task, work: Work | None) -> object:
    """Return what a task gives, or the error with which it ended; tell meanwhile how far it is."""
    begun = time.monotonic()
    last = begun

    def progress(step: str, fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - begun < _QUIET_SECONDS or now - last < _PROGRESS_SECONDS:
            return
        last = now
        _send(connection, ("progress", step, fraction))

    def done() -> object:
        import tempfile

        # What a converter unpacks goes the way of the staging folder, however this process ends.
        unpacked = job.staging.with_name(f"{job.staging.name}.unpacked")
        unpacked.mkdir(parents=True, exist_ok=True)
        tempfile.tempdir = str(unpacked)
        if work is not None:
            return work(job, progress)
        from tfjs_build import job as jobs

        assert isinstance(job, jobs.Job)
        if job.proof is None:
            return jobs.run(job, progress)
        from tfjs_build.verify.proving import run_proven

        return run_proven(job, job.proof, progress)

    return _outcome(done, str(job.staging), job.model.limits)


def _call(connection: Connection, limits: Limits, function: Callable[..., object], *arguments: object) -> None:
    _begin(connection)
    _send(connection, ("done", _outcome(lambda: function(*arguments), "", limits)))


def _send(connection: Connection, message: tuple[object, ...]) -> None:
    """Send the parent a message; where it is gone, there is nobody to tell."""
    try:
        send(connection, message)
    except (BrokenPipeError, ConnectionResetError):
        os._exit(1)


def _begin(connection: Connection) -> Iterator[Any]:
    """Make this process a child: return what the parent sends, and end with the parent."""
    # Ctrl-C reaches the whole process group; the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTIONS)
    _one_thread()  # to start and end others costs more than they would do
    _no_uname()
    sent: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive_all, args=(connection, sent), daemon=True).start()
    return iter(sent.get, None)


def _outcome(work: Callable[[], object], place: str, limits: Limits) -> object:
    """Return what `work` returns within `limits`, or the error with which it ended; `place` is where it works, for
    errors that name no file."""
    try:
        with enforced(limits):
            return work()
    except TfjsBuildError as error:
        return error
    except MemoryError:
        return ModelError("out of memory")
    except RecursionError:
        return ModelError(
            "the model is nested too deep to be converted",
            hint="If the source runs where it was made, this is a bug in tfjs-build: please report it.",
        )
    except OSError as error:
        return ModelError(os_error_text(error, place))
    except Exception:  # noqa: BLE001 -- whatever it is, the parent reports it as our bug
        return InternalError(traceback.format_exc())


def _one_thread() -> None:
    """Keep NumPy's linear algebra, once imported, to the thread that calls it."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _no_uname() -> None:
    """Keep h5py, as it is imported, from running `uname -p`: it asks `platform` what machine this is, which finds out
    the rest as well unless it is known."""
    vars(platform.uname()).setdefault("processor", "")


def _receive_all(connection: Connection, sent: queue.SimpleQueue[Any]) -> None:
    """Hand on what the parent sends, and end with it: however it ends, the system closes its side."""
    try:
        while True:
            sent.put(connection.recv())
    finally:  # nothing more can come, whatever it was
        os._exit(1)
