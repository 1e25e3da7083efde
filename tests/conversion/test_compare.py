"""The rule of comparison: what it lets through and what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conversion.compare import indifferent, mismatches
from tests.oracle.tensors import Group

Floats = NDArray[np.float32]


def _floats(*values: float) -> Floats:
    return np.array(values, np.float32)


EXPECTED: Group = {"y": _floats(2, 0, 1), "z": _floats(1, 1)}


def _with(**changed: NDArray[np.generic]) -> Group:
    return {**EXPECTED, **changed}


def test_the_same_numbers_match() -> None:
    assert mismatches(EXPECTED, EXPECTED) == []


def test_an_error_within_the_tolerance_of_the_largest_value_matches() -> None:
    assert mismatches(EXPECTED, _with(y=_floats(2, 0.00019, 1))) == []


@pytest.mark.parametrize(
    ("actual", "problem"),
    [
        (_with(y=_floats(2, 0.00021, 1)), "y: off by 0.00021"),
        (_with(y=_floats(2, np.nan, 1)), "y: nan instead of 0 (in 1 of 3 places)"),
        (_with(y=_floats(2, np.inf, 1)), "y: inf instead of 0 (in 1 of 3 places)"),
        (_with(y=_floats(2, 0)), "y: shape [2] instead of [3]"),
        (_with(y=_floats(2, 0, 1).reshape(1, 3)), "y: shape [1, 3] instead of [3]"),
        (_with(y=np.array([2, 0, 1], np.int32)), "y: dtype int32 instead of float32"),
        (_with(more=_floats(1)), "outputs ['more', 'y', 'z'] instead of ['y', 'z']"),
        ({"y": EXPECTED["y"]}, "outputs ['y'] instead of ['y', 'z']"),
        ({"y": EXPECTED["z"], "z": EXPECTED["y"]}, "y: shape [2] instead of [3]"),
    ],
)
def test_what_differs_is_named(actual: Group, problem: str) -> None:
    problems = mismatches(EXPECTED, actual)
    assert problems
    assert problems[0].startswith(problem)


def test_nan_and_infinities_stand_in_the_same_places() -> None:
    expected: Group = {"y": _floats(np.nan, np.inf, -np.inf, 2)}
    assert mismatches(expected, expected) == []
    assert mismatches(expected, {"y": _floats(np.nan, np.inf, -np.inf, 2.0001)}) == []
    assert mismatches(expected, {"y": _floats(np.nan, np.inf, np.inf, 2)}) == [
        "y: inf instead of -inf (in 1 of 4 places)"
    ]
    assert mismatches(expected, {"y": _floats(1, np.nan, -np.inf, 2)}) == ["y: 1 instead of nan (in 2 of 4 places)"]
    assert mismatches(expected, {"y": _floats(np.nan, np.inf, -np.inf, 2.1)}) == ["y: off by 0.1 = 0.05 of max|b|"]


def test_integers_and_bools_are_equal_or_wrong() -> None:
    expected: Group = {"i": np.array([100000, 7], np.int32), "b": np.array([True, False])}
    assert mismatches(expected, expected) == []
    actual: Group = {"i": np.array([100001, 7], np.int32), "b": np.array([True, True])}
    assert mismatches(expected, actual) == [
        "i: 1 of 2 int32 values differ",
        "b: 1 of 2 bool values differ",
    ]


def test_integers_that_stand_for_no_number_count_only_where_they_mean_something() -> None:
    expected: Group = {"i": np.array([-(2**31), 7], np.int32)}
    actual: Group = {"i": np.array([0, 7], np.int32)}
    assert mismatches(expected, actual) == ["i: 1 of 2 int32 values differ"]
    assert mismatches(expected, actual, undefined=True) == []
    assert mismatches(expected, {"i": np.array([0, 8], np.int32)}, undefined=True) == ["i: 1 of 2 int32 values differ"]


def test_integers_that_differ_at_all_prove_something() -> None:
    assert indifferent([{"y": np.array([1000, 7])}, {"y": np.array([1000, 8])}]) == []
    assert indifferent([{"y": np.array([0, 7])}, {"y": np.array([0, 7])}])


def test_an_error_is_measured_against_its_own_output() -> None:
    expected: Group = {"large": _floats(1000.0), "small": _floats(0.001)}
    actual: Group = {"large": _floats(1000.0), "small": _floats(0.0011)}
    assert mismatches(expected, actual) == ["small: off by 0.0001 = 0.1 of max|b|"]


def test_an_expected_zero_admits_nothing_else() -> None:
    assert mismatches({"y": _floats(0)}, {"y": _floats(0)}) == []
    assert mismatches({"y": _floats(0)}, {"y": _floats(1e-30)})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_floats(1, 2), _floats(1, 2.019)),
        (_floats(0, 0), _floats(0, 0)),
        (_floats(1, np.nan), _floats(2, 1)),
        (_floats(1, 1), _floats(2, np.inf)),
    ],
)
def test_outputs_that_prove_nothing_are_named(first: Floats, second: Floats) -> None:
    assert indifferent([{"y": first}, {"y": second}])


def test_outputs_that_differ_prove_something() -> None:
    assert indifferent([{"y": _floats(1, 2)}, {"y": _floats(1, 2.03)}]) == []


def test_one_output_that_proves_nothing_is_found_among_others() -> None:
    problems = indifferent([{"y": _floats(1), "z": _floats(3)}, {"y": _floats(5), "z": _floats(3)}])
    assert [problem.split()[0] for problem in problems] == ["z"]
