"""Images in another size, by every method that Keras names.

TensorFlow.js resizes by `bilinear` and `nearest`. The others are linear too: where the sizes are known, each axis is
multiplied with a matrix of the weights that TensorFlow gives the entries (its ResizeBicubic, ResizeArea and
ScaleAndTranslate kernels).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, vector
from tfjs_build.convert.keras.to_graph.context import Context

Matrix: TypeAlias = "NDArray[np.float32]"


def resize(
    c: Context, x: Value, target: Sequence[Size], method: str, *, antialias: bool = False, corners: bool = False
) -> Value:
    """Return images (channels last, floats) with height and width `target`. With `corners`, `bilinear` is what
    TensorFlow 1 made of it: between the pixels' upper left corners, not their centers."""
    if method in ("nearest", "bilinear") and not (antialias and method == "bilinear"):
        size = vector(c.b, target)
        op = "ResizeNearestNeighbor" if method == "nearest" else "ResizeBilinear"
        return c.b.node(op, [x, size], {"half_pixel_centers": not corners, "align_corners": False})[0]
    c.one_of("interpolation", method, METHODS)
    for axis, length in ((1, target[0]), (2, target[1])):
        if not isinstance(length, int):
            raise c.refuse(f"interpolation={method!r} is not supported where the target's size is not known")
        matrix = c.constant(_weights(c.fixed(x, axis), length, method, antialias))
        # out[o] = Σ_i weights[o, i] · in[i]
        x = c.b.Einsum(matrix, x, equation="oi,bicd->bocd" if axis == 1 else "oi,bcid->bcod")
    return x


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


def _weights(length: int, target: int, method: str, antialias: bool) -> Matrix:
    """Return the weights of `length` entries in each of `target`."""
    if method == "area":
        return _area(length, target)
    if method == "bicubic" and not antialias:
        return _bicubic(length, target)
    radius, kernel = METHODS[method]
    scale = length / target
    spread = max(scale, 1.0) if antialias else 1.0
    result = np.zeros((target, length), np.float32)
    for i in range(target):
        at = (i + 0.5) * scale
        first = max(0, math.ceil(at - radius * spread - 0.5))
        last = min(length - 1, math.floor(at + radius * spread - 0.5))
        row = [kernel(abs((j + 0.5 - at) / spread)) for j in range(first, last + 1)]
        total = sum(row)
        result[i, first : last + 1] = np.array(row) / total if total else row
    return result


_TABLE: Final = 1024


def _bicubic(length: int, target: int) -> Matrix:
    """Weights of the cubic convolution of Keys, from a table of 1024 steps as in TensorFlow's kernel; what is outside
    has none."""
    scale = np.float32(length) / np.float32(target)
    result = np.zeros((target, length), np.float32)
    for i in range(target):
        at = (i + 0.5) * float(scale) - 0.5
        below = math.floor(at)
        step = int(np.rint(np.float32(at - below) * _TABLE)) / _TABLE
        row = [(below - 1, step + 1), (below, step), (below + 1, 1 - step), (below + 2, 2 - step)]
        kept = [(place, _keys(distance)) for place, distance in row if 0 <= place < length]
        total = sum(weight for _, weight in kept)
        for place, weight in kept:
            result[i, place] += weight / total
    return result


def _area(length: int, target: int) -> Matrix:
    """Weights of entries by how much of them a target entry covers."""
    scale = length / target
    result = np.zeros((target, length), np.float32)
    for i in range(target):
        low, high = i * scale, (i + 1) * scale
        for j in range(math.floor(low), min(length, math.ceil(high))):
            result[i, j] = max(0.0, min(high, j + 1) - max(low, j)) / scale
    return result


def _keys(x: float) -> float:
    if x >= 2:
        return 0.0
    return ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 if x >= 1 else (1.5 * x - 2.5) * x * x + 1.0


def _mitchell(x: float) -> float:
    if x >= 2:
        return 0.0
    if x >= 1:
        return ((-7.0 / 18.0 * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    return (7.0 / 6.0 * x - 2.0) * x * x + 8.0 / 9.0


def _lanczos(radius: float) -> Callable[[float], float]:
    def kernel(x: float) -> float:
        if x > radius:
            return 0.0
        if x <= 1e-3:
            return 1.0
        return radius * math.sin(math.pi * x) * math.sin(math.pi * x / radius) / (math.pi * math.pi * x * x)

    return kernel


METHODS: Final[dict[str, tuple[float, Callable[[float], float]]]] = {
    "area": (0.5, lambda x: 1.0 if x < 0.5 else 0.0),
    "bicubic": (2.0, _keys),
    "bilinear": (1.0, lambda x: max(0.0, 1.0 - x)),
    "gaussian": (1.5, lambda x: 0.0 if x >= 1.5 else math.exp(-x * x / 0.5)),
    "lanczos3": (3.0, _lanczos(3.0)),
    "lanczos5": (5.0, _lanczos(5.0)),
    "mitchellcubic": (2.0, _mitchell),
    "nearest": (0.5, lambda x: 1.0 if x < 0.5 else 0.0),
}
"""Keras's names of methods, with radius and function of their kernels."""
