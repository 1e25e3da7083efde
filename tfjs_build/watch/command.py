"""`watch -- COMMAND`: the dev server, which starts after the first build and ends together with the watch.

It has a process group of its own, so that all that it starts can be ended with it, and the terminal, if there is one:
Ctrl-C and Ctrl-Z are its business first, as they would be without us.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tfjs_build.errors import UsageError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

STOP_SECONDS = 5.0
"""How long the command has to end when it is asked to."""

_CHECK_SECONDS = 0.02


def dev_server(argv: Sequence[str], wake: Callable[[], None], *, stdout_to_stderr: bool) -> DevServer:
    """Start a command; `wake` is called when it ends. Raises UsageError where there is no such command."""
    if shutil.which(argv[0]) is None:
        raise UsageError(f"there is no command {argv[0]!r}", hint="What follows `--` is started as it stands.")
    if sys.platform == "win32":
        return _Windows(argv, wake, stdout_to_stderr)
    return _Posix(argv, wake, stdout_to_stderr)


class DevServer:
    """A command under way."""

    code: int | None = None

    def ended(self) -> int | None:
        """Return its exit code, None while it runs; to be called whenever the loop was woken."""
        return self.code

    def stop(self, signals: Sequence[int]) -> None:
        """End it and all that it started; `signals` are passed on to it, SIGTERM if there are none."""
        raise NotImplementedError


if sys.platform == "win32":  # pragma: no cover

    class _Windows(DevServer):
        def __init__(self, argv: Sequence[str], wake: Callable[[], None], stdout_to_stderr: bool) -> None:
            path = shutil.which(argv[0]) or argv[0]
            stdout = sys.stderr if stdout_to_stderr else None
            self._process = subprocess.Popen([path, *argv[1:]], stdout=stdout)
            self._wake = wake
            threading.Thread(target=self._wait, name="command", daemon=True).start()

        def _wait(self) -> None:
            self.code = self._process.wait()
            self._wake()

        def stop(self, signals: Sequence[int]) -> None:  # noqa: ARG002 -- there are none to pass on
            subprocess.run(["taskkill", "/t", "/f", "/pid", str(self._process.pid)], capture_output=True, check=False)
            self.code = self._process.wait()

else:

    class _Posix(DevServer):
        def __init__(self, argv: Sequence[str], wake: Callable[[], None], stdout_to_stderr: bool) -> None:
            self._wake = wake
            self._stopped = False
            self._has_terminal = _is_foreground()
            reset = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGTSTP, signal.SIGTTOU]
            self.pid = os.posix_spawnp(
                argv[0],
                list(argv),
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)] if stdout_to_stderr else [],
                setpgroup=0,
                setsigdef=reset,
            )
            self._give_terminal(self.pid)
            self._guard, self._guarded = _start_guard(self.pid)
            threading.Thread(target=self._wait, name="command", daemon=True).start()

        def ended(self) -> int | None:
            if self._stopped and self.code is None:
                # Ctrl-Z stopped it: we stop too, so that the shell comes back; `fg` wakes both.
                self._stopped = False
                self._give_terminal(os.getpgrp())
                os.killpg(os.getpgrp(), signal.SIGTSTP)
                self._give_terminal(self.pid)
                self._signal(signal.SIGCONT)
            return self.code

        def stop(self, signals: Sequence[int]) -> None:
            for number in list(signals) or [signal.SIGTERM]:
                self._signal(number)
            self._signal(signal.SIGCONT)
            until = time.monotonic() + STOP_SECONDS
            while (self.code is None or _is_alive(self.pid)) and time.monotonic() < until:
                if self.code is not None:
                    self._signal(signal.SIGTERM)  # what it started and left behind
                time.sleep(_CHECK_SECONDS)
            self._signal(signal.SIGKILL)
            while self.code is None:
                time.sleep(_CHECK_SECONDS)
            self._guard.kill()
            self._guard.join()
            self._guarded.close()
            self._give_terminal(os.getpgrp())

        def _wait(self) -> None:
            while self.code is None:
                _, status = os.waitpid(self.pid, os.WUNTRACED)
                if os.WIFSTOPPED(status):
                    self._stopped = True
                else:
                    code = os.waitstatus_to_exitcode(status)
                    self.code = code if code >= 0 else 128 - code
                self._wake()

        def _signal(self, number: int) -> None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

        def _give_terminal(self, group: int) -> None:
            if self._has_terminal:
                # Without this, a process that is not in the foreground is stopped for trying.
                before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                with contextlib.suppress(OSError):
                    os.tcsetpgrp(0, group)
                signal.signal(signal.SIGTTOU, before)

    def _is_foreground() -> bool:
        try:
            return os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()
        except OSError:
            return False

    def _is_alive(group: int) -> bool:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # macOS says so of a group of which only zombies are left
            return False
        return True

    def _start_guard(group: int) -> tuple[Any, Connection]:
        """Start the process that ends the group should we be killed without a chance to do so."""
        context: Any = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe(duplex=True)
        guard = context.Process(target=_guard_group, args=(theirs, group), daemon=True)
        guard.start()
        theirs.close()
        return guard, ours

    def _guard_group(connection: Connection, group: int) -> None:
        os.setpgid(0, 0)  # what is sent to our group is not meant for this process
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        with contextlib.suppress(EOFError, OSError):
            connection.recv()
        until = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGTERM)
            while _is_alive(group) and time.monotonic() < until:
                time.sleep(_CHECK_SECONDS)
            os.killpg(group, signal.SIGKILL)
