"""The streams that reporters write to: they take any text, and say in one way that they cannot be written."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO


class OutputError(Exception):
    """Standard output or standard error cannot be written, though its reader has not gone (that is BrokenPipeError)."""


class Writable(Protocol):
    """What a reporter needs of a stream."""

    def write(self, text: str, /) -> object:
        """Write text."""

    def flush(self) -> object:
        """Have it written."""


class Stream:
    """One of the standard streams, `name`; what its encoding does not have is escaped.

    Writing raises OutputError, also where the stream is closed, except that nothing is said on a closed stderr.
    """

    def __init__(self, stream: TextIO | None, name: str) -> None:
        self._stream, self._name = stream, name
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str, /) -> None:
        """Write text."""
        with self._telling():
            if self._stream is not None:
                self._stream.write(text)

    def flush(self) -> None:
        """Have written what may be in a buffer."""
        with self._telling():
            if self._stream is not None:
                self._stream.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        if self._stream is None and self._name != "stderr":
            raise OutputError(f"{self._name} is closed")
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write to {self._name}: {error.strerror or error}") from error
