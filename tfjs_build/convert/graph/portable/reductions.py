"""Reductions beyond the ranks of webgpu: neighbouring axes that are both kept, or both reduced, are merged."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes
from tfjs_build.convert.graph.portable.registry import MOST_RANK, portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs
from tfjs_build.convert.graph.sizes import Size


def _reduction(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        x, along = inputs[0], inputs[1].ints
        if x.rank is None or x.rank <= MOST_RANK or along is None:
            return None
        reduced = {axis_of(axis, x.rank) for axis in along}
        groups = [[0]]
        for axis in range(1, x.rank):
            if (axis in reduced) == (axis - 1 in reduced):
                groups[-1].append(axis)
            else:
                groups.append([axis])
        if len(groups) > MOST_RANK:
            return None
        places = [place for place, group in enumerate(groups) if group[0] in reduced]
        found = b.multi(op, axes.merge(b, x, groups), b.const(places, "int32"), **{**attrs, "keep_dims": False})[0]
        kept: list[Size] = [
            1 if axis in reduced else size
            for axis, size in enumerate(axes.all_sizes(b, x))
            if attrs.get("keep_dims") or axis not in reduced
        ]
        return axes.part(b, found, kept)


for _op in ("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"):
    _reduction(_op)
