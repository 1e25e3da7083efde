"""Fourier transforms: short ones as products with matrices of cosines and sines, which every backend has.

TensorFlow.js has ops for the others, but not on wasm. It does not read their length, has one axis only, and real ones
of even length.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape, size

_LONGEST: Final = 512
"""Of longer ones the matrices would be more than a model's own weights."""


@rule("RFFT")
def _rfft(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, length = inputs
    [wanted] = _lengths(b, "RFFT", length, 1)
    long = _of_length(b, "RFFT", x, -1, wanted)
    if 0 < wanted <= _LONGEST:
        cosine, sine = waves(wanted, wanted // 2 + 1)
        return b.Complex(_product(b, long, cosine), _product(b, long, -sine))
    return None if long is x else b.RFFT(long, length)


@rule("IRFFT")
def _irfft(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js gives twice as many numbers as the spectrum has, less two, and as a matrix whatever the rank."""
    x, length = inputs
    [wanted] = _lengths(b, "IRFFT", length, 1)
    half = wanted // 2 + 1
    long = _of_length(b, "IRFFT", x, -1, half)
    if 0 < wanted <= _LONGEST:
        cosine, sine = inverse_waves(half, wanted)
        return _product(b, b.Real(long), cosine) - _product(b, b.Imag(long), sine)
    if wanted % 2:
        return b.Real(b.IFFT(_mirrored(b, long, half)))
    sizes = [size(b, long, axis) for axis in range((x.rank or 1) - 1)]
    if len(sizes) == 1:
        return None if long is x else b.IRFFT(long, length)
    return reshape(b, b.IRFFT(b.Reshape(long, [-1, half]), length), [*sizes, wanted])


def _whole(sign: float) -> Decomposition:
    def transformed(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        x = inputs[0]
        length = x.shape[-1] if x.shape else None
        if not length or length > _LONGEST:
            return None
        cosine, sine = waves(length, length)
        if sign > 0:  # the inverse
            cosine, sine = cosine / length, sine / length
        real, imaginary = b.Real(x), b.Imag(x)
        return b.Complex(
            _product(b, real, cosine) - _product(b, imaginary, sign * sine),
            _product(b, real, sign * sine) + _product(b, imaginary, cosine),
        )

    return transformed


rule("FFT")(_whole(-1.0))
rule("IFFT")(_whole(1.0))


def waves(length: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the cosines and sines, as [number, frequency], of the first `count` frequencies of `length` numbers."""
    angle = 2 * np.pi * np.outer(np.arange(length), np.arange(count)) / length
    return np.cos(angle), np.sin(angle)


def inverse_waves(count: int, length: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each of `count` frequencies adds to `length` numbers, as [frequency, number], by its real part and
    (taken away) by its imaginary part."""
    cosine, sine = waves(length, count)
    # All but the first and the last of an even length stand for their mirror image, too.
    weight = np.where((np.arange(count) == 0) | (2 * np.arange(count) == length), 1.0, 2.0)[:, None] / length
    return cosine.T * weight, sine.T * weight


def _product(b: Builder, x: Value, matrix: NDArray[np.float64]) -> Value:
    """Return the product of the last axis of `x` with a matrix."""
    constant = b.const(matrix.astype(np.float32), "float32")
    if x.rank == 2:
        return b.MatMul(x, constant)
    sizes = [size(b, x, axis) for axis in range((x.rank or 1) - 1)]
    return reshape(b, b.MatMul(b.Reshape(x, [-1, len(matrix)]), constant), [*sizes, matrix.shape[1]])


def _mirrored(b: Builder, x: Value, half: int) -> Value:
    """Return the whole spectrum, of odd length, of real numbers: all but its first entry stand for a conjugate, too."""
    last = (x.rank or 1) - 1
    real, imaginary = b.Real(x), b.Imag(x)
    parts = (
        b.ReverseV2(b.Slice(part, [0] * last + [1], [-1] * last + [half - 1]), [last]) for part in (real, imaginary)
    )
    first, second = parts
    return b.Complex(b.ConcatV2(real, first, last), b.ConcatV2(imaginary, -second, last))


def _several(op: str, along: str, count: int) -> Decomposition:
    def transformed(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        """Transform along each of the last axes."""
        x = inputs[0]
        for back in range(1, count + 1):
            x = _along(b, op, along, x, back)
        return x

    return transformed


for _op, _one, _count in (("FFT2D", "FFT", 2), ("FFT3D", "FFT", 3), ("IFFT2D", "IFFT", 2), ("IFFT3D", "IFFT", 3)):
    rule(_op)(_several(_op, _one, _count))


def _along(b: Builder, op: str, along: str, x: Value, back: int) -> Value:
    """Transform along the axis that is `back` from the end."""
    if x.rank is None:
        raise refuse(b, op, "the rank of its input is not known.")
    if back == 1:
        return b.node(along, [x], {})[0]
    axis = x.rank - back
    turned = [*range(axis), x.rank - 1, *range(axis + 1, x.rank - 1), axis]
    return b.Transpose(b.node(along, [b.Transpose(x, turned)], {})[0], turned)


def _real(op: str, count: int) -> Decomposition:
    def transformed(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        """Transform real numbers along the last axis, then the complex ones along those before it."""
        x, length = inputs
        lengths = _lengths(b, op, length, count)
        for axis, wanted in enumerate(lengths):
            x = _of_length(b, op, x, axis - count, wanted)
        x = b.RFFT(x, [lengths[-1]])
        for back in range(2, count + 1):
            x = _along(b, op, "FFT", x, back)
        return x

    return transformed


def _real_inverse(op: str, count: int) -> Decomposition:
    def transformed(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        """Undo the transforms along the first axes, then the one along the last."""
        x, length = inputs
        lengths = _lengths(b, op, length, count)
        for axis, wanted in enumerate((*lengths[:-1], lengths[-1] // 2 + 1)):
            x = _of_length(b, op, x, axis - count, wanted)
        for back in range(count, 1, -1):
            x = _along(b, op, "IFFT", x, back)
        return b.IRFFT(x, [lengths[-1]])

    return transformed


for _op, _inverse, _count in (("RFFT2D", "IRFFT2D", 2), ("RFFT3D", "IRFFT3D", 3)):
    rule(_op)(_real(_op, _count))
    rule(_inverse)(_real_inverse(_inverse, _count))


def _lengths(b: Builder, op: str, length: Value, count: int) -> tuple[int, ...]:
    if length.ints is None or len(length.ints) != count:
        raise refuse(
            b,
            op,
            "its length is not known when converting (fft_length).",
            "Give it a constant fft_length, or the size of its input.",
        )
    return length.ints


def _of_length(b: Builder, op: str, x: Value, axis: int, wanted: int) -> Value:
    """Return `x` cut, or filled up with zeros, to `wanted` numbers along an axis that is counted from the end."""
    there = None if x.shape is None else x.shape[axis]
    if there is None or x.rank is None:
        raise refuse(
            b, op, "the length of its input is not known when converting.", "Give the input that size in the signature."
        )
    at = x.rank + axis
    if wanted < there:
        return b.Slice(x, [0] * x.rank, [wanted if i == at else -1 for i in range(x.rank)])
    if wanted > there:
        return b.Pad(x, [[0, wanted - there if i == at else 0] for i in range(x.rank)])
    return x
