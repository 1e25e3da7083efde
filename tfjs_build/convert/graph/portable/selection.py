"""Look-ups and orders that GPU backends get wrong: boxes of other images, the place of the largest in a vector."""

from __future__ import annotations

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
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
        """webgpu gives a vector of one number for the place in a vector."""
        x = inputs[0]
        if x.rank != 1:
            return None
        found = b.multi(op, b.ExpandDims(x, b.const(0, "int32")), b.const(1, "int32"), **attrs)[0]
        return b.Reshape(found, b.const([], "int32"))


_place("ArgMax")
_place("ArgMin")
