"""Rules of the convolutions. One-dimensional ones that tfjs-layers lacks are two-dimensional ones of height 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.to_layers.activations import activate, native_activation
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.rules.core import reshape
from tfjs_build.convert.keras.to_layers.rules.resizing import pad_time
from tfjs_build.convert.keras.to_layers.spatial import channels_axis, conv_length, data_format, deconv_length, spatial


@rule("Conv1D", masks="stop")
def conv1d(c: Context) -> Value:
    c.rank(3)
    c.require(not data_format(c), "TensorFlow.js's Conv1D has no channels_first")
    x = c.input
    if c.config.get("padding") == "causal":
        left = (c.config.sizes("kernel_size", 1)[0] - 1) * c.config.sizes("dilation_rate", 1, (1,))[0]
        x = pad_time(c, x, left, 0, "causal")
        return _convolution(c, x, 1, "valid")
    return _convolution(c, x, 1, padding(c))


@rule("Conv2D", masks="stop")
def conv2d(c: Context) -> Value:
    c.rank(4)
    return _convolution(c, c.input, 2, padding(c))


@rule("Conv3D", masks="stop")
def conv3d(c: Context) -> Value:
    c.rank(5)
    return _convolution(c, c.input, 3, padding3d(c, "kernel_size"))


@rule("Conv2DTranspose", masks="stop")
def conv2d_transpose(c: Context) -> Value:
    c.rank(4)
    return _transpose(c, 2)


@rule("Conv3DTranspose", masks="stop")
def conv3d_transpose(c: Context) -> Value:
    c.rank(5)
    sizes, strides = c.config.sizes("kernel_size", 3), c.config.sizes("strides", 3, (1, 1, 1))
    overlaps = all(size >= stride for size, stride in zip(sizes, strides, strict=True))
    c.require(overlaps or padding(c) == "valid", "TensorFlow.js pads it in another way (strides beyond the kernel)")
    return _transpose(c, 3)


@rule("Conv1DTranspose", masks="stop")
def conv1d_transpose(c: Context) -> Value:
    c.rank(3)
    c.require(not data_format(c), "TensorFlow.js has no channels_first for it")
    x = c.input
    filters, pads = c.config.size("filters"), padding(c)
    [size], [stride] = c.config.sizes("kernel_size", 1), c.config.sizes("strides", 1, (1,))
    _require_plain_transpose(c, 1)
    kernel = _reshaped(c.weight("kernel", size, filters, c.fixed(x, -1)), 1, size, filters, c.fixed(x, -1))
    config = {"filters": filters, "kernel_size": [1, size], "strides": [1, stride], "padding": pads}
    plane = _to_plane(c, x)
    length = deconv_length(x.shape[1], size, pads, stride)
    y = _emit(c, "Conv2DTranspose", config, plane, (x.shape[0], 1, length, filters), kernel, filters)
    return _to_sequence(c, y)


@rule("DepthwiseConv2D", masks="stop")
def depthwise_conv2d(c: Context) -> Value:
    c.rank(4)
    x = c.input
    size, stride = c.config.sizes("kernel_size", 2), c.config.sizes("strides", 2, (1, 1))
    c.require(set(c.config.sizes("dilation_rate", 2, (1, 1))) == {1}, "TensorFlow.js ignores its `dilation_rate`")
    multiplier, channels = c.config.size("depth_multiplier", 1), c.fixed(x, channels_axis(c))
    kernel = c.weight("depthwise_kernel", *size, channels, multiplier)
    shape = spatial(c, x.shape, channels * multiplier, lambda n, i: conv_length(n, size[i], padding(c), stride[i]))
    return _depthwise(c, x, size, stride, multiplier, kernel, shape)


@rule("DepthwiseConv1D", masks="stop")
def depthwise_conv1d(c: Context) -> Value:
    c.rank(3)
    c.require(not data_format(c), "TensorFlow.js has no channels_first for it")
    c.require(set(c.config.sizes("dilation_rate", 1, (1,))) == {1}, "TensorFlow.js ignores its `dilation_rate`")
    x = c.input
    [size], [stride] = c.config.sizes("kernel_size", 1), c.config.sizes("strides", 1, (1,))
    multiplier, channels = c.config.size("depth_multiplier", 1), c.fixed(x, -1)
    kernel = _reshaped(c.weight("depthwise_kernel", size, channels, multiplier), 1, size, channels, multiplier)
    length = conv_length(x.shape[1], size, padding(c), stride)
    # Strides of a depthwise convolution must be alike in both directions; the height of 1 makes the other one moot.
    shape = (x.shape[0], 1, length, channels * multiplier)
    y = _depthwise(c, _to_plane(c, x), (1, size), (stride, stride), multiplier, kernel, shape)
    return _to_sequence(c, y)


@rule("SeparableConv2D", masks="stop")
def separable_conv2d(c: Context) -> Value:
    c.rank(4)
    biased = c.config.boolean("use_bias", True)
    c.require(not (data_format(c) and biased), "TensorFlow.js adds its bias to another axis where channels come first")
    x = c.input
    size, stride = c.config.sizes("kernel_size", 2), c.config.sizes("strides", 2, (1, 1))
    dilation = c.config.sizes("dilation_rate", 2, (1, 1))
    filters, channels = c.config.size("filters"), c.fixed(x, channels_axis(c))
    multiplier = c.config.size("depth_multiplier", 1)
    weights = {
        "depthwise_kernel": c.weight("depthwise_kernel", *size, channels, multiplier),
        "pointwise_kernel": c.weight("pointwise_kernel", 1, 1, channels * multiplier, filters),
    }
    shape = spatial(c, x.shape, filters, lambda n, i: conv_length(n, size[i], padding(c), stride[i], dilation[i]))
    return _separable(c, x, size, stride, dilation, multiplier, weights, shape)


@rule("SeparableConv1D", masks="stop")
def separable_conv1d(c: Context) -> Value:
    c.rank(3)
    c.require(not data_format(c), "TensorFlow.js has no channels_first for it")
    x = c.input
    [size], [stride] = c.config.sizes("kernel_size", 1), c.config.sizes("strides", 1, (1,))
    [dilation] = c.config.sizes("dilation_rate", 1, (1,))
    filters, channels, pads = c.config.size("filters"), c.fixed(x, -1), c.config.text("padding", "valid")
    multiplier = c.config.size("depth_multiplier", 1)
    weights = {
        "depthwise_kernel": _reshaped(
            c.weight("depthwise_kernel", size, channels, multiplier), 1, size, channels, multiplier
        ),
        "pointwise_kernel": _reshaped(
            c.weight("pointwise_kernel", 1, channels * multiplier, filters), 1, 1, channels * multiplier, filters
        ),
    }
    if pads == "causal":
        x, pads = pad_time(c, x, (size - 1) * dilation, 0, "causal"), "valid"
    shape = (x.shape[0], 1, conv_length(x.shape[1], size, pads, stride, dilation), filters)
    y = _separable(
        c, _to_plane(c, x), (1, size), (stride, stride), (dilation, dilation), multiplier, weights, shape, pads
    )
    return _to_sequence(c, y)


def padding3d(c: Context, size_key: str) -> str:
    """Return the padding of a layer on volumes: where `same` pads nothing, TensorFlow.js would pad a negative amount,
    and `valid` is the same."""
    pads = padding(c)
    if pads == "valid":
        return pads
    sizes = c.config.sizes(size_key, 3, (2, 2, 2))
    strides = sizes if c.config.get("strides") is None else c.config.sizes("strides", 3)
    dilation = c.config.sizes("dilation_rate", 3, (1, 1, 1))
    reach = [(size - 1) * rate + 1 for size, rate in zip(sizes, dilation, strict=True)]
    if all(size >= stride for size, stride in zip(reach, strides, strict=True)):
        return pads
    shape = c.input.shape[2:] if data_format(c) else c.input.shape[1:-1]
    amounts = [
        None if n is None else ((n - 1) // stride) * stride + size - n
        for n, size, stride in zip(shape, reach, strides, strict=True)
    ]
    if all(amount is not None and amount >= 0 for amount in amounts):
        return pads
    nothing = all(amount is not None and amount <= 0 for amount in amounts)
    c.require(nothing, "TensorFlow.js pads it in another way (`same` with strides larger than the window)")
    return "valid"


def padding(c: Context) -> str:
    """Return the layer's padding: valid or same."""
    value = c.config.text("padding", "valid").lower()
    c.require(value in ("valid", "same"), f"TensorFlow.js has no padding `{value}` for it")
    return value


