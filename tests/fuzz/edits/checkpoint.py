"""Edits of a checkpoint's index: entries changed, renamed, dropped and added; its checksums are right then."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path
from random import Random

from google.protobuf import message

from tests.fuzz.edits import messages, odd, raw
from tfjs_build.convert.saved_model.messages import message_class
from tfjs_build.convert.saved_model.table import read_table
from tfjs_build.errors import TfjsBuildError

_FOOTER = 48
_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")


def edit(data: bytes, random: Random) -> bytes:
    """Change an index in one place."""
    if random.random() < 0.15:
        return raw.edit(data, random)
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            entries = read_table(Path(file.name))
        except TfjsBuildError:
            return raw.edit(data, random)
    keys = sorted(entries)
    if not keys:
        return raw.edit(data, random)
    key = random.choice(keys)
    choice = random.randrange(10)
    if choice == 0:
        del entries[key]
    elif choice == 1:
        entries[odd.text(random).encode("utf-8", "replace")] = entries[key]
    elif choice == 2:
        entries[key] = entries[random.choice(keys)]
    elif choice == 3:
        entries[key + random.choice((b"x", b"\0", b"\xff"))] = entries.pop(key)
    elif choice == 4:
        entries[key] = raw.edit(entries[key], random)
    else:
        entries[key] = _edited(entries[key], "BundleEntryProto" if key else "BundleHeaderProto", random)
    return table(entries)


def _edited(data: bytes, name: str, random: Random) -> bytes:
    try:
        found = message_class(name).FromString(data)
        inner = [found, *(each for field, each in found.ListFields() if field.name == "shape")]
        messages.edit_message(random.choice(inner), [*inner, *(found.shape.dim if len(inner) > 1 else ())], random)
        return bytes(found.SerializeToString())
    except (message.DecodeError, message.EncodeError, ValueError, TypeError):
        return raw.edit(data, random)


def table(entries: dict[bytes, bytes]) -> bytes:
    """Return a table of these entries, in one block."""
    content = b""
    for key in sorted(entries):
        content += varint(0) + varint(len(key)) + varint(len(entries[key])) + key + entries[key]
    block = content + struct.pack("<II", 0, 1)
    data = _sealed(block)
    empty = struct.pack("<II", 0, 1)
    meta = varint(len(data)) + varint(len(empty))
    data += _sealed(empty)
    handle = varint(0) + varint(len(block))
    index = varint(0) + varint(1) + varint(len(handle)) + b"\xff" + handle + struct.pack("<II", 0, 1)
    footer = meta + varint(len(data)) + varint(len(index))
    data += _sealed(index)
    return data + footer.ljust(_FOOTER - 8, b"\0") + _MAGIC


def varint(value: int) -> bytes:
    """Return a number in protobuf's variable length."""
    data = b""
    while value > 127:
        data += bytes([value & 127 | 128])
        value >>= 7
    return data + bytes([value])


def _sealed(block: bytes) -> bytes:
    """Return a block with its kind of compression, none, and its checksum."""
    crc = crc32c(block + b"\0")
    return block + b"\0" + struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def crc32c(data: bytes) -> int:
    """Return the checksum that TensorFlow's tables have (Castagnoli's)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_TABLE = _table()
