"""Ops that slide a window over images: convolutions, pools and resizing, in NumPy.

Images are [batch, rows, columns, channels], kernels [rows, columns, in, out], as TensorFlow has them. A convolution is
one product of matrices for each entry of its window, which BLAS does as fast as the machine can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Attrs = Mapping[str, Any]


def around(size: int, length: int, stride: int) -> tuple[int, int]:
    """Return what padding SAME puts before and after an axis of `size`, for a window of `length`."""
    whole = max((-(-size // stride) - 1) * stride + length - size, 0)
    return whole // 2, whole - whole // 2


def inner(x: Array, cuts: Sequence[slice]) -> Array:
    """Return a view of the axes behind the batch, cut."""
    index = (slice(None), *cuts)
    return np.asarray(x[index])


def sliding(attrs: Attrs, rank: int) -> tuple[list[int], list[int]]:
    """Return strides and dilations of the axes that a window slides along."""
    if str(attrs.get("data_format", "NHWC")).startswith("NC"):
        raise NotImplementedError("channels first")
    strides = list(attrs["strides"])[1 : rank - 1]
    dilations = list(attrs.get("dilations") or [1] * rank)[1 : rank - 1]
    return strides, dilations


def padded(
    x: Array, window: Sequence[int], strides: Sequence[int], dilations: Sequence[int], attrs: Attrs, fill: float = 0.0
) -> Array:
    """Return a tensor with what its windows reach beyond its edges."""
    padding = attrs["padding"]
    if padding == "VALID":
        return x
    if padding == "EXPLICIT":
        pads = np.reshape(attrs["explicit_paddings"], (-1, 2)).tolist()
    else:
        lengths = ((size - 1) * dilation + 1 for size, dilation in zip(window, dilations, strict=True))
        sides = [around(*each) for each in zip(x.shape[1:-1], lengths, strides, strict=True)]
        pads = [[0, 0], *map(list, sides), [0, 0]]
    return np.pad(x, pads, constant_values=fill) if np.any(pads) else x


def steps(x: Array, window: Sequence[int], strides: Sequence[int], dilations: Sequence[int]) -> list[int]:
    """Return how many windows there are along each axis."""
    return [
        (size - (length - 1) * dilation - 1) // stride + 1
        for size, length, stride, dilation in zip(x.shape[1:-1], window, strides, dilations, strict=True)
    ]


def part(
    x: Array, place: Sequence[int], counts: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> Array:
    """Return, for each window, the entry at one place of it."""
    cuts = [
        slice(at * dilation, at * dilation + (count - 1) * stride + 1, stride)
        for at, count, stride, dilation in zip(place, counts, strides, dilations, strict=True)
    ]
    return inner(x, cuts)


def convolve(x: Array, kernel: Array, attrs: Attrs) -> Array:
    """Return a convolution along any number of axes."""
    window = kernel.shape[:-2]
    strides, dilations = sliding(attrs, x.ndim)
    x = padded(x, window, strides, dilations, attrs)
    counts = steps(x, window, strides, dilations)
    inside, outside = kernel.shape[-2:]
    groups = x.shape[-1] // inside
    rows = x.shape[0] * int(np.prod(counts))
    parts = [part(x, place, counts, strides, dilations) for place in product(*map(range, window))]
    if groups == 1 and inside * len(parts) <= 128:  # few channels: one product of all entries of a window
        columns = np.stack(parts, -2).reshape(rows, -1)
        return np.asarray(columns @ kernel.reshape(-1, outside)).reshape(x.shape[0], *counts, outside)
    result = np.zeros((rows, outside), x.dtype)
    width = outside // groups
    for columns, matrix in zip(parts, kernel.reshape(-1, inside, outside), strict=True):
        flat = columns.reshape(rows, -1)
        for group in range(groups):
            begin, end = group * width, (group + 1) * width
            result[:, begin:end] += flat[:, group * inside : (group + 1) * inside] @ matrix[:, begin:end]
    return result.reshape(x.shape[0], *counts, outside)


def convolve_depthwise(x: Array, kernel: Array, attrs: Attrs) -> Array:
    """Return a convolution of each channel with kernels [rows, columns, channels, multiplier] of its own."""
    window = kernel.shape[:2]
    strides, dilations = sliding(attrs, x.ndim)
    x = padded(x, window, strides, dilations, attrs)
    counts = steps(x, window, strides, dilations)
    channels, multiplier = kernel.shape[2:]
    result = np.zeros((x.shape[0], *counts, channels, multiplier), x.dtype)
    for place in product(*map(range, window)):
        result += part(x, place, counts, strides, dilations)[..., None] * kernel[place]
    return result.reshape(x.shape[0], *counts, channels * multiplier)


def spread(shape: Array, kernel: Array, x: Array, attrs: Attrs) -> Array:
    """Return a transposed convolution: each entry of `x` spreads the kernel [rows, columns, out, in] where its window
    was in a tensor of `shape`."""
    strides, _ = sliding(attrs, x.ndim)
    sizes = [int(size) for size in shape.reshape(-1)[1:-1]]
    window, filters = kernel.shape[:-2], kernel.shape[-2]
    pads = [(0, 0)] * len(sizes)
    if attrs["padding"] == "EXPLICIT":
        pads = [(before, after) for before, after in np.reshape(attrs["explicit_paddings"], (-1, 2)).tolist()][1:-1]
    elif attrs["padding"] == "SAME":
        pads = [around(*each) for each in zip(sizes, window, strides, strict=True)]
    whole = [
        max((count - 1) * stride + length, size + before)
        for count, stride, length, size, (before, _) in zip(x.shape[1:-1], strides, window, sizes, pads, strict=True)
    ]
    result = np.zeros((x.shape[0], *whole, filters), x.dtype)
    for place in product(*map(range, window)):
        cuts = [
            slice(at, at + (count - 1) * stride + 1, stride)
            for at, count, stride in zip(place, x.shape[1:-1], strides, strict=True)
        ]
        view = inner(result, cuts)
        view += x @ kernel[place].T
    kept = [slice(before, before + size) for (before, _), size in zip(pads, sizes, strict=True)]
    return inner(result, kept)


def max_pool(x: Array, attrs: Attrs) -> Array:
    """Return the largest entry of each window."""
    window = list(attrs["ksize"])[1:-1]
    strides, _ = sliding(attrs, x.ndim)
    ones = [1] * len(window)
    x = padded(x, window, strides, ones, attrs, -np.inf)
    counts = steps(x, window, strides, ones)
    result: Array | None = None
    for place in product(*map(range, window)):
        entry = part(x, place, counts, strides, ones)
        result = entry.copy() if result is None else np.maximum(result, entry, out=result)
    assert result is not None  # a window has an entry
    return result


def average_pool(x: Array, attrs: Attrs) -> Array:
    """Return the mean of each window, of what of it lies inside."""
    window = list(attrs["ksize"])[1:-1]
    strides, _ = sliding(attrs, x.ndim)
    ones = [1] * len(window)
    inside = np.ones((1, *x.shape[1:-1], 1), x.dtype)
    sums = []
    for each in (x, inside):
        whole = padded(each, window, strides, ones, attrs)
        counts = steps(whole, window, strides, ones)
        places = product(*map(range, window))
        sums.append(sum(part(whole, place, counts, strides, ones) for place in places))
    return np.asarray(sums[0] / sums[1], x.dtype)


def resize(x: Array, sizes: Array, attrs: Attrs, *, nearest: bool) -> Array:
    """Return images of other sizes, as TensorFlow.js resizes them."""
    for axis, target in zip((1, 2), sizes.reshape(-1).tolist(), strict=True):
        x = _resized(x, axis, int(target), attrs, nearest)
    return x


def _resized(x: Array, axis: int, target: int, attrs: Attrs, nearest: bool) -> Array:
    size = x.shape[axis]
    corners, half = bool(attrs.get("align_corners")), bool(attrs.get("half_pixel_centers"))
    ratio = (size - 1) / (target - 1) if corners and target > 1 else size / target
    places = np.arange(target, dtype=np.float64)
    found = (places + 0.5) * ratio - (0.0 if nearest else 0.5) if half else places * ratio
    if nearest:
        index = np.floor(found + 0.5) if corners else np.floor(found)
        return np.asarray(np.take(x, np.clip(index, 0, size - 1).astype(np.int64), axis))
    found = np.clip(found, 0, size - 1)
    low = np.floor(found).astype(np.int64)
    high = np.minimum(low + 1, size - 1)
    weight = (found - low).astype(x.dtype).reshape([-1 if each == axis else 1 for each in range(x.ndim)])
    below, above = np.take(x, low, axis), np.take(x, high, axis)
    return np.asarray(below + (above - below) * weight)
