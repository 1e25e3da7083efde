"""Complex numbers: what moves or adds numbers does so with the real and imaginary parts, which TensorFlow.js can."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, rule
from tfjs_build.convert.graph.dtypes import COMPLEX
from tfjs_build.convert.graph.ir import Value

_NAMES: Final = (
    "Add AddV2 BroadcastTo Gather GatherNd GatherV2 Mean Neg Pad Reverse ReverseV2 Roll SelectV2 Slice Split SplitV"
    " StridedSlice Sub Sum Tile Transpose Unpack ZerosLike"
)
BY_PARTS: Final = frozenset(_NAMES.split())
"""Ops whose result has as its parts their results for the parts."""


def _by_parts(op: str) -> Decomposition:
    def parts(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        real = b.node(op, [b.Real(x) if x.dtype in COMPLEX else x for x in inputs], attrs)
        imaginary = b.node(op, [b.Imag(x) if x.dtype in COMPLEX else x for x in inputs], attrs)
        return [b.Complex(*pair) for pair in zip(real, imaginary, strict=True)]

    return parts


@rule("Complex")
def _complex(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js wants parts of one shape."""
    real, imaginary = inputs
    if _of_one_shape(real, imaginary):
        return None
    return b.Complex(real + b.ZerosLike(imaginary), imaginary + b.ZerosLike(real))


_ENTRYWISE: Final = frozenset(
    {"Add", "AddV2", "Cos", "Exp", "Mul", "Neg", "Real", "Imag", "RealDiv", "Sin", "Sub", "ZerosLike"}
)
_DEPTH: Final = 8


def _of_one_shape(first: Value, second: Value, depth: int = _DEPTH) -> bool:
    """Whether two tensors surely have one shape, as they are made in one way out of such."""
    if first is second or (first.static is not None and first.static == second.static):
        return True
    one, other = first.node, second.node
    pairs = list(zip(one.inputs, other.inputs, strict=False))
    if not depth or not pairs or len(one.inputs) != len(other.inputs):
        return False
    if one.op in _ENTRYWISE and other.op in _ENTRYWISE:
        crossed = [*zip(one.inputs, reversed(other.inputs), strict=True)]
        return any(all(_of_one_shape(a, b, depth - 1) for a, b in each) for each in (pairs, crossed))
    if one.op != other.op or one.op not in BY_PARTS | {"MatMul", "Reshape"} or one.attrs != other.attrs:
        return False
    return all(
        _of_one_shape(a, b, depth - 1)
        if a.dtype in ("float32", *COMPLEX)
        else a is b or (a.ints is not None and a.ints == b.ints)
        for a, b in pairs
    )


def _product(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, y = inputs
    real, imaginary = (b.Real(x), b.Real(y)), (b.Imag(x), b.Imag(y))
    return b.Complex(
        real[0] * real[1] - imaginary[0] * imaginary[1],
        real[0] * imaginary[1] + imaginary[0] * real[1],
    )


OF_COMPLEX: Final[dict[str, Decomposition]] = {**{op: _by_parts(op) for op in BY_PARTS}, "Mul": _product}
"""Decompositions of ops of complex numbers that are others for other numbers."""


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
