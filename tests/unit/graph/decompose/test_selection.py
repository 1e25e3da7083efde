"""Decompositions that choose: by condition, index, segment or key."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG, X, lowered, nodes_of, one
from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import Lowering, decompose
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.convert.graph.sizes import surely_some


def test_selections() -> None:
    rows = lowered("Select", [[True, False, True], X, -X], ["bool", "float32", "float32"], {})[0]
    np.testing.assert_array_equal(rows, np.where(np.array([True, False, True])[:, None], X, -X))
    np.testing.assert_array_equal(one("Bucketize", [X], boundaries=[-0.5, 0.0, 0.5]), np.digitize(X, [-0.5, 0.0, 0.5]))
    odd = np.array([np.nan, np.inf, -np.inf], np.float32)
    np.testing.assert_array_equal(one("Bucketize", [odd], boundaries=[-0.5, 0.0, 0.5]), [3, 3, 0])
    places = [[0, 2, -1, 5]]
    for axis in (-1, 0, 1):
        arguments = [places, 3, 2.0, -1.0]
        types = ["int32", "const int32", "const float32", "const float32"]
        hot = lowered("OneHot", arguments, types, {"axis": axis})[0]
        plain = np.where(np.array(places)[..., None] == np.arange(3), 2.0, -1.0)
        np.testing.assert_array_equal(hot, np.moveaxis(plain, -1, axis))


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize(("on", "off", "dtype"), [(2.0, -1.0, "float32"), (1, 0, "int32"), (True, False, "bool")])
@pytest.mark.parametrize(("depth", "kind"), [(1, "const int32"), (1, "int32"), (0, "int32"), (3, "int32")])
def test_one_hot_vectors_that_may_be_shorter_than_two(
    depth: int, kind: str, on: Any, off: Any, dtype: str, axis: int
) -> None:
    places = np.array([[0, 1, -1], [2, 0, 0]])
    types = ["int32", kind, f"const {dtype}", f"const {dtype}"]
    hot = lowered("OneHot", [places, depth, on, off], types, {"axis": axis})[0]
    expected = np.moveaxis(np.where(places[..., None] == np.arange(depth), on, off), -1, axis)
    np.testing.assert_array_equal(hot, expected)
    assert hot.dtype == expected.astype(dtype).dtype


def test_one_hot_vectors_of_one_entry_are_comparisons() -> None:
    """TensorFlow.js takes no depth below 2."""
    for shape in ((4,), None):
        alone = nodes_of(lambda b, x: b.OneHot(x, 1, 1.0, 0.0), shape, "int64")
        assert [n.op for n in alone] == ["ExpandDims", "Equal", "Cast"]
    counted = nodes_of(lambda b, x: b.OneHot(x, b.Size(x), True, False), (None,), "int32")
    assert "OneHot" not in [n.op for n in counted]


def test_segments_and_partitions() -> None:
    ids = [2, 0, 2]
    total = lowered("UnsortedSegmentSum", [X, ids, 4], ["float32", "int32", "const int32"], {})[0]
    np.testing.assert_allclose(total, np.stack([X[1], X[0] * 0, X[0] + X[2], X[0] * 0]), rtol=1e-6)
    mean = lowered("SegmentMean", [X, [0, 0, 2]], ["float32", "int32"], {})[0]
    np.testing.assert_allclose(mean, np.stack([(X[0] + X[1]) / 2, X[0] * 0, X[2]]), rtol=1e-6)
    parts = lowered("DynamicPartition", [X, [1, 0, 1]], ["float32", "int32"], {"num_partitions": 2}, 2)
    np.testing.assert_array_equal(parts[1], X[[0, 2]])
    joined = lowered("DynamicStitch", [[2, 0], [1], X[:2], X[2:]], ["int32"] * 2 + ["float32"] * 2, {"N": 2})[0]
    np.testing.assert_array_equal(joined, X[[1, 2, 0]])


def test_segments_keep_their_nan_and_infinities_to_themselves() -> None:
    values = np.array([[np.nan, 1], [2, np.inf], [3, 4], [5, -np.inf]], np.float32)
    ids = [0, 2, 0, -1]
    total = lowered("UnsortedSegmentSum", [values, ids, 3], ["float32", "int32", "const int32"], {})[0]
    np.testing.assert_array_equal(total, [[np.nan, 5], [0, 0], [2, np.inf]])
    mean = lowered("SegmentMean", [values[:3], [0, 1, 1]], ["float32", "int32"], {})[0]
    np.testing.assert_array_equal(mean, [[np.nan, 1], [2.5, np.inf]])
    whole = lowered("SegmentSum", [[16777217, 2, 3], [0, 0, 1]], ["int32", "int32"], {})[0]
    assert whole.tolist() == [16777219, 3]  # more digits than floats have


def test_one_hot_vectors_of_numbers_that_are_far_apart() -> None:
    for on, off in ((np.inf, 0.0), (1.0, -np.inf), (1.0, 1e30)):
        types = ["int32", "const int32", "const float32", "const float32"]
        hot = lowered("OneHot", [[1, 0], 3, on, off], types, {"axis": -1})[0]
        np.testing.assert_array_equal(hot, np.array([[off, on, off], [on, off, off]], np.float32))


def test_segments_of_nothing() -> None:
    """Sums and products of nothing are errors on some backends, and whatever stands in memory on others."""
    b = Lowering()
    data, ids = b.input("data", (None, 2), "float32"), b.input("ids", (None,), "int32")
    sums = {"sum": b.UnsortedSegmentSum(data, ids, 3), "sorted": b.SegmentSum(data, ids)}
    ports = [Port("data", data), Port("ids", ids)]
    graph = decompose(Graph(ports, [Port(name, value) for name, value in sums.items()]))
    nothing = run(graph, {"data": np.zeros((0, 2), np.float32), "ids": []})
    assert (nothing["sum"].tolist(), nothing["sorted"].tolist()) == ([[0, 0]] * 3, [])
    some = run(graph, {"data": [[1, 2], [3, 4], [5, 6]], "ids": [0, 0, 1]})
    assert (some["sum"].tolist(), some["sorted"].tolist()) == ([[4, 6], [5, 6], [0, 0]], [[4, 6], [5, 6]])


@pytest.mark.parametrize(("axis", "batch"), [(1, 1), (2, 1), (2, 2), (1, 0), (-1, -1)])
def test_gathering_within_batches(axis: int, batch: int) -> None:
    x = RNG.normal(size=(2, 3, 4)).astype(np.float32)
    shapes = {0: (2, 5), 1: (2, 5), 2: (2, 3, 5), -1: (2, 5)}
    indices = RNG.integers(0, 3, shapes[batch])
    result = lowered("GatherV2", [x, indices, axis], ["float32", "int32", "const int32"], {"batch_dims": batch})[0]
    depth = batch % indices.ndim
    expected = np.stack(
        [np.take(x[place], indices[place], axis=axis % 3 - depth) for place in np.ndindex(*x.shape[:depth])]
    ).reshape(*x.shape[:depth], *np.take(x[(0,) * depth], indices[(0,) * depth], axis=axis % 3 - depth).shape)
    np.testing.assert_array_equal(result, expected)


def test_rows_of_nothing_are_filled() -> None:
    b = Lowering()
    values, rows = b.input("values", (None,), "float32"), b.input("rows", (None,), "int32")
    inputs = [b.const([-1, -1], "int32"), values, b.const(-1.0), b.const(2, "int32"), rows]
    attrs = {"row_partition_types": ["FIRST_DIM_SIZE", "VALUE_ROWIDS"]}
    y = b.node("RaggedTensorToTensor", inputs, attrs)[0]
    graph = decompose(Graph([Port("values", values), Port("rows", rows)], [Port("y", y)]))
    assert run(graph, {"values": [], "rows": []})["y"].shape == (2, 0)
    assert run(graph, {"values": [5.0, 6.0], "rows": [1, 1]})["y"].tolist() == [[-1, -1], [5, 6]]
    summed = [node.inputs[0] for node in graph.nodes() if node.op == "Sum"]
    assert summed
    for value in summed:
        while value.node.op in ("Cast", "Equal", "ExpandDims", "OneHot"):
            value = value.node.inputs[0]
        assert surely_some(value)


@pytest.mark.parametrize(("shape", "columns"), [([-1, -1], 3), ([-1, 2], 2), ([-1, 5], 5), (-1, 3)])
@pytest.mark.parametrize("by_rows", [False, True])
def test_ragged_rows_are_filled_and_cut(shape: Any, columns: int, by_rows: bool) -> None:
    values = np.arange(1, 6, dtype=np.float32)
    rows = [[1, 2], [], [3, 4, 5]]
    expected = [(row + [-1] * columns)[:columns] for row in rows]
    partitions: list[Any] = [3, [0, 0, 2, 2, 2]] if by_rows else [[0, 2, 2, 5]]
    types = ["FIRST_DIM_SIZE", "VALUE_ROWIDS"] if by_rows else ["ROW_SPLITS"]
    inputs = [shape, values, np.float32(-1), *partitions]
    dtypes = ["const int32", "float32", "const float32", *(["const int32"] * len(partitions))]
    [result] = lowered("RaggedTensorToTensor", inputs, dtypes, {"row_partition_types": types})
    assert result.tolist() == expected


@pytest.mark.parametrize(
    ("shape", "ops"),
    [
        ((None,), ["ConcatV2", "LookupTableFindV2", "StridedSlice"]),
        ((3,), ["LookupTableFindV2"]),
    ],
)
@pytest.mark.parametrize("dtype", ["string", "int64"])
def test_one_key_at_least_is_looked_up(shape: tuple[int | None, ...], ops: list[str], dtype: str) -> None:
    """TensorFlow.js fails where there is none."""

    def look_up(b: Builder, x: Value) -> Value:
        attrs = {"shared_name": "table", "key_dtype": dtype, "value_dtype": "int64"}
        table = b.node("HashTableV2", [], attrs, given=[((), "resource")])[0]
        return b.LookupTableFindV2(table, x, b.const(-1, "int64"))

    assert nodes_of(look_up, (0,), dtype) == []  # of no keys, the result is known
    nodes = [node for node in nodes_of(look_up, shape, dtype) if node.op != "HashTableV2"]
    assert [node.op for node in nodes] == ops
    assert nodes[-1].outputs[0].rank == 1
    again = decompose(Graph([], [Port("y", nodes[-1].outputs[0])]))
    assert [node.op for node in again.nodes() if node.op in ops] == ops