def _convolution(c: Context, x: Value, rank: int, pads: str) -> Value:
    filters = c.config.size("filters")
    size, stride = c.config.sizes("kernel_size", rank), c.config.sizes("strides", rank, (1,) * rank)
    dilation = c.config.sizes("dilation_rate", rank, (1,) * rank)
    groups, channels = c.config.size("groups", 1), c.fixed(x, channels_axis(c))
    shape = spatial(c, x.shape, filters, lambda n, i: conv_length(n, size[i], pads, stride[i], dilation[i]))
    if groups > 1:
        c.require(
            rank == 2 and groups == channels and set(dilation) == {1},
            f"TensorFlow.js has no convolution in groups (`groups: {groups}`)",
        )
        multiplier = filters // groups
        kernel = _reshaped(c.weight("kernel", *size, 1, filters), *size, channels, multiplier)
        return _depthwise(c, x, size, stride, multiplier, kernel, shape)
    config = {
        "filters": filters,
        "kernel_size": list(size),
        "strides": list(stride),
        "padding": pads,
        "dilation_rate": list(dilation),
    }
    return _emit(c, f"Conv{rank}D", config, x, shape, c.weight("kernel", *size, channels, filters), filters)


def _transpose(c: Context, rank: int) -> Value:
    x = c.input
    filters, pads = c.config.size("filters"), padding(c)
    size, stride = c.config.sizes("kernel_size", rank), c.config.sizes("strides", rank, (1,) * rank)
    _require_plain_transpose(c, rank)
    kernel = c.weight("kernel", *size, filters, c.fixed(x, channels_axis(c)))
    config = {"filters": filters, "kernel_size": list(size), "strides": list(stride), "padding": pads}
    shape = spatial(c, x.shape, filters, lambda n, i: deconv_length(n, size[i], pads, stride[i]))
    return _emit(c, f"Conv{rank}DTranspose", config, x, shape, kernel, filters)


