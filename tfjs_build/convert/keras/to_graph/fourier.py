"""Discrete Fourier transforms as Keras has them: of two tensors, and of windows, which are convolutions with waves."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.decompose.spectra import inverse_waves, waves
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape, times, vector
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.rules.core import matmul

_LONGEST: Final = 512


def transformed(
    c: Context, real: Value, imaginary: Value | None, length: int, *, inverse: bool = False, half: bool = False
) -> tuple[Value, Value]:
    """Return the transform along the last axis, which has that length, as real and imaginary part; `half` leaves out
    what follows from the rest for real numbers."""
    b = c.b
    whole = b.Complex(real, b.ZerosLike(real) if imaginary is None else imaginary)
    y = b.RFFT(real, c.ints([length])) if half else b.IFFT(whole) if inverse else b.FFT(whole)
    return b.Real(y), b.Imag(y)


def real_inverse(c: Context, real: Value, imaginary: Value, length: int) -> Value:
    """Return the real numbers of that many whose half transform is given; what it lacks counts as zeros."""
    c.require(0 < length <= _LONGEST, f"fft_length={length} is not supported, only from 1 to {_LONGEST}")
    count = min(length // 2 + 1, c.fixed(real, -1))
    if c.fixed(real, -1) > count:
        real, imaginary = (_first(c, part, count) for part in (real, imaginary))
    cosine, sine = inverse_waves(count, length)
    return matmul(c, real, c.constant(cosine)) - matmul(c, imaginary, c.constant(sine))


def _first(c: Context, x: Value, count: int) -> Value:
    rank = c.rank(x)
    return c.b.Slice(x, c.ints([0] * rank), c.ints([-1] * (rank - 1) + [count]))


def short_time(
    c: Context, x: Value, sequence: int, stride: int, length: int, window: str | None, *, center: bool
) -> tuple[Value, Value]:
    """Return the transforms of windows of the last axis, as [..., window, frequency]."""
    b = c.b
    c.axis(x, -1)
    rank = c.rank(x)
    _require_short(c, length)
    shape = _window(c, sequence, length, window)
    if center:
        x = b.MirrorPad(x, c.ints([[0, 0]] * (rank - 1) + [[length // 2] * 2]), mode="REFLECT")
    sizes = c.sizes(x)
    flat = reshape(b, x, [product(b, sizes[:-1]), 1, sizes[-1], 1])
    count = length // 2 + 1
    cosine, sine = waves(length, count)
    kernels = np.concatenate([cosine, -sine], axis=1) * shape[:, None]
    kernel = c.constant(kernels.reshape(1, length, 1, 2 * count))
    step = [1, 1, stride, 1]
    y = b.Conv2D(flat, kernel, strides=step, padding="VALID", data_format="NHWC", dilations=[1] * 4)
    whole = reshape(b, y, [*sizes[:-1], c.size(y, 2), 2 * count])
    real, imaginary = b.multi("Split", c.ints(rank), whole, num_split=2)
    return real, imaginary


def _require_short(c: Context, length: int) -> None:
    """Refuse windows that would be a convolution of too large a kernel."""
    c.require(length <= 4 * _LONGEST, f"fft_length={length} is not supported, only up to {4 * _LONGEST}")


def _window(c: Context, sequence: int, length: int, window: str | None) -> NDArray[np.float64]:
    """Return a window of `sequence` numbers in the middle of `length`. Keras refuses one that is longer than that."""
    c.require(
        sequence <= length,
        f"sequence_length={sequence} is not supported with fft_length={length}, only up to this",
        "Use a larger fft_length.",
    )
    shape = np.ones(sequence)
    if window is not None:
        c.one_of("window", window, ("hann", "hamming"))
        base = 0.5 if window == "hann" else 0.54
        # TensorFlow's windows of an odd length are symmetric, asked to be periodic or not.
        period = max(1, sequence - sequence % 2)
        shape = base - (1 - base) * np.cos(2 * np.pi * np.arange(sequence) / period) if sequence > 1 else shape
    before = (length - sequence) // 2
    return np.pad(shape, (before, length - sequence - before))


def overlapped(
    c: Context, real: Value, imaginary: Value, sequence: int, stride: int, length: int, window: str | None
) -> Value:
    """Return the sums of windows whose transforms are given, [..., window, frequency], as the last axis."""
    b = c.b
    _require_short(c, length)
    count = min(length // 2 + 1, c.fixed(real, -1))
    if c.fixed(real, -1) > count:
        real, imaginary = (_first(c, part, count) for part in (real, imaginary))
    cosine, sine = inverse_waves(count, length)
    waves = np.concatenate([cosine, -sine])
    if window is not None:
        shape = _window(c, sequence, length, window)
        overlaps = -(-length // stride)
        squares = np.pad(shape**2, (0, overlaps * stride - length)).reshape(overlaps, stride).sum(0)
        with np.errstate(divide="ignore", invalid="ignore"):
            waves = waves * (shape / np.tile(squares, overlaps)[:length])
    c.require(
        bool(np.isfinite(waves).all()),
        f"sequence_stride={stride} is not supported with this window of sequence_length={sequence}: some places are in "
        "no window, and Keras computes 0 / 0 there",
        "Use a smaller sequence_stride.",
    )
    *lead, frames, _ = c.sizes(real)
    rows = product(b, lead)
    flat = reshape(b, c.concat([real, imaginary], -1), [rows, 1, frames, 2 * count])
    kernel = c.constant(waves.T.reshape(1, length, 1, 2 * count))
    more: Size = times(b, frames - 1 if isinstance(frames, int) else b.Sub(frames, 1), stride)
    total = more + length if isinstance(more, int) else b.AddV2(more, length)
    target = vector(b, [rows, 1, total, 1])
    step = [1, 1, stride, 1]
    y = b.Conv2DBackpropInput(
        target, kernel, flat, strides=step, padding="VALID", data_format="NHWC", dilations=[1] * 4
    )
    return reshape(b, y, [*lead, total])
