"""Numbers of varying length, seven bits a byte, the lowest first."""

from __future__ import annotations


def varint(data: bytes, position: int) -> tuple[int, int]:
    """Return the varint at `position` and the position behind it."""
    result = shift = 0
    while True:
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
        shift += 7
        if shift > 63:
            raise ValueError("a varint has more than ten bytes")
