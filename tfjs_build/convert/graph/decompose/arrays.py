"""Rearranging tensors."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.integers import narrowed
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.dtypes import FLOATING
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, reshape, size, times
from tfjs_build.convert.graph.slices import slice_axes


@rule("ConjugateTranspose")
def _conjugate_transpose(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, order = inputs
    turned = b.Transpose(x, order)
    if x.dtype.startswith("complex"):
        return b.Complex(b.Real(turned), -b.Imag(turned))
    return turned


@rule("Roll")
def _roll(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """Put the end before the beginning, along each axis."""
    x, shifts, axes = inputs
    if axes.ints is None or x.rank is None:
        raise refuse(b, "Roll", "its axes, or the rank of its input, are not known when converting.")
    numbers = shifts.known or (None,) * len(axes.ints)
    for position, (axis, shift) in enumerate(zip(axes.ints, numbers, strict=True)):
        x = _rolled(b, x, shift if shift is not None else _entry(b, shifts, position), axis_of(axis, x.rank))
    return x


def _entry(b: Builder, numbers: Value, position: int) -> Value:
    return numbers if numbers.rank == 0 else b.GatherV2(numbers, position, 0)


def _rolled(b: Builder, x: Value, shift: Size, axis: int) -> Value:
    count = size(b, x, axis)
    if isinstance(count, int) and isinstance(shift, int):
        cut: Size = (-shift) % count if count else 0
        if cut == 0:
            return x
    else:
        some = b.Maximum(count, 1) if isinstance(count, Value) else max(count, 1)  # wasm traps at a division by nothing
        cut = b.FloorMod(b.Neg(shift) if isinstance(shift, Value) else -shift, some)
    parts = [_from(b, x, cut, axis, stop=stop) for stop in (False, True)]
    return b.node("ConcatV2", [*parts, b.const(axis, "int32")], {}, given=[(x.shape, x.dtype)])[0]


def _from(b: Builder, x: Value, cut: Size, axis: int, *, stop: bool) -> Value:
    """Return what lies along `axis` from `cut` on, or up to it (`stop`)."""
    rank = x.rank or 0
    zeros, ones = [0] * rank, [1] * rank
    place = b.const(cut, "int32") if isinstance(cut, int) else b.Cast(cut, DstT="int32")
    bound = b.Pack(*(place if i == axis else b.const(0, "int32") for i in range(rank)), axis=0)
    whole = (1 << rank) - 1
    rest = whole & ~(1 << axis)
    if stop:
        return b.StridedSlice(x, zeros, bound, ones, begin_mask=whole, end_mask=rest)
    return b.StridedSlice(x, bound, zeros, ones, begin_mask=rest, end_mask=whole)


@rule("SpaceToDepth")
def _space_to_depth(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, block = inputs[0], int(attrs["block_size"])
    if attrs.get("data_format", "NHWC") != "NHWC":
        raise refuse(b, "SpaceToDepth", f"data_format={attrs['data_format']!r} is not supported, only 'NHWC' is.")
    height, width, channels = (size(b, x, axis) for axis in (1, 2, 3))
    rows, columns = _divided(b, height, block), _divided(b, width, block)
    depth = channels * block * block if isinstance(channels, int) else channels * (block * block)
    parts = reshape(b, x, [size(b, x, 0), rows, block, columns, block, channels])
    return reshape(b, b.Transpose(parts, [0, 1, 3, 2, 4, 5]), [size(b, x, 0), rows, columns, depth])


def _divided(b: Builder, whole: Size, by: int) -> Size:
    return whole // by if isinstance(whole, int) else b.FloorDiv(whole, by)


@rule("DepthToSpace")
def _depth_to_space(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js takes floats only."""
    if attrs.get("data_format", "NHWC") == "NHWC":
        x, block = inputs[0], int(attrs["block_size"])
        if x.dtype in FLOATING:
            return None
        images, height, width, channels = (size(b, x, axis) for axis in range(4))
        depth = _divided(b, channels, block * block)
        parts = reshape(b, x, [images, height, width, block, block, depth])
        target = [images, times(b, height, block), times(b, width, block), depth]
        return reshape(b, b.Transpose(parts, [0, 1, 3, 2, 4, 5]), target)
    if attrs["data_format"] != "NCHW":
        raise refuse(
            b, "DepthToSpace", f"data_format={attrs['data_format']!r} is not supported, only 'NHWC' and 'NCHW' are."
        )
    x = b.Transpose(inputs[0], [0, 2, 3, 1])
    return b.Transpose(b.DepthToSpace(x, block_size=attrs["block_size"], data_format="NHWC"), [0, 3, 1, 2])


@rule("SpaceToBatch")
def _space_to_batch(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    return b.SpaceToBatchND(inputs[0], [int(attrs["block_size"])] * 2, inputs[1])


@rule("BatchToSpace")
def _batch_to_space(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    return b.BatchToSpaceND(inputs[0], [int(attrs["block_size"])] * 2, inputs[1])


@rule("Reverse")
def _reverse(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    flags = inputs[1].constant
    if flags is None:
        return None
    axes = [axis for axis, flag in enumerate(flags.array().tolist()) if flag]
    return b.ReverseV2(inputs[0], axes) if axes else inputs[0]


@rule("ReverseV2")
def _reverse_v2(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """wasm moves four bytes for each entry, also of bools, which have one."""
    x, axes = inputs
    return b.Cast(b.ReverseV2(b.Cast(x, DstT="int32"), axes), DstT="bool") if x.dtype == "bool" else None


def _cumulated(op: str) -> Decomposition:
    def last(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """TensorFlow.js takes an axis counted from the first one only, and knows no integers of fewer bits."""
        x, axis = inputs
        if (wrapped := narrowed(b, op, inputs, attrs)) is not None:
            return wrapped
        if x.rank is None or axis.ints is None:
            raise refuse(b, op, "its axis, or the rank of its input, is not known when converting.")
        along = axis_of(axis.ints[0], x.rank)
        return None if axis.ints[0] == along else b.node(op, [x, b.const(along, "int32")], attrs)[0]

    return last


for _op in ("Cumsum", "Cumprod"):
    rule(_op)(_cumulated(_op))


@rule("StridedSlice")
def _strided_slice(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """With steps other than 1, wasm gives a float tensor whatever the type: entries are gathered instead."""
    x, begin, end, strides = inputs
    if x.dtype in FLOATING or (strides.ints is not None and set(strides.ints) == {1}):
        return None
    if x.shape is None or begin.ints is None or end.ints is None or strides.ints is None:
        raise refuse(
            b,
            "StridedSlice",
            "integers are supported only where begin, end and strides are known when converting.",
        )
    axes = slice_axes(len(x.shape), begin.ints, end.ints, strides.ints, attrs)
    position = 0
    result = x
    for axis in axes:
        if axis.new:
            result = b.ExpandDims(result, position)
        elif axis.drop:
            result = b.GatherV2(result, axis.start if axis.start is not None else 0, position)
            continue
        elif not axis.whole:
            length = result.shape[position] if result.shape is not None else None
            if length is None:
                raise refuse(
                    b,
                    "StridedSlice",
                    "strides other than 1 are not supported for integers along an axis of unknown size.",
                )
            picked = range(length)[axis.start : axis.stop : axis.step]
            result = b.GatherV2(result, list(picked), position)
        position += 1
    return result
