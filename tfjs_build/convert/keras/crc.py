"""The CRC-32 of a part of a file, put together from pieces that are read anyway, in any order, and from the rest.

A zip archive has one checksum for a whole member. Its large arrays are read block by block when their numbers are due:
their checksums are taken then, on a second core, and joined as zlib's `crc32_combine` does.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any, Final

_POLYNOMIAL: Final = 0xEDB88320
_ONE: Final = 1 << 31
"""The polynomial 1; the highest bit is the coefficient of x to the power 0."""

_PIECE_BYTES: Final = 1 << 20
"""Smaller pieces are read again at the end, which takes less time than to join them."""

_READ_BYTES: Final = 1 << 22


class Pieces:
    """What is known of the checksum of `size` bytes of the file `path` from `offset`."""

    def __init__(self, path: Path, offset: int, size: int) -> None:
        self._path = path
        self._begin = offset
        self._end = offset + size
        self._known: dict[int, tuple[int, int]] = {}
        self._thread: Thread | None = None

    def read(self, offset: int, data: Any) -> None:
        """Take note of a buffer that was read at `offset` of the file, and is not changed any more."""
        if len(data) >= _PIECE_BYTES and offset not in self._known:
            self._wait()
            self._thread = Thread(target=self._sum, args=(offset, data))
            self._thread.start()

    def whole(self) -> int:
        """Return the checksum of all, reading what was not read yet; raises OSError."""
        self._wait()
        crc, at = 0, self._begin
        with self._path.open("rb", buffering=0) as file:
            for offset, (size, known) in sorted(self._known.items()):
                if at <= offset and offset + size <= self._end:
                    crc = joined(_read_on(file, at, offset, crc), known, size)
                    at = offset + size
            return _read_on(file, at, self._end, crc)

    def _sum(self, offset: int, data: Any) -> None:
        self._known[offset] = len(data), zlib.crc32(data)

    def _wait(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None


def joined(first: int, second: int, size: int) -> int:
    """Return the CRC-32 of two pieces of data from those of each; the second has `size` bytes."""
    return _product(_power(size), first) ^ second


def _read_on(file: Any, at: int, end: int, crc: int) -> int:
    """Return `crc` continued over the bytes from `at` to `end`; a file that ends before has another checksum."""
    file.seek(at)
    while at < end and (data := file.read(min(_READ_BYTES, end - at))):
        crc = zlib.crc32(data, crc)
        at += len(data)
    return crc


@cache
def _power(size: int) -> int:
    """Return x to the power 8 * `size`, modulo the polynomial."""
    result, square, left = _ONE, 1 << 23, size  # x to the power 8
    while left:
        if left & 1:
            result = _product(square, result)
        square = _product(square, square)
        left >>= 1
    return result


def _product(a: int, b: int) -> int:
    """Return the product of two polynomials over the field of two numbers, modulo the polynomial."""
    result = 0
    for place in range(31, -1, -1):
        if a >> place & 1:
            result ^= b
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    return result
