"""Operations with windows: convolutions, pools, patches."""

from __future__ import annotations

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape, times, vector
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import MOST_ENTRIES, integer, real, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.convolution import grown, padded, settings
from tfjs_build.convert.keras.to_graph.rules.pooling import adapted
from tfjs_build.convert.keras.to_graph.windows import (
    around,
    enter,
    from_last,
    layout,
    leave,
    padding,
    patches,
    plane,
    spatial,
    to_last,
    volume_padding,
)


def _kernel(c: Context, position: int, name: str, count: int) -> Value:
    kernel = real(c, position, name)
    c.expect_rank(kernel, count + 2, "a kernel")
    return c.b.ExpandDims(kernel, 0) if count == 1 else kernel


def _window(c: Context, kernel: Value, count: int) -> tuple[int, ...]:
    return tuple(c.fixed(kernel, axis) for axis in range(-2 - count, -2))


@operation("Conv")
def conv(c: Context) -> Value:
    """A convolution with a kernel that is a tensor."""
    x = real(c, 0, "inputs")
    count = c.spatial_rank(x)
    kernel = _kernel(c, 1, "kernel", count)
    x, attrs = padded(c, enter(c, x, count), count, _window(c, kernel, count))
    y = c.b.node("Conv3D" if count == 3 else "Conv2D", [x, kernel], attrs)[0]
    return leave(c, y, count)


@operation("DepthwiseConv", "SeparableConv")
def depthwise_conv(c: Context) -> Value:
    """A depthwise convolution, and one of size 1 after it."""
    x = real(c, 0, "inputs")
    count = c.spatial_rank(x)
    separable = c.layer.class_name == "SeparableConv"
    kernel = _kernel(c, 1, "depthwise_kernel" if separable else "kernel", count)
    x, options = padded(c, enter(c, x, count), count, _window(c, kernel, count))
    if count == 1:
        [stride] = c.config.sizes("strides", 1, (1,))
        options["strides"] = [1, stride, stride, 1]
    y = c.b.DepthwiseConv2dNative(x, kernel, **options)
    if separable:
        ones = [1] * 4
        point = _kernel(c, 2, "pointwise_kernel", count)
        y = c.b.Conv2D(y, point, strides=ones, padding="VALID", data_format="NHWC", dilations=ones)
    return leave(c, y, count)


@operation("ConvTranspose")
def conv_transpose(c: Context) -> Value:
    """A transposed convolution."""
    x = real(c, 0, "inputs")
    count = c.spatial_rank(x)
    kernel = _kernel(c, 1, "kernel", count)
    size, filters = _window(c, kernel, count), c.fixed(kernel, -2)
    ones = (1,) * count
    strides, dilations = c.config.sizes("strides", count, ones), c.config.sizes("dilation_rate", count, ones)
    given = c.config.get("output_padding")
    extra: tuple[int | None, ...] = (None,) * count if given is None else c.config.integers("output_padding", count)
    x, pads = enter(c, x, count), padding(c)
    first = 2 if count == 1 else 1
    lengths = [grown(c, c.size(x, i + first), size[i], strides[i], dilations[i], pads, extra[i]) for i in range(count)]
    target = vector(c.b, [c.size(x, 0), *([1] if count == 1 else []), *lengths, filters])
    op = "Conv3DBackpropInputV2" if count == 3 else "Conv2DBackpropInput"
    return leave(c, c.b.node(op, [target, kernel, x], {**settings(c, count), "padding": pads})[0], count)


@operation("MaxPool", "AveragePool")
def pool(c: Context) -> Value:
    """The maximum or mean of windows."""
    x = real(c, 0, "inputs")
    count = c.spatial_rank(x)
    kind = "Max" if c.layer.class_name == "MaxPool" else "Avg"
    size = c.config.sizes("pool_size", count)
    strides = size if c.config.get("strides") is None else c.config.sizes("strides", count)
    x = enter(c, x, count)
    attrs = {
        "ksize": around(plane(size)),
        "strides": around(plane(strides)),
        "padding": volume_padding(c, x, size, strides) if count == 3 else padding(c),
        "data_format": layout(count),
    }
    return leave(c, c.b.node(f"{kind}Pool3D" if count == 3 else f"{kind}Pool", [x], attrs)[0], count)


