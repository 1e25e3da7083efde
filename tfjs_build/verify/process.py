"""A program that ends when we do, however that is: Node, or a browser with all of its processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Final

_GUARD: Final = """\
ulimit -S -d unlimited; ulimit -S -f unlimited
exec 3<&0
"$@" 3<&- &
program=$!
(read _ <&3; kill -9 0) &
guard=$!
wait $program
code=$?
kill $guard
exit $code
"""
"""A shell that runs a program until its own standard input is closed, and then kills its whole process group. The
limits of a conversion are not the program's, which reserves more than it uses."""

_TAIL_BYTES = 20_000


class Guarded:
    """A program in a process group of its own; closing it kills all of the group."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; raises OSError where that cannot be."""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 -- it is read after the process has ended
        guard = [] if sys.platform == "win32" else ["/bin/sh", "-c", _GUARD, "sh"]
        try:
            self._process = subprocess.Popen(
                [*guard, *command],
                stdin=subprocess.PIPE,
                stdout=self._said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError:
            self._said.close()
            raise

    @property
    def ended(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.poll()

    def last_words(self) -> str:
        """Return the last line that it printed, for messages."""
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _TAIL_BYTES))
        lines = [line.strip() for line in self._said.read().decode("utf-8", "replace").splitlines()]
        errors = [line for line in lines if "Error" in line]
        return next(iter(errors[-1:] or [line for line in lines if line][-1:]), "it says nothing")[:300]

    def close(self) -> None:
        """Kill it, and all that it has started."""
        assert self._process.stdin is not None
        if self._process.poll() is None:
            if sys.platform == "win32":
                self._process.kill()
            else:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
        self._process.stdin.close()
        self._process.wait()
        self._said.close()
