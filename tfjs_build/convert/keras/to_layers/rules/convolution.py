"""The convolutions that tfjs-layers has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.to_layers.activations import activated
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.spatial import (
    channels_axis,
    conv_length,
    data_format,
    deconv_length,
    padding,
    spatial,
    window_padding,
)

_FIRST = {"data_format": "channels_last"}
_UNDILATED = {"dilation_rate": 1}


@rule("Conv1D", masks="stop", only=_FIRST)
@rule("Conv2D", "Conv3D", masks="stop")
def convolution(c: Context) -> Value:
    """One group per channel is what TensorFlow.js calls a depthwise convolution; it has no other groups."""
    rank = c.dimensions()
    size, strides, dilation = _window(c, rank)
    filters, channels, groups = c.config.size("filters"), c.fixed(c.input, channels_axis(c)), c.config.size("groups", 1)
    pads = window_padding(c, tuple((n - 1) * rate + 1 for n, rate in zip(size, dilation, strict=True)), strides)
    shape = spatial(c, filters, lambda n, i: conv_length(n, size[i], pads, strides[i], dilation[i]))
    if groups > 1:
        if rank != 2 or groups != channels or set(dilation) != {1}:
            raise c.unsupported("groups")
        kernel = replace(c.weight("kernel", *size, 1, filters), shape=(*size, channels, filters // groups))
        return _depthwise(c, kernel, shape)
    config = {**_moving(size, strides, pads), "filters": filters, "dilation_rate": list(dilation)}
    return _emit(c, c.layer.class_name, config, shape, {"kernel": c.weight("kernel", *size, channels, filters)})


@rule("Conv2DTranspose", "Conv3DTranspose", masks="stop", only={"output_padding": None, **_UNDILATED})
def transposed(c: Context) -> Value:
    rank = c.dimensions()
    size, strides, _ = _window(c, rank)
    filters, pads = c.config.size("filters"), padding(c)
    wide = rank < 3 or all(n >= stride for n, stride in zip(size, strides, strict=True))
    c.require(wide or pads == "valid", "TensorFlow.js pads it in another way (strides beyond the kernel)")
    kernel = c.weight("kernel", *size, filters, c.fixed(c.input, channels_axis(c)))
    shape = spatial(c, filters, lambda n, i: deconv_length(n, size[i], pads, strides[i]))
    config = {**_moving(size, strides, pads), "filters": filters}
    return _emit(c, c.layer.class_name, config, shape, {"kernel": kernel})


@rule("DepthwiseConv2D", masks="stop", only=_UNDILATED)
def depthwise(c: Context) -> Value:
    size, strides, _ = _window(c, c.dimensions())
    multiplier, channels = c.config.size("depth_multiplier", 1), c.fixed(c.input, channels_axis(c))
    shape = spatial(c, channels * multiplier, lambda n, i: conv_length(n, size[i], padding(c), strides[i]))
    return _depthwise(c, c.weight("depthwise_kernel", *size, channels, multiplier), shape)


@rule("SeparableConv2D", masks="stop")
def separable(c: Context) -> Value:
    size, strides, dilation = _window(c, c.dimensions())
    biased = c.config.boolean("use_bias", True)
    c.require(not (data_format(c) and biased), "TensorFlow.js adds its bias to another axis where channels come first")
    filters, channels = c.config.size("filters"), c.fixed(c.input, channels_axis(c))
    multiplier, pads = c.config.size("depth_multiplier", 1), padding(c)
    weights = {
        "depthwise_kernel": c.weight("depthwise_kernel", *size, channels, multiplier),
        "pointwise_kernel": c.weight("pointwise_kernel", 1, 1, channels * multiplier, filters),
    }
    shape = spatial(c, filters, lambda n, i: conv_length(n, size[i], pads, strides[i], dilation[i]))
    options = {"filters": filters, "dilation_rate": list(dilation), "depth_multiplier": multiplier}
    return _emit(c, "SeparableConv2D", {**_moving(size, strides, pads), **options}, shape, weights)


def _depthwise(c: Context, kernel: Weight, shape: Shape) -> Value:
    size, strides, _ = _window(c, 2)
    config = {**_moving(size, strides, padding(c)), "depth_multiplier": kernel.shape[-1]}
    return _emit(c, "DepthwiseConv2D", config, shape, {"depthwise_kernel": kernel})


def _window(c: Context, rank: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    ones = (1,) * rank
    strides, dilation = c.config.sizes("strides", rank, ones), c.config.sizes("dilation_rate", rank, ones)
    return c.config.sizes("kernel_size", rank), strides, dilation


def _moving(size: tuple[int, ...], strides: tuple[int, ...], pads: str) -> dict[str, Any]:
    return {"kernel_size": list(size), "strides": list(strides), "padding": pads}


def _emit(c: Context, class_name: str, config: Mapping[str, Any], shape: Shape, weights: Mapping[str, Weight]) -> Value:
    return activated(c, class_name, {**config, **data_format(c)}, shape, shape[channels_axis(c)] or 0, weights)
