"""Operators that slide a window over an image: convolutions and pools. Channels come last, everywhere."""

from __future__ import annotations

import struct
from typing import Any, Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import size, vector
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import custom_rule, rule
from tfjs_build.convert.tflite.tensors import bias_of, is_quantized
from tfjs_build.errors import SourceError

_PARAMS: Final = struct.Struct("<iii")


def padding(c: Call) -> str:
    """Return the padding as TensorFlow names it. Raises SourceError."""
    found = c.option("padding")
    if found not in (0, 1):
        raise SourceError(f"{c.label} is damaged: there is no padding of the number {found}")
    return ("SAME", "VALID")[found]


def strides(c: Call) -> list[int]:
    """Return the steps of a window along each axis."""
    return _around(c, "stride_h", "stride_w", least=1)


def _around(c: Call, *names: str, least: int, default: int = 0) -> list[int]:
    sizes = [c.option(name, default) for name in names]
    if min(sizes) < least:
        raise SourceError(f"{c.label} is damaged: {' and '.join(names)} are {sizes}")
    return [1, *sizes, 1]


def _window(c: Call) -> dict[str, Any]:
    dilations = _around(c, "dilation_h_factor", "dilation_w_factor", least=1, default=1)
    return {"strides": strides(c), "padding": padding(c), "dilations": dilations, "data_format": "NHWC"}


def biased(c: Call, y: Value, place: int = 2, factors: tuple[int, int] = (0, 1)) -> Value:
    """Return a product with its bias, where it has one; `factors` are the inputs that are multiplied.

    Whole numbers of a bias have the scale of the product: interpreters do not look at its own, which is another one
    where the converter has let two products share a bias.
    """
    bias = c.optional(place)
    if bias is None:
        return y
    numbers = c.tensor(place)
    if numbers.dtype in ("int32", "int64"):
        first, second = (c.tensor(at).quantization for at in factors)
        if first is None or second is None or numbers.data is None:
            raise c.refuse("its bias is made of whole numbers, and its factors are not")
        bias = c.b.const(bias_of(numbers, first.scales * second.scales, f"the constant {numbers.name}"))
    return c.b.BiasAdd(y, bias)


def kernel(c: Call, rank: int, factor: float = 1.0) -> Value:
    """Return the input that holds the weights, which has so many axes, times a number. Raises SourceError."""
    found = c.value(1)
    if c.rank(found) != rank:
        raise SourceError(f"{c.label} is damaged: its weights have {found.rank} axes, not {rank}")
    if found.dtype != "float32" and not is_quantized(c.tensor(1)):
        raise c.refuse(f"its weights are {found.dtype} without a scale")
    return found if factor == 1 else c.b.Mul(found, factor)


@rule("CONV_2D")
def convolution(c: Call) -> Value:
    """Weights are [out, height, width, in]; fewer channels in them than in the image mean groups."""
    x, factor = c.factored(0)
    weights = c.b.Transpose(kernel(c, 4, factor), [1, 2, 3, 0])
    return biased(c, c.b.Conv2D(x, weights, **_window(c)))


@rule("DEPTHWISE_CONV_2D")
def depthwise(c: Call) -> Value:
    """Weights are [1, height, width, channels * multiplier], the channels of an output side by side."""
    x, factor = c.factored(0)
    weights = kernel(c, 4, factor)
    channels = c.size(x, -1)
    _, height, width, out = (c.size(weights, axis) for axis in range(4))
    if channels < 1 or out % channels:
        raise SourceError(f"{c.label} is damaged: it makes {out} channels of {channels}")
    weights = c.b.Reshape(weights, [height, width, channels, out // channels])
    return biased(c, c.b.DepthwiseConv2dNative(x, weights, **_window(c)))


@rule("TRANSPOSE_CONV")
def transposed(c: Call) -> Value:
    """The gradient of a convolution: the output's shape, weights as [out, height, width, in], the image."""
    x, factor = c.factored(2)
    weights = c.b.Transpose(kernel(c, 4, factor), [1, 2, 0, 3])
    attrs = {"strides": strides(c), "padding": padding(c), "data_format": "NHWC"}
    return biased(c, c.b.node("Conv2DBackpropInput", [c.x, weights, x], attrs)[0], 3, (2, 1))


@custom_rule("Convolution2DTransposeBias")
def transposed_by_mediapipe(c: Call) -> Value:
    """The image, weights as [out, height, width, in], a bias. Its options are numbers of 32 bits one behind the other:
    the padding (1 for SAME, 2 for VALID) and the steps along the width and the height (TfLiteTransposeConvParams, which
    mediapipe/util/tflite/operations/transpose_conv_bias.cc reads)."""
    if len(c.operator.custom_options) < _PARAMS.size:
        raise SourceError(f"{c.label} is damaged: its options are cut short")
    pads, across, down = _PARAMS.unpack_from(c.operator.custom_options)
    if pads not in (1, 2) or min(across, down) < 1:
        raise SourceError(f"{c.label} is damaged: its options are {[pads, across, down]}")
    x, factor = c.factored(0)
    weights = kernel(c, 4, factor)
    sizes = c.outputs[0].shape
    if len(sizes) != 4 or None in sizes[1:]:
        raise c.refuse("the size of its output is not known when converting")
    shape = vector(c.b, [size(c.b, x, 0), *(each for each in sizes[1:] if each is not None)])
    attrs = {"strides": [1, down, across, 1], "padding": ("SAME", "VALID")[pads - 1], "data_format": "NHWC"}
    y = c.b.node("Conv2DBackpropInput", [shape, c.b.Transpose(weights, [1, 2, 0, 3]), x], attrs)[0]
    return biased(c, y)


@rule("CONV_3D")
def volume(c: Call) -> Value:
    """Weights are [depth, height, width, in, out], as in TensorFlow."""
    attrs = {
        "strides": _around(c, "stride_d", "stride_h", "stride_w", least=1),
        "padding": padding(c),
        "dilations": _around(c, "dilation_d_factor", "dilation_h_factor", "dilation_w_factor", least=1, default=1),
        "data_format": "NDHWC",
    }
    return biased(c, c.b.node("Conv3D", [c.x, kernel(c, 5)], attrs)[0])


def _pool(c: Call) -> dict[str, Any]:
    sizes = _around(c, "filter_height", "filter_width", least=1)
    return {"ksize": sizes, "strides": strides(c), "padding": padding(c), "data_format": "NHWC"}


@rule("AVERAGE_POOL_2D")
def average_pool(c: Call) -> Value:
    """What is outside the image does not count."""
    return c.b.AvgPool(c.x, **_pool(c))


@rule("MAX_POOL_2D")
def max_pool(c: Call) -> Value:
    """The largest number of each window."""
    return c.b.MaxPool(c.x, **_pool(c))


@rule("L2_POOL_2D")
def l2_pool(c: Call) -> Value:
    """The root of the average of squares."""
    return c.b.Sqrt(c.b.AvgPool(c.b.Square(c.x), **_pool(c)))
