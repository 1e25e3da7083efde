"""Sorted string tables, the LevelDB format of `variables.index`.

A file is a row of blocks and a footer of 48 bytes: handles (offset and size as varints) of the meta-index and index
blocks, padding, and a magic number. The index block maps keys to the handles of data blocks. A block holds entries
whose keys share a prefix with the key before, then restart offsets; behind each block stand one byte for its
compression and the checksum of both. (tensorflow/core/lib/io/table_format.txt)

A few bytes can stand for many: each key may share a long prefix, each block be used again. Blocks come in order, and
what they unpack to is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tfjs_build.convert.saved_model.checksums import extend, masked
from tfjs_build.convert.saved_model.messages import refuse_pointer
from tfjs_build.convert.saved_model.snappy import decompress
from tfjs_build.convert.saved_model.varints import varint
from tfjs_build.errors import RefusedError, SourceError

_FOOTER: Final = 48
_SNAPPY: Final = 1
_LARGEST_BLOCK: Final = 1 << 26
_MOST_BYTES: Final = 1 << 28
"""Most bytes that the keys and values of a table may have: a million tensors take half of it."""
_TRAILER: Final = 5
_AGAIN: Final = "Copy the model again, or export it again."
_MAGIC: Final = (0xDB4775248B80FB57).to_bytes(8, "little")


def read_table(path: Path) -> dict[bytes, bytes]:
    """Return all keys and values of a table. Raises SourceError for a file that is not a table, or truncated."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    refuse_pointer(data, path)
    if len(data) > _MOST_BYTES:
        raise _too_much(path)
    if len(data) < _FOOTER or data[-8:] != _MAGIC:
        raise SourceError(
            f"{path} is not a checkpoint's index, or was not written to its end.",
            hint="Export the model again; if it is being copied, wait until that is done.",
        )
    try:
        footer = data[-_FOOTER:]
        _, position = _handle(footer, 0)
        index, _ = _handle(footer, position)
        result: dict[bytes, bytes] = {}
        left, end = _MOST_BYTES, 0
        for name, value in _entries(_block(data, index, path), path, _MOST_BYTES):
            handle, _ = _handle(value, 0)
            if handle[0] < end:
                raise ValueError("the blocks are not in order")
            end = handle[0] + handle[1] + _TRAILER
            left -= len(name)
            for key, content in _entries(_block(data, handle, path), path, left):
                left -= len(key) + len(content)
                result[key] = content
    except (IndexError, ValueError) as error:
        raise SourceError(f"{path} is damaged: its index cannot be followed.", hint=_AGAIN) from error
    return result


def _too_much(path: Path) -> SourceError:
    return SourceError(f"{path} is damaged: it has more than {_MOST_BYTES >> 20} MB of names.", hint=_AGAIN)


def _handle(data: bytes, position: int) -> tuple[tuple[int, int], int]:
    offset, position = varint(data, position)
    size, position = varint(data, position)
    return (offset, size), position


def _block(data: bytes, handle: tuple[int, int], path: Path) -> bytes:
    offset, size = handle
    block = data[offset : offset + size]
    trailer = data[offset + size : offset + size + _TRAILER]
    if len(trailer) != _TRAILER:
        raise ValueError("a block lies outside the file")
    if masked(extend(0, data[offset : offset + size + 1])) != int.from_bytes(trailer[1:], "little"):
        raise SourceError(
            f"{path} is damaged: a part of it does not have the checksum that it was saved with.", hint=_AGAIN
        )
    compression = trailer[0]
    if compression == _SNAPPY:
        return decompress(block, _LARGEST_BLOCK)
    if compression:
        raise RefusedError(
            f"{path} uses an unsupported compression (number {compression}).",
            hint="Save the checkpoint again with TensorFlow 2.",
        )
    return block


def _entries(block: bytes, path: Path, most: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values; raises SourceError once they have more than `most` bytes."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * restarts
    position, key = 0, b""
    while position < end:
        shared, position = varint(block, position)
        unshared, position = varint(block, position)
        length, position = varint(block, position)
        key = key[:shared] + block[position : position + unshared]
        position += unshared
        most -= len(key) + length
        if most < 0:
            raise _too_much(path)
        yield key, block[position : position + length]
        position += length
