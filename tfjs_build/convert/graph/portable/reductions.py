"""Reductions beyond the ranks of webgpu: neighbouring axes that are both kept, or both reduced, are merged.

webgpu forgets to keep the axes of a small product, whatever its rank, and moves integers wrongly.
"""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes, integers
from tfjs_build.convert.graph.portable.registry import MOST_RANK, portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs
from tfjs_build.convert.graph.sizes import Size


def _reduction(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        x, along = inputs[0], inputs[1].ints
        if x.rank is None or along is None:
            return None
        rank = x.rank
        reduced = {axis_of(axis, rank) for axis in along}
        forgotten = op == "Prod" and attrs.get("keep_dims")
        moves = (integers.concerned(x) or integers.cast(x)) and reduced != set(range(rank - len(reduced), rank))
        if rank <= MOST_RANK and not forgotten and not moves:
            return None
        if integers.cast(x):
            computed = integers.floats(b, x)
            if rank <= MOST_RANK and not forgotten:
                return b.multi(op, computed, inputs[1], **attrs)[0]
            x = computed
        groups = [[0]]
        for axis in range(1, rank):
            if (axis in reduced) == (axis - 1 in reduced):
                groups[-1].append(axis)
            else:
                groups.append([axis])
        if len(groups) > MOST_RANK:
            return None
        places = [place for place, group in enumerate(groups) if group[0] in reduced]
        merged = axes.merge(b, x, groups)
        if integers.concerned(merged) and moves and (merged.static is not None or x.dtype == "bool"):
            merged = b.Transpose(merged, [*(at for at in range(len(groups)) if at not in places), *places])
            places = list(range(len(groups) - len(places), len(groups)))
        found = b.multi(op, merged, b.const(places, "int32"), **{**attrs, "keep_dims": False})[0]
        kept: list[Size] = [
            1 if axis in reduced else size
            for axis, size in enumerate(axes.all_sizes(b, x))
            if attrs.get("keep_dims") or axis not in reduced
        ]
        return axes.part(b, found, kept)


for _op in ("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"):
    _reduction(_op)
