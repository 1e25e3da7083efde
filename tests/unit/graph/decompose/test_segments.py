"""Segments, and who is among the best: with infinite numbers, large ones, and none."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import lowered

ROWS = np.array([[1, np.inf], [2, -np.inf], [np.nan, 1], [3, 4]], np.float32)


def test_infinite_rows_stay_in_their_segments() -> None:
    total = lowered("SegmentSum", [ROWS, [0, 1, 1, 3]], ["float32", "int32"], {})[0]
    np.testing.assert_array_equal(total, np.array([[1, np.inf], [np.nan, -np.inf], [0, 0], [3, 4]], np.float32))
    total = lowered("UnsortedSegmentSum", [ROWS, [2, -1, 0, 2], 4], ["float32", "int32", "const int32"], {})[0]
    np.testing.assert_array_equal(total, np.array([[np.nan, 1], [0, 0], [4, np.inf], [0, 0]], np.float32))


@pytest.mark.parametrize(("kind", "nothing"), [("Max", -3.4028235e38), ("Min", 3.4028235e38), ("Prod", 1.0)])
def test_the_largest_the_smallest_and_the_product_of_segments(kind: str, nothing: float) -> None:
    rows, types = np.array([[1, 2], [-3, 4], [5, -6], [7, 8]], np.float32), ["float32", "int32", "const int32"]
    found = lowered(f"UnsortedSegment{kind}", [rows, [2, -1, 2, 0], 4], types, {})[0]
    both = {"Max": np.maximum, "Min": np.minimum, "Prod": np.multiply}[kind](rows[0], rows[2])
    np.testing.assert_array_equal(found, np.array([rows[3], [nothing] * 2, both, [nothing] * 2], np.float32))
    table = lowered(f"UnsortedSegment{kind}", [rows, [[1, 0], [0, 0], [0, 1], [1, 1]], 2], types, {})[0]
    np.testing.assert_array_equal(table, getattr(np, kind.lower())([[2, -3, 4, 5], [1, -6, 7, 8]], axis=1))


def test_large_integers_are_added_exactly() -> None:
    rows, ids = [2**24 + 1, 2, 2**30], [1, 1, 0]
    assert lowered("UnsortedSegmentSum", [rows, ids, 2], ["int32", "int32", "const int32"], {})[0].tolist() == [
        2**30,
        2**24 + 3,
    ]


@pytest.mark.parametrize("kind", ["Sum", "Mean", "SqrtN"])
@pytest.mark.parametrize("number", [False, True])
def test_sparse_segments(kind: str, number: bool) -> None:
    data = np.arange(8, dtype=np.float32).reshape(4, 2)
    if kind != "SqrtN" and not number:
        return  # TensorFlow.js's own
    arrays, types = [data, [3, 0, 1, 2], [0, 0, 0, 2]], ["float32", "int32", "int32"]
    op = f"SparseSegment{kind}"
    if number:
        arrays, types, op = [*arrays, 4], [*types, "int32"], f"{op}WithNumSegments"
    result = lowered(op, arrays, types, {})[0]
    by = {"Sum": 1.0, "Mean": 3.0, "SqrtN": 3.0**0.5}[kind]
    expected = [(data[3] + data[0] + data[1]) / np.float32(by), [0, 0], data[2], [0, 0]]
    np.testing.assert_allclose(result, np.array(expected[: 4 if number else 3], np.float32), rtol=1e-6)


def test_who_is_among_the_best() -> None:
    scores = np.array([[np.inf, 2, 3], [-np.inf, 1, 0], [3, 2, 1], [1, np.nan, 5], [4, 5, 6], [1, 1, 1]], np.float32)
    targets = [1, 1, 0, 2, 3, 2]
    for op, k in (("InTopKV2", 1), ("InTopK", 1)):
        more = [k] if op == "InTopKV2" else []
        types = ["float32", "int32", *["const int32"] * len(more)]
        found = lowered(op, [scores, targets, *more], types, {} if more else {"k": k})[0]
        assert found.tolist() == [False, False, True, False, False, True]
