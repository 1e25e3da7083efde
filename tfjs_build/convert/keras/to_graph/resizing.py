"""Images in another size, by every method that Keras names: TensorFlow's ops for them (`tf.image.resize`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, vector
from tfjs_build.convert.keras.to_graph.context import Context

_KERNELS: Final = {
    "bicubic": "keyscubic",
    "bilinear": "triangle",
    "gaussian": "gaussian",
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
    "mitchellcubic": "mitchellcubic",
}
"""Methods by which images are scaled with a kernel: with `antialias`, or where TensorFlow has no other op for them."""

METHODS: Final = tuple(sorted({*_KERNELS, "area", "nearest"}))
"""Keras's names of methods."""


def resize(
    c: Context, x: Value, target: Sequence[Size], method: str, *, antialias: bool = False, corners: bool = False
) -> Value:
    """Return images (channels last, floats) with height and width `target`. With `corners`, `bilinear` is what
    TensorFlow 1 made of it: between the pixels' upper left corners, not their centers."""
    b, size = c.b, vector(c.b, target)
    if method in ("nearest", "bilinear") and not (antialias and method == "bilinear"):
        op = "ResizeNearestNeighbor" if method == "nearest" else "ResizeBilinear"
        return b.node(op, [x, size], {"half_pixel_centers": not corners, "align_corners": False})[0]
    c.one_of("interpolation", method, METHODS)
    lengths = [length for length in target if isinstance(length, int)]
    known = len(lengths) == len(target)
    c.require(known, f"interpolation={method!r} is not supported where the target's size is not known")
    sizes = [c.fixed(x, axis) for axis in (1, 2)]
    if method == "area":
        return b.ResizeArea(x, size)
    if method == "bicubic" and not antialias:
        return b.ResizeBicubic(x, size, half_pixel_centers=True)
    scale = np.divide(lengths, sizes).astype(np.float32)
    return b.ScaleAndTranslate(x, size, scale, [0.0, 0.0], kernel_type=_KERNELS[method], antialias=antialias)


def interpolated(c: Context, x: Value, target: Sequence[int]) -> Value:
    """Return images resized by `bilinear`, in TensorFlow's very steps (its ResizeBilinear kernel): what
    is rounded afterwards must not differ by the last digit."""
    b = c.b
    for axis in (2, 1):
        size, wanted = c.size(x, axis), target[axis - 1]
        length = b.Cast(c.ints(size) if isinstance(size, int) else size, DstT="float32")
        at = (c.constant(np.arange(wanted)) + 0.5) * (length / float(wanted)) - 0.5
        below = b.Floor(at)
        places = b.Maximum(below, 0.0), b.Minimum(b.Ceil(at), length - 1.0)
        first, second = (b.GatherV2(x, b.Cast(place, DstT="int32"), axis) for place in places)
        x = first + (second - first) * b.Reshape(at - below, [-1, 1, 1] if axis == 1 else [-1, 1])
    return x
