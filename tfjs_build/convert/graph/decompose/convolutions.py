"""Convolutions with groups, layouts and dilations that TensorFlow.js does not compute."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.matrices import unfused
from tfjs_build.convert.graph.decompose.pools import last_order, to_first, to_last
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.ir import Array, Constant, Value
from tfjs_build.convert.graph.optimizing import counts, optimized
from tfjs_build.convert.graph.sizes import Size, product, reshape, size, vector

_MOST_WASTE: Final = 2
"""How many times as many entries a kernel may have for the sake of wasm."""

_MOST_SPREAD: Final = 1 << 26
"""Most entries of a kernel with zeros between those that it has."""


def settings_last(attrs: Attrs, rank: int) -> dict[str, Any]:
    """Return a convolution's attributes as they are for channels that come last."""
    settings = {key: attrs[key] for key in ("strides", "padding", "dilations", "explicit_paddings") if key in attrs}
    if attrs.get("data_format", "NHWC").startswith("NC"):
        for key in ("strides", "dilations"):
            if settings.get(key):
                settings[key] = last_order(list(settings[key]))
        pads = list(settings.get("explicit_paddings") or [])
        if pads:
            settings["explicit_paddings"] = [*pads[:2], *pads[4:], *pads[2:4]]
    settings["data_format"] = "NHWC" if rank == 4 else "NDHWC"
    return settings


