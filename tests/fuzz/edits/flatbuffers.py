"""Edits of FlatBuffers: numbers at places where the format has numbers, so that most of the file is still read."""

from __future__ import annotations

import struct
from random import Random

from tests.fuzz.edits import raw

_ODD = (0, 1, 2, 3, 4, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_NEAR = 64


def edit(data: bytes, random: Random) -> bytes:
    """Change a number, mostly an offset, a length, a size or an option, in one place."""
    if len(data) < 8 or random.random() < 0.2:
        return raw.edit(data, random)
    width = random.choice((1, 2, 4, 4, 4))
    kind = {1: "B", 2: "H", 4: "I"}[width]
    # What is not made of zeros and small bytes is a weight or a text: these are not what holds the file together.
    places = [random.randrange(len(data) // width) * width for _ in range(20)]
    at = next((place for place in places if data[place] < 0x80 and any(data[place : place + width])), places[0])
    old = struct.unpack_from(f"<{kind}", data, at)[0]
    other = struct.unpack_from(f"<{kind}", data, random.randrange(len(data) // width) * width)[0]
    new = random.choice((random.choice(_ODD), old + random.randint(-_NEAR, _NEAR), old + random.choice((-4, 4)), other))
    return data[:at] + struct.pack(f"<{kind}", new % (1 << 8 * width)) + data[at + width :]
