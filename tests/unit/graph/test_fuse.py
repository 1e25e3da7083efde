"""Products with bias and activation become one op; the numbers stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.fuse import fuse
from tfjs_build.convert.graph.ir import Graph, Node, Port, Value

RNG = np.random.default_rng(5)
BIAS = RNG.normal(size=4).astype(np.float32)
SETTINGS: dict[str, Any] = {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 1, 1, 1]}
Make = Callable[[Builder, Value], "Value | tuple[Value, ...]"]


def conv(b: Builder, x: Value) -> Value:
    return b.Conv2D(x, RNG.normal(size=(3, 3, 2, 4)).astype(np.float32), **SETTINGS)


def depthwise(b: Builder, x: Value) -> Value:
    return b.DepthwiseConv2dNative(x, RNG.normal(size=(3, 3, 2, 2)).astype(np.float32), **SETTINGS)


def dense(b: Builder, x: Value, **attrs: Any) -> Value:
    return b.MatMul(x, RNG.normal(size=(6, 4)).astype(np.float32), **attrs)


def fused(make: Make, shape: tuple[int | None, ...]) -> list[Node]:
    """Return the nodes that are left, after the numbers were compared."""
    b = Builder()
    x = b.input("x", shape, "float32")
    made = make(b, x)
    outputs = made if isinstance(made, tuple) else (made,)
    graph = Graph([Port("x", x)], [Port(f"y{i}", y) for i, y in enumerate(outputs)])
    result = fuse(graph)
    feed = RNG.normal(size=[2 if size is None else size for size in shape])
    before, after = run(graph, {"x": feed}), run(result, {"x": feed})
    for name, expected in before.items():
        np.testing.assert_allclose(after[name], expected, rtol=1e-5, atol=1e-5)
    return [node for node in result.nodes() if node.op not in ("Const", "Placeholder")]


IMAGE, ROWS = (None, 5, 6, 2), (None, 6)


@pytest.mark.parametrize(
    ("make", "shape", "op", "parts"),
    [
        (lambda b, x: b.Relu(b.BiasAdd(conv(b, x), BIAS)), IMAGE, "_FusedConv2D", ["BiasAdd", "Relu"]),
        (lambda b, x: b.Relu6(depthwise(b, x) + BIAS), IMAGE, "FusedDepthwiseConv2dNative", ["BiasAdd", "Relu6"]),
        (lambda b, x: b.BiasAdd(dense(b, x), BIAS), ROWS, "_FusedMatMul", ["BiasAdd"]),
        (lambda b, x: b.Sigmoid(BIAS + dense(b, x)), ROWS, "_FusedMatMul", ["BiasAdd", "Sigmoid"]),
        (lambda b, x: b.Elu(dense(b, x)), ROWS, "_FusedMatMul", ["noop", "Elu"]),
        (
            lambda b, x: b.LeakyRelu(dense(b, x) + BIAS, alpha=0.3),
            ROWS,
            "_FusedMatMul",
            ["BiasAdd", "LeakyRelu"],
        ),
    ],
)
def test_one_op(make: Make, shape: tuple[int | None, ...], op: str, parts: list[str]) -> None:
    [node] = fused(make, shape)
    assert node.op == op
    assert node.attrs["fused_ops"] == parts
    assert node.attrs["num_args"] == int(parts[0] == "BiasAdd")
    if "LeakyRelu" in parts:
        assert node.attrs["leakyrelu_alpha"] == 0.3


def test_a_bias_that_is_computed_stays_beside() -> None:
    """Of one that is a reshaped tensor, wasm sees the shape that it had before."""
    nodes = fused(lambda b, x: dense(b, x) + b.Reshape(dense(b, b.Reshape(x, [1, 6])), [-1]), (1, 6))
    assert {node.op for node in nodes} == {"MatMul", "Reshape", "AddV2"}


@pytest.mark.parametrize(
    ("make", "shape", "ops"),
    [
        # No backend but cpu has tanh inside.
        (lambda b, x: b.Tanh(dense(b, x) + BIAS), ROWS, ["_FusedMatMul", "Tanh"]),
        # A depthwise convolution would not be told the slope.
        (
            lambda b, x: b.LeakyRelu(depthwise(b, x) + BIAS, alpha=0.3),
            IMAGE,
            ["FusedDepthwiseConv2dNative", "LeakyRelu"],
        ),
        # wasm takes no bias of other shapes.
        (lambda b, x: dense(b, x) + BIAS.reshape(1, 4), ROWS, ["MatMul", "AddV2"]),
        (lambda b, x: dense(b, x) + np.float32(2), ROWS, ["MatMul", "AddV2"]),
        # wasm goes wrong where a matrix is transposed.
        (
            lambda b, x: b.Relu(dense(b, b.Transpose(x, [1, 0]), transpose_a=True)),
            ROWS,
            ["Transpose", "MatMul", "Relu"],
        ),
        # Somebody else reads what lies between.
        (lambda b, x: (b.Relu(c := dense(b, x)), c), ROWS, ["MatMul", "Relu"]),
        (lambda b, x: (b.Relu(c := dense(b, x) + BIAS), c), ROWS, ["_FusedMatMul", "Relu"]),
    ],
)  # fmt: skip
def test_kept_apart(make: Make, shape: tuple[int | None, ...], ops: list[str]) -> None:
    assert sorted(node.op for node in fused(make, shape)) == sorted(ops)


def test_integers_are_not_fused() -> None:
    b = Builder()
    x = b.input("x", (2, 3), "int32")
    y = b.MatMul(x, b.const(np.ones((3, 4)), "int32")) + b.const([1, 2, 3, 4])
    assert [n.op for n in fuse(Graph([Port("x", x)], [Port("y", y)])).nodes()][-1] == "AddV2"


@pytest.mark.parametrize(
    "make",
    [
        lambda b, x, a: b.Relu(x) + (-a) * b.Relu(-x),
        lambda b, x, a: b.Relu(-x) * (-a) + b.Relu(x),
        lambda b, x, a: b.Relu(x) - a * b.Relu(-x),
    ],
)
def test_prelu(make: Callable[[Builder, Value, Value], Value]) -> None:
    nodes = fused(lambda b, x: make(b, x, b.const(BIAS)), (None, 4))
    assert [node.op for node in nodes] == ["Prelu"]
