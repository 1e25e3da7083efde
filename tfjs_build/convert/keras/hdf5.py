"""HDF5 files as Keras writes them: attributes and groups read safely, datasets as lazily read weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import BLOCK_BYTES, Weight
from tfjs_build.convert.keras.archive import Span, SpanReader
from tfjs_build.errors import SourceError

Array = NDArray[np.generic]
Convert = Callable[[Array], Array]

BOMB_FLOOR_BYTES = 64 << 20
BOMB_RATIO = 1000
"""A compressed dataset above the floor that unpacks to more than this many times its size on disk is refused."""

_INT32 = np.iinfo(np.int32)


class Hdf5:
    """An open HDF5 file that lies somewhere in another file; `label` names it in messages."""

    def __init__(self, file: h5py.File, span: Span, label: str) -> None:
        self.root: h5py.Group = file
        self.span = span
        self.label = label

    def group(self, *path: str) -> h5py.Group | None:
        """Return a group below the root, or None. Links that lead out of the file are refused."""
        found: Any = self.root
        for name in path:
            found = self._child(found, name)
            if not isinstance(found, h5py.Group):
                return None
        return found

    def dataset(self, group: h5py.Group, name: str) -> h5py.Dataset | None:
        """Return a dataset of a group by its name, which may be a path, or None."""
        found: Any = group
        for part in name.split("/"):
            if part:
                found = self._child(found, part)
        return found if isinstance(found, h5py.Dataset) else None

    def strings(self, holder: h5py.Group, name: str) -> list[str] | None:
        """Return a list of strings from the attribute `name`, or from `name0`, `name1`, … into which Keras splits
        what exceeds HDF5's limit of 64 KB; None where there is none."""
        if name in holder.attrs:
            return [_text(value) for value in holder.attrs[name]]
        if f"{name}0" not in holder.attrs:
            return None
        values: list[str] = []
        chunk = 0
        while f"{name}{chunk}" in holder.attrs:
            values += [_text(value) for value in holder.attrs[f"{name}{chunk}"]]
            chunk += 1
        return values

    def text(self, name: str) -> str | None:
        """Return a string attribute of the root, or None."""
        return _text(self.root.attrs[name]) if name in self.root.attrs else None

    def weight(self, dataset: h5py.Dataset) -> Weight:
        """Return a dataset as a weight, with the dtypes that TensorFlow.js has: floats become float32, integers int32.

        A contiguous dataset is read from the file itself, block by block; others through h5py while it is open.
        """
        name = f"{self.label}: `{str(dataset.name).strip('/')}`"
        if dataset.external or dataset.is_virtual:
            raise SourceError(f"{name} keeps its data in another file; refused")
        shape = tuple(int(size) for size in dataset.shape or ())
        stored, dtype, convert = _conversion(dataset, name)
        offset = dataset.id.get_offset()
        nbytes = math.prod(shape) * dataset.dtype.itemsize
        if nbytes == 0:
            return Weight(name, shape, dtype, lambda: iter(()))
        if offset is not None and dataset.chunks is None and dtype != "string":
            if offset + nbytes > self.span.size:
                raise SourceError(f"{name} is cut short: the file ends before its data does")
            at = Span(self.span.path, self.span.offset + offset, nbytes)
            return Weight(name, shape, dtype, lambda: _blocks_of_file(at, stored, convert, name))
        on_disk = dataset.id.get_storage_size()
        if on_disk == 0 or (nbytes > BOMB_FLOOR_BYTES and nbytes > BOMB_RATIO * on_disk):
            raise SourceError(f"{name} claims {nbytes} bytes and holds {on_disk}; the file is damaged")
        return Weight(name, shape, dtype, lambda: _blocks_of_dataset(dataset, convert, name))

    def _child(self, group: h5py.Group, name: str) -> object | None:
        if not isinstance(group, h5py.Group):
            return None
        link = group.get(name, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise SourceError(f"{self.label}: `{name}` is a link to somewhere else; refused")
        try:
            child: object = group[name]
        except (KeyError, OSError, RuntimeError) as error:
            raise SourceError(f"{self.label}: `{name}` cannot be read; the file is damaged ({error})") from error
        return child


@contextmanager
def open_hdf5(span: Span, label: str) -> Iterator[Hdf5]:
    """Open an HDF5 file for reading; a damaged or truncated one raises SourceError."""
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
            yield Hdf5(file, span, label)
    finally:
        reader.close()


def _conversion(dataset: h5py.Dataset, name: str) -> tuple[np.dtype[Any], str, Convert]:
    """Return the dtype as stored, TensorFlow.js's dtype, and what turns the one into the other."""
    stored = dataset.dtype
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
    raise SourceError(f"{name} holds {stored}, which TensorFlow.js has no type for")


def _blocks_of_file(span: Span, stored: np.dtype[Any], convert: Convert, name: str) -> Iterator[Array]:
    step = max(1, BLOCK_BYTES // max(4, stored.itemsize))
    left = span.size // stored.itemsize
    with span.path.open("rb", buffering=0) as file:
        file.seek(span.offset)
        while left:
            count = min(step, left)
            block = np.fromfile(file, stored, count)
            if block.size < count:
                raise SourceError(f"{name} is cut short: the file ends before its data does")
            yield convert(block)
            left -= count


def _blocks_of_dataset(dataset: h5py.Dataset, convert: Convert, name: str) -> Iterator[Array]:
    try:
        for region in _regions(dataset.shape, max(4, dataset.dtype.itemsize)):
            yield convert(np.asarray(dataset[region]).reshape(-1))
    except (OSError, RuntimeError) as error:
        raise SourceError(f"{name} cannot be read; the file is damaged ({error})") from error


def _regions(shape: tuple[int, ...], itemsize: int) -> Iterator[tuple[int | slice, ...]]:
    """Yield index tuples that cover an array in C order in parts of at most `BLOCK_BYTES`."""
    if not shape or math.prod(shape) * itemsize <= BLOCK_BYTES:
        yield ()
        return
    row = math.prod(shape[1:]) * itemsize
    if row > BLOCK_BYTES:
        for index in range(shape[0]):
            for region in _regions(shape[1:], itemsize):
                yield (index, *region)
        return
    step = BLOCK_BYTES // row
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
