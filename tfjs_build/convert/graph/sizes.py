"""Sizes of tensors as builders need them: a number where it is known, a value that finds it at run time where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value

Size: TypeAlias = "int | Value"


def size(b: Builder, value: Value, axis: int) -> Size:
    """Return the size of `value` along `axis` (a number, or a scalar)."""
    known = None if value.shape is None else value.shape[axis]
    if known is not None:
        return known
    shape = b.Shape(value)
    stop = [axis + 1] if axis != -1 else [0]
    mask = 1 if axis == -1 else 0
    return b.StridedSlice(shape, [axis], stop, [1], shrink_axis_mask=1, end_mask=mask)


def vector(b: Builder, sizes: Sequence[Size]) -> Value:
    """Return sizes as a vector."""
    if not any(isinstance(each, Value) for each in sizes):
        return b.const(list(sizes), "int32")
    scalars = [each if isinstance(each, Value) else b.const(each, "int32") for each in sizes]
    return b.Pack(*scalars, axis=0)


def reshape(b: Builder, value: Value, sizes: Sequence[Size]) -> Value:
    """Return `value` in another shape; one size that is not known is left to the reshape itself."""
    free = [position for position, each in enumerate(sizes) if isinstance(each, Value)]
    if len(free) == 1 and all(each != 0 for each in sizes if isinstance(each, int)) and -1 not in sizes:
        sizes = [-1 if isinstance(each, Value) else each for each in sizes]
    return b.Reshape(value, vector(b, sizes))


def times(b: Builder, first: Size, second: Size) -> Size:
    """Return the product of two sizes."""
    if isinstance(first, int) and isinstance(second, int):
        return first * second
    return b.Mul(first, second)


def product(b: Builder, sizes: Sequence[Size]) -> Size:
    """Return the product of sizes."""
    result: Size = 1
    for each in sizes:
        result = each if isinstance(result, int) and result == 1 else times(b, result, each)
    return result


def surely_some(value: Value) -> bool:
    """Whether there is surely an entry along the first axis."""
    if value.node.op == "ConcatV2" and value.rank == 1:
        return any(surely_some(part) for part in value.node.inputs[:-1])
    return bool(value.shape and value.shape[0])


def one_more(b: Builder, vector: Value, entry: int | str) -> Value:
    """Return a vector that may have no entries with `entry` behind them: backends of TensorFlow.js take sums, products
    and the largest of nothing for errors or for whatever stands in their memory."""
    return vector if surely_some(vector) else b.ConcatV2(vector, b.const([entry], vector.dtype), 0)
