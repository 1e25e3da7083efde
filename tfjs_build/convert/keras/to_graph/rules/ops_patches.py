"""Operations on windows of images: patches of them, and how alike two images are."""

from __future__ import annotations

import math

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape, times
from tfjs_build.convert.keras.hints import AS_FLOATS
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import number, real
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.ops_images import bell
from tfjs_build.convert.keras.to_graph.windows import channels_first, from_last, patches, to_last


@operation("ExtractPatches")
def extract_patches(c: Context) -> Value:
    """Windows of images or volumes as channels."""
    given = c.config.integers("size")
    count = 2 if isinstance(c.config.get("size"), int) else len(given)
    c.require(count in (2, 3), f"expects a `size` of 2 or 3 numbers, got {count}")
    x = real(c, 0, "images")
    single = c.rank(x) == count + 1
    x = to_last(c, c.b.ExpandDims(x, 0) if single else x, count)
    size = c.config.sizes("size", count)
    strides = size if c.config.get("strides") is None else c.config.sizes("strides", count)
    rates = c.config.sizes("dilation_rate", count, (1,) * count)
    pads = c.config.text("padding", "valid").upper()
    y = patches(c, x, size, strides, rates, pads) if count == 2 else _volumes(c, x, size, strides, rates, pads)
    y = from_last(c, y, count)
    return c.b.Squeeze(y, squeeze_dims=[0]) if single else y


def _volumes(
    c: Context, x: Value, size: tuple[int, ...], strides: tuple[int, ...], rates: tuple[int, ...], pads: str
) -> Value:
    """Return the windows of volumes (channels last), each as one vector: by place in the window, then by channel."""
    b = c.b
    lengths = [c.fixed(x, axis + 1) for axis in range(3)]
    reach = [(n - 1) * rate + 1 for n, rate in zip(size, rates, strict=True)]
    if pads == "SAME":
        missing = [
            max(0, (n - 1) // step * step + window - n) for n, window, step in zip(lengths, reach, strides, strict=True)
        ]
        x = b.Pad(x, c.ints([[0, 0], *([n // 2, n - n // 2] for n in missing), [0, 0]]))
        lengths = [n + more for n, more in zip(lengths, missing, strict=True)]
    counts = [(n - window) // step + 1 for n, window, step in zip(lengths, reach, strides, strict=True)]
    first, inside = (
        np.ravel_multi_index(np.meshgrid(*places, indexing="ij"), lengths).reshape(-1)
        for places in (
            [np.arange(n) * step for n, step in zip(counts, strides, strict=True)],
            [np.arange(n) * rate for n, rate in zip(size, rates, strict=True)],
        )
    )
    places = b.ExpandDims(c.ints(first.tolist()), 1) + c.ints(inside.tolist())
    entries = reshape(b, x, [c.size(x, 0), math.prod(lengths), c.fixed(x, -1)])
    windows = b.GatherV2(entries, places, 1)
    return reshape(b, windows, [c.size(x, 0), *counts, math.prod(size) * c.fixed(x, -1)])


@operation("PSNR")
def psnr(c: Context) -> Value:
    """The ratio of a signal's peak to its noise, in decibels."""
    x, y = real(c), real(c, 1, "x2")
    error = c.b.Mean(c.b.Square(x - y), list(range(c.rank(x))))
    peak = number(c, c.argument(2, "max_val"))
    c.require(peak > 0, f"max_val={peak} is not supported, only numbers above 0 are")
    return 20.0 * math.log10(peak) - c.b.Log(error) * (10.0 / math.log(10.0))


@operation("SSIM")
def ssim(c: Context) -> Value:
    """How alike two images are in brightness, contrast and structure (`_ssim` in keras/src/ops/image.py)."""
    b = c.b
    given = [real(c, 0, "image1"), real(c, 1, "image2")]
    for value in c.inputs:
        c.expect_dtype(value, "float32", "of integers Keras cuts the result to 0 or 1", AS_FLOATS)
    single = c.rank(given[0]) == 3
    batches = [b.ExpandDims(value, 0) if single else value for value in given]
    first = batches if channels_first(c) else [b.Transpose(value, [0, 3, 1, 2]) for value in batches]
    images, channels, height, width = c.sizes(first[0])
    x, y = (reshape(b, value, [times(b, images, channels), height, width, 1]) for value in first)
    size, sigma = c.config.size("filter_size", 11), c.config.number("filter_sigma", 1.5)
    row = bell(c, "filter_sigma", size, sigma)
    kernel = c.constant(np.outer(row, row).reshape(size, size, 1, 1))

    def smoothed(value: Value) -> Value:
        ones = [1] * 4
        return b.Conv2D(value, kernel, strides=ones, padding="VALID", data_format="NHWC", dilations=ones)

    peak = c.config.number("max_val", 1.0)
    small, smaller = ((c.config.number(key, value) * peak) ** 2 for key, value in (("k1", 0.01), ("k2", 0.03)))
    mean_x, mean_y = smoothed(x), smoothed(y)
    spread_x, spread_y = smoothed(x * x) - mean_x * mean_x, smoothed(y * y) - mean_y * mean_y
    common = smoothed(x * y) - mean_x * mean_y
    above = (2.0 * (mean_x * mean_y) + small) * (2.0 * common + smaller)
    below = (mean_x * mean_x + mean_y * mean_y + small) * (spread_x + spread_y + smaller)
    alike = b.Mean(reshape(b, b.Mean(above / below, [1, 2, 3]), [images, channels]), [1])
    return b.Squeeze(alike, squeeze_dims=[0]) if single else alike
