"""Fourier transforms: TensorFlow.js does not read their length."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value


@rule("RFFT")
def _rfft(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, length = inputs
    if length.ints is None:
        raise refuse(b, "RFFT", "its length is not known when converting.")
    long = _of_length(b, "RFFT", x, length.ints[0])
    return None if long is x else b.RFFT(long, length)


@rule("IRFFT")
def _irfft(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js gives twice as many numbers as the spectrum has, less two."""
    x, length = inputs
    if length.ints is None or length.ints[0] % 2:
        raise refuse(b, "IRFFT", "its length is odd, or not known when converting.")
    long = _of_length(b, "IRFFT", x, length.ints[0] // 2 + 1)
    return None if long is x else b.IRFFT(long, length)


def _of_length(b: Builder, op: str, x: Value, wanted: int) -> Value:
    """Return `x` cut, or filled up with zeros, to `wanted` numbers along its last axis."""
    if x.shape is None or x.shape[-1] is None:
        raise refuse(b, op, "the length of its input is not known when converting.")
    there, rank = x.shape[-1], len(x.shape)
    if wanted < there:
        return b.Slice(x, [0] * rank, [-1] * (rank - 1) + [wanted])
    if wanted > there:
        return b.Pad(x, [[0, 0]] * (rank - 1) + [[0, wanted - there]])
    return x
