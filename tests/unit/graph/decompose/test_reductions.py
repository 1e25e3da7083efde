"""Reductions over nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Array, Dims, Graph, Port

OF_NOTHING = {"All": True, "Any": False, "Max": -np.inf, "Mean": np.nan, "Min": np.inf, "Prod": 1, "Sum": 0}


def reduced(op: str, x: Array, axes: list[int], shape: Dims, *, keep: bool = False) -> tuple[Array, list[str]]:
    """Return what a reduction gives, and the ops that it takes."""
    b = Lowering()
    value = b.input("x", shape, x.dtype.name)
    y = b.node(op, [value, b.const(axes, "int32")], {"keep_dims": keep}, name="op")[0]
    graph = Graph([Port("x", value)], [Port("y", y)])
    ops = [node.op for node in graph.nodes() if node.op not in ("Const", "Placeholder")]
    return run(graph, {"x": x})["y"], ops


@pytest.mark.parametrize("op", OF_NOTHING)
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    ("size", "axes", "shape"),
    [
        ((0,), [0], (None,)),
        ((2, 0, 3), [1], (None, None, 3)),
        ((2, 0, 3), [1], (None, 0, 3)),
        ((0, 3), [0, 1], (None, 3)),
        ((0, 0, 3), [1], (None, None, 3)),
        ((2, 3, 3, 0), [3], (None, 3, 3, None)),
        ((0, 3, 3, 2), [0, 1, 2], (None, 3, 3, 2)),
    ],
)
def test_of_nothing(op: str, keep: bool, size: tuple[int, ...], axes: list[int], shape: Dims) -> None:
    dtype = np.bool_ if op in ("All", "Any") else np.float32
    result, _ = reduced(op, np.zeros(size, dtype), axes, shape, keep=keep)
    left = [1 if axis in axes else n for axis, n in enumerate(size) if keep or axis not in axes]
    np.testing.assert_array_equal(result, np.full(left, OF_NOTHING[op], dtype))


@pytest.mark.parametrize("op", OF_NOTHING)
def test_of_something_it_is_what_it_was(op: str) -> None:
    x = np.array([[[2, 3], [5, 7]]], np.bool_ if op in ("All", "Any") else np.float32)
    result, _ = reduced(op, x, [1], (None, None, 2))
    np.testing.assert_array_equal(result, getattr(np, op.lower())(x, axis=1))


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [("int32", -(2**31), 2**31 - 1), ("uint8", 0, 255), ("int64", -(2**31), 2**31 - 1)]
)
def test_the_bounds_of_integers(dtype: str, low: int, high: int) -> None:
    """An int64 is an int32 in TensorFlow.js, and has its bounds."""
    nothing = np.zeros((2, 0), dtype)
    for shape in ((2, 0), (2, None)):
        assert reduced("Max", nothing, [1], shape)[0].tolist() == [low, low]
        assert reduced("Min", nothing, [1], shape)[0].tolist() == [high, high]


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((None, 3), [1]), ((2, 3), [0, 1]), ((None, None, None, 3), [1, 2]), ((None, None, None, None, 3), [1, 2, 3])],
)
def test_what_has_entries_and_images_take_no_more_ops(shape: Dims, axes: list[int]) -> None:
    x = np.ones([2 if size is None else size for size in shape or ()], np.float32)
    assert reduced("Mean", x, axes, shape)[1] == ["Mean"]


def test_products_of_no_columns() -> None:
    b = Lowering()
    x, y = b.input("x", (2, None), "float32"), b.input("y", (None, 3), "float32")
    product = b.MatMul(x, y)
    assert product.node.op == "SelectV2" and product.shape == (2, 3)
    known = b.MatMul(b.Slice(x, [0, 0], [2, 0]), b.const(np.zeros((0, 3), np.float32)))
    graph = Graph([Port("x", x), Port("y", y)], [Port("free", product), Port("known", known)])
    result = run(graph, {"x": np.zeros((2, 0)), "y": np.zeros((0, 3))})
    assert result["free"].tolist() == result["known"].tolist() == [[0, 0, 0]] * 2
    assert "MatMul" not in [node.op for node in Graph([Port("x", x)], [Port("known", known)]).nodes()]
    w = b.const(np.ones((4, 3), np.float32))
    assert b.MatMul(b.input("z", (None, None), "float32"), w).node.op == "MatMul"
