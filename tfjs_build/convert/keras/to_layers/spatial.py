"""Where the channels of images and sequences are, and what sizes convolutions and poolings give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.to_layers.registry import Context


def data_format(c: Context) -> dict[str, Any]:
    """Return the option where channels come first."""
    return {"data_format": "channels_first"} if c.config.get("data_format") == "channels_first" else {}


def channels_axis(c: Context) -> int:
    """Return the axis of the channels: 1 or -1."""
    return 1 if data_format(c) else -1


def padding(c: Context) -> str:
    """Return the layer's padding: valid or same."""
    value = c.config.text("padding", "valid").lower()
    if value not in ("valid", "same"):
        raise c.unsupported("padding")
    return value


def spatial(c: Context, channels: int | None, size: Callable[[int | None, int], int | None]) -> Shape:
    """Return the shape of an output: every spatial size of the input through `size(size, index)`, and its channels."""
    shape = c.input.shape
    if data_format(c):
        return (shape[0], channels, *(size(n, i) for i, n in enumerate(shape[2:])))
    return (shape[0], *(size(n, i) for i, n in enumerate(shape[1:-1])), channels)


def conv_length(size: int | None, kernel: int, padding: str, stride: int, dilation: int = 1) -> int | None:
    """Return a size after a convolution or pooling."""
    if size is None:
        return None
    if padding == "valid":
        size -= (kernel - 1) * dilation
    return -(-size // stride)


def deconv_length(size: int | None, kernel: int, padding: str, stride: int) -> int | None:
    """Return a size after a transposed convolution."""
    if size is None:
        return None
    return size * stride + (max(kernel - stride, 0) if padding == "valid" else 0)


def window_padding(c: Context, window: tuple[int, ...], strides: tuple[int, ...]) -> str:
    """Return the padding of a window that moves over volumes: where `same` pads nothing, TensorFlow.js would pad a
    negative amount, and `valid` is the same."""
    pads = padding(c)
    wide = all(size >= stride for size, stride in zip(window, strides, strict=True))
    if pads == "valid" or wide or len(window) < 3:
        return pads
    shape = c.input.shape[2:] if data_format(c) else c.input.shape[1:-1]
    amounts = [
        None if n is None else ((n - 1) // stride) * stride + size - n
        for n, size, stride in zip(shape, window, strides, strict=True)
    ]
    if all(amount is not None and amount >= 0 for amount in amounts):
        return pads
    nothing = all(amount is not None and amount <= 0 for amount in amounts)
    c.require(nothing, "padding='same' with strides beyond the window is not what TensorFlow.js's layer does")
    return "valid"
