"""Sums and products on the way along an axis.

1. No GPU backend has them beyond rank 4: axes are merged.
2. webgpu keeps its shader for the reversed direction with the length of the axis that it first saw: the tensor is
   reversed instead.
3. webgpu moves integers wrongly: they are moved before, where the axis is not the last.
"""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes, integers
from tfjs_build.convert.graph.portable.registry import GPU_RANK, portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs


def _cumulation(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        x, along = inputs[0], inputs[1].ints
        if x.shape is None or along is None:
            return None
        rank, at = len(x.shape), axis_of(along[0], len(x.shape))
        reverse = bool(attrs.get("reverse"))
        moves = integers.concerned(x) and at != rank - 1
        if not (rank > GPU_RANK or reverse or moves or integers.cast(x)):
            return None
        x = integers.floats(b, x) if integers.cast(x) else x
        each = axes.all_sizes(b, x)
        groups = axes.around(rank, [at]) if rank > GPU_RANK or moves else [[axis] for axis in range(rank)]
        if moves and at > 0 and all(each[axis] == 1 for axis in groups[0]):
            groups = [[*groups[0], at], *groups[2:]]  # a matrix, which every backend takes: masks of what came before
        place = axes.place(groups, at)
        y = axes.merge(b, x, groups)
        if reverse:
            y = b.ReverseV2(y, b.const([place], "int32"))
        forward = {**attrs, "reverse": False}
        if integers.concerned(y) and place == 1 and len(groups) == 3 and y.static is not None:  # [before, axis, after]
            turned = b.multi(op, b.Transpose(y, [0, 2, 1]), b.const(2, "int32"), **forward)[0]
            y = b.Transpose(turned, [0, 2, 1])
        else:
            y = b.multi(op, y, b.const(place, "int32"), **forward)[0]
        if reverse:
            y = b.ReverseV2(y, b.const([place], "int32"))
        return y if len(groups) == rank else axes.part(b, y, each)


_cumulation("Cumsum")
_cumulation("Cumprod")
