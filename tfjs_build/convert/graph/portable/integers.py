"""Integers and truths in another order, which webgpu gives zeros for from rank 3 on: its shader is for floats alone.

So it is inside other kernels, which bring the axes that they work along to the end: reductions, sums on the way, places
of the largest. A matrix has a shader of its own, which is right. A cast of them to floats is only said to be floats:
its numbers are integers still, until something computes with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes
from tfjs_build.convert.graph.portable.registry import MOST_RANK


def concerned(x: Value) -> bool:
    """Whether the axes of a tensor must not change places inside a kernel."""
    return (x.dtype in INTEGER or x.dtype == "bool") and x.rank is not None and x.rank > 2


def cast(x: Value) -> bool:
    """Whether a tensor is such integers or truths, cast to floats with nothing computed since."""
    if x.rank is None or x.rank < 3:
        return False
    while x.node.op in _SAME and x.node.inputs:
        x = x.node.inputs[0]
    return x.node.op == "Cast" and x.dtype not in INTEGER and (x.node.inputs[0].dtype in (*INTEGER, "bool"))


_SAME = frozenset({"ExpandDims", "Identity", "Reshape", "Squeeze"})
"""Ops that leave the numbers where they are."""


def floats(b: Builder, x: Value) -> Value:
    """Return what was cast as floats."""
    return b.Mul(x, b.const(1, "float32"))


def turned(b: Builder, x: Value, order: Sequence[int]) -> Value | None:
    """Return integers or truths with their axes in this order; None where more than six stand alone in it, or three
    and more of integers whose sizes only the page knows."""
    each = axes.all_sizes(b, x)
    runs = axes.runs(order)
    groups = sorted(runs)
    if len(groups) > MOST_RANK or (len(groups) > 2 and x.dtype != "bool" and x.static is None):
        return None
    if len(groups) == 1:
        return x
    merged = axes.merge(b, x, groups)
    moved = [groups.index(run) for run in runs]
    found = _turned(b, merged, b.const(moved, "int32")) if len(groups) > 2 else b.Transpose(merged, moved)
    return axes.part(b, found, [each[axis] for axis in order])


def _turned(b: Builder, x: Value, order: Value) -> Value:
    """Truths are floats meanwhile. Integers are picked from a vector, by places that are floats meanwhile: they are
    fewer than the numbers that a float can hold, which the integers themselves may not be."""
    if x.dtype == "bool":
        return b.Greater(b.Transpose(floats(b, b.Cast(x, DstT="float32")), order), b.const(0.5, "float32"))
    each = axes.all_sizes(b, x)
    count = sizes.product(b, each)
    stop = b.const(count, "float32") if isinstance(count, int) else b.Cast(count, DstT="float32")
    places = sizes.reshape(b, b.Range(b.const(0, "float32"), stop, b.const(1, "float32")), each)
    wanted = b.Cast(b.Transpose(places, order), DstT="int32")
    return b.GatherV2(b.Reshape(x, b.const([-1], "int32")), wanted, b.const(0, "int32"))


def last(rank: int, axis: int) -> list[int]:
    """Return the order that brings an axis to the end."""
    return [*range(axis), *range(axis + 1, rank), axis]
