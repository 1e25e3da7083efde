"""Tensors of high rank seen as tensors of low rank: neighbouring axes merged into one, and parted again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size

Groups = Sequence[Sequence[int]]
"""Neighbouring axes, group by group, in order; together all axes of a tensor."""


def all_sizes(b: Builder, value: Value) -> list[Size]:
    """Return the size of each axis."""
    assert value.shape is not None
    return [sizes.size(b, value, axis) for axis in range(len(value.shape))]


def merge(b: Builder, value: Value, groups: Groups) -> Value:
    """Return `value` with each group of axes as one axis."""
    assert value.shape is not None
    if all(len(group) == 1 for group in groups):
        return value
    if value.shape.count(None) <= 1 and 0 not in value.shape:
        merged = [_product(value.shape[axis] for axis in group) for group in groups]
        return b.Reshape(value, b.const([-1 if size is None else size for size in merged], "int32"))
    each = all_sizes(b, value)
    return sizes.reshape(b, value, [sizes.product(b, [each[axis] for axis in group]) for group in groups])


def part(b: Builder, value: Value, wanted: Sequence[Size]) -> Value:
    """Return `value` with these sizes, its axes parted again."""
    return sizes.reshape(b, value, wanted)


def around(rank: int, alone: Iterable[int]) -> list[list[int]]:
    """Return groups in which the axes `alone` stand alone, and those between are merged."""
    apart = set(alone)
    groups: list[list[int]] = []
    for axis in range(rank):
        if axis in apart or not groups or groups[-1][-1] in apart:
            groups.append([axis])
        else:
            groups[-1].append(axis)
    return groups


def place(groups: Groups, axis: int) -> int:
    """Return the number of the group that an axis is in."""
    return next(number for number, group in enumerate(groups) if axis in group)


def runs(order: Sequence[int]) -> list[list[int]]:
    """Return the axes in their new order, those that were neighbours before together."""
    found = [[order[0]]]
    for axis in order[1:]:
        if axis == found[-1][-1] + 1:
            found[-1].append(axis)
        else:
            found.append([axis])
    return found


def _product(factors: Iterable[int | None]) -> int | None:
    result: int | None = 1
    for factor in factors:
        result = None if factor is None or result is None else result * factor
    return result
