"""HDF5 files as Keras writes them: attributes and groups read safely, datasets as lazily read weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import BLOCK_BYTES, Weight
from tfjs_build.convert.keras.archive import Span, SpanReader
from tfjs_build.errors import SourceError
from tfjs_build.limits import lacks_memory
from tfjs_build.sizes import size_text

Array = NDArray[np.generic]
Group: TypeAlias = h5py.h5g.GroupID
Dataset: TypeAlias = h5py.h5d.DatasetID
Convert = Callable[[Array], Array]
Read = Callable[[int, memoryview], None]

BOMB_FLOOR_BYTES = 64 << 20
BOMB_RATIO = 1000
"""A compressed dataset above the floor that unpacks to more than this many times its size on disk is refused."""

MOST_CHUNK_BYTES = 1 << 29
"""A larger chunk is refused: it has to be unpacked as a whole, whatever is wanted of it."""

_CHUNK_OVERHEAD = 1024
"""Bytes that a filter may add to a chunk that cannot be compressed, besides an eighth of it."""

_MOST_STRINGS = 16
_MOST_TEXT_BYTES = 256 << 20
"""Strings lie elsewhere in the file, and many can be the same one: so many are read at a time, and so much in all."""

_INT32 = np.iinfo(np.int32)

_H5PY_ERRORS = (KeyError, OSError, RuntimeError, TypeError, ValueError)
"""What h5py raises for what is damaged: each of its attributes asks libhdf5, which looks into the file only then."""


class Hdf5:
    """An open HDF5 file that lies somewhere in another file; `label` names it in messages.

    It is read through h5py's low-level objects: a model has hundreds of groups, and they are many times faster.
    """

    def __init__(self, file: h5py.File, span: Span, label: str, read: Read) -> None:
        self.root = file.id
        self.span = span
        self.label = label
        self._read = read
        self._groups: dict[tuple[str, ...], Group | None] = {(): file.id}

    def group(self, *path: str) -> Group | None:
        """Return a group below the root, or None. Links that lead out of the file are refused."""
        if path not in self._groups:
            parent = self.group(*path[:-1])
            child = self._child(parent, path[-1]) if parent is not None else None
            self._groups[path] = child if isinstance(child, h5py.h5g.GroupID) else None
        return self._groups[path]

    def dataset(self, group: Group, name: str) -> Dataset | None:
        """Return a dataset of a group by its name, which may be a path, or None."""
        found: Any = group
        for part in name.split("/"):
            if part:
                found = self._child(found, part)
        return found if isinstance(found, h5py.h5d.DatasetID) else None

    def strings(self, holder: Group, name: str) -> list[str] | None:
        """Return a list of strings from the attribute `name`, or from `name0`, `name1`, … into which Keras splits
        what exceeds HDF5's limit of 64 KB; None where there is none."""
        whole = self._attribute(holder, name)
        if whole is not None:
            return self._texts(whole, name)
        values: list[str] = []
        chunk = 0
        while (part := self._attribute(holder, f"{name}{chunk}")) is not None:
            values += self._texts(part, f"{name}{chunk}")
            chunk += 1
        return values if chunk else None

    def text(self, name: str) -> str | None:
        """Return a string attribute of the root, or None."""
        value = self._attribute(self.root, name)
        return None if value is None else _text(value)

    def weight(self, dataset: Dataset) -> Weight:
        """Return a dataset as a weight, with the dtypes that TensorFlow.js has: floats become float32, integers int32.

        A contiguous dataset is read from the file itself, block by block; others through h5py while it is open.
        """
        path = _text(h5py.h5i.get_name(dataset)).strip("/")
        name = f"{self.label}: `{path}`"
        try:
            facts = _facts(dataset)
        except _H5PY_ERRORS as error:
            raise self._damaged(path, error) from error
        if facts.elsewhere:
            raise SourceError(f"{name} keeps its data in another file; refused")
        if facts.shape is None:
            raise SourceError(f"{name} is there without any data (an HDF5 null dataspace)")
        shape = facts.shape
        stored, dtype, convert = _conversion(facts.dtype, name)
        nbytes = math.prod(shape) * stored.itemsize
        if nbytes == 0:
            return Weight(name, shape, dtype, lambda: iter(()))
        offset = facts.offset
        if offset is not None and dtype != "string":
            if offset + nbytes > self.span.size:
                raise SourceError(f"{name} is cut short: the file ends before its data does")
            at = Span(self.span.path, self.span.offset + offset, nbytes)
            return Weight(name, shape, dtype, lambda: map(convert, _blocks_of_file(at, stored, name, self._read)))
        on_disk = facts.on_disk
        if on_disk == 0 or (nbytes > BOMB_FLOOR_BYTES and nbytes > BOMB_RATIO * on_disk):
            raise SourceError(f"{name} claims {nbytes} bytes and holds {on_disk}; the file is damaged")
        block = BLOCK_BYTES
        if facts.chunk is not None:
            sizes = facts.chunk
            chunk = math.prod(sizes) * stored.itemsize
            count = math.prod(-(-size // each) for size, each in zip(shape, sizes, strict=True))
            if on_disk > count * (chunk + chunk // 8 + _CHUNK_OVERHEAD):  # a filter would unpack as much as there is
                raise SourceError(f"{name} claims {nbytes} bytes and holds {on_disk}; the file is damaged")
            if chunk > MOST_CHUNK_BYTES:
                raise SourceError(
                    f"{name} is stored in chunks of {size_text(chunk)}, more than {size_text(MOST_CHUNK_BYTES)}",
                    hint="Save the model again with Keras, which stores arrays in one piece.",
                )
            if chunk > BLOCK_BYTES:  # else each would be unpacked for every block of it
                block = MOST_CHUNK_BYTES
        read = _strings_of_dataset if dtype == "string" else _blocks_of_dataset
        return Weight(name, shape, dtype, lambda: read(h5py.Dataset(dataset), convert, name, block))

    def _attribute(self, holder: Group, name: str) -> Any:
        """Return the value of an attribute of strings, None where there is none."""
        attributes = h5py.AttributeManager(h5py.Group(holder))
        try:
            if name not in attributes:
                return None
            opened = attributes.get_id(name)
            if not isinstance(opened.get_type(), h5py.h5t.TypeStringID):
                if opened.shape is not None and 0 in opened.shape:  # an empty list has no strings to tell its type by
                    return []
                # As what a damaged file calls it, it may not even be readable: libhdf5 crashes.
                raise TypeError("it is no text")
            return attributes[name]
        except _H5PY_ERRORS as error:
            raise self._damaged(name, error) from error

    def _texts(self, values: Any, name: str) -> list[str]:
        try:
            return [_text(value) for value in values]
        except TypeError as error:  # one value, not a list of them
            raise self._damaged(name, error) from error

    def _damaged(self, name: str, error: Exception) -> SourceError:
        return SourceError(f"{self.label}: `{name}` cannot be read; the file is damaged ({error})")

    def _child(self, group: object, name: str) -> object | None:
        if not isinstance(group, h5py.h5g.GroupID) or "\0" in name:
            return None
        key = name.encode("utf-8", "surrogateescape")
        try:
            if not group.links.exists(key):
                return None
            if group.links.get_info(key).type != h5py.h5l.TYPE_HARD:
                raise SourceError(f"{self.label}: `{name}` is a link to somewhere else; refused")
            child: object = h5py.h5o.open(group, key)
        except _H5PY_ERRORS as error:
            raise self._damaged(name, error) from error
        return child


@contextmanager
def open_hdf5(span: Span, label: str, read: Read = lambda _offset, _data: None) -> Iterator[Hdf5]:
    """Open an HDF5 file for reading; a damaged or truncated one raises SourceError.

    `read` is told what is read of it in blocks, and at which offset of the file that it lies in.
    """
    reader = SpanReader(span)
    try:
        try:
            file = h5py.File(reader, "r")
        except (OSError, RuntimeError, ValueError) as error:
            raise SourceError(
                f"{label}: the HDF5 data is damaged or cut short ({error})",
                hint="Save the model again, or copy it again.",
            ) from error
        with file:
            yield Hdf5(file, span, label, read)
    finally:
        reader.close()


class _Facts(NamedTuple):
    """What a file says of a dataset. `elsewhere` says that its data is in another file, `offset` is where it begins in
    this one (None where it is not in one piece), `chunk` is the shape of a part of it."""

    elsewhere: bool
    shape: tuple[int, ...] | None
    dtype: np.dtype[Any]
    offset: int | None
    on_disk: int
    chunk: tuple[int, ...] | None


def _facts(dataset: Dataset) -> _Facts:
    """Return all that is asked of a dataset before it is read; raises whatever h5py does for a damaged one."""
    properties = dataset.get_create_plist()
    layout = properties.get_layout()
    return _Facts(
        bool(properties.get_external_count()) or layout == h5py.h5d.VIRTUAL,
        None if dataset.shape is None else tuple(int(size) for size in dataset.shape),
        dataset.dtype,
        dataset.get_offset(),
        dataset.get_storage_size(),
        properties.get_chunk() if layout == h5py.h5d.CHUNKED else None,
    )


def _conversion(stored: np.dtype[Any], name: str) -> tuple[np.dtype[Any], str, Convert]:
    """Return the dtype as stored, TensorFlow.js's dtype, and what turns the one into the other."""
    if stored.kind == "V" and stored.itemsize == 2 and stored.names is None:  # bfloat16, which HDF5 has no type for
        return np.dtype("<u2"), "float32", _from_bfloat16
    if h5py.check_string_dtype(stored) is not None or stored.kind == "S":
        return stored, "string", _identity
    if stored.kind == "f":
        return stored, "float32", _to_float32
    if stored.kind in "iu":
        return stored, "int32", _to_int32
    if stored.kind == "b":
        return stored, "bool", _identity
    raise SourceError(f"{name} has the dtype {stored}, which TensorFlow.js lacks")


def _blocks_of_file(span: Span, stored: np.dtype[Any], name: str, read: Read) -> Iterator[Array]:
    step = max(1, BLOCK_BYTES // max(4, stored.itemsize))
    left = span.size // stored.itemsize
    with span.path.open("rb", buffering=0) as file:
        file.seek(span.offset)
        while left:
            count = min(step, left)
            block = np.fromfile(file, stored, count)
            if block.size < count:
                raise SourceError(f"{name} is cut short: the file ends before its data does")
            read(span.offset + span.size - left * stored.itemsize, block.view(np.uint8).data)
            yield block
            left -= count


def _blocks_of_dataset(dataset: h5py.Dataset, convert: Convert, name: str, block: int) -> Iterator[Array]:
    step = BLOCK_BYTES // max(4, dataset.dtype.itemsize)
    for region in _regions(dataset.shape, max(4, dataset.dtype.itemsize), block):
        try:
            read = np.asarray(dataset[region]).reshape(-1)
        except _H5PY_ERRORS as error:  # also for a checksum (the filter fletcher32) that does not hold
            # Where a filter has no place for what it unpacks, libhdf5 says no more than that it failed.
            chunk = math.prod(dataset.chunks or ()) * dataset.dtype.itemsize
            if "allocat" in str(error) or lacks_memory(2 * chunk):  # packed and unpacked, or where it is copied to
                raise MemoryError from error
            raise SourceError(
                f"{name} cannot be read; the file is damaged ({error})", hint="Save the model again, or copy it again."
            ) from error
        for start in range(0, read.size, step):
            yield convert(read[start : start + step])


def _strings_of_dataset(dataset: h5py.Dataset, convert: Convert, name: str, _block: int) -> Iterator[Array]:
    left = _MOST_TEXT_BYTES
    for block in _blocks_of_dataset(dataset, convert, name, _MOST_STRINGS * dataset.dtype.itemsize):
        left -= sum(len(text) for text in block.tolist())
        if left < 0:
            raise SourceError(f"{name} has more than {size_text(_MOST_TEXT_BYTES)} of text; the file is damaged")
        yield block


def _regions(shape: tuple[int, ...], itemsize: int, most: int) -> Iterator[tuple[int | slice, ...]]:
    """Yield index tuples that cover an array in C order in parts of at most `most` bytes."""
    if not shape or math.prod(shape) * itemsize <= most:
        yield ()
        return
    row = math.prod(shape[1:]) * itemsize
    if row > most:
        for index in range(shape[0]):
            for region in _regions(shape[1:], itemsize, most):
                yield (index, *region)
        return
    step = most // row
    for start in range(0, shape[0], step):
        yield (slice(start, start + step),)


def _identity(block: Array) -> Array:
    return block


def _to_float32(block: Array) -> Array:
    if block.dtype == np.dtype("<f4"):
        return block
    with np.errstate(over="ignore"):
        return block.astype("<f4")


def _to_int32(block: Array) -> Array:
    if block.dtype == np.dtype("<i4"):
        return block
    return np.clip(block, _INT32.min, _INT32.max).astype("<i4")


def _from_bfloat16(block: Array) -> Array:
    return (block.view("<u2").astype("<u4") << 16).view("<f4")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
