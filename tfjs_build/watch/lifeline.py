"""What ends a watch from outside: signals, the end of stdin where that is a pipe, and the end of the parent."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from collections.abc import Callable
from types import FrameType

INTERRUPTED, DONE = 130, 0

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]


class Lifeline:
    """Says with which exit code the watch is to end: `code` is None as long as it is not."""

    def __init__(self, wake: Callable[[], None], *, read_stdin: bool) -> None:
        self.code: int | None = None
        self.signals: list[int] = []
        """Those received that nobody has passed on yet."""
        self._wake = wake
        self._parent = os.getppid()
        for number in _SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # `nohup`, or a shell that runs us in the background
                signal.signal(number, self._signalled)
        if read_stdin and _is_pipe():
            threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def look(self) -> None:
        """See whether the parent is gone."""
        if self.code is None and os.getppid() != self._parent:
            self.code = DONE

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        self.signals.append(number)
        self.code = INTERRUPTED
        self._wake()

    def _read(self) -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        self.code = DONE if self.code is None else self.code
        self._wake()


def _is_pipe() -> bool:
    if sys.stdin is None or sys.stdin.closed:
        return False
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
