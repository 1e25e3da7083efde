"""Operators of Fourier's transform."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import rule


@rule("RFFT2D")
def spectrum(c: Call) -> Value:
    """Along the last axis; converters use it for frames of sound, with a transform of length 1 along the other one."""
    lengths = c.ints(1)
    if len(lengths) != 2 or lengths[0] != 1 or c.size(c.x, -2) != 1:
        raise c.refuse("only transforms along the last axis are supported")
    return c.b.RFFT(c.x, [lengths[1]])
