"""Checkpoints (`variables.index`, `variables.data-*`): tensors by name, read block by block when their numbers are due.

The index holds, under the empty key, a BundleHeaderProto, and for each tensor a BundleEntryProto that says where it
lies. A partitioned tensor's entry lists slices, whose data stand under keys of their own (tensorflow/core/util/
tensor_bundle/tensor_bundle.h, saved_tensor_slice_util.cc).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from tfjs_build.convert.artifacts import BLOCK_BYTES
from tfjs_build.convert.graph.dtypes import is_tensor, numpy_dtype
from tfjs_build.convert.graph.ir import Array, Constant
from tfjs_build.convert.saved_model.checksums import checked, strings
from tfjs_build.convert.saved_model.messages import parse, refuse_pointer
from tfjs_build.convert.saved_model.table import read_table
from tfjs_build.convert.saved_model.tensors import dims, dtype_name, widen_bfloat16
from tfjs_build.convert.saved_model.varints import varint
from tfjs_build.errors import RefusedError, SourceError

WHOLE_FOLDER: Final = (
    "Copy all that the export wrote: saved_model.pb with the folders `variables` and `assets` beside it."
)

Slice: TypeAlias = "tuple[tuple[int, int], ...]"
"""Start and length along each axis; (0, -1) for the whole of it."""


class Checkpoint:
    """A checkpoint by its prefix (`…/variables/variables`)."""

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix
        self._index = prefix.with_name(prefix.name + ".index")
        self._entries = read_table(self._index)
        header = parse("BundleHeaderProto", self._entries.get(b"", b""), self._index)
        if header.endianness:
            raise RefusedError(f"{self._index} was written by a big-endian machine, which is not supported.")
        self._shards = header.num_shards
        self._sizes: dict[Path, int] = {}

    def names(self) -> list[str]:
        """Return the names of all tensors."""
        return [key.decode("utf-8", "replace") for key in self._entries if key and not key.startswith(b"\0")]

    def tensor(self, name: str, part: str = "") -> Constant | None:
        """Return the tensor `name`, None if there is none.

        `part` is what RestoreV2 calls a shape and slice ("10 4 0,5:-"): the cut of a partitioned variable.
        """
        entry = self._entry(name.encode("utf-8", "surrogateescape"))
        if entry is None:
            return None
        dtype = dtype_name(entry.dtype)
        shape = self._shape(entry, name)
        if not is_tensor(dtype):
            return None
        wanted = _parse_part(part, name) if part.strip() else tuple((0, -1) for _ in shape)
        sizes = self._sizes_of(wanted, shape, name)
        if not entry.slices:
            if sizes == shape:
                return self._stored(entry, shape, dtype, name)
            return Constant(sizes, dtype, lambda: _cut(self._stored(entry, shape, dtype, name).array(), wanted))
        exact = self._entry(_slice_key(name, wanted))
        if exact is not None:
            return self._stored(exact, sizes, dtype, name)
        return Constant(sizes, dtype, lambda: _cut(self._assemble(entry, shape, dtype, name), wanted))

    def _entry(self, key: bytes) -> Any:
        data = self._entries.get(key)
        return None if data is None else parse("BundleEntryProto", data, self._index)

    def _shape(self, entry: Any, name: str) -> tuple[int, ...]:
        shape = dims(entry.shape)
        if shape is None or None in shape:
            raise SourceError(f"{self._index} is damaged: the tensor {name} has no shape.")
        return shape  # type: ignore[return-value]

    def _sizes_of(self, part: Slice, shape: tuple[int, ...], name: str) -> tuple[int, ...]:
        """Return the shape of a slice. Raises SourceError for one that does not lie in the whole."""
        fits = len(part) == len(shape) and all(
            length < 0 or 0 <= start <= start + length <= size
            for (start, length), size in zip(part, shape, strict=True)
        )
        if not fits:
            raise SourceError(f"{self._index} is damaged: a slice of {name} does not lie in it.")
        return tuple(size if length < 0 else length for size, (_, length) in zip(shape, part, strict=True))

    def _size(self, path: Path) -> int:
        """Return the size of a data file."""
        if path not in self._sizes:
            try:
                self._sizes[path] = path.stat().st_size
            except OSError as error:
                raise SourceError(
                    f"{path} is missing, one of {self._shards} files that hold the model's numbers."
                    if self._shards > 1
                    else f"{path} is missing, the file that holds the model's numbers.",
                    hint=WHOLE_FOLDER,
                ) from error
            with path.open("rb") as file:
                refuse_pointer(file.read(64), path)
        return self._sizes[path]

    def _assemble(self, entry: Any, shape: tuple[int, ...], dtype: str, name: str) -> Array:
        """Return a partitioned tensor, put together from its slices."""
        whole = np.zeros(shape, numpy_dtype(dtype))
        for proto in entry.slices:
            part = tuple((e.start, e.length if e.WhichOneof("has_length") else -1) for e in proto.extent)
            stored = self._entry(_slice_key(name, part))
            if stored is None:
                raise SourceError(f"{self._index} is damaged: a slice of {name} is missing.")
            sizes = self._sizes_of(part, shape, name)
            whole[_index(part)] = self._stored(stored, sizes, dtype, name).array()
        return whole

    def _stored(self, entry: Any, shape: tuple[int, ...], dtype: str, name: str) -> Constant:
        """Return what one entry stores."""
        path = self._prefix.with_name(f"{self._prefix.name}.data-{entry.shard_id:05d}-of-{self._shards:05d}")
        available = self._size(path)
        if entry.offset < 0 or entry.size < 0 or entry.offset + entry.size > available:
            raise SourceError(
                f"{path} is truncated: the tensor {name} reaches beyond the end of the file.",
                hint="Export the model again; if it is being copied, wait until that is done.",
            )
        if dtype == "string":
            return Constant(shape, dtype, lambda: _strings(path, entry, shape, name))
        kind = np.dtype(np.uint16) if dtype == "bfloat16" else numpy_dtype(dtype)
        size = int(np.prod(shape, dtype=np.int64))
        if entry.size != size * kind.itemsize:
            raise SourceError(f"{self._index} is damaged: the size of the tensor {name} is not that of its shape.")

        def stored() -> Iterator[Array]:
            step = BLOCK_BYTES // kind.itemsize
            with path.open("rb") as file:
                file.seek(entry.offset)
                for start in range(0, size, step):
                    count = min(step, size - start)
                    data = file.read(count * kind.itemsize)
                    if len(data) != count * kind.itemsize:
                        raise SourceError(f"{path} changed while it was read.")
                    yield np.frombuffer(data, kind)

        def blocks() -> Iterator[Array]:
            for block in checked(stored(), entry.crc32c, _damaged(path, name)):
                yield widen_bfloat16(block) if dtype == "bfloat16" else block

        def read() -> Array:
            parts = list(blocks())
            return np.concatenate(parts) if len(parts) != 1 else parts[0]

        return Constant(shape, dtype, read if size else lambda: np.zeros(shape, numpy_dtype(dtype)), blocks=blocks)


def _damaged(path: Path, name: str) -> SourceError:
    return SourceError(
        f"{path} is damaged: the tensor {name} does not have the checksum that it was saved with.",
        hint="Copy the model again, or export it again.",
    )


def _strings(path: Path, entry: Any, shape: tuple[int, ...], name: str) -> Array:
    """Return a tensor of strings: their lengths as varints, a checksum of four bytes, their bytes."""
    with path.open("rb") as file:
        file.seek(entry.offset)
        data = file.read(entry.size)
    count = int(np.prod(shape, dtype=np.int64))
    try:
        position = 0
        lengths = []
        for _ in range(count):
            length, position = varint(data, position)
            lengths.append(length)
        between = data[position : position + 4]
        position += 4
        result = np.empty(count, np.object_)
        for index, length in enumerate(lengths):
            if position + length > len(data):
                raise IndexError
            result[index] = data[position : position + length]
            position += length
    except (IndexError, ValueError) as error:
        raise SourceError(f"{path} is damaged: the strings of {name} cannot be read.") from error
    if strings(lengths, result.tolist()) != (entry.crc32c, between):
        raise _damaged(path, name)
    return result.reshape(shape)


def _parse_part(text: str, name: str) -> Slice:
    """Return the slice of a specification like "10 4 0,5:-" (the shape of the whole, then the cut of each axis)."""
    try:
        cuts = text.split()[-1].split(":")
        return tuple((0, -1) if cut == "-" else (int(cut.split(",")[0]), int(cut.split(",")[1])) for cut in cuts)
    except (ValueError, IndexError) as error:
        raise SourceError(f"The slice {text!r} of the variable {name} cannot be read.") from error


def _index(part: Slice) -> tuple[slice, ...]:
    return tuple(slice(None) if length < 0 else slice(start, start + length) for start, length in part)


def _cut(array: Array, part: Slice) -> Array:
    return np.asarray(array[_index(part)])


def _slice_key(name: str, part: Slice) -> bytes:
    """Return the key of a slice's data: a 0, the name and the extents in TensorFlow's order-preserving code."""
    escapes = {0x00: b"\0\xff", 0xFF: b"\xff\0"}
    escaped = b"".join(escapes.get(byte, bytes([byte])) for byte in name.encode("utf-8", "surrogateescape"))
    key = b"\0" + escaped + b"\0\1" + _number(len(part))
    for start, length in part:
        key += _signed(0 if length < 0 else start) + _signed(length)
    return key


def _number(value: int) -> bytes:
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


def _signed(value: int) -> bytes:
    """Encode a signed number: n bytes carry 7n bits, the first n bits are all ones (inverted for the negative)."""
    bits = (~value if value < 0 else value).bit_length() + 1
    length = max(1, -(-bits // 7))
    header = ((1 << length) - 1) << (7 * length)  # `length` leading ones in `length` bytes
    return ((value & ((1 << 8 * length) - 1)) ^ header).to_bytes(length, "big")
