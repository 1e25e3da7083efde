"""Which numbers are the same, and what is said of those that are not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tfjs_build.verify.judge import broken_promises, differences, indifferent, non_finite


def floats(*values: float) -> NDArray[np.float32]:
    return np.array([values], np.float32)


def test_errors_are_the_largest_of_all_samples() -> None:
    expected = [{"y": floats(1, 2)}, {"y": floats(10, 20)}]
    actual = [{"y": floats(1, 2.5)}, {"y": floats(10, 19)}]
    [found] = differences(expected, actual, 0.3)
    assert (found.absolute, found.relative) == (1.0, 0.25)
    assert (found.agreeing, found.rows) == (2, 2)
    assert found.problem == ""
    [found] = differences(expected, actual, 0.2)
    assert found.problem == "too far off"


def test_the_largest_entry_of_each_row() -> None:
    expected = [{"y": np.array([[1, 2], [3, 1], [0, 1]], np.float32)}]
    actual = [{"y": np.array([[2, 1], [3, 1], [0, 1]], np.float32)}]
    [found] = differences(expected, actual, math.inf)
    assert (found.agreeing, found.rows) == (2, 3)
    [found] = differences([{"y": np.ones((2, 1), np.float32)}], [{"y": np.ones((2, 1), np.float32)}], 0)
    assert (found.agreeing, found.rows) == (None, None)


@pytest.mark.parametrize(
    ("expected", "actual", "problem"),
    [
        (floats(1), floats(1, 2), "expects the shape [1, 1], got [1, 2]"),
        (floats(1), np.array([[1]], np.int32), "expects float32, got int32"),
        (np.array([1, 2, 3]), np.array([1, 5, 4]), "2 of 3 whole numbers differ"),
        (np.array([True]), np.array([False]), "1 of 1 bools differ"),
        (np.array(["a"], dtype=object), np.array(["b"], dtype=object), "1 of 1 texts differ"),
        (floats(1, 2), floats(1, math.nan), "nan instead of 2 (in 1 of 2 places)"),
        (floats(math.inf, 2), floats(5, 2), "5 instead of inf (in 1 of 2 places)"),
        (floats(math.nan, math.inf), floats(math.nan, math.inf), ""),
        (floats(0, 0), floats(0, 0), ""),
        (floats(0, 0), floats(0, 1e-9), "too far off"),
        (np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32), ""),
    ],
)
def test_what_differs(expected: NDArray[np.generic], actual: NDArray[np.generic], problem: str) -> None:
    [found] = differences([{"y": expected}], [{"y": actual}], 1e-4)
    assert found.problem == problem


def test_outputs_that_are_missing_or_new() -> None:
    found = differences([{"a": floats(1), "b": floats(1)}], [{"a": floats(1), "c": floats(1)}], 1e-4)
    assert [(each.name, each.problem) for each in found] == [
        ("a", ""),
        ("b", "is not there"),
        ("c", "is not the source's"),
    ]
    [missing] = differences([{"a": floats(1)}], [], 1e-4)
    assert missing.problem == "0 results for 1 samples"


def test_promises_of_names_dtypes_and_shapes() -> None:
    promised: list[dict[str, Any]] = [
        {"name": "a", "dtype": "float32", "shape": [None, 2]},
        {"name": "b", "dtype": "string", "shape": None},
        {"name": "c", "dtype": "int32", "shape": [1]},
    ]
    texts = np.array(["x"], dtype=object)
    assert broken_promises(promised, [{"a": floats(1, 2), "b": texts, "c": np.zeros(1, np.int32)}]) == []
    assert broken_promises(promised, [{"a": floats(1), "b": floats(1)}]) == [
        "a is to be float32 [?, 2], and is float32 [1, 1]",
        "b is to be string of any rank, and is float32 [1, 1]",
        "c is not there",
    ]


def test_what_is_not_finite() -> None:
    group = {"a": floats(1, math.nan), "b": floats(1), "c": np.array([1]), "d": floats(math.inf)}
    assert non_finite([group, group]) == ["a", "d"]


def test_outputs_that_prove_little() -> None:
    flat = {"flat": floats(0.001, 0.001), "told": floats(1, 2), "zero": floats(0), "whole": np.array([1])}
    other = {
        "flat": np.full((2, 2), 0.001, np.float32),
        "told": floats(1, 2.1),
        "zero": floats(0),
        "whole": np.array([1]),
    }
    assert indifferent([flat, other]) == ["flat", "zero"]
    assert indifferent([flat]) == []
    assert indifferent([{"a": floats(math.nan)}, {"a": floats(math.nan)}]) == []
