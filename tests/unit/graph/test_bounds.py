"""Bounds on whole numbers: constants, types, sizes, arithmetic, loops."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
import pytest

from tfjs_build.convert.graph.bounds import FLOAT_INTEGERS, SIZE, Bound, walk
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Port, Value


def bound_of(build: Callable[..., Value], dtype: str = "int32") -> Bound:
    """Return the bound on what is built of an input of three columns."""
    b = Builder()
    x = b.input("x", (None, 3), dtype)
    y = build(b, x)
    [found] = {bounds[y] for node, bounds in walk(Graph([Port("x", x)], [Port("y", y)])) if node is y.node}
    return found


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda b, x: x, (-inf, inf)),
        (lambda b, x: b.Maximum(b.Minimum(x, 7), -2), (-2, 7)),
        (lambda b, x: b.ClipByValue(x, -2, 7), (-2, 7)),
        (lambda b, x: b.Minimum(x, 7), (-inf, 7)),
        (lambda b, x: b.Relu(x), (0, inf)),
        (lambda b, x: b.Abs(b.ClipByValue(x, -9, 7)), (0, 9)),
        (lambda b, x: b.FloorMod(x, 10), (0, 10)),
        (lambda b, x: b.ClipByValue(x, -2, 7) * -3 + 1, (-20, 7)),
        (lambda b, x: -b.ClipByValue(x, -2, 7), (-7, 2)),
        (lambda b, x: 1 - b.ClipByValue(x, -2, 7), (-6, 3)),
        (lambda b, x: b.Sum(b.ClipByValue(x, -2, 7), [1]), (-6, 21)),
        (lambda b, x: b.Sum(b.ClipByValue(x, -2, 7), [0]), (-2 << 16, 7 << 16)),
        (lambda b, x: b.SelectV2(b.Greater(x, 0), 40, -30), (-30, 40)),
        (lambda b, x: b.Reshape(b.ConcatV2(b.ClipByValue(x, 1, 7), [[9, 9, 9]], 0), [-1]), (1, 9)),
        (lambda b, x: b.GatherV2(b.const([4, -5], "int32"), x, 0), (-5, 4)),
        (lambda b, x: b.ArgMax(b.Cast(x, DstT="float32"), 1), (0, 3)),
        (lambda b, x: b.Cast(b.Greater(x, 5), DstT="int32"), (0, 1)),
        (lambda b, x: b.Cast(b.Sigmoid(b.Cast(x, DstT="float32")) * 255.0, DstT="int32"), (0, 255)),
    ],
)
def test_arithmetic(build: Callable[..., Value], expected: tuple[float, float]) -> None:
    assert bound_of(build) == expected


@pytest.mark.parametrize(
    "build",
    [
        lambda b, x: b.Shape(x),
        lambda b, x: b.Mul(b.Size(x), b.Size(x)),
        lambda b, x: b.Cumsum(b.Cast(b.Greater(x, 5), DstT="int32"), 0) * 3,
        lambda b, x: b.Range(0, b.Size(x), 1),
    ],
)
def test_sizes_and_counts_are_numbers_that_floats_hold(build: Callable[..., Value]) -> None:
    found = bound_of(build)
    assert found is SIZE
    assert not found.wide


@pytest.mark.parametrize(("dtype", "wide"), [("uint8", False), ("int16", False), ("int32", True), ("int64", True)])
def test_types(dtype: str, wide: bool) -> None:
    assert bound_of(lambda b, x: x, dtype).wide is wide


@pytest.mark.parametrize(("number", "wide"), [(FLOAT_INTEGERS, False), (FLOAT_INTEGERS + 1, True), (-(1 << 30), True)])
def test_constants(number: int, wide: bool) -> None:
    assert bound_of(lambda b, x: b.const(np.array([1, number], np.int32))).wide is wide


def test_a_loop_s_variable_is_as_what_it_starts_from() -> None:
    b = Builder()
    x = b.input("x", (), "int32")

    def function(build: Callable[..., Any]) -> Graph:
        inner = Builder()
        i, n = inner.input("i", (), "int32"), inner.input("n", (), "int32")
        values = build(inner, i, n)
        return Graph([Port("i", i), Port("n", n)], [Port(str(at), value) for at, value in enumerate(values)])

    cond = function(lambda inner, i, n: [inner.Less(i, n)])
    body = function(lambda inner, i, n: [i + 1, n])
    start = b.const(0, "int32")
    loop = b.node("StatelessWhile", [start, x], {"cond": cond, "body": body}, given=[((), "int32"), ((), "int32")])
    graph = Graph([Port("x", x)], [Port("y", loop[0])])
    assert [bounds[node.outputs[0]] for node, bounds in walk(graph) if node.op == "AddV2"] == [Bound(1, 1)]