def _require_plain_transpose(c: Context, rank: int) -> None:
    c.require(c.config.get("output_padding") is None, "TensorFlow.js has no `output_padding` for it")
    c.require(
        set(c.config.sizes("dilation_rate", rank, (1,) * rank)) == {1}, "TensorFlow.js ignores its `dilation_rate`"
    )


def _depthwise(
    c: Context,
    x: Value,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    multiplier: int,
    kernel: Weight,
    shape: Shape,
) -> Value:
    config = {
        "kernel_size": list(size),
        "strides": list(stride),
        "padding": padding(c),
        "depth_multiplier": multiplier,
    }
    return _emit(c, "DepthwiseConv2D", config, x, shape, kernel, kernel.shape[2] * multiplier, "depthwise_kernel")


def _separable(
    c: Context,
    x: Value,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    multiplier: int,
    weights: Mapping[str, Weight],
    shape: Shape,
    pads: str | None = None,
) -> Value:
    filters = c.config.size("filters")
    config = {
        "filters": filters,
        "kernel_size": list(size),
        "strides": list(stride),
        "padding": pads or padding(c),
        "dilation_rate": list(dilation),
        "depth_multiplier": multiplier,
    }
    return _finish(c, "SeparableConv2D", config, x, shape, dict(weights), filters)


def _emit(
    c: Context,
    class_name: str,
    config: Mapping[str, Any],
    x: Value,
    shape: Shape,
    kernel: Weight,
    channels: int,
    role: str = "kernel",
) -> Value:
    return _finish(c, class_name, config, x, shape, {role: kernel}, channels)


def _finish(
    c: Context,
    class_name: str,
    config: Mapping[str, Any],
    x: Value,
    shape: Shape,
    weights: dict[str, Weight],
    channels: int,
) -> Value:
    """Emit a convolution with its bias, data format and activation."""
    use_bias = c.config.boolean("use_bias", True)
    if use_bias:
        weights["bias"] = c.weight("bias", channels)
    native = native_activation(c, "activation")
    settings = {**config, "activation": native or "linear", "use_bias": use_bias}
    if data_format(c):
        settings["data_format"] = "channels_first"
    y = c.emit(class_name, settings, x, shape, weights=weights)
    return y if native else activate(c, y)


def _to_plane(c: Context, x: Value) -> Value:
    return reshape(c, x, (1, x.shape[1], c.fixed(x, -1)), "plane")


def _to_sequence(c: Context, x: Value) -> Value:
    return reshape(c, x, (x.shape[2], x.shape[3]), "sequence")


def _reshaped(weight: Weight, *shape: int) -> Weight:
    return replace(weight, shape=shape)
