"""Fourier transforms: TensorFlow.js does not read their length."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule


@rule("RFFT")
def _rfft(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """Cut the signal, or fill it up with zeros, to the length of the transform."""
    x, length = inputs
    if x.shape is None or x.shape[-1] is None or length.ints is None:
        raise refuse(b, "RFFT", "its length is not known when converting.")
    wanted, there = length.ints[0], x.shape[-1]
    if wanted == there:
        return None
    rank = len(x.shape)
    if wanted < there:
        x = b.Slice(x, [0] * rank, [-1] * (rank - 1) + [wanted])
    else:
        x = b.Pad(x, [[0, 0]] * (rank - 1) + [[0, wanted - there]])
    return b.RFFT(x, length)


@rule("IRFFT")
def _irfft(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, length = inputs
    if x.shape is None or x.shape[-1] is None or length.ints is None or length.ints[0] != 2 * (x.shape[-1] - 1):
        raise refuse(b, "IRFFT", "only the length that belongs to the whole spectrum is covered.")
    return None
