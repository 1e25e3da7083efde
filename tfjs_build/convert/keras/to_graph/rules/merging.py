"""Rules of the layers that merge several tensors."""

from __future__ import annotations

import string
from functools import reduce

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import alike
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.errors import SourceError


def _inputs(c: Context) -> list[Value]:
    """Return the tensors, brought to one rank: Keras puts new axes after the batch, where a rank is not known it
    cannot be here."""
    values = alike(c, c.inputs)
    if len(values) < 2:
        raise SourceError(f"{c.layer.label}: expects 2 inputs or more, got {len(values)}")
    most = max(c.rank(value) for value in values)
    return [_widened(c, value, most) for value in values]


def _widened(c: Context, value: Value, rank: int) -> Value:
    missing = rank - c.rank(value)
    if not missing:
        return value
    return reshape(c.b, value, [c.size(value, 0), *[1] * missing, *c.sizes(value)[1:]])


@layer("Add", masks="merge")
def add(c: Context) -> Value:
    """The sum."""
    return reduce(lambda x, y: x + y, _inputs(c))


@layer("Subtract", masks="merge")
def subtract(c: Context) -> Value:
    """The difference of two."""
    c.tensors(2)
    first, second = _inputs(c)
    return first - second


@layer("Multiply", masks="merge")
def multiply(c: Context) -> Value:
    """The product. In Keras 3 masked steps count as ones, and as zeros where all are masked
    (keras/src/layers/merging/multiply.py); Keras 2 does not look at masks."""
    values, b = _inputs(c), c.b
    masks = _wide_masks(c, values)
    kept = [x if mask is None else b.SelectV2(mask, x, b.OnesLike(x)) for x, mask in zip(values, masks, strict=True)]
    y = reduce(lambda x, z: x * z, kept)
    there = [mask for mask in masks if mask is not None]
    if len(there) < len(masks):
        return y
    return b.SelectV2(reduce(b.LogicalOr, there), y, b.ZerosLike(y))


def _wide_masks(c: Context, values: list[Value]) -> list[Value | None]:
    """Return the masks of tensors, spread over their features, where their merge looks at masks."""
    masks: list[Value | None] = [None] * len(values)
    if c.generation == 3:
        for index, (value, mask) in enumerate(zip(values, c.masks, strict=False)):
            masks[index] = (
                None if mask is None else c.b.LogicalOr(c.b.ExpandDims(mask, -1), c.b.Fill(c.b.Shape(value), False))
            )
    return masks


def _best(c: Context, op: str) -> Value:
    """Return the larger or smaller entries. In Keras 3 masked steps give way to those that are not
    (`_apply_merge_op_and_or_mask` in keras/src/layers/merging/base_merge.py)."""
    b = c.b
    values = _inputs(c)
    masks = _wide_masks(c, values)
    y, kept = values[0], masks[0]
    for x, mask in zip(values[1:], masks[1:], strict=True):
        other = x if mask is None else b.SelectV2(mask, x, y)
        y = y if kept is None else b.SelectV2(kept, y, other)
        kept = b.LogicalOr(kept, mask) if kept is not None and mask is not None else None
        y = b.node(op, [y, other], {})[0]
    return y


@layer("Average", floats=True, masks="merge")
def average(c: Context) -> Value:
    """The mean."""
    values = _inputs(c)
    return reduce(lambda x, y: x + y, values) / float(len(values))


@layer("Maximum", masks="merge")
def maximum(c: Context) -> Value:
    """The larger entries."""
    return _best(c, "Maximum")


@layer("Minimum", masks="merge")
def minimum(c: Context) -> Value:
    """The smaller entries."""
    return _best(c, "Minimum")


@layer("Concatenate", masks="join")
@layer("TFDConcat")
def concatenate(c: Context) -> Value:
    """One after the other along an axis."""
    values = alike(c, c.inputs)
    return c.concat(values, c.axis(values[0], c.config.integer("axis", -1)))


@layer("Dot", floats=True)
def dot(c: Context) -> Value:
    """Products summed along one axis of each, sample by sample."""
    x, y = c.tensors(2)
    axes = c.config.integers("axes", 2)
    first, second = c.axis(x, axes[0]), c.axis(y, axes[1])
    if c.config.boolean("normalize", False):
        x, y = _unit(c, x, first), _unit(c, y, second)
    return batch_dot(c, x, y, first, second)


def _unit(c: Context, x: Value, axis: int) -> Value:
    squares = c.b.Sum(c.b.Square(x), [axis], keep_dims=True)
    return x * c.b.Rsqrt(c.b.Maximum(squares, 1e-12))


def batch_dot(c: Context, x: Value, y: Value, first: int, second: int) -> Value:
    """Return the products of two tensors summed along an axis of each, which are not their batches' axes."""
    if c.rank(x) == 2 and c.rank(y) == 2:
        return c.b.Sum(x * y, [1], keep_dims=True)
    letters = iter(string.ascii_letters[2:])
    left, right = (["a", *(next(letters) for _ in range(c.rank(value) - 1))] for value in (x, y))
    left[first] = right[second] = "b"
    result = "".join(letter for letter in (*left, *right[1:]) if letter != "b")
    return c.b.Einsum(x, y, equation=f"{''.join(left)},{''.join(right)}->{result}")
