"""Discrete Fourier transforms: as products with matrices of cosines and sines, which every backend has, as long as
these are small; longer ones by TensorFlow.js's own ops, which wasm lacks."""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.core import matmul

_LONGEST: Final = 512


def transformed(
    c: Context, real: Value, imaginary: Value | None, length: int, *, inverse: bool = False, half: bool = False
) -> tuple[Value, Value]:
    """Return the transform along the last axis, which has that length, as real and imaginary part; `half` leaves out
    what follows from the rest for real numbers."""
    b = c.b
    if length > _LONGEST:
        whole = b.Complex(real, b.ZerosLike(real) if imaginary is None else imaginary)
        y = b.RFFT(real, c.ints([length])) if half else b.IFFT(whole) if inverse else b.FFT(whole)
        return b.Real(y), b.Imag(y)
    count = length // 2 + 1 if half else length
    angle = 2 * np.pi * np.outer(np.arange(length), np.arange(count)) / length
    sign, scale = (1.0, 1.0 / length) if inverse else (-1.0, 1.0)
    cosine, sine = c.constant(np.cos(angle) * scale), c.constant(np.sin(angle) * (sign * scale))
    if imaginary is None:
        return matmul(c, real, cosine), matmul(c, real, sine)
    return (
        matmul(c, real, cosine) - matmul(c, imaginary, sine),
        matmul(c, real, sine) + matmul(c, imaginary, cosine),
    )


def real_inverse(c: Context, real: Value, imaginary: Value, length: int) -> Value:
    """Return the real numbers of that many whose half transform is given."""
    count = length // 2 + 1
    given = c.fixed(real, -1)
    if given > count:
        real, imaginary = (_first(c, part, count) for part in (real, imaginary))
    c.require(given >= count and length <= _LONGEST, "it fills a transform up with zeros, or is too long")
    angle = 2 * np.pi * np.outer(np.arange(count), np.arange(length)) / length
    weight = np.full((count, 1), 2.0)
    weight[0] = 1.0
    if length % 2 == 0:
        weight[-1] = 1.0
    cosine, sine = c.constant(np.cos(angle) * weight / length), c.constant(np.sin(angle) * weight / length)
    return matmul(c, real, cosine) - matmul(c, imaginary, sine)


def _first(c: Context, x: Value, count: int) -> Value:
    rank = c.rank(x)
    return c.b.Slice(x, c.ints([0] * rank), c.ints([-1] * (rank - 1) + [count]))


def short_time(
    c: Context, x: Value, sequence: int, stride: int, length: int, window: str | None, *, center: bool
) -> tuple[Value, Value]:
    """Return the transforms of windows of the last axis, as [..., window, frequency]."""
    b = c.b
    rank = c.rank(x)
    if center:
        x = b.MirrorPad(x, c.ints([[0, 0]] * (rank - 1) + [[length // 2] * 2]), mode="REFLECT")
    shape = np.ones(sequence)
    if window is not None:
        c.require(window in ("hann", "hamming"), f"its window `{window}` is not Keras's")
        base = 0.5 if window == "hann" else 0.54
        shape = base - (1 - base) * np.cos(2 * np.pi * np.arange(sequence) / sequence)
    before = (length - sequence) // 2
    shape = np.pad(shape, (before, length - sequence - before))
    sizes = c.sizes(x)
    from tfjs_build.convert.graph.sizes import product, reshape

    c.require(length <= 4 * _LONGEST, "its windows are too long")
    flat = reshape(b, x, [product(b, sizes[:-1]), 1, sizes[-1], 1])
    count = length // 2 + 1
    angle = 2 * np.pi * np.outer(np.arange(length), np.arange(count)) / length
    kernels = np.concatenate([np.cos(angle), -np.sin(angle)], axis=1) * shape[:, None]
    kernel = c.constant(kernels.reshape(1, length, 1, 2 * count))
    step = [1, 1, stride, 1]
    y = b.Conv2D(flat, kernel, strides=step, padding="VALID", data_format="NHWC", dilations=[1] * 4)
    whole = reshape(b, y, [*sizes[:-1], c.size(y, 2), 2 * count])
    real, imaginary = b.multi("Split", c.ints(rank), whole, num_split=2)
    return real, imaginary
