"""FlatBuffers as they lie in a file that nobody vouches for: tables, vectors and texts, each read within its bounds.

The format (https://flatbuffers.dev/internals/): all numbers are little-endian, references are distances. A table begins
with the distance back to its vtable, which has its own size, the table's, and for each field where in the table it is,
0 for one that is at its default. A vector begins with its length; a text is a vector of bytes.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_OFFSET: Final = 4
"""Bytes of a reference, and of a vector's length."""

_OFTEN: Final = 16
"""How often a byte of the file may be read, on average: parts of it can be shared, but not by all of it."""


class DamagedError(Exception):
    """What is read lies outside the file, or makes no sense there."""


class Buffer:
    """A file's bytes, and how much of them may still be read: a small file can name one part of it endless times."""

    def __init__(self, data: bytes) -> None:
        self.data: Final = memoryview(data)
        self._left = _OFTEN * len(data) + 4096

    @property
    def root(self) -> Table:
        """The table that the file begins with. Raises DamagedError."""
        return Table(self, self.number("I", 0))

    def number(self, kind: str, place: int) -> Any:
        """Return the number of a kind (as `struct` writes it) at a place. Raises DamagedError."""
        try:
            return struct.unpack_from(f"<{kind}", self.data, place)[0]
        except struct.error:
            raise DamagedError(f"something at byte {place}, which the file does not have") from None

    def part(self, start: int, size: int) -> memoryview:
        """Return some bytes of the file. Raises DamagedError."""
        if start < 0 or size < 0 or start + size > len(self.data):
            raise DamagedError(f"{size} bytes at byte {start}, which the file does not have")
        self._left -= size
        if self._left < 0:
            raise DamagedError("the same parts of the file over and over")
        return self.data[start : start + size]


class Table:
    """A table; its fields are read by their slots. Each of its methods raises DamagedError."""

    def __init__(self, buffer: Buffer, place: int) -> None:
        self._buffer = buffer
        self._place = place
        vtable = place - buffer.number("i", place)
        if vtable < 0:
            raise DamagedError(f"a vtable at byte {vtable}")
        size = buffer.number("H", vtable)
        if size < 4 or size % 2:
            raise DamagedError(f"a vtable of {size} bytes")
        self._fields = buffer.part(vtable, size)[4:].cast("H")
        buffer.part(place, _OFFSET)

    def _field(self, slot: int) -> int | None:
        """Return where a field is, None where it is at its default."""
        distance = self._fields[slot] if slot < len(self._fields) else 0
        return self._place + distance if distance else None

    def number(self, slot: int, kind: str, default: Any = 0) -> Any:
        """Return a number, or a bool, of a kind (as `struct` writes it)."""
        place = self._field(slot)
        return default if place is None else self._buffer.number(kind, place)

    def _reference(self, slot: int) -> int | None:
        place = self._field(slot)
        return None if place is None else place + int(self._buffer.number("I", place))

    def table(self, slot: int) -> Table | None:
        """Return a table, None where there is none."""
        place = self._reference(slot)
        return None if place is None else Table(self._buffer, place)

    def data(self, slot: int, width: int = 1) -> memoryview | None:
        """Return the bytes of a vector whose entries have `width` bytes, None where there is none."""
        place = self._reference(slot)
        if place is None:
            return None
        return self._buffer.part(place + _OFFSET, width * int(self._buffer.number("I", place)))

    def vector(self, slot: int, dtype: str) -> NDArray[Any] | None:
        """Return a vector of numbers as an array of NumPy's `dtype`, None where there is none."""
        data = self.data(slot, np.dtype(dtype).itemsize)
        return None if data is None else np.frombuffer(data, dtype)

    def text(self, slot: int) -> str:
        """Return a text, empty where there is none."""
        return bytes(self.data(slot) or b"").decode("utf-8", "backslashreplace")

    def tables(self, slot: int) -> list[Table]:
        """Return a vector of tables, empty where there is none."""
        place = self._reference(slot)
        distances = self.vector(slot, "<u4")
        if place is None or distances is None:
            return []
        start = place + _OFFSET
        return [Table(self._buffer, start + _OFFSET * at + each) for at, each in enumerate(distances.tolist())]
