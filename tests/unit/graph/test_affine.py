"""Arithmetic per channel goes into the weights; the numbers stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.affine import fold_affine
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Constant, Graph, Port, Value
from tfjs_build.convert.graph.simplify import simplify

RNG = np.random.default_rng(3)
Make = Callable[[Builder, Value], "Value | tuple[Value, ...]"]


def variable(b: Builder, name: str, array: Array) -> Value:
    return b.const(Constant.of(np.asarray(array, np.float32), "float32", name=name))


KERNEL = RNG.normal(size=(3, 3, 2, 4))
DENSE = RNG.normal(size=(6, 4))
SCALE, SHIFT = RNG.normal(size=4), RNG.normal(size=4)


def conv(b: Builder, x: Value) -> Value:
    kernel = variable(b, "conv/kernel", KERNEL)
    return b.Conv2D(x, kernel, strides=[1, 1, 1, 1], padding="SAME", dilations=[1, 1, 1, 1])


def dense(b: Builder, x: Value) -> Value:
    return b.MatMul(x, variable(b, "dense/kernel", DENSE), transpose_a=False, transpose_b=False)


def left(make: Make, shape: tuple[int | None, ...]) -> list[str]:
    """Return the ops that are left, after the numbers were compared."""
    b = Builder()
    x = b.input("x", shape, "float32")
    made = make(b, x)
    outputs = made if isinstance(made, tuple) else (made,)
    graph = Graph([Port("x", x)], [Port(f"y{i}", y) for i, y in enumerate(outputs)])
    folded = fold_affine(simplify(graph))
    feed = RNG.normal(size=[2 if size is None else size for size in shape])
    before, after = run(graph, {"x": feed}), run(folded, {"x": feed})
    for name, expected in before.items():
        assert expected.shape == after[name].shape
        np.testing.assert_allclose(after[name], expected, rtol=1e-4, atol=1e-5)
    return [node.op for node in folded.nodes() if node.op not in ("Const", "Placeholder")]


def norm(b: Builder, x: Value) -> Value:
    inputs = [x] + [variable(b, name, RNG.uniform(0.5, 1.5, 4)) for name in ("gamma", "beta", "mean", "variance")]
    return b.multi("FusedBatchNormV3", *inputs, epsilon=0.01, is_training=False)[0]


IMAGE = (None, 5, 6, 2)


@pytest.mark.parametrize(
    ("make", "shape", "ops"),
    [
        (lambda b, x: conv(b, x) * variable(b, "s", SCALE), IMAGE, ["Conv2D"]),
        (lambda b, x: conv(b, x) * SCALE + SHIFT, IMAGE, ["Conv2D", "BiasAdd"]),
        (lambda b, x: b.BiasAdd(conv(b, x), SHIFT) / SCALE - SHIFT, IMAGE, ["Conv2D", "BiasAdd"]),
        (lambda b, x: 3.0 - conv(b, x) * 2.0, IMAGE, ["Conv2D", "BiasAdd"]),
        (lambda b, x: conv(b, x) + np.float32(0.5), IMAGE, ["Conv2D", "BiasAdd"]),
        (lambda b, x: norm(b, b.BiasAdd(conv(b, x), SHIFT)), IMAGE, ["Conv2D", "BiasAdd"]),
        (lambda b, x: dense(b, x) * SCALE + SHIFT, (None, 6), ["MatMul", "BiasAdd"]),
        (
            lambda b, x: b.MatMul(x, DENSE.T.astype(np.float32), transpose_a=False, transpose_b=True) * SCALE,
            (None, 6),
            ["MatMul"],
        ),
        (
            lambda b, x: b.Reshape(dense(b, b.Reshape(x, [-1, 6])), [-1, 3, 4]) + SHIFT,
            (None, 3, 6),
            ["Reshape", "MatMul", "BiasAdd", "Reshape"],
        ),
        (
            lambda b, x: b.Relu(b.Reshape(dense(b, x) + SHIFT, [-1, 2, 2])),
            (None, 6),
            ["MatMul", "BiasAdd", "Relu", "Reshape"],
        ),
        (
            lambda b, x: b.Reshape(dense(b, x), [-1, 2, 2]) + SHIFT.reshape(2, 2),
            (None, 6),
            ["MatMul", "BiasAdd", "Reshape"],
        ),
        (
            lambda b, x: b.Reshape(dense(b, x), [-1, 2, 2]) + SHIFT[:2],
            (None, 6),
            ["MatMul", "BiasAdd", "Reshape"],
        ),
        (
            lambda b, x: (
                b.DepthwiseConv2dNative(
                    x, RNG.normal(size=(3, 3, 2, 2)).astype(np.float32), strides=[1, 1, 1, 1], padding="SAME"
                )
                * SCALE
            ),
            IMAGE,
            ["DepthwiseConv2dNative"],
        ),
    ],
)
def test_folded(make: Make, shape: tuple[int | None, ...], ops: list[str]) -> None:
    assert left(make, shape) == ops


@pytest.mark.parametrize(
    ("make", "ops"),
    [
        # Somebody else reads the convolution.
        (lambda b, x: ((c := conv(b, x)) * SCALE, b.Relu(c)), ["Conv2D", "Mul", "Relu"]),
        # The constants differ along another axis than the channels.
        (lambda b, x: conv(b, x) * RNG.normal(size=(6, 1)), ["Conv2D", "Mul"]),
        # The sum is spread over more axes than the convolution has.
        (lambda b, x: conv(b, x) + np.ones((2, 1, 1, 1, 4), np.float32), ["Conv2D", "AddV2"]),
        # A factor is not finite.
        (lambda b, x: conv(b, x) * np.array([1, np.inf, 1, 1]), ["Conv2D", "Mul"]),
        # Division by the convolution is another thing.
        (lambda b, x: SCALE / conv(b, x), ["Conv2D", "RealDiv"]),
    ],
)
def test_left_alone(make: Make, ops: list[str]) -> None:
    with np.errstate(invalid="ignore"):
        assert left(make, IMAGE) == ops


def test_weights_keep_the_names_of_their_variables() -> None:
    b = Builder()
    x = b.input("x", IMAGE, "float32")
    y = norm(b, b.BiasAdd(conv(b, x), variable(b, "conv/bias", SHIFT)))
    folded = fold_affine(Graph([Port("x", x)], [Port("y", y)]))
    names = [node.attrs["value"].name for node in folded.nodes() if node.op == "Const"]
    assert names == ["conv/kernel", "conv/bias"]


def test_a_kernel_of_whole_numbers_keeps_them_and_its_factor_stands_behind() -> None:
    b = Builder()
    x = b.input("x", (None, 6), "float32")
    numbers = np.arange(-12, 12, dtype=np.float32).reshape(6, 4)
    kernel = b.const(Constant.of(numbers, "float32", name="dense/kernel", integers=(-12, 11)))
    y = (b.MatMul(x, kernel) / np.array([1, 2, 4, 8], np.float32) + SHIFT) * SCALE - 1.0
    graph = Graph([Port("x", x)], [Port("y", y)])
    folded = fold_affine(simplify(graph))
    assert [node.op for node in folded.nodes() if node.op not in ("Const", "Placeholder")] == [
        "MatMul",
        "Mul",
        "BiasAdd",
    ]
    [stored] = [n.attrs["value"] for n in folded.nodes() if n.op == "Const" and n.attrs["value"].integers]
    np.testing.assert_array_equal(stored.array(), numbers)
    feed = RNG.normal(size=(3, 6))
    np.testing.assert_allclose(run(folded, {"x": feed})["y"], run(graph, {"x": feed})["y"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 6), (40, 200)])  # folded at once, and when asked for
def test_whole_numbers_stay_so_where_they_are_only_moved(shape: tuple[int, int]) -> None:
    b = Builder()
    numbers = np.ones(shape, np.float32)
    value = b.const(Constant.of(numbers, "float32", integers=(0, 1)))
    moved = b.Reshape(b.Transpose(value, [1, 0]), [-1, 2])
    assert moved.constant is not None and moved.constant.integers == (0, 1)
    scaled = b.Mul(moved, 0.5)
    assert scaled.constant is not None and scaled.constant.integers is None
