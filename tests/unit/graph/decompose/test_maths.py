"""Decompositions of maths, of a number at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import POSITIVE, X, lowered, nodes_of, one
from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import Lowering, decompose
from tfjs_build.convert.graph.ir import Array, Graph, Port, Value


@pytest.mark.parametrize(
    ("op", "arrays", "expected"),
    [
        ("Erfc", [X], np.vectorize(math.erfc)(X)),
        ("Softsign", [X], X / (1 + np.abs(X))),
        ("Inv", [X], 1 / X),
        ("Rint", [X * 3], np.rint(X * 3)),
        ("Xlogy", [np.where(X > 0, X, 0), np.zeros_like(X) + (X > 0)], np.zeros_like(X)),
        ("Xdivy", [np.zeros_like(X), np.zeros_like(X)], np.zeros_like(X)),
        ("MulNoNan", [np.full_like(X, np.inf), np.zeros_like(X)], np.zeros_like(X)),
        ("FloorDiv", [X, POSITIVE], np.floor(X / POSITIVE)),
        ("Mod", [X * 4, POSITIVE], np.fmod(X * 4, POSITIVE)),
    ],
)
def test_maths(op: str, arrays: list[Array], expected: Array) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        np.testing.assert_allclose(one(op, arrays), expected, rtol=1e-5, atol=1e-6)


ODD = np.array([np.nan, np.inf, -np.inf, 1e30, -1e-30, 0, 2.5, -2.5], np.float32)


@pytest.mark.parametrize(
    ("op", "arrays", "expected"),
    [
        ("Sign", [ODD], np.sign(ODD)),
        ("Mod", [ODD[5:], np.full(3, -np.inf)], ODD[5:]),
        ("Mod", [ODD[:3], np.full(3, 2.0)], np.full(3, np.nan)),
        ("ClipByValue", [ODD, np.full(8, 1.0), np.full(8, -1.0)], np.array([np.nan, *[1.0] * 7])),
        ("Xlogy", [np.zeros(8), ODD], np.zeros(8)),
    ],
)
def test_maths_of_odd_numbers(op: str, arrays: list[Array], expected: Array) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        np.testing.assert_array_equal(one(op, arrays), expected.astype(np.float32))


@pytest.mark.parametrize(("op", "expected"), [("Abs", np.abs), ("Neg", np.negative)])
def test_integers_keep_their_digits(op: str, expected: Callable[[Array], Array]) -> None:
    """The absolute value and the negative go through floats in some kernels: neither is among what is published."""
    whole = np.array([2**31 - 1, -(2**31) + 1, 16777217, -5])
    np.testing.assert_array_equal(one(op, [whole], "int32"), expected(whole))
    published = nodes_of(lambda b, x: b.node(op, [x], {})[0], (4,), "int32")
    assert {node.op for node in published} <= {"Sub", "Maximum"}


@pytest.mark.parametrize("op", ["Maximum", "Minimum"])
@pytest.mark.parametrize("constant", [0, 1])
def test_a_constant_comes_last_in_a_maximum(op: str, constant: int) -> None:
    """wasm overlooks NaN in the second input."""

    def build(b: Builder, x: Value) -> Value:
        values = [x, b.const(0.0)]
        return b.node(op, values[::-1] if constant == 0 else values, {})[0]

    (node,) = nodes_of(build, (4,), "float32")
    assert (node.op, node.inputs[1].node.op) == (op, "Const")


WHOLE, STEPS = np.arange(-9, 9).reshape(3, 6), np.array([[1, 2, 3, -1, -2, -3]] * 3)


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("TruncateDiv", np.trunc(WHOLE / STEPS)),
        ("Div", np.trunc(WHOLE / STEPS)),
        ("TruncateMod", np.fmod(WHOLE, STEPS)),
        ("FloorDiv", WHOLE // STEPS),
    ],
)
def test_integer_division(op: str, expected: Array) -> None:
    result = one(op, [WHOLE, STEPS], "int32")
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == np.int32


def test_the_mean_of_integers_is_cut_off() -> None:
    values = np.array([[-3, -4], [3, 4]])
    result = lowered("Mean", [values, [1]], ["int32", "const int32"], {})[0]
    np.testing.assert_array_equal(result, [-3, 3])


@pytest.mark.parametrize(("dtype", "expected"), [("uint8", [44, 200]), ("int8", [44, -56])])
def test_types_of_few_bits_wrap_around(dtype: str, expected: list[int]) -> None:
    result = lowered("Cast", [[300, 200]], ["int32"], {"DstT": dtype})[0]
    np.testing.assert_array_equal(result, expected)
    b = Builder()
    x = b.input("x", (1,), dtype)
    graph = decompose(Graph([Port("x", x)], [Port("y", x + x)]))
    np.testing.assert_array_equal(run(graph, {"x": [100]})["y"], [200 if dtype == "uint8" else -56])


def test_a_cast_to_bool_asks_whether_a_number_is_zero() -> None:
    np.testing.assert_array_equal(one("Cast", [[[0.0, 0.5, 256.0, -1.0]]], DstT="bool"), [[False, True, True, True]])


def test_fake_quantization() -> None:
    levels = one("FakeQuantWithMinMaxArgs", [X], min=-1.0, max=2.0, num_bits=4)
    step = 3 / 15
    np.testing.assert_allclose(levels, np.round(np.clip(X, -1, 2) / step) * step, atol=1e-6)


def test_bits_by_arithmetic() -> None:
    numbers, places = np.array([[-99, 0, 7]], np.int32), np.array([[3, 2, 0]], np.int32)
    np.testing.assert_array_equal(one("Invert", [numbers], "int32"), ~numbers)
    np.testing.assert_array_equal(one("LeftShift", [numbers, places], "int32"), numbers << places)
    np.testing.assert_array_equal(one("RightShift", [numbers, places], "int32"), numbers >> places)


@pytest.mark.parametrize("dtype", ["int32", "int8", "uint8", "int64"])
@pytest.mark.parametrize(
    ("op", "function"), [("BitwiseAnd", np.bitwise_and), ("BitwiseOr", np.bitwise_or), ("BitwiseXor", np.bitwise_xor)]
)
def test_numbers_are_combined_bit_by_bit(op: str, function: Callable[..., Array], dtype: str) -> None:
    kind = np.dtype(dtype)
    limits = np.iinfo(np.int32 if dtype == "int64" else kind)
    x = np.array([[0, 5, limits.min, limits.max, limits.min, 99]], kind)
    y = np.array([[limits.max, 3, limits.min, limits.min, limits.max, 17]], kind)
    np.testing.assert_array_equal(one(op, [x, y], dtype), function(x, y))


def test_special_functions() -> None:
    x = np.array([[-0.99, -0.5, 0.0, 0.25, 0.999]], np.float32)
    np.testing.assert_allclose(np.vectorize(math.erf)(one("Erfinv", [x])), x, rtol=1e-5)
    np.testing.assert_allclose(one("BesselI0", [x * 9]), np.i0(x * 9), rtol=1e-6)


def test_the_sign_of_minus_zero() -> None:
    b = Lowering()
    x = b.input("x", (4,), "float32")
    bits = b.node("Bitcast", [x], {"type": "int32"}, given=[((4,), "int32")])[0]
    sign = b.Less(b.BitwiseAnd(bits, b.const(-(2**31), "int32")), 0)
    result = run(Graph([Port("x", x)], [Port("y", sign)]), {"x": [0.0, -0.0, 2.0, -2.0]})["y"]
    assert result.tolist() == [False, True, False, True]


@pytest.mark.parametrize("exponent", [-9, -5, -2, -1])
def test_log1p_keeps_its_digits_near_zero(exponent: int) -> None:
    x = np.float32(10.0**exponent) * np.array([[1, -1, 0.99]], np.float32)
    np.testing.assert_allclose(one("Log1p", [x]), np.log1p(x.astype(np.float64)), rtol=3e-7)
