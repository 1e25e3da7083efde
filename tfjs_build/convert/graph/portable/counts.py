"""Counting, which webgpu gets wrong: integers are added up as floats, rows of a matrix in each other's places."""

from __future__ import annotations

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable.registry import portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs


@portable_rule("Bincount", "DenseBincount")
def _count(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
    """Scatter the weights to their places, where they are added up. What is beyond `size` gets a place behind the last,
    and so does an entry more, so that there is one: nothing cannot be scattered."""
    x, size, weights = inputs
    if x.rank not in (1, 2) or weights.shape is None:
        return None
    rows = [sizes.size(b, x, 0)] if x.rank == 2 else []
    most = size.ints[0] if size.ints is not None else b.Reshape(size, b.const([], "int32"))
    beyond = b.const(most, "int32") if isinstance(most, int) else most
    x = b.Minimum(_one_more(b, x, beyond, rows), beyond)
    if 0 in weights.shape:
        each = b.OnesLike(b.Cast(x, DstT=weights.dtype))
    else:
        each = _one_more(b, weights, b.const(0, weights.dtype), rows)
    if rows:
        row = b.Range(b.const(0, "int32"), _scalar(b, rows[0]), b.const(1, "int32"))
        numbers = b.AddV2(b.ExpandDims(row, b.const(1, "int32")), b.ZerosLike(x))
        places = b.Pack(_flat(b, numbers), _flat(b, x), axis=1)
    else:
        places = b.ExpandDims(x, b.const(1, "int32"))
    more = most + 1 if isinstance(most, int) else b.AddV2(most, b.const(1, "int32"))
    counted = b.ScatterNd(places, _flat(b, each), sizes.vector(b, [*rows, more]))
    counted = b.Slice(counted, b.const([0] * (len(rows) + 1), "int32"), sizes.vector(b, [*([-1] * len(rows)), most]))
    return b.Minimum(counted, b.const(1, weights.dtype)) if attrs.get("binary_output") else counted


def _one_more(b: Builder, x: Value, entry: Value, rows: list[sizes.Size]) -> Value:
    """Return a vector, or each row of a matrix, with an entry more."""
    one = b.Fill(sizes.vector(b, [*rows, 1]), entry)
    return b.ConcatV2(x, one, b.const(len(rows), "int32"))


def _flat(b: Builder, x: Value) -> Value:
    return x if x.rank == 1 else b.Reshape(x, b.const([-1], "int32"))


def _scalar(b: Builder, size: sizes.Size) -> Value:
    return b.const(size, "int32") if isinstance(size, int) else size
