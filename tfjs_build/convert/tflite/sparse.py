"""Sparse constants: only what is not zero is stored, and where it is, level by level.

A level is an axis, or the place inside blocks along one. It is dense, or lists for each entry of the level before which
of its entries there are: from one segment's beginning to the next one's among the indices. (SparsityParameters in the
schema, and FormatConverter in tensorflow/compiler/mlir/lite/kernels/internal/utils/sparsity_format_converter.cc.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.tflite.flatbuffer import DamagedError, Table
from tfjs_build.errors import SourceError
from tfjs_build.records import record

_VECTORS: Final = {1: "<i4", 2: "<u2", 3: "u1"}
"""SparseIndexVector, by number: each is a table with a vector."""

_MOST_ELEMENTS: Final = 1 << 26
"""Of a tensor: a small file can claim to have a large one without a number that is not zero."""


@record(frozen=True)
class Level:
    """One level: `size` counts the entries of a dense one, and of all blocks; a sparse one has the other two."""

    size: int
    segments: NDArray[np.int64] | None
    indices: NDArray[np.int64] | None


@record(frozen=True)
class Sparsity:
    """How a tensor is stored: `order` says of each level which axis it is, and those from the tensor's rank on are
    places in blocks along the axes `blocks`."""

    order: Sequence[int]
    blocks: Sequence[int]
    levels: Sequence[Level]


def read_sparsity(table: Table) -> Sparsity:
    """Read how a tensor is stored. Raises DamagedError."""
    order, blocks = table.vector(0, "<i4"), table.vector(1, "<i4")
    return Sparsity(
        () if order is None else tuple(order.tolist()),
        () if blocks is None else tuple(blocks.tolist()),
        [_level(each) for each in table.tables(2)],
    )


def _level(table: Table) -> Level:
    if not table.number(0, "b"):
        return Level(table.number(1, "i"), None, None)
    return Level(table.number(1, "i"), _vector(table, 2, 3), _vector(table, 4, 5))


def _vector(table: Table, kind: int, slot: int) -> NDArray[np.int64]:
    number, inner = table.number(kind, "B"), table.table(slot)
    found = None if inner is None or number not in _VECTORS else inner.vector(0, _VECTORS[number])
    if found is None:
        raise DamagedError("a sparse tensor without its indices")
    return found.astype(np.int64)


def places(sparsity: Sparsity, shape: Sequence[int], where: str) -> NDArray[np.int64]:
    """Return where each number that is stored lies in the whole tensor, counted in C order. Raises SourceError."""
    size, rank = math.prod(shape), len(shape)
    if size > _MOST_ELEMENTS:
        raise SourceError(f"{where} is sparse, and claims to have {size:,} elements")
    fault = SourceError(f"{where} is damaged: it does not say where its numbers lie")
    count = rank + len(sparsity.blocks)
    if sorted(sparsity.order) != list(range(count)) or len(sparsity.levels) != count:
        raise fault
    if any(not 0 <= axis < rank for axis in sparsity.blocks):
        raise fault
    before = np.zeros(1, np.int64)
    found: dict[int, NDArray[np.int64]] = {}
    for axis, level in zip(sparsity.order, sparsity.levels, strict=True):
        expanded = _expanded(level, before, size)
        if expanded is None:
            raise fault
        parents, entries, before = expanded
        found = {each: along[parents] for each, along in found.items()} | {axis: entries}
    sizes = {axis: level.size for axis, level in zip(sparsity.order, sparsity.levels, strict=True)}
    flat = np.zeros(before.size, np.int64)
    for axis, length in enumerate(shape):
        along = found[axis]
        if axis in sparsity.blocks:
            block = rank + list(sparsity.blocks).index(axis)
            if sizes[block] < 1:
                raise fault
            along = along * sizes[block] + found[block]
        if along.size and not 0 <= along.min() <= along.max() < length:
            raise fault
        flat = flat * length + along
    return flat


def _expanded(
    level: Level, before: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None:
    """Return, for each entry of a level, which entry of the level before it belongs to, its place along its axis, and
    its number among all of the level; None where there are none such, or more than `most`."""
    if level.segments is None or level.indices is None:
        if level.size < 0 or before.size * level.size > most:
            return None
        entries = np.tile(np.arange(level.size), before.size)
        parents = np.repeat(np.arange(before.size), level.size)
        return parents, entries, before[parents] * level.size + entries
    if before.size and int(before.max()) + 1 >= level.segments.size:
        return None
    starts, ends = level.segments[before], level.segments[before + 1]
    counts = ends - starts
    if (counts < 0).any() or (starts < 0).any() or (ends > level.indices.size).any() or counts.sum() > most:
        return None
    parents = np.repeat(np.arange(before.size), counts)
    numbers = np.arange(parents.size) - np.repeat(np.cumsum(counts) - counts, counts) + starts[parents]
    return parents, level.indices[numbers], numbers


def expanded(numbers: NDArray[Any], at: NDArray[np.int64], size: int) -> NDArray[Any]:
    """Return the whole tensor, flat, of its numbers and where they lie."""
    whole = np.zeros(size, numbers.dtype)
    whole[at] = numbers
    return whole
