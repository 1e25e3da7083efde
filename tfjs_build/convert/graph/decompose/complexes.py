"""Complex numbers: what moves or adds numbers does so with the real and imaginary parts, which TensorFlow.js can."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, rule
from tfjs_build.convert.graph.dtypes import COMPLEX

_NAMES: Final = (
    "BroadcastTo Gather GatherNd GatherV2 Mean Neg Pad Reverse ReverseV2 Roll SelectV2 Slice Split SplitV StridedSlice"
    " Sum Tile Transpose Unpack ZerosLike"
)
BY_PARTS: Final = frozenset(_NAMES.split())
"""Ops whose result has as its parts their results for the parts."""


def by_parts(op: str) -> Decomposition:
    """Return the rule of an op that is in `BY_PARTS`, for complex inputs."""

    def parts(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        real = b.node(op, [b.Real(x) if x.dtype in COMPLEX else x for x in inputs], attrs)
        imaginary = b.node(op, [b.Imag(x) if x.dtype in COMPLEX else x for x in inputs], attrs)
        return [b.Complex(*pair) for pair in zip(real, imaginary, strict=True)]

    return parts


@rule("Complex")
def _complex(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js wants parts of one shape."""
    real, imaginary = inputs
    if real.static is not None and real.shape == imaginary.shape:
        return None
    return b.Complex(real + b.ZerosLike(imaginary), imaginary + b.ZerosLike(real))


@rule("Exp")
def _exponential(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x = inputs[0]
    if x.dtype not in COMPLEX:
        return None
    size, angle = b.Exp(b.Real(x)), b.Imag(x)
    return b.Complex(size * b.Cos(angle), size * b.Sin(angle))


@rule("RealDiv")
def _quotient(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """Multiply by the divisor's conjugate, divide by its square."""
    x, y = inputs
    if x.dtype not in COMPLEX:
        return None
    product = x * b.Conj(y)
    square = b.Square(b.Real(y)) + b.Square(b.Imag(y))
    return b.Complex(b.Real(product) / square, b.Imag(product) / square)
