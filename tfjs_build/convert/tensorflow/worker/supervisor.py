"""Takes requests, each from a conversion that waits for its answer, and has each carried out by a process of its own.

On Linux that process is a fork, which finds TensorFlow and Keras imported: nothing that a request does, whatever it
imports, registers, sets or leaks, is there for the next one. Elsewhere, where a fork of such a process is not safe, it
is a new Python. It is killed when the conversion that asked goes away, and dies with this process.

Standard input never has anything to read: its end is that of tfjs-build, and then of all here. Standard output is its
sign of life: a line once it runs, its end when it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections import deque
from pathlib import Path
from typing import NamedTuple, Protocol

from . import imports, serving
from .names import LOADER

FORKS = sys.platform.startswith("linux")

_TAIL_BYTES = 8192
_BLOCK = 65536


class _Process(Protocol):
    """A process that was started."""

    @property
    def pid(self) -> int: ...


class _Fork(NamedTuple):
    pid: int


class _Request:
    """One under way: the process that carries it out, the connection to who asked, and what it prints."""

    def __init__(self, process: _Process, connection: socket.socket, output: int) -> None:
        self.process, self.connection, self.output = process, connection, output
        self.pid = process.pid
        self.killed = self.silent = False
        self._printed: deque[bytes] = deque()
        self._size = 0

    def printed(self, data: bytes) -> None:
        """Keep the last of what it prints."""
        self._printed.append(data)
        self._size += len(data)
        while self._printed and self._size - len(self._printed[0]) >= _TAIL_BYTES:
            self._size -= len(self._printed.popleft())

    def last_words(self) -> str:
        """Return the end of what it has printed."""
        return b"".join(self._printed)[-_TAIL_BYTES:].decode("utf-8", "replace")


def run(arguments: list[str]) -> None:
    """Serve the requests that come to a listening socket, or carry out one. The arguments are the folder of this code,
    and either the socket's file descriptor and `verbose` (what is printed is passed on) or `quiet`, or `one`, the file
    descriptors of a connection and of what takes its output, and its request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; tfjs-build decides
    _, first, *rest = arguments
    if first == "one":
        connection, output, request = rest
        begin(int(output))
        serving.serve(socket.socket(fileno=int(connection)), json.loads(request))
    else:
        _Supervisor(socket.socket(fileno=int(first)), rest == ["verbose"]).run()


class _Supervisor:
    def __init__(self, listener: socket.socket, verbose: bool) -> None:
        self.listener, self.verbose = listener, verbose
        self.requests: list[_Request] = []
        self.woken, wake = os.pipe()
        for end in (self.woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # with a handler, a process that ends wakes `select`

    def run(self) -> None:
        os.write(1, b"\n")
        if FORKS:
            with contextlib.suppress(Exception):  # it is raised again, and told, where a request needs it
                imports.tensorflow()
        while True:
            connections = {each.connection.fileno(): each for each in self.requests if not each.killed}
            outputs = {each.output: each for each in self.requests if not each.silent}
            listener = self.listener.fileno()
            ready, _, _ = select.select([0, self.woken, listener, *connections, *outputs], [], [])
            if 0 in ready:
                self._end_all()
                return
            for each in [outputs[at] for at in ready if at in outputs]:
                self._read(each)
            for each in [connections[at] for at in ready if at in connections]:
                _kill(each)  # it sends nothing after its request: it is gone
            if self.woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.woken, _BLOCK)
            self._reap()
            if listener in ready:
                self._accept()

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        request = connection.makefile("rb").readline()
        if not request:
            connection.close()
            return
        readable, writable = os.pipe()
        try:
            process = (self._fork if FORKS else _spawn)(connection, json.loads(request), writable)
        except Exception:  # noqa: BLE001 -- an import of TensorFlow may raise anything
            os.close(readable)
            serving.answer(connection, {"failed": serving.failure("start", traceback.format_exc())})
            connection.close()
        else:
            self.requests.append(_Request(process, connection, readable))
        finally:
            os.close(writable)

    def _fork(self, connection: socket.socket, request: dict[str, object], output: int) -> _Process:
        imports.keras(str(request["keras"]))
        pid = os.fork()
        if pid:
            return _Fork(pid)
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.listener.close()
            for each in self.requests:
                each.connection.close()
                os.close(each.output)
            begin(output)
            serving.serve(connection, request)
            code = 0
        finally:
            os._exit(code)

    def _read(self, each: _Request) -> None:
        data = os.read(each.output, _BLOCK)
        each.silent = not data
        each.printed(data)
        if self.verbose:
            os.write(2, data)

    def _reap(self) -> None:
        """Take leave of the processes that have ended; who waits for one that died is told how."""
        for each in list(self.requests):
            pid, status = os.waitpid(each.pid, os.WNOHANG)
            if not pid:
                continue
            self.requests.remove(each)
            _kill_session(each)  # what it has started and left behind
            os.set_blocking(each.output, False)
            with contextlib.suppress(BlockingIOError):
                while data := os.read(each.output, _BLOCK):
                    each.printed(data)
            os.close(each.output)
            died = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            if status:
                serving.answer(each.connection, {"died": died, "printed": each.last_words()})
            each.connection.close()

    def _end_all(self) -> None:
        for each in self.requests:
            _kill(each)


def begin(output: int) -> None:
    """Make this process one that carries out a request: what it prints goes to `output`, it reads nothing, and it ends
    with tfjs-build."""
    os.setsid()  # with it end those that it starts
    _die_with_parent()
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for end in (nothing, output):
        os.close(end)
    threading.Thread(target=_wait_for_end, args=(lifeline,), daemon=True).start()


def _wait_for_end(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


def _die_with_parent() -> None:
    if FORKS:
        import ctypes

        set_parent_death_signal = 1  # PR_SET_PDEATHSIG (linux/prctl.h)
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _spawn(connection: socket.socket, request: dict[str, object], output: int) -> _Process:
    """Start a Python of its own, told what to do as this one was."""
    at = connection.fileno()
    command = [sys.executable, "-c", LOADER, str(Path(__file__).parent), "one", str(at), str(output)]
    return subprocess.Popen([*command, json.dumps(request)], pass_fds=(at, output))


def _kill(each: _Request) -> None:
    each.killed = True
    _kill_session(each)
    with contextlib.suppress(ProcessLookupError):
        os.kill(each.pid, signal.SIGKILL)  # if it has not come to its own session yet


def _kill_session(each: _Request) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(each.pid, signal.SIGKILL)
