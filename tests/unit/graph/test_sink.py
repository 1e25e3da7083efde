"""Factors and offsets go on into the products behind them; the numbers stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.running import left
from tfjs_build.convert.graph.affine import fold_affine
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.equal import sharing
from tfjs_build.convert.graph.ir import Array, Constant, Graph, Port, Value
from tfjs_build.convert.graph.rewrite import rewrite
from tfjs_build.convert.graph.simplify import simplify
from tfjs_build.convert.graph.sink import sink

RNG = np.random.default_rng(7)
PASSES = (sink, fold_affine, simplify)
ROWS, IMAGE = (None, 6), (None, 4, 4, 6)
SCALE, SHIFT = RNG.uniform(0.5, 1.5, 6), RNG.normal(size=6)


def merge_equal(graph: Graph) -> Graph:
    return rewrite(graph, [sharing()])


def weight(b: Builder, array: Array, name: str = "dense/kernel", *, integers: tuple[int, int] | None = None) -> Value:
    return b.const(Constant.of(np.asarray(array, np.float32), "float32", name=name, integers=integers))


def dense(b: Builder, x: Value, name: str = "dense/kernel") -> Value:
    return b.MatMul(x, weight(b, RNG.normal(size=(6, 5)), name), transpose_a=False, transpose_b=False)


def conv(b: Builder, x: Value, padding: str = "SAME", size: int = 3) -> Value:
    kernel = weight(b, RNG.normal(size=(size, size, 6, 3)), "conv/kernel")
    return b.Conv2D(x, kernel, strides=[1, 1, 1, 1], padding=padding, dilations=[1, 1, 1, 1])


def depthwise(b: Builder, x: Value, padding: str) -> Value:
    kernel = weight(b, RNG.normal(size=(3, 3, 6, 2)), "deep/kernel")
    return b.DepthwiseConv2dNative(x, kernel, strides=[1, 1, 1, 1], padding=padding, dilations=[1, 1, 1, 1])


def started(b: Builder, x: Value) -> Value:
    """Something that is computed of the input: what a model does first with one stays."""
    return b.Tanh(x)


def gelu(b: Builder, x: Value) -> Value:
    return 0.5 * x * (1.0 + b.Erf(x * 0.70710678))


def hard_swish(b: Builder, x: Value) -> Value:
    return x * (b.Relu6(x + 3.0) / 6.0)


SUNK: dict[str, tuple[Callable[[Builder, Value], Value], tuple[int | None, ...], list[str]]] = {
    "a number": (lambda b, x: dense(b, started(b, x) * 0.25), ROWS, ["Tanh", "MatMul"]),
    "a divisor": (lambda b, x: dense(b, started(b, x) / 3.0), ROWS, ["Tanh", "MatMul"]),
    "of channels": (lambda b, x: conv(b, started(b, x) * SCALE), IMAGE, ["Tanh", "Conv2D"]),
    "of channels, deep": (
        lambda b, x: depthwise(b, started(b, x) * SCALE, "SAME"),
        IMAGE,
        ["Tanh", "DepthwiseConv2dNative"],
    ),
    "twice": (lambda b, x: dense(b, started(b, x) * SCALE * 2.0), ROWS, ["Tanh", "MatMul"]),
    "and an offset": (
        lambda b, x: dense(b, started(b, x) * SCALE + SHIFT),
        ROWS,
        ["Tanh", "MatMul", "BiasAdd"],
    ),
    "an offset, one for all": (lambda b, x: dense(b, started(b, x) + 2.0), ROWS, ["Tanh", "MatMul", "BiasAdd"]),
    "an offset of a window": (
        lambda b, x: conv(b, started(b, x) + SHIFT, "VALID"),
        IMAGE,
        ["Tanh", "Conv2D", "BiasAdd"],
    ),
    "an offset, deep": (
        lambda b, x: depthwise(b, started(b, x) + SHIFT, "VALID"),
        IMAGE,
        ["Tanh", "DepthwiseConv2dNative", "BiasAdd"],
    ),
    "through views": (
        lambda b, x: dense(b, b.Reshape(started(b, x) * SCALE + SHIFT, [-1, 6])),
        (None, 3, 6),
        ["Tanh", "Reshape", "MatMul", "BiasAdd"],
    ),
    "through Relu and a mean": (
        lambda b, x: dense(b, b.Mean(b.Relu(started(b, x) * SCALE), [1, 2])),
        IMAGE,
        ["Tanh", "Relu", "Mean", "MatMul"],
    ),
    "to all readers": (
        lambda b, x: (lambda y: dense(b, y, "a") + dense(b, y, "b"))(started(b, x) * SCALE),
        ROWS,
        ["Tanh", "MatMul", "MatMul", "AddV2"],
    ),
    "squared": (
        lambda b, x: (lambda y: dense(b, y * y))(started(b, x) * 3.0),
        ROWS,
        ["Tanh", "Mul", "MatMul"],
    ),
    "a hard swish": (
        lambda b, x: conv(b, hard_swish(b, started(b, x))),
        IMAGE,
        ["Tanh", "AddV2", "Relu6", "Mul", "Conv2D"],
    ),
    "a gelu between products": (
        lambda b, x: b.MatMul(
            gelu(b, dense(b, x)), weight(b, RNG.normal(size=(5, 4)), "b"), transpose_a=False, transpose_b=False
        ),
        ROWS,
        ["MatMul", "Erf", "AddV2", "Mul", "MatMul"],
    ),
}


@pytest.mark.parametrize("name", SUNK)
def test_what_goes_into_products(name: str) -> None:
    make, shape, ops = SUNK[name]
    assert left(PASSES, make, shape) == ops


STAYS: dict[str, tuple[Callable[[Builder, Value], Value], tuple[int | None, ...], list[str]]] = {
    "an offset before padding": (
        lambda b, x: conv(b, started(b, x) + SHIFT),
        IMAGE,
        ["Tanh", "AddV2", "Conv2D"],
    ),
    "what else is read": (
        lambda b, x: (lambda y: dense(b, y) + b.Sum(y, [1], keep_dims=True))(started(b, x) * SCALE),
        ROWS,
        ["Tanh", "Mul", "MatMul", "Sum", "AddV2"],
    ),
    "a negative one before Relu": (
        lambda b, x: dense(b, b.Relu(started(b, x) * -SCALE)),
        ROWS,
        ["Tanh", "Mul", "Relu", "MatMul"],
    ),
    "one for each row": (
        lambda b, x: dense(b, started(b, x) * np.array([[2], [3]], np.float32) * 3.0),
        (2, 6),
        ["Tanh", "Mul", "MatMul"],
    ),
    "what a model does first": (
        lambda b, x: dense(b, x * 0.25),
        ROWS,
        ["Mul", "MatMul"],
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_what_stays(name: str) -> None:
    make, shape, ops = STAYS[name]
    assert left([sink, simplify], make, shape) == ops


def test_what_is_no_number_stays() -> None:
    b = Builder()
    x = b.input("x", ROWS, "float32")
    graph = sink(Graph([Port("x", x)], [Port("y", dense(b, started(b, x) * np.float32(np.inf)))]))
    assert [node.op for node in graph.nodes() if node.inputs] == ["Tanh", "Mul", "MatMul"]


def test_kernels_of_whole_numbers_and_shared_ones_stay() -> None:
    def whole(b: Builder, x: Value) -> Value:
        kernel = weight(b, RNG.integers(-9, 9, (6, 5)), integers=(-9, 9))
        return b.MatMul(started(b, x) * SCALE, kernel, transpose_a=False, transpose_b=False)

    def shared(b: Builder, x: Value) -> Value:
        kernel = weight(b, RNG.normal(size=(6, 6)))
        y = b.MatMul(started(b, x) * SCALE, kernel, transpose_a=False, transpose_b=False)
        return b.MatMul(y, kernel, transpose_a=False, transpose_b=False)

    assert left([sink], whole, ROWS) == ["Tanh", "Mul", "MatMul"]
    assert left([sink], shared, ROWS) == ["Tanh", "Mul", "MatMul", "MatMul"]


def test_kernels_and_biases_keep_their_names() -> None:
    b = Builder()
    x = b.input("x", ROWS, "float32")
    y = b.BiasAdd(dense(b, started(b, x) * SCALE + SHIFT), weight(b, RNG.normal(size=5), "dense/bias"))
    graph = fold_affine(sink(Graph([Port("x", x)], [Port("y", y)])))
    names = [c.name for node in graph.nodes() for v in node.outputs if (c := v.constant) is not None]
    assert sorted(filter(None, names)) == ["dense/bias", "dense/kernel"]
