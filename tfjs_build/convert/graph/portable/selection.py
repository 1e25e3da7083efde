"""Look-ups and orders that GPU backends get wrong: boxes of other images, places of the largest, lines of one point."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import integers
from tfjs_build.convert.graph.portable.registry import portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs


@portable_rule("CropAndResize")
def _crop_and_resize(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
    """webgl and webgpu take the box's number for the image's: give each box the image that it is cut from."""
    images, boxes, which, size = inputs
    if which.ints is not None and which.ints == tuple(range(len(which.ints))):
        return None
    count = sizes.size(b, which, 0)
    numbers = (
        b.const(list(range(count)), "int32")
        if isinstance(count, int)
        else b.Range(b.const(0, "int32"), count, b.const(1, "int32"))
    )
    return b.CropAndResize(b.GatherV2(images, which, b.const(0, "int32")), boxes, numbers, size, **attrs)


def _place(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        """webgpu gives a vector of one number for the place in a vector, and moves integers wrongly."""
        x, axis = inputs[0], inputs[1].ints
        if integers.cast(x):
            return b.multi(op, integers.floats(b, x), inputs[1], **attrs)[0]
        if integers.concerned(x) and x.rank is not None and axis is not None:
            at = axis_of(axis[0] if axis else 0, x.rank)
            if at == x.rank - 1 or (x.static is None and x.dtype != "bool"):
                return None
            moved = b.Transpose(x, integers.last(x.rank, at))
            return b.multi(op, moved, b.const(x.rank - 1, "int32"), **attrs)[0]
        if x.rank != 1:
            return None
        found = b.multi(op, b.ExpandDims(x, b.const(0, "int32")), b.const(1, "int32"), **attrs)[0]
        return b.Reshape(found, b.const([], "int32"))


_place("ArgMax")
_place("ArgMin")


@portable_rule("MaxPoolWithArgmax")
def _pool_argmax(b: Builder, inputs: Inputs, attrs: Attrs) -> Sequence[Value]:
    """webgl gives the places as floats."""
    highest, places = b.multi("MaxPoolWithArgmax", *inputs, **attrs)
    return highest, b.Cast(places, DstT="int32")


@portable_rule("LinSpace")
def _line(b: Builder, inputs: Inputs, _attrs: Attrs) -> Value | None:
    """webgpu divides by the steps, of which one point has none."""
    start, _, count = inputs
    return b.Reshape(start, b.const([1], "int32")) if count.ints == (1,) else None
