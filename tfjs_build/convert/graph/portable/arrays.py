"""Padding, slicing with steps, reversing and transposing, beyond the ranks of the GPU kernels.

Each works axis by axis, or leaves most axes alone: those are merged, so that rank 3 or 4 is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes, integers
from tfjs_build.convert.graph.portable.registry import GPU_RANK, MOST_RANK, portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs
from tfjs_build.convert.graph.slices import Axis, slice_axes


def _high(value: Value) -> bool:
    return value.rank is not None and value.rank > GPU_RANK


@portable_rule("Pad", "PadV2", "MirrorPad")
def _pad(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
    """Pad the axes one after the other, or together where few enough are left: padding is apart for each axis."""
    x, pads = inputs[0], inputs[1].constant
    if not _high(x) or pads is None or x.shape is None:
        return None
    op = next(
        name for name, takes in (("MirrorPad", "mode" in attrs), ("PadV2", len(inputs) > 2), ("Pad", True)) if takes
    )
    widths = pads.array()
    wanted = [int(axis) for axis in np.flatnonzero(widths.any(axis=1))]
    while wanted:
        few = _few(len(x.shape), wanted)
        wanted = wanted[len(few) :]
        groups = axes.around(len(x.shape), few)
        merged = axes.merge(b, x, groups)
        table = [widths[group[0]].tolist() if group[0] in few else [0, 0] for group in groups]
        padded = b.multi(op, merged, b.const(table, "int32"), *inputs[2:], **attrs)[0]
        each = axes.all_sizes(b, x)
        for axis in few:
            each[axis] = _sum(b, each[axis], int(widths[axis].sum()))
        x = axes.part(b, padded, each)
    return x


def _few(rank: int, wanted: Sequence[int]) -> list[int]:
    """Return the first of the axes `wanted`, as many as can stand alone in a tensor that the kernels take."""
    count = len(wanted)
    while count > 1 and len(axes.around(rank, wanted[:count])) > GPU_RANK:
        count -= 1
    return list(wanted[:count])


def _sum(b: Builder, size: sizes.Size, more: int) -> sizes.Size:
    return size + more if isinstance(size, int) else b.AddV2(size, b.const(more, "int32"))


@portable_rule("StridedSlice")
def _strided_slice(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
    """Take the steps axis by axis; what is left is a slice without steps."""
    x, begin, end, strides = inputs
    if not _high(x) or x.shape is None or strides.ints is None or set(strides.ints) == {1}:
        return None
    if begin.ints is None or end.ints is None:
        return None
    cuts = slice_axes(len(x.shape), begin.ints, end.ints, strides.ints, attrs)
    kept = [cut for cut in cuts if not cut.new]
    for axis, cut in enumerate(kept):
        if cut.step != 1:
            x = _stepped(b, x, axis, cut)
    rest = [
        Axis(new=cut.new, drop=cut.drop, start=cut.start, stop=cut.stop) if cut.step == 1 else Axis() for cut in cuts
    ]
    return x if all(cut.whole for cut in rest) else _cut(b, x, rest)


def _stepped(b: Builder, x: Value, axis: int, cut: Axis) -> Value:
    assert x.shape is not None
    groups = axes.around(len(x.shape), [axis])
    at = axes.place(groups, axis)
    each = axes.all_sizes(b, x)
    merged = axes.merge(b, x, groups)
    taken = _cut(b, merged, [cut if place == at else Axis() for place in range(len(groups))])
    each[axis] = sizes.size(b, taken, at)
    return axes.part(b, taken, each)


def _cut(b: Builder, x: Value, cuts: Sequence[Axis]) -> Value:
    """Return a StridedSlice from its axes."""
    masks: dict[str, Any] = dict.fromkeys(("begin_mask", "end_mask", "new_axis_mask", "shrink_axis_mask"), 0)
    begin, end, step = [], [], []
    for place, cut in enumerate(cuts):
        bit = 1 << place
        masks["new_axis_mask"] |= bit * cut.new
        masks["shrink_axis_mask"] |= bit * cut.drop
        masks["begin_mask"] |= bit * (cut.start is None and not cut.new)
        masks["end_mask"] |= bit * (cut.stop is None and not cut.new and not cut.drop)
        begin.append(cut.start or 0)
        end.append((cut.start or 0) + 1 if cut.drop else cut.stop or 0)
        step.append(cut.step)
    vectors = [b.const(numbers, "int32") for numbers in (begin, end, step)]
    return b.StridedSlice(x, *vectors, ellipsis_mask=0, **masks)


@portable_rule("ReverseV2")
def _reverse(b: Builder, inputs: Inputs, _attrs: Attrs) -> Value | None:
    x, along = inputs[0], inputs[1].ints
    if not _high(x) or x.shape is None or along is None:
        return None
    each = axes.all_sizes(b, x)
    for axis in (axis_of(axis, len(x.shape)) for axis in along):
        groups = axes.around(len(x.shape), [axis])
        turned = b.ReverseV2(axes.merge(b, x, groups), b.const([axes.place(groups, axis)], "int32"))
        x = axes.part(b, turned, each)
        assert x.shape is not None
    return x


@portable_rule("Transpose")
def _transpose(b: Builder, inputs: Inputs, _attrs: Attrs) -> Value | None:
    """Merge the axes that stay neighbours; where too many are left, move them to their places one after the other."""
    x, order = inputs[0], inputs[1].ints
    if x.rank is None or order is None or x.shape is None:
        return None
    if integers.concerned(x):
        return integers.turned(b, x, order)
    if x.rank <= MOST_RANK:
        return b.Transpose(integers.floats(b, x), inputs[1]) if integers.cast(x) else None
    each = axes.all_sizes(b, x)
    runs = axes.runs(order)
    if len(runs) <= MOST_RANK:
        groups = sorted(runs)
        merged = axes.merge(b, x, groups)
        moved = b.Transpose(merged, b.const([groups.index(run) for run in runs], "int32"))
        return axes.part(b, moved, [each[axis] for axis in order])
    current = list(range(len(order)))
    for place, axis in enumerate(order):
        at = current.index(axis)
        if at == place:
            continue
        # [before, between, axis, after] → [before, axis, between, after]
        parts = [current[:place], current[place:at], [axis], current[at + 1 :]]
        merged_sizes = [sizes.product(b, [each[one] for one in part]) for part in parts]
        x = b.Transpose(sizes.reshape(b, x, merged_sizes), b.const([0, 2, 1, 3], "int32"))
        current = [*parts[0], axis, *parts[1], *parts[3]]
    return axes.part(b, x, [each[axis] for axis in order])
