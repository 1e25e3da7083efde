"""Snappy's raw format, which the blocks of a table may be compressed in (google/snappy, format_description.txt).

It is the length of the content as a varint, then a row of elements, each of them bytes as they are or a piece of what
was there before: the two low bits of its first byte tell which, the others its length.
"""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.saved_model.varints import varint

_LITERAL, _NEAR, _FAR = 0, 1, 2
_LONG: Final = 60
"""From here on the length of a literal stands in the bytes that follow, one to four of them."""


def decompress(data: bytes, most: int) -> bytes:
    """Return the content of `data`; raises ValueError or IndexError where it is damaged, or longer than `most`."""
    length, position = varint(data, 0)
    if length > most:
        raise ValueError("a block claims to be larger than any is")
    content = bytearray()
    while position < len(data):
        tag = data[position]
        position += 1
        kind, size = tag & 3, (tag >> 2) + 1
        if kind == _LITERAL:
            if size > _LONG:
                width = size - _LONG
                size = int.from_bytes(_take(data, position, width), "little") + 1
                position += width
            content += _take(data, position, size)
            position += size
        elif kind == _NEAR:
            _copy(content, (tag >> 5) << 8 | data[position], (tag >> 2 & 7) + 4)
            position += 1
        else:
            width = 2 if kind == _FAR else 4
            _copy(content, int.from_bytes(_take(data, position, width), "little"), size)
            position += width
        if len(content) > length:
            raise ValueError("a block is longer than it says")
    if len(content) != length:
        raise ValueError("a block is shorter than it says")
    return bytes(content)


def _take(data: bytes, position: int, size: int) -> bytes:
    taken = data[position : position + size]
    if len(taken) != size:
        raise ValueError("a block ends in the midst of an element")
    return taken


def _copy(content: bytearray, distance: int, size: int) -> None:
    """Repeat what stands `distance` bytes before the end; it may reach into what is being written."""
    start = len(content) - distance
    if distance == 0 or start < 0:
        raise ValueError("a block refers to what is not in it")
    piece = bytes(content[start : start + size])
    content += (piece * (size // len(piece) + 1))[:size]
