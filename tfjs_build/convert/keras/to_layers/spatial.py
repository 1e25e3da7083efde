"""Sizes of images and sequences behind convolutions and poolings, and where their channels are."""

from __future__ import annotations

from collections.abc import Callable

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.to_layers.registry import Context


def data_format(c: Context) -> str | None:
    """Return "channels_first" where the layer says so, else None."""
    value = c.config.get("data_format")
    return "channels_first" if value == "channels_first" else None


def channels_axis(c: Context) -> int:
    """Return the axis of the channels: 1 or -1."""
    return 1 if data_format(c) else -1


def spatial(c: Context, shape: Shape, channels: int | None, size: Callable[[int | None, int], int | None]) -> Shape:
    """Return the shape of an output: every spatial size through `size(size, index)`, and its channels."""
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
