"""Rules of the convolutions, plain, depthwise, separable and transposed."""

from __future__ import annotations

from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape, times, vector
from tfjs_build.convert.keras.to_graph.activations import activate
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.low_rank import tuned
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.windows import (
    around,
    channels,
    enter,
    layout,
    leave,
    padding,
    plane,
    volume_padding,
)
from tfjs_build.convert.keras.variables import with_bias, with_low_rank


def _count(c: Context) -> int:
    """Return how many spatial axes the layer's class says it has."""
    return int(c.layer.class_name.removesuffix("Transpose")[-2])


@layer("Conv1D", "Conv2D", "Conv3D", variables=with_low_rank(with_bias("kernel")), floats=True)
def convolution(c: Context) -> Value:
    """Fewer channels in the kernel than in the image mean groups, which `decompose` spells out. Keras 2 takes several
    axes for the batch (`squeeze_batch_dims` in tf_keras/src/layers/convolutional/base_conv.py)."""
    count = _count(c)
    sizes = c.sizes(c.x)
    extra = len(sizes) - count - 2
    if c.generation == 2 and extra > 0:
        c.inputs = [reshape(c.b, c.x, [product(c.b, sizes[: extra + 1]), *sizes[extra + 1 :]])]
        y = _convolved(c, count)
        return reshape(c.b, y, [*sizes[: extra + 1], *c.sizes(y)[1:]])
    return _convolved(c, count)


def _convolved(c: Context, count: int) -> Value:
    size, filters = c.config.sizes("kernel_size", count), c.config.size("filters")
    groups = c.config.size("groups", 1)
    kernel = tuned(c, "kernel", c.weight("kernel", *size, channels(c, c.x) // groups, filters))
    x, attrs = padded(c, enter(c, c.x, count), count, size)
    if count == 1:
        kernel = c.b.ExpandDims(kernel, 0)
    y = c.b.node("Conv3D" if count == 3 else "Conv2D", [x, kernel], attrs)[0]
    return _finished(c, y, count, filters)


@layer("DepthwiseConv1D", "DepthwiseConv2D", variables=with_bias("depthwise_kernel"), floats=True)
def depthwise(c: Context) -> Value:
    """Every channel is convolved with kernels of its own."""
    count = _count(c)
    y, depth = _depthwise(c, count)
    return _finished(c, y, count, depth)


@layer("SeparableConv1D", "SeparableConv2D", variables=with_bias("depthwise_kernel", "pointwise_kernel"), floats=True)
def separable(c: Context) -> Value:
    """A depthwise convolution, then one of size 1."""
    count, filters = _count(c), c.config.size("filters")
    y, depth = _depthwise(c, count)
    pointwise = c.weight("pointwise_kernel", *(1,) * count, depth, filters)
    if count == 1:
        pointwise = c.b.ExpandDims(pointwise, 0)
    ones = [1] * 4
    y = c.b.Conv2D(y, pointwise, strides=ones, padding="VALID", data_format="NHWC", dilations=ones)
    return _finished(c, y, count, filters)


def _depthwise(c: Context, count: int) -> tuple[Value, int]:
    size, multiplier = c.config.sizes("kernel_size", count), c.config.size("depth_multiplier", 1)
    inputs = channels(c, c.x)
    kernel = c.weight("depthwise_kernel", *size, inputs, multiplier)
    x, attrs = padded(c, enter(c, c.x, count), count, size)
    if count == 1:
        kernel = c.b.ExpandDims(kernel, 0)
        [stride] = c.config.sizes("strides", 1, (1,))
        attrs["strides"] = [1, stride, stride, 1]  # of a depthwise convolution they must be alike
    return c.b.DepthwiseConv2dNative(x, kernel, **attrs), inputs * multiplier


@layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", variables=with_bias("kernel"), floats=True)
def transposed(c: Context) -> Value:
    """The gradient of a convolution with respect to its image."""
    count = _count(c)
    size, filters = c.config.sizes("kernel_size", count), c.config.size("filters")
    strides = c.config.sizes("strides", count, (1,) * count)
    dilations = c.config.sizes("dilation_rate", count, (1,) * count)
    pads = padding(c)
    given = c.config.get("output_padding")
    extra: tuple[int | None, ...] = (None,) * count if given is None else c.config.integers("output_padding", count)
    kernel = c.weight("kernel", *size, filters, channels(c, c.x))
    x = enter(c, c.x, count)
    lengths: list[Size] = []
    for axis in range(count):
        source = c.size(x, axis + (2 if count == 1 else 1))
        lengths.append(grown(c, source, size[axis], strides[axis], dilations[axis], pads, extra[axis]))
    if count == 1:
        kernel, lengths = c.b.ExpandDims(kernel, 0), [1, *lengths]
    target = vector(c.b, [c.size(x, 0), *lengths, filters])
    op = "Conv3DBackpropInputV2" if count == 3 else "Conv2DBackpropInput"
    y = c.b.node(op, [target, kernel, x], {**settings(c, count), "padding": pads})[0]
    return _finished(c, y, count, filters)


def grown(c: Context, length: Size, size: int, stride: int, dilation: int, pads: str, extra: int | None) -> Size:
    """Return a size after a transposed convolution."""
    effective = (size - 1) * dilation + 1
    if extra is None:
        add = max(effective - stride, 0) if pads == "VALID" else 0
        grown = times(c.b, length, stride)
        return grown + add if add else grown
    pad = effective // 2 if pads == "SAME" else 0
    return times(c.b, length, stride) + (effective - stride - 2 * pad + extra)


def settings(c: Context, count: int) -> dict[str, Any]:
    """Return the attributes of a convolution of that many spatial axes."""
    strides = plane(c.config.sizes("strides", count, (1,) * count))
    dilations = plane(c.config.sizes("dilation_rate", count, (1,) * count))
    return {"strides": around(strides), "dilations": around(dilations), "data_format": layout(count)}


def padded(c: Context, x: Value, count: int, size: tuple[int, ...]) -> tuple[Value, dict[str, Any]]:
    """Return the image with what `causal` puts before it, and the op's attributes."""
    attrs, pads = settings(c, count), padding(c)
    dilations = c.config.sizes("dilation_rate", count, (1,) * count)
    reach = tuple((n - 1) * rate + 1 for n, rate in zip(size, dilations, strict=True))
    if pads == "CAUSAL":
        c.require(count == 1, "padding='causal' is not supported here, only for sequences (Conv1D)")
        x, pads = c.b.Pad(x, c.ints([[0, 0], [0, 0], [reach[0] - 1, 0], [0, 0]])), "VALID"
    if count == 3:
        return x, {**attrs, "padding": volume_padding(c, x, reach, c.config.sizes("strides", count, (1,) * count))}
    return x, {**attrs, "padding": pads}


def _finished(c: Context, y: Value, count: int, filters: int) -> Value:
    """Add the bias, bring the axes back and apply the activation (some of them go along the last axis)."""
    if c.config.boolean("use_bias", True):
        y = c.b.BiasAdd(y, c.weight("bias", filters))
    return activate(c, leave(c, y, count))
