"""Edits of bytes that know nothing of what they mean."""

from __future__ import annotations

from random import Random

from tests.fuzz.edits import odd


def edit(data: bytes, random: Random) -> bytes:
    """Change bytes in one place."""
    if not data:
        return odd.data(random)
    at = random.randrange(len(data))
    choice = random.randrange(8)
    if choice == 0:
        return data[:at]
    if choice == 1:
        return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
    if choice == 2:
        return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
    if choice == 3:
        length = random.choice((1, 2, 4, 8, 64))
        return data[:at] + data[at + length :]
    if choice == 4:
        length = random.choice((1, 2, 4, 8, 64))
        return data[:at] + data[at : at + length] * 2 + data[at + length :]
    if choice == 5:
        number = random.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**62, 2**64 - 1))
        width = next(each for each in (1, 2, 4, 8) if number < 1 << 8 * each)
        packed = number.to_bytes(width, random.choice(("little", "big")))
        return data[:at] + packed + data[at + len(packed) :]
    if choice == 6:
        return data[:at] + odd.data(random) + data[at:]
    other = random.randrange(len(data))
    length = random.choice((1, 4, 16, 256))
    return data[:at] + data[other : other + length] + data[at + length :]
