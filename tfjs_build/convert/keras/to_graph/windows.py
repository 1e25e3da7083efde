"""What convolutions and pools share: layouts, paddings, and one axis as the second of two."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context


def channels_first(c: Context) -> bool:
    """Whether the channels are axis 1."""
    return bool(c.config.get("data_format") == "channels_first")


def channels(c: Context, x: Value) -> int:
    """Return how many channels an image-like tensor has."""
    return c.fixed(x, 1 if channels_first(c) else -1)


def spatial(c: Context, count: int) -> range:
    """Return the spatial axes."""
    return range(2, count + 2) if channels_first(c) else range(1, count + 1)


def enter(c: Context, x: Value, count: int) -> Value:
    """Return a tensor of `count` spatial axes with its channels last; a single axis gets a first one of size 1."""
    c.expect_rank(x, count + 2)
    x = to_last(c, x, count)
    return c.b.ExpandDims(x, 1) if count == 1 else x


def leave(c: Context, y: Value, count: int) -> Value:
    """Undo `enter`."""
    if count == 1:
        y = c.b.Squeeze(y, squeeze_dims=[1])
    return from_last(c, y, count)


def to_last(c: Context, x: Value, count: int) -> Value:
    """Return a tensor with its channels last, wherever the layer has them."""
    return c.b.Transpose(x, [0, *range(2, count + 2), 1]) if channels_first(c) else x


def from_last(c: Context, y: Value, count: int) -> Value:
    """Undo `to_last`."""
    return c.b.Transpose(y, [0, count + 1, *range(1, count + 1)]) if channels_first(c) else y


def plane(sizes: tuple[int, ...], filler: int = 1) -> tuple[int, ...]:
    """Return sizes for the axes of a tensor that `enter` has given: two or three."""
    return (filler, *sizes) if len(sizes) == 1 else sizes


def padding(c: Context) -> str:
    """Return the padding as TensorFlow names it (`CAUSAL` is Keras's own)."""
    found = c.config.text("padding", "valid").lower()
    c.one_of("padding", found, ("valid", "same", "causal"))
    return found.upper()


def layout(count: int) -> str:
    """Return TensorFlow's name for channels that come last."""
    return "NDHWC" if count == 3 else "NHWC"


def around(sizes: tuple[int, ...]) -> list[int]:
    """Return sizes of all axes from those of the spatial ones."""
    return [1, *sizes, 1]


def volume_padding(c: Context, x: Value, sizes: tuple[int, ...], strides: tuple[int, ...]) -> str:
    """Return SAME or VALID for a window over a volume (channels last): TensorFlow.js pads a negative amount where the
    steps leave parts of the volume out, and VALID is then the same."""
    if padding(c) == "VALID" or all(size >= stride for size, stride in zip(sizes, strides, strict=True)):
        return padding(c)
    lengths = [c.fixed(x, axis + 1) for axis in range(3)]
    amounts = [(n - 1) // step * step + size - n for n, size, step in zip(lengths, sizes, strides, strict=True)]
    if min(amounts) >= 0:
        return "SAME"
    c.require(
        max(amounts) <= 0,
        "padding='same' is not supported with strides larger than the window, where TensorFlow.js pads otherwise",
        "Pad before it (ZeroPadding3D), and use padding='valid'.",
    )
    return "VALID"


def patches(
    c: Context, x: Value, size: tuple[int, ...], strides: tuple[int, ...], rates: tuple[int, ...], pads: str
) -> Value:
    """Return the windows of images (channels last), each as one vector: by place in the window, then by channel."""
    c.fixed(x, -1)
    return c.b.ExtractImagePatches(x, ksizes=around(size), strides=around(strides), rates=around(rates), padding=pads)
