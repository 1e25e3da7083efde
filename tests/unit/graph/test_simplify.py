"""Nodes that change nothing are gone, and the numbers stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Dims, Graph, Port, Value
from tfjs_build.convert.graph.simplify import simplify

Make = Callable[[Builder, Value], Value]


def ops(make: Make, shape: Dims = (None, 4, 6), dtype: str = "float32") -> list[str]:
    """Return the ops that are left of a computation, after its numbers were compared."""
    b = Builder()
    x = b.input("x", shape, dtype)
    graph = Graph([Port("x", x)], [Port("y", make(b, x))])
    simple = simplify(graph)
    rng = np.random.default_rng(0)
    feed = rng.normal(size=[3 if size is None else size for size in shape or ()])
    if dtype != "float32":
        feed = feed * 5
    before, after = run(graph, {"x": feed})["y"], run(simple, {"x": feed})["y"]
    assert before.shape == after.shape
    np.testing.assert_array_equal(before, after)
    return [node.op for node in simple.nodes() if node.op not in ("Const", "Placeholder")]


def sizes(b: Builder, x: Value) -> Value:
    return b.StridedSlice(b.Shape(x), [0], [1], [1], shrink_axis_mask=1)


@pytest.mark.parametrize(
    ("make", "left"),
    [
        (lambda b, x: b.Reshape(x, b.Pack(sizes(b, x), 24, axis=0)), ["Reshape"]),
        (lambda b, x: b.Reshape(x, b.Shape(x)), []),
        (lambda b, x: b.Reshape(b.Reshape(x, [-1, 24]), [-1, 6, 4]), ["Reshape"]),
        (lambda b, x: b.Reshape(b.Reshape(x, [-1, 24]), [-1, 4, 6]), []),
        (lambda b, x: b.Squeeze(b.ExpandDims(x, 1), squeeze_dims=[1]), []),
        (lambda b, x: b.Transpose(x, [0, 1, 2]), []),
        (lambda b, x: b.Transpose(b.Transpose(x, [0, 2, 1]), [0, 2, 1]), []),
        (lambda b, x: b.Transpose(b.Transpose(x, [2, 0, 1]), [2, 1, 0]), ["Transpose"]),
        (lambda b, x: b.Transpose(b.ExpandDims(x, 1), [0, 2, 1, 3]), ["Reshape"]),
        (lambda b, x: b.Pad(x, [[0, 0], [0, 0], [0, 0]]), []),
        (lambda b, x: b.Pad(x, [[0, 0], [0, 1], [0, 0]]), ["Pad"]),
        (lambda b, x: b.Slice(x, [0, 0, 0], [-1, 4, -1]), []),
        (lambda b, x: b.Slice(x, [0, 1, 0], [-1, 3, -1]), ["Slice"]),
        (lambda b, x: b.StridedSlice(x, [0, 0], [0, 4], [1, 1], begin_mask=1, end_mask=1), []),
        (lambda b, x: b.StridedSlice(x, [0, 0], [0, 4], [1, 2], begin_mask=1, end_mask=1), ["StridedSlice"]),
        (lambda b, x: b.Tile(x, [1, 1, 1]), []),
        (lambda b, x: b.Sum(x, b.const(np.zeros(0), "int32")), []),
        (lambda b, x: b.ConcatV2(x, 1), []),
        (lambda b, x: b.Pack(x, axis=1), ["ExpandDims"]),
        (lambda b, x: b.multi("Split", 1, x, num_split=1)[0], []),
        (lambda b, x: b.SelectV2(b.const(True), x, x * 2.0), []),
        (lambda b, x: x + 0.0, []),
        (lambda b, x: 1.0 * x, []),
        (lambda b, x: x - 0.0, []),
        (lambda b, x: 0.0 - x, ["Sub"]),
        (lambda b, x: x / 1.0, []),
        (lambda b, x: x + b.const(np.zeros((2, 1, 1, 1), np.float32)), ["AddV2"]),
        (lambda b, x: b.Cast(x, DstT="float64"), []),
        (lambda b, x: b.Cast(x, DstT="int32"), ["Cast"]),
    ],
)
def test_what_is_left(make: Make, left: list[str]) -> None:
    assert ops(make) == left


def test_a_reshape_with_two_free_sizes_keeps_its_computation() -> None:
    def make(b: Builder, x: Value) -> Value:
        first = b.GatherV2(b.Shape(x), 0, 0)
        second = b.GatherV2(b.Shape(x), 1, 0)
        return b.Reshape(x, b.Pack(second, first, 6, axis=0))

    assert "Reshape" in ops(make, (None, None, 6))


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_what_surely_has_no_entries_is_a_constant(dtype: str) -> None:
    """Kernels of TensorFlow.js give other shapes there, or what stands in memory."""
    assert ops(lambda b, x: b.GatherV2(x, [2, 0], 1), (0, 4), dtype) == []
    assert ops(lambda b, x: b.Transpose(x, [1, 0]), (None, 4), dtype) == ["Transpose"]


def test_a_reshape_of_nothing_stays() -> None:
    """Of no elements there may be any number of rows."""
    b = Builder()
    x, rows = b.input("x", (None, 0), "float32"), b.input("rows", (None,), "float32")
    y = b.Reshape(x, b.Pack(sizes(b, rows), 0, axis=0))
    graph = simplify(Graph([Port("x", x), Port("rows", rows)], [Port("y", y)]))
    assert run(graph, {"x": np.zeros((2, 0)), "rows": np.zeros(5)})["y"].shape == (5, 0)


def test_adding_zero_to_what_is_broadcast_keeps_the_sum() -> None:
    assert ops(lambda b, x: x + b.const(np.zeros(6, np.float32)), (None, 4, 1)) == ["AddV2"]


@pytest.mark.parametrize("op", ["Conv2D", "DepthwiseConv2dNative"])
def test_padding_becomes_the_convolutions_own(op: str) -> None:
    kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 2)).astype(np.float32)

    def make(b: Builder, x: Value) -> Value:
        padded = b.Pad(x, [[0, 0], [1, 0], [2, 1], [0, 0]])
        return b.node(op, [padded, b.const(kernel)], {"strides": [1, 2, 2, 1], "padding": "VALID"})[0]

    assert ops(make, (None, 8, 7, 2)) == [op]


def test_padding_of_channels_stays() -> None:
    def make(b: Builder, x: Value) -> Value:
        padded = b.Pad(x, [[0, 0], [0, 0], [0, 0], [0, 1]])
        return b.Conv2D(padded, np.ones((1, 1, 3, 2), np.float32), strides=[1, 1, 1, 1], padding="VALID")

    assert ops(make, (None, 4, 4, 2)) == ["Pad", "Conv2D"]
