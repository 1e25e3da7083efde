"""Means, sums, squares and roots in ops that take fewer programs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.graph.running import left
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.programs import fewer_programs
from tfjs_build.convert.graph.simplify import simplify

PASSES = (fewer_programs, simplify)
IMAGE = (None, 4, 5, 6)

FEWER: dict[str, tuple[Callable[[Builder, Value], Value], tuple[int | None, ...], list[str]]] = {
    "a pooling": (lambda b, x: b.Mean(x, [1, 2]), IMAGE, ["Reshape", "BatchMatMulV2", "Reshape"]),
    "a squeeze": (lambda b, x: b.Mean(x, [1, 2], keep_dims=True), IMAGE, ["Reshape", "BatchMatMulV2", "Reshape"]),
    "a sum of steps": (lambda b, x: b.Sum(x, [1]), (None, 7, 6), ["BatchMatMulV2", "Reshape"]),
    "rows": (lambda b, x: b.Mean(x, [-1], keep_dims=True), (None, 6), ["MatMul"]),
    "rows of a stack": (lambda b, x: b.Sum(x, [-1]), (None, 3, 6), ["Reshape", "MatMul", "Reshape"]),
    "with a number": (lambda b, x: b.Mean(x, [-1], keep_dims=True) + 0.5, (None, 6), ["_FusedMatMul"]),
    "in two steps": (
        lambda b, x: b.Mean(x, [1, 2]),
        (1, 40, 50, 2),
        ["Reshape", "BatchMatMulV2", "Reshape", "BatchMatMulV2", "Reshape"],
    ),
    "a square": (lambda b, x: b.Square(b.Tanh(x)), (None, 6), ["Tanh", "Mul"]),
    "a root": (lambda b, x: x * b.Rsqrt(b.Abs(x) + 1.0), (None, 6), ["Abs", "AddV2", "Sqrt", "RealDiv"]),
}

STAYS: dict[str, tuple[Callable[[Builder, Value], Value], tuple[int | None, ...], list[str]]] = {
    "axes apart": (lambda b, x: b.Mean(x, [1, 3]), IMAGE, ["Mean"]),
    "free sizes": (lambda b, x: b.Mean(x, [1, 2]), (None, None, None, 6), ["Mean"]),
    "one row": (lambda b, x: b.Sum(x, [0]), (6,), ["Sum"]),
    "too many terms in a row": (lambda b, x: b.Sum(x, [1]), (2, 1001), ["Sum"]),
    "terms that do not divide": (lambda b, x: b.Sum(x, [1]), (2, 1009, 2), ["Sum"]),
    "a root that is read": (
        lambda b, x: (lambda r: b.AddV2(x * r, r))(b.Rsqrt(b.Abs(x) + 1.0)),
        (None, 6),
        ["Abs", "AddV2", "Rsqrt", "Mul", "AddV2"],
    ),
}


@pytest.mark.parametrize("name", FEWER)
def test_what_takes_fewer(name: str) -> None:
    make, shape, ops = FEWER[name]
    assert left(PASSES, make, shape) == ops


@pytest.mark.parametrize("name", STAYS)
def test_what_stays(name: str) -> None:
    make, shape, ops = STAYS[name]
    assert left(PASSES, make, shape) == ops
