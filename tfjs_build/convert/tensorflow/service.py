"""TensorFlow, started when a conversion first asks for it, kept as long as the build or the watch, and ended with it.

Conversions connect to a Unix socket; as long as nobody serves it, whoever owns the service waits for it to become
readable (`handles`), and then starts the process that does (`attend`): see `worker/supervisor.py`. One that has died is
started again by the next connection. Where none can be started, who asks is told why.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Final

from tfjs_build.convert.tensorflow.place import Place
from tfjs_build.convert.tensorflow.python import find_python
from tfjs_build.convert.tensorflow.worker.names import LOADER
from tfjs_build.errors import NoTensorFlowError

_WORKER: Final = Path(__file__).with_name("worker")
_LONGEST_ADDRESS: Final = 100
"""Bytes that every system takes (sun_path has 104 on macOS)."""
_NOT_PASSED_ON: Final = ("PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS")
"""What is this Python's own: another one has its library elsewhere, and warnings of its packages are no errors."""
_TAIL_BYTES: Final = 4096
_END_SECONDS: Final = 5.0


class Service:
    """What starts TensorFlow for the project in `root`. What its processes print is passed on if `verbose`."""

    def __init__(self, root: Path, *, verbose: bool = False) -> None:
        self.root, self._verbose = root, verbose
        self._folder: Path | None = None
        self._listener: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._printed: IO[bytes] | None = None
        self._alive = False
        self._python: Path | None = None

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def is_there(self) -> bool:
        """Whether there is a TensorFlow to start, as far as can be seen."""
        try:
            find_python(self.root)
        except NoTensorFlowError:
            return False
        return True

    def place(self) -> Place | None:
        """Return where conversions find TensorFlow; None where the system has no Unix sockets (Windows)."""
        if not hasattr(socket, "AF_UNIX"):
            return None
        if self._listener is None:
            # A folder of its own, which nobody else may look into: what connects may have code run.
            self._folder = Path(tempfile.mkdtemp(prefix="tfjs-"))
            if len(os.fsencode(self._folder)) > _LONGEST_ADDRESS - 2:
                self._folder.rmdir()
                self._folder = Path(tempfile.mkdtemp(prefix="tfjs-", dir="/tmp"))
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(self._address)
            self._listener.listen(128)
        return Place(self._address, self.root)

    @property
    def _address(self) -> str:
        return f"{self._folder}/s"

    def handles(self) -> list[socket.socket | IO[bytes]]:
        """Return what its owner waits for besides its own affairs: what is readable is handed to `attend`."""
        if self._listener is None:
            return []
        if self._process is None:
            return [self._listener]
        assert self._process.stdout is not None
        return [self._process.stdout]

    def attend(self) -> None:
        """Do what one of the `handles` calls for."""
        if self._process is None:
            self._start()
            return
        assert self._process.stdout is not None
        if os.read(self._process.stdout.fileno(), 1):
            self._alive = True
            return
        code = self._process.wait()
        self._process.stdout.close()
        self._process = None
        if not self._alive:
            self._refuse("start", f"{self._python} ended with exit code {code}: {self._last_words()}")

    def close(self) -> None:
        """End TensorFlow, and all that it does."""
        if self._process is not None:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.close()  # by which it ends what it has started, before itself
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
            self._process = None
        if self._printed is not None:
            self._printed.close()
            self._printed = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self) -> None:
        assert self._listener is not None
        self._alive = False
        try:
            self._python = python = find_python(self.root)
        except NoTensorFlowError as error:
            self._refuse("refused", error.message, error.hint)
            return
        if self._printed is None:
            self._printed = tempfile.TemporaryFile()  # noqa: SIM115 -- it is read after the process has ended
        at = self._listener.fileno()
        command = [
            os.fspath(python),
            "-c",
            LOADER,
            os.fspath(_WORKER),
            str(at),
            "verbose" if self._verbose else "quiet",
        ]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if self._verbose else self._printed,
                pass_fds=(at,),
                env={key: value for key, value in os.environ.items() if key not in _NOT_PASSED_ON},
            )
        except OSError as error:
            self._refuse("start", f"{python}: {error.strerror}")

    def _last_words(self) -> str:
        assert self._printed is not None
        size = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, size - _TAIL_BYTES))
        lines = [line for line in self._printed.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it says nothing"

    def _refuse(self, kind: str, message: str, hint: str = "") -> None:
        """Tell all that have asked why TensorFlow cannot be started."""
        assert self._listener is not None
        self._listener.setblocking(False)
        failed = {"kind": kind, "message": message, "hint": hint, "where": "", "trace": ""}
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.setblocking(True)
                    connection.makefile("rb").readline()  # who closes on unread data takes what was sent along
                    connection.sendall(json.dumps({"failed": failed}).encode() + b"\n")
        self._listener.setblocking(True)
