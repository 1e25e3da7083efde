"""Operations on images."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context, shown
from tfjs_build.convert.keras.to_graph.operands import integer, integers, number, real, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.images import resized
from tfjs_build.convert.keras.to_graph.windows import from_last, to_last


@operation("Resize", "image.resize")
def resize(c: Context) -> Value:
    """Images of another size."""
    x = tensor(c, 0, "images", "image")
    single = c.rank(x) == 3
    x = c.b.ExpandDims(x, 0) if single else x
    height, width = integers(c, c.argument(1, "size"), 2)
    method = str(c.argument(2, "interpolation", "method", default="bilinear")).lower()

    def flag(name: str) -> bool:
        return c.flag(9, name)

    y = resized(
        c,
        to_last(c, x, 2),
        (height, width),
        method,
        antialias=flag("antialias"),
        crop=flag("crop_to_aspect_ratio"),
        pad=flag("pad_to_aspect_ratio"),
        fill=number(c, c.argument(9, "fill_value", default=0.0)),
        whole=c.layer.operation,
    )
    y = from_last(c, y, 2)
    return c.b.Squeeze(y, squeeze_dims=[0]) if single else y


@operation("RGBToGrayscale", "image.rgb_to_grayscale")
def grayscale(c: Context) -> Value:
    """The brightness of colours."""
    x = real(c, 0, "images")
    last = to_last(c, x, 2)
    if c.fixed(last, -1) == 1:
        return x
    y = c.b.Sum(last * c.constant([0.2989, 0.5870, 0.1140]), [3], keep_dims=True)
    return from_last(c, y, 2)


@operation("RGBToHSV", "HSVToRGB")
def hue(c: Context) -> Value:
    """Colours as hue, saturation and value, or back."""
    x = to_last(c, real(c, 0, "images"), 2)
    return from_last(c, c.b.RGBToHSV(x) if c.layer.class_name == "RGBToHSV" else c.b.HSVToRGB(x), 2)


def _borders(c: Context, x: Value, kind: str) -> list[tuple[int, int]]:
    """Return what is put on or cut off at both ends of height and width, one of which may follow from the target."""
    result = []
    for axis, (low, high, target) in enumerate((("top", "bottom", "height"), ("left", "right", "width"))):
        first, last = (c.config.get(f"{side}_{kind}") for side in (low, high))
        size = c.config.get(f"target_{target}")
        if first is None or last is None:
            c.require(
                isinstance(size, int),
                f"expects two of `{low}_{kind}`, `{high}_{kind}` and `target_{target}`",
            )
            total = abs(integer(c, size) - c.fixed(x, axis + 1))
            first = total - integer(c, last) if first is None and last is not None else first
            first = total // 2 if first is None else first
            last = total - integer(c, first)
        result.append((integer(c, first), integer(c, last)))
    return result


@operation("PadImages")
def pad_images(c: Context) -> Value:
    """Borders of zeros."""
    x = to_last(c, tensor(c, 0, "images"), 2)
    pairs = [list(pair) for pair in _borders(c, x, "padding")]
    return from_last(c, c.b.Pad(x, c.ints([[0, 0], *pairs, [0, 0]])), 2)


@operation("CropImages")
def crop_images(c: Context) -> Value:
    """Borders cut off."""
    x = to_last(c, tensor(c, 0, "images"), 2)
    (top, bottom), (left, right) = _borders(c, x, "cropping")
    size = [c.fixed(x, 1) - top - bottom, c.fixed(x, 2) - left - right]
    return from_last(c, c.b.Slice(x, c.ints([0, top, left, 0]), c.ints([-1, *size, -1])), 2)


LONGEST_KERNEL: Final = 1024


def bell(c: Context, name: str, size: int, spread: float) -> NDArray[np.float64]:
    """Return so many weights, which come to 1, by a normal distribution; `name` is the option that says its spread."""
    c.require(size <= LONGEST_KERNEL, f"a window of {size} entries is not supported, only up to {LONGEST_KERNEL}")
    with np.errstate(all="ignore"):
        row = np.exp(-0.5 * ((np.arange(size) - (size - 1) / 2) / spread) ** 2)
        row = row / row.sum()
    c.require(bool(np.isfinite(row).all()), f"{name}={spread} is not supported: Keras computes 0 / 0 with it")
    return np.asarray(row)


@operation("GaussianBlur")
def gaussian_blur(c: Context) -> Value:
    """Each channel with its neighbours, by a normal distribution."""
    x = to_last(c, real(c, 0, "images"), 2)
    size = c.config.sizes("kernel_size", 2, (3, 3))
    sigma = c.config.get("sigma", [1.0, 1.0])
    spreads = [number(c, each) for each in (sigma if isinstance(sigma, (list, tuple)) else [sigma, sigma])]
    c.require(len(spreads) == 2, f"expects two numbers as `sigma`, got {shown(sigma)}")
    rows = [bell(c, "sigma", count, spread) for count, spread in zip(size, spreads, strict=True)]
    # Keras lays the kernel out with its sizes exchanged.
    kernel = np.outer(rows[1], rows[0]).reshape(size[0], size[1], 1, 1)
    wide = c.constant(np.tile(kernel, [1, 1, c.fixed(x, -1), 1]))
    ones = [1] * 4
    y = c.b.DepthwiseConv2dNative(x, wide, strides=ones, padding="SAME", data_format="NHWC", dilations=ones)
    return from_last(c, y, 2)
