"""Probes of ops that work number by number: one operand, two, a choice between two, and casts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tools.backends.probe import RANKS, Numbers, Probe, empty_of, fixed, probe, shape_of

_ANY = (
    "Abs Asinh Atan Cos Cosh Elu Erf Exp Expm1 Floor Ceil IsFinite IsInf IsNan LeakyRelu Neg Relu Relu6 Round Selu"
    " Sigmoid Sign Sin Sinh Softplus Square Tanh"
)
_ABOVE_1 = "Log Log1p Reciprocal Rsqrt Sqrt Acosh"
_BELOW_1 = "Acos Asin Atanh Tan"
_INTEGERS = "Abs Neg Sign Square"
_LARGE = 70_000  # beyond the side of a texture

_BINARY = "Add AddV2 Maximum Minimum Mul Sub SquaredDifference"
_DIVISIONS = "FloorDiv FloorMod"
_FLOATS = "Atan2 DivNoNan RealDiv"
_COMPARISONS = "Equal Greater GreaterEqual Less LessEqual NotEqual"


def probes() -> Iterator[Probe]:
    """Yield all of them."""
    yield from _unary()
    yield from _binary()
    yield from _select()
    yield from _casts()


def _unary() -> Iterator[Probe]:
    numbers = Numbers(1)
    shapes = [*map(shape_of, RANKS), empty_of(2), empty_of(5), (_LARGE,)]
    for shape in shapes:
        for op in _ANY.split():
            yield probe(op, numbers(shape), **({"alpha": 0.3} if op == "LeakyRelu" else {}))
        for op in _ABOVE_1.split():
            yield probe(op, numbers.between(1.1, 3, *shape))
        for op in _BELOW_1.split():
            yield probe(op, numbers.between(-0.9, 0.9, *shape))
        for op in _INTEGERS.split():
            yield probe(op, numbers(shape, "int32"))
        yield probe("LogicalNot", numbers(shape, "bool"))
        yield probe("ClipByValue", numbers(shape), -0.5, 0.7)
        for dtype in ("float32", "int32", "bool", "string"):
            yield probe("Identity", numbers(shape, dtype))
            if dtype != "string":
                yield probe("ZerosLike", numbers(shape, dtype))
                yield probe("OnesLike", numbers(shape, dtype))
        for op in ("Real", "Imag", "ComplexAbs", "Conj"):
            if op != "Conj":
                yield probe(op, numbers(shape, "complex64"))
        yield probe("Complex", numbers(shape), numbers(shape))
        if shape:
            slope = numbers.between(0.1, 0.9, shape[-1])
            yield probe("Prelu", numbers(shape), fixed(slope), reference=_prelu)
            yield probe("Prelu", numbers(shape), fixed(numbers.between(0.1, 0.9, *shape[1:])), reference=_prelu)


def _prelu(tf: Any, x: Any, slope: Any) -> Any:
    return tf.where(x >= 0, x, x * slope)


def _pairs() -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    for rank in RANKS:
        shape = shape_of(rank)
        yield shape, shape
        if rank:
            yield shape, ()
            yield (), shape
        if rank > 1:
            yield shape, shape[-1:]
            yield shape[-1:], shape
            yield shape, (1,) * (rank - 1) + shape[-1:]
            yield shape, shape[:1] + (1,) * (rank - 1)
            yield shape[:1] + (1,) * (rank - 1), (1, *shape[1:])
        if rank > 2:
            yield shape, shape[1:]
            yield shape, shape[-2:]
    yield empty_of(2), empty_of(2)
    yield empty_of(5), empty_of(5)
    yield empty_of(2), (3,)
    yield (_LARGE,), (_LARGE,)
    yield (300, 300), (300,)


def _binary() -> Iterator[Probe]:
    numbers = Numbers(2)
    for a, b in _pairs():
        for op in _BINARY.split():
            yield probe(op, numbers(a), numbers(b))
            yield probe(op, numbers(a, "int32"), numbers(b, "int32"))
        for op in _DIVISIONS.split():
            # Quotients near whole numbers are rounded this way or that, which is nobody's fault.
            divisor = np.asarray(2.0 ** numbers.whole(-1, 2, *b), np.float32)
            yield probe(op, np.asarray(numbers.whole(-9, 10, *a) + 0.25, np.float32), divisor)
            yield probe(op, numbers(a, "int32"), numbers.whole(1, 5, *b))
        for op in _FLOATS.split():
            yield probe(op, numbers(a), numbers.between(0.5, 2, *b))
        yield probe("Pow", numbers.between(0.2, 2, *a), numbers(b))
        yield probe("Pow", numbers.whole(1, 10, *a), numbers.whole(0, 5, *b))
        for op in _COMPARISONS.split():
            for dtype in ("float32", "int32"):
                yield probe(op, np.round(numbers(a, dtype)), np.round(numbers(b, dtype)))
        for op in ("Equal", "NotEqual"):
            for dtype in ("bool", "string"):
                yield probe(op, numbers(a, dtype), numbers(b, dtype))
        for op in ("LogicalAnd", "LogicalOr"):
            yield probe(op, numbers(a, "bool"), numbers(b, "bool"))
    for rank in RANKS[2:]:
        yield probe("BiasAdd", numbers(shape_of(rank)), fixed(numbers(shape_of(rank)[-1:])))
        yield probe("AddN", *[numbers(shape_of(rank)) for _ in range(3)])


def _select() -> Iterator[Probe]:
    numbers = Numbers(3)
    for a, b in _pairs():
        both = np.broadcast_shapes(a, b)
        for dtype in ("float32", "int32", "bool"):
            yield probe("SelectV2", numbers(both, "bool"), numbers(a, dtype), numbers(b, dtype))
            yield probe("SelectV2", numbers(a, "bool"), numbers(b, dtype), numbers(both, dtype))


def _casts() -> Iterator[Probe]:
    numbers = Numbers(4)
    for shape in [*map(shape_of, RANKS), empty_of(2)]:
        for source in ("float32", "int32", "bool"):
            for target in ("float32", "int32", "bool"):
                yield probe("Cast", numbers(shape, source), SrcT=source, DstT=target)
