"""Resizing by other methods than TensorFlow.js has: of known sizes, it is a product with one matrix for each axis.

The weights are TensorFlow's own (resize_bicubic_op.cc, resize_area_op.cc, scale_and_translate_op.cc), its table of
1024 steps for bicubic weights and its rounding to float32 included.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value

Matrix: TypeAlias = NDArray[np.float32]
Weights: TypeAlias = Callable[[int, int, int], Matrix]
"""From an axis (0: height), its size and the wanted size to a matrix [wanted, size]."""

_HINT: Final = "Give the images their height and width in the signature, or resize with bilinear interpolation."
_STEPS: Final = 1024


def _resampled(b: Builder, op: str, x: Value, target: Value, weights: Weights) -> Value:
    sizes = target.ints
    if x.shape is None or x.shape[1] is None or x.shape[2] is None or sizes is None:
        raise refuse(b, op, "it is supported only where all sizes are known when converting.", _HINT)
    height, width = x.shape[1], x.shape[2]
    rows, columns = weights(0, height, sizes[0]), weights(1, width, sizes[1])
    x = x if x.dtype == "float32" else b.Cast(x, DstT="float32")
    # One product of two matrices for each: TensorFlow.js takes one matrix for a stack of none for an error.
    lines = b.Einsum(rows, x, equation="oi,bicd->bocd")
    return b.Einsum(columns, lines, equation="oi,bcid->bcod")


def _scale(before: int, after: int, attrs: Attrs) -> np.float32:
    corners = attrs.get("align_corners") and after > 1
    scale: np.float32 = np.float32((before - 1) / (after - 1) if corners else before / after)
    return scale


@rule("ResizeBicubic")
def _bicubic(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    half = bool(attrs.get("half_pixel_centers"))
    near, far = _cubic_table(-0.5 if half else -0.75)

    def weights(_axis: int, before: int, after: int) -> Matrix:
        matrix = np.zeros((after, before), np.float32)
        scale = _scale(before, after, attrs)
        for out in range(after):
            place = np.float32((np.float32(out) + np.float32(0.5)) * scale - np.float32(0.5) if half else out * scale)
            first = math.floor(place)
            step = int(np.rint((place - np.float32(first)) * np.float32(_STEPS)))
            parts = (far[step], near[step], near[_STEPS - step], far[_STEPS - step])
            for offset, part in zip((-1, 0, 1, 2), parts, strict=True):
                source = min(max(first + offset, 0), before - 1)
                if not half or source == first + offset:
                    matrix[out, source] += part
        return _normalized(matrix) if half else matrix

    return _resampled(b, "ResizeBicubic", inputs[0], inputs[1], weights)


def _cubic_table(a: float) -> tuple[Matrix, Matrix]:
    """Return the weights of the two nearest and of the two next entries, by their distance in steps."""
    x = np.arange(_STEPS + 1) / _STEPS
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    x = x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return near.astype(np.float32), far.astype(np.float32)


def _normalized(matrix: Matrix) -> Matrix:
    total = matrix.sum(axis=1, keepdims=True)
    large = np.abs(total) >= 1000 * np.finfo(np.float32).tiny
    return (matrix / np.where(large, total, 1)).astype(np.float32)


@rule("ResizeArea")
def _area(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Each entry of the result is the mean of what it covers."""

    def weights(_axis: int, before: int, after: int) -> Matrix:
        matrix = np.zeros((after, before), np.float32)
        scale = _scale(before, after, attrs)
        for out in range(after):
            start, stop = out * scale, (out + 1) * scale
            for source in range(math.floor(start), math.ceil(stop)):
                covered = min(source + 1, stop) - max(source, start)
                matrix[out, min(max(source, 0), before - 1)] += np.float32(covered / scale)
        return matrix

    return _resampled(b, "ResizeArea", inputs[0], inputs[1], weights)


def _lanczos(radius: float) -> Callable[[float], float]:
    def weight(x: float) -> float:
        if x > radius:
            return 0.0
        if x <= 1e-3:
            return 1.0
        return radius * math.sin(math.pi * x) * math.sin(math.pi * x / radius) / (math.pi**2 * x * x)

    return weight


def _gaussian(x: float) -> float:
    return math.exp(-x * x / 0.5) if x < 1.5 else 0.0


def _triangle(x: float) -> float:
    return max(0.0, 1.0 - x)


def _box(x: float) -> float:
    return 1.0 if x < 0.5 else 0.5 if x == 0.5 else 0.0


def _keys(x: float) -> float:
    if x >= 2:
        return 0.0
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x >= 1 else (1.5 * x - 2.5) * x * x + 1


def _mitchell(x: float) -> float:
    if x >= 2:
        return 0.0
    if x >= 1:
        return ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return (7 / 6 * x - 2) * x * x + 8 / 9


_KERNELS: Final[dict[str, tuple[float, Callable[[float], float]]]] = {
    "lanczos1": (1.0, _lanczos(1.0)),
    "lanczos3": (3.0, _lanczos(3.0)),
    "lanczos5": (5.0, _lanczos(5.0)),
    "gaussian": (1.5, _gaussian),
    "box": (1.0, _box),
    "triangle": (1.0, _triangle),
    "keyscubic": (2.0, _keys),
    "mitchellcubic": (2.0, _mitchell),
}


@rule("ScaleAndTranslate")
def _scale_and_translate(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, target, scales, shifts = inputs
    if scales.constant is None or shifts.constant is None:
        raise refuse(b, "ScaleAndTranslate", "its scale or translation is not known when converting.", _HINT)
    scale, shift = scales.constant.array(), shifts.constant.array()
    radius, kernel = _KERNELS[str(attrs.get("kernel_type", "lanczos3"))]
    antialias = bool(attrs.get("antialias", True))

    def weights(axis: int, before: int, after: int) -> Matrix:
        matrix = np.zeros((after, before), np.float32)
        inverse = np.float32(1) / np.float32(scale[axis])
        wide = max(inverse, np.float32(1)) if antialias else np.float32(1)
        for out in range(after):
            place = np.float32((np.float32(out) + np.float32(0.5)) * inverse - inverse * np.float32(shift[axis]))
            if place < 0 or place > before:
                continue
            first = min(max(math.ceil(place - radius * wide - 0.5), 0), before - 1)
            last = min(max(math.floor(place + radius * wide - 0.5), 0), before - 1)
            for source in range(first, last + 1):
                matrix[out, source] = kernel(float(abs((source + 0.5 - place) / wide)))
        return _normalized(matrix)

    return _resampled(b, "ScaleAndTranslate", x, target, weights)
