"""Saves a SavedModel again with other numbers, without TensorFlow: as a training would that came out differently."""

from __future__ import annotations

import struct
from pathlib import Path

from tfjs_build.convert.saved_model.checksums import extend, masked
from tfjs_build.convert.saved_model.messages import parse
from tfjs_build.convert.saved_model.table import read_table

_TRAILER = 5  # behind each block of the index: how it is compressed (not at all), and its checksum
_FOOTER = 48


def save_vector(model: Path, values: list[float]) -> None:
    """Put `values` in the place of every variable that is a vector of so many numbers."""
    index = model / "variables" / "variables.index"
    data = index.with_name("variables.data-00000-of-00001")
    table, numbers = bytearray(index.read_bytes()), bytearray(data.read_bytes())
    new = struct.pack(f"<{len(values)}f", *values)
    for key, stored in read_table(index).items():
        entry = parse("BundleEntryProto", stored, index) if key else None
        if entry is None or [dim.size for dim in entry.shape.dim] != [len(values)]:
            continue
        numbers[entry.offset : entry.offset + entry.size] = new
        changed = stored.replace(struct.pack("<I", entry.crc32c), struct.pack("<I", masked(extend(0, new))))
        assert table.count(stored) == 1
        table = table.replace(stored, changed)
    # All entries are in the first block, which ends where the metaindex begins: the footer's first number.
    end = _varint(table[-_FOOTER:]) - _TRAILER
    checksum = masked(extend(0, bytes(table[: end + 1])))
    table[end + 1 : end + _TRAILER] = struct.pack("<I", checksum)
    data.write_bytes(numbers)
    index.write_bytes(table)


def _varint(data: bytes | bytearray) -> int:
    value = 0
    for i, byte in enumerate(data):
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            break
    return value
