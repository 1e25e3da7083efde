"""Runs the command in a process of its own that ends, or fails, at its n-th change to the file system.

The changes are those that Python announces to audit hooks, before they are made: files opened for writing, renamed,
linked and deleted, folders made and removed. A torn write is one beyond the size that the system allows a file from
then on: its first bytes are written, and the process is gone. A power cut is a kill, after which what was not synced is
lost (power.py).
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.faults.power import Disk
from tfjs_build import cli

Fault = Literal["kill", "tear", "fail", "power"]
FAULTS: tuple[Fault, ...] = ("kill", "tear", "fail", "power")

KILLED = 137
PATIENCE = 120
"""Seconds after which a command counts as hanging; they take one, or ten on a busy machine."""

_TORN_BYTES = 7
_CHANGES = frozenset(["os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"])
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code (`KILLED` where the fault ended it), whether it came to the fault at all, and what
    it printed."""

    code: int
    reached: bool
    printed: str


def run(
    root: Path,
    *arguments: str,
    at: int = 0,
    fault: Fault = "kill",
    disk: Disk | None = None,
    user: int | None = None,
    log: Path | None = None,
) -> Outcome:
    """Run the command in a project; with `at`, the fault befalls its change number `at`, counted from 1. What the
    command syncs is noted on `disk`. `user` is whose rights it has, where not ours; `log` is where what it prints
    goes, else beside the project. Raises TimeoutError where it hangs."""
    ends = os.pipe()
    log = log or root.with_name(f"{root.name}.log")
    process = os.fork()
    if process == 0:
        os.close(ends[0])
        _child(root, arguments, log, _Hook(root, at, fault, lambda: os.write(ends[1], b"!")), disk, user)
    os.close(ends[1])
    reached = os.read(ends[0], 1) == b"!"
    os.close(ends[0])
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        raise TimeoutError(f"tfjs-build {' '.join(arguments)} was not done after {PATIENCE} s")
    code = KILLED if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)
    return Outcome(code, reached, log.read_text(encoding="utf-8", errors="replace"))


def _child(root: Path, arguments: tuple[str, ...], log: Path, hook: _Hook, disk: Disk | None, user: int | None) -> None:
    code = 70
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE)
    try:
        os.chdir(root)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        sys.argv = ["tfjs-build", *arguments]
        if disk is not None:
            _note_syncs(disk)
        sys.addaudithook(hook)
        with contextlib.suppress(SystemExit):
            code = cli.main()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _note_syncs(disk: Disk) -> None:
    """Have what this process syncs noted, instead of waiting for the real disk."""
    lock = threading.Lock()

    def fsync(descriptor: int) -> None:
        with lock:
            disk.synced(descriptor)

    os.fsync = fsync  # type: ignore[assignment]


class _Hook:
    """Counts the changes that one process makes below a folder. Its children have it, too, and are let alone: what they
    write is not served."""

    def __init__(self, root: Path, at: int, fault: Fault, tell: Callable[[], object]) -> None:
        self.root, self.at, self.fault, self.tell = str(root), at, fault, tell
        self.process: int | None = None
        self.count = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_change(event, arguments):
            return
        self.process = self.process or os.getpid()
        if os.getpid() != self.process:
            return
        self.count += 1
        if self.count != self.at:
            return
        self.tell()
        if self.fault == "fail":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))
        if self.fault == "tear" and event == "open":
            resource.setrlimit(resource.RLIMIT_FSIZE, (_TORN_BYTES, _TORN_BYTES))
        else:
            os._exit(KILLED)

    def _is_change(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "os.rmdir" and self.fault == "fail":  # an empty folder is never too much for a disk
            return False
        if event == "open":
            path, _, flags = arguments
            return isinstance(flags, int) and bool(flags & _WRITING) and self._is_inside(path)
        return event in _CHANGES and any(self._is_inside(each) for each in arguments)

    def _is_inside(self, path: object) -> bool:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return False
        return os.path.join(self.root, os.fsdecode(path)).startswith(self.root + os.sep)  # noqa: PTH118 -- relative ones