@operation("AdaptiveMaxPool", "AdaptiveAveragePool")
def adaptive_pool(c: Context) -> Value:
    """The maximum or mean of as many windows as are asked for."""
    x = real(c, 0, "inputs")
    count = c.spatial_rank(x)
    kind = "Max" if "Max" in c.layer.class_name else "Avg"
    for each, size in zip(spatial(c, count), c.config.sizes("output_size", count), strict=True):
        x = adapted(c, x, each, size, kind)
    return x


@operation("Unfold")
def unfold(c: Context) -> Value:
    """Windows of an image with its channels first, as [batch, channel and window, place]."""
    b, x = c.b, real(c)
    size, dilation, pads, stride = (
        c.config.integers(key, 2, default)
        for key, default in (("kernel_size", (1, 1)), ("dilation", (1, 1)), ("padding", (0, 0)), ("stride", (1, 1)))
    )
    c.require(min(*size, *dilation, *stride) > 0, "expects a `kernel_size`, `dilation` and `stride` above 0")
    channels = c.fixed(x, 1)
    if max(pads):
        x = b.Pad(x, c.ints([[0, 0], [0, 0], [pads[0]] * 2, [pads[1]] * 2]))
    last = b.Transpose(x, [0, 2, 3, 1])
    windows = patches(c, last, size, stride, dilation, "VALID")
    places = times(b, c.size(windows, 1), c.size(windows, 2))
    c.require(isinstance(places, int), "the size of its images is not known when converting")
    count = places if isinstance(places, int) else 0
    parts = b.Reshape(windows, [-1, count, size[0] * size[1], channels])
    return b.Reshape(b.Transpose(parts, [0, 3, 2, 1]), [-1, channels * size[0] * size[1], count])


@operation("Fold")
def fold(c: Context) -> Value:
    """Windows put back where `Unfold` takes them from, and added where they overlap."""
    b, x = c.b, real(c)
    size, target = (c.config.integers(key, 2) for key in ("kernel_size", "output_size"))
    dilation, pads, stride = (
        c.config.integers(key, 2, (default,) * 2) for key, default in (("dilation", 1), ("padding", 0), ("stride", 1))
    )
    c.require(min(*size, *dilation, *stride) > 0, "expects a `kernel_size`, `dilation` and `stride` above 0")
    whole = [target[axis] + 2 * pads[axis] for axis in range(2)]
    c.require(
        all(dilation[axis] * (size[axis] - 1) < whole[axis] for axis in range(2))
        and size[0] * size[1] * whole[0] * whole[1] <= MOST_ENTRIES,
        f"output_size={target} is not supported with kernel_size={size}",
    )
    # Where each of a window's entries lies, for all windows along the axis.
    rows, columns = (
        np.arange(size[axis])[:, None] * dilation[axis]
        + np.arange((whole[axis] - dilation[axis] * (size[axis] - 1) - 1) // stride[axis] + 1) * stride[axis]
        for axis in range(2)
    )
    down = c.constant(rows[:, None, :, None] * whole[1], "int32")
    places = b.Reshape(down + c.constant(columns[None, :, None, :], "int32"), [-1, 1])
    channels = c.fixed(x, 1) // (size[0] * size[1])
    lines = times(b, c.size(x, 0), channels)
    entries = b.Transpose(reshape(b, x, [lines, rows.size * columns.size]), [1, 0])
    added = b.ScatterNd(places, entries, vector(b, [whole[0] * whole[1], lines]))
    y = reshape(b, b.Transpose(added, [1, 0]), [c.size(x, 0), channels, *whole])
    return b.Slice(y, c.ints([0, 0, *pads]), c.ints([-1, -1, *target])) if max(pads) else y


@operation("DepthToSpace", "SpaceToDepth", "nn.depth_to_space", "nn.space_to_depth")
def depth_and_space(c: Context) -> Value:
    """Channels as blocks of space, or back."""
    x = to_last(c, tensor(c, 0, "x", "input"), 2)
    name = str(c.config.get("function", c.layer.class_name)).lower().replace("_", "")
    op = "DepthToSpace" if "depthtospace" in name else "SpaceToDepth"
    block = integer(c, c.argument(1, "block_size"))
    y = c.b.node(op, [x], {"block_size": block, "data_format": "NHWC"})[0]
    return from_last(c, y, 2)