def _conv(op: str, rank: int) -> Decomposition:
    def convolved(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """1. Channels come last. 2. A kernel with fewer channels than the image means groups: one channel each makes a
        depthwise convolution, else each group is convolved alone. 3. Strides and dilations together: the kernel is
        spread out. 4. A kernel smaller than its strides: see `_unpadded`. 5. TensorFlow.js takes floats only, which
        hold integers exactly up to 2^24."""
        x, kernel = inputs
        if x.dtype in INTEGER:
            floats = [b.Cast(value, DstT="float32") for value in inputs]
            result = convolved(b, floats, attrs)
            return b.Cast(b.node(op, floats, attrs)[0] if result is None else result, DstT=x.dtype)
        first = attrs.get("data_format", "NHWC").startswith("NC")
        settings = settings_last(attrs, rank)
        if first:
            x = to_last(b, x, rank)
        kernel, spread = _spread(b, kernel, settings, op)
        spread = _unpadded(x, kernel, settings) or spread
        groups = _groups(b, x, kernel, op)
        if groups == 1 and not first and not spread:
            return None
        if groups == 1:
            result = b.node(op, [x, kernel], settings)[0]
        elif kernel.shape is not None and kernel.shape[-2] == 1 and rank == 4:
            result = _depthwise(b, x, kernel, groups, settings)
        else:
            parts = b.multi("Split", rank - 1, x, num_split=groups)
            kernels = b.multi("Split", rank - 1, kernel, num_split=groups)
            results = [b.node(op, [part, k], settings)[0] for part, k in zip(parts, kernels, strict=True)]
            result = b.ConcatV2(*results, rank - 1)
        return to_first(b, result, rank) if first else result

    return convolved


rule("Conv2D")(_conv("Conv2D", 4))
rule("Conv3D")(_conv("Conv3D", 5))


def _groups(b: Builder, x: Value, kernel: Value, op: str) -> int:
    channels = None if x.shape is None else x.shape[-1]
    taken = None if kernel.shape is None else kernel.shape[-2]
    if channels is None or taken is None:
        if taken is None or x.shape is not None:
            raise refuse(
                b, op, "the number of channels is not known when converting, and the number of groups follows from it."
            )
        return 1
    return channels // taken if taken else 1


def _depthwise(b: Builder, x: Value, kernel: Value, groups: int, settings: dict[str, Any]) -> Value:
    assert kernel.shape is not None
    height, width, _, filters = kernel.shape
    if height is None or width is None or filters is None:
        raise refuse(b, "Conv2D", "the shape of its kernel is not known when converting.")
    deep = b.Reshape(kernel, [height, width, groups, filters // groups])
    return b.DepthwiseConv2dNative(x, deep, **settings)


def _spread(b: Builder, kernel: Value, settings: dict[str, Any], op: str) -> tuple[Value, bool]:
    """Put zeros between the entries of a dilated kernel where there are strides too: TensorFlow.js has one or the
    other."""
    strides, dilations = settings.get("strides") or [1], settings.get("dilations") or [1]
    if max(strides) == 1 or max(dilations) == 1:
        return kernel, False
    settings["dilations"] = [1] * len(dilations)
    return dilated(b, kernel, dilations[1:-1], op), True


def dilated(b: Builder, kernel: Value, dilations: list[int], op: str) -> Value:
    """Return a constant kernel with `dilations - 1` zeros between its entries."""
    constant = kernel.constant
    if constant is None:
        raise refuse(b, op, f"dilations={dilations} are not supported with a kernel that is not known when converting.")
    spatial = [(n - 1) * d + 1 for n, d in zip(constant.shape, dilations, strict=False)]
    shape = (*spatial, *constant.shape[len(dilations) :])
    if math.prod(shape) > max(_MOST_SPREAD, constant.size):
        raise refuse(b, op, f"dilations={dilations} are not supported with these strides: a kernel of {spatial}.")

    def read() -> Array:
        array = constant.array()
        result = np.zeros(shape, array.dtype)
        result[tuple(slice(None, None, d) for d in dilations)] = array
        return result

    return b.const(Constant(shape, constant.dtype, read, name=constant.name), name=kernel.node.name)


def _unpadded(x: Value, kernel: Value, settings: dict[str, Any]) -> bool:
    """Say in numbers how much SAME pads where a kernel is smaller than its strides, and whether that was needed: wasm
    is wrong where the last window ends before the image does. (`check.py` tells where the sizes are not known.)"""
    strides, dilations = settings.get("strides") or [], settings.get("dilations") or [1] * 4
    if settings.get("padding") != "SAME" or x.shape is None or kernel.static is None or len(x.shape) != 4:
        return False
    pads = [0, 0]
    for axis in (1, 2):
        length, width = x.shape[axis], (kernel.static[axis - 1] - 1) * dilations[axis] + 1
        if length is None and width > 1:
            return False
        count = -(-(length or 0) // strides[axis])
        total = max((count - 1) * strides[axis] + width - (length or 0), 0) if width > 1 else 0
        pads += [total // 2, total - total // 2]
    if all(kernel.static[i] >= strides[i + 1] for i in range(2)):
        return False
    settings["padding"] = "EXPLICIT" if any(pads) else "VALID"
    settings["explicit_paddings"] = [*pads, 0, 0] if any(pads) else []
    return True


@rule("DepthwiseConv2dNative")
def _depthwise_conv(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, kernel = inputs
    first = attrs.get("data_format", "NHWC").startswith("NC")
    settings = settings_last(attrs, 4)
    kernel, spread = _spread(b, kernel, settings, "DepthwiseConv2dNative")
    x = to_last(b, x, 4) if first else x
    if not _unpadded(x, kernel, settings) and not first and not spread:
        return None
    result = b.DepthwiseConv2dNative(x, kernel, **settings)
    return to_first(b, result, 4) if first else result


@rule("_FusedConv2D")
def _fused(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, kernel, *rest = inputs
    settings = settings_last(attrs, 4)
    return unfused(b, b.Conv2D(x, kernel, **settings), rest, attrs)


@rule("FusedDepthwiseConv2dNative", "_FusedDepthwiseConv2dNative")
def _fused_depthwise(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, kernel, *rest = inputs
    settings = settings_last(attrs, 4)
    return unfused(b, b.DepthwiseConv2dNative(x, kernel, **settings), rest, attrs)


@rule("Conv2DBackpropInput")
def _transposed(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """1. Channels come last. 2. The output's shape has four sizes. 3. A dilated kernel is spread out. 4. Where sizes
    and kernel are known and wasm counts, it is a plain convolution, see `_shuffled`."""
    shape, kernel, x = inputs
    first = attrs.get("data_format", "NHWC") == "NCHW"
    settings = settings_last(attrs, 4)
    dilations = list(settings.get("dilations") or [1] * 4)
    short = shape.shape == (2,)
    if not first and not short and max(dilations) == 1:
        return _shuffled(b, x, kernel, shape, settings)
    if max(dilations) > 1:
        settings["dilations"] = [1] * 4
        kernel = dilated(b, kernel, dilations[1:3], "Conv2DBackpropInput")
    if short:
        sizes = [size(b, x, 0), *(_entry(b, shape, i) for i in range(2)), size(b, kernel, 2)]
        target = vector(b, sizes)
    else:
        target = b.GatherV2(shape, [0, 2, 3, 1], 0) if first else shape
    x = to_last(b, x, 4) if first else x
    result = _shuffled(b, x, kernel, target, settings)
    if result is None:
        result = b.Conv2DBackpropInput(target, kernel, x, **settings)
    return to_first(b, result, 4) if first else result


def _shuffled(b: Builder, x: Value, kernel: Value, target: Value, settings: dict[str, Any]) -> Value | None:
    """Return a transposed convolution as a convolution that gives each entry's `strides` rows and columns as channels,
    which then go to their places: wasm's kernel for the transposed one takes five to fifteen times as long.

    Along an axis the entry `p` of the whole result is the sum of `x[i] · kernel[p - i · stride]`. With
    `p = q · stride + d` that is, for each `d < stride`, a convolution at `q` with every stride-th entry of the kernel,
    the last one first."""
    sizes, strides = kernel.static, list(settings["strides"])[1:3]
    if not optimized() or not counts("wasm") or kernel.constant is None or sizes is None or x.shape is None:
        return None
    whole, inside = target.known, x.shape[1:3]
    channels, filters = sizes[3], sizes[2]
    if whole is None or None in whole[1:] or None in inside or x.dtype != "float32" or x.shape[3] != channels:
        return None
    if settings.get("padding") == "EXPLICIT" or max(strides) == 1:
        return None
    taps = [-(-sizes[axis] // strides[axis]) for axis in range(2)]
    spread = [taps[axis] * strides[axis] for axis in range(2)]
    if spread[0] * spread[1] > _MOST_WASTE * sizes[0] * sizes[1]:
        return None
    # [rows, columns, filters, channels] -> [taps, stride, taps, stride, filters, channels], the last tap first
    k = b.Pad(kernel, [[0, spread[0] - sizes[0]], [0, spread[1] - sizes[1]], [0, 0], [0, 0]])
    k = b.Reshape(k, [taps[0], strides[0], taps[1], strides[1], filters, channels])
    k = b.Transpose(b.ReverseV2(k, [0, 2]), [0, 2, 5, 1, 3, 4])
    k = b.Reshape(k, [*taps, channels, strides[0] * strides[1] * filters])
    if k.constant is None:
        return None
    k = b.const(k.constant.named(kernel.constant.name), name=kernel.node.name)
    edges = [n for tap in taps for n in (tap - 1, tap - 1)]
    padding: dict[str, Any] = {"padding": "VALID"}
    if any(edges):
        padding = {"padding": "EXPLICIT", "explicit_paddings": [0, 0, *edges, 0, 0]}
    y = b.Conv2D(x, k, strides=[1, 1, 1, 1], data_format="NHWC", dilations=[1, 1, 1, 1], **padding)
    counts_ = [(inside[axis] or 0) + taps[axis] - 1 for axis in range(2)]
    rows, columns = counts_
    # The rows of an image are put in their places with those of all others: a transposition of rank 4, not 6.
    y = b.Reshape(y, [-1, columns, strides[0], strides[1] * filters])
    y = b.Transpose(y, [0, 2, 1, 3])
    y = b.Reshape(y, [-1, rows * strides[0], columns * strides[1], filters])
    begin, lengths = [0], [-1]
    for axis in range(2):
        length, grown = whole[axis + 1] or 0, counts_[axis] * strides[axis]
        before = 0
        if settings.get("padding") == "SAME":
            before = max(((inside[axis] or 0) - 1) * strides[axis] + sizes[axis] - length, 0) // 2
        if before + length > grown:
            return None
        begin.append(before)
        lengths.append(length)
    return b.Slice(y, [*begin, 0], [*lengths, filters])


def _entry(b: Builder, shape: Value, position: int) -> Size:
    if shape.known is not None and shape.known[position] is not None:
        return shape.known[position] or 0
    return b.GatherV2(shape, position, 0)


@rule("Conv3DBackpropInputV2")
def _transposed_3d(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """A transposed convolution is one of the image with zeros between its entries, with the kernel turned around."""
    shape, kernel, x = inputs
    settings = settings_last(attrs, 5)
    strides, dilations = list(settings["strides"]), list(settings.get("dilations") or [1] * 5)
    static = shape.known
    if attrs.get("data_format", "NDHWC") != "NDHWC" or kernel.static is None or static is None or max(dilations) > 1:
        raise refuse(
            b,
            "Conv3DBackpropInputV2",
            f"data_format={attrs.get('data_format', 'NDHWC')!r}, dilations={dilations} or sizes that are not known when"
            " converting are not supported, only 'NDHWC', no dilations and known sizes are.",
        )
    for axis in (1, 2, 3):
        target = static[axis]
        kernel_size, stride = kernel.static[axis - 1], strides[axis]
        if target is None:
            raise refuse(b, "Conv3DBackpropInputV2", "the size of its output is not known when converting.")
        if settings["padding"] == "SAME":
            taken = -(-target // stride)
            before = max((taken - 1) * stride + kernel_size - target, 0) // 2
        else:
            before = 0
        x = _stretched(b, x, axis, stride)
        grown = None if x.shape is None else x.shape[axis]
        if grown is None:
            raise refuse(b, "Conv3DBackpropInputV2", "the size of its input is not known when converting.")
        left = kernel_size - 1 - before
        right = target + kernel_size - 1 - left - grown
        x = _padded(b, x, axis, left, right)
    turned = b.Transpose(b.ReverseV2(kernel, [0, 1, 2]), [0, 1, 2, 4, 3])
    return b.Conv3D(x, turned, strides=[1] * 5, padding="VALID", data_format="NDHWC", dilations=[1] * 5)


def _stretched(b: Builder, x: Value, axis: int, stride: int) -> Value:
    """Return `x` with `stride - 1` zeros between its entries along `axis`."""
    if stride == 1:
        return x
    sizes = [size(b, x, i) for i in range(x.rank or 0)]
    rows, columns = product(b, sizes[: axis + 1]), product(b, sizes[axis + 1 :])
    apart = b.Pad(reshape(b, x, [rows, 1, columns]), [[0, 0], [0, stride - 1], [0, 0]])
    grown = sizes[axis]
    longer = grown * stride if isinstance(grown, int) else b.Mul(grown, stride)
    whole = reshape(b, apart, [*sizes[:axis], longer, *sizes[axis + 1 :]])
    return _padded(b, whole, axis, 0, 1 - stride)


def _padded(b: Builder, x: Value, axis: int, before: int, after: int) -> Value:
    """Return `x` with zeros put on along `axis`, or entries cut off where a number is negative."""
    rank = x.rank or 0
    if min(before, after) < 0:
        begin = [max(0, -before) if i == axis else 0 for i in range(rank)]
        end = [min(0, after) if i == axis else 0 for i in range(rank)]
        mask = sum(1 << i for i in range(rank) if i != axis or after >= 0)
        x = b.StridedSlice(x, begin, end, [1] * rank, end_mask=mask)
    if max(before, after) > 0:
        x = b.Pad(x, [[max(0, before), max(0, after)] if i == axis else [0, 0] for i in range(rank)])
    return x
