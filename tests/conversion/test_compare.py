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


EXPECTED: list[Group] = [{"y": _floats(1, -2, 4), "z": _floats(0.5, 0.25)}, {"y": _floats(2, 0, 1), "z": _floats(1, 1)}]


def _with(**changed: NDArray[np.generic]) -> list[Group]:
    return [EXPECTED[0], {**EXPECTED[1], **changed}]


def test_the_same_numbers_match() -> None:
    assert mismatches(EXPECTED, EXPECTED) == []


def test_an_error_within_the_tolerance_of_the_largest_value_matches() -> None:
    assert mismatches(EXPECTED, _with(y=_floats(2, 0.00019, 1))) == []


@pytest.mark.parametrize(
    ("actual", "problem"),
    [
        (_with(y=_floats(2, 0.00021, 1)), "sample 1, y: off by 0.00021"),
        (_with(y=_floats(2, np.nan, 1)), "sample 1, y: nan instead of 0 (in 1 of 3 places)"),
        (_with(y=_floats(2, np.inf, 1)), "sample 1, y: inf instead of 0 (in 1 of 3 places)"),
        (_with(y=_floats(2, 0)), "sample 1, y: shape [2] instead of [3]"),
        (_with(y=_floats(2, 0, 1).reshape(1, 3)), "sample 1, y: shape [1, 3] instead of [3]"),
        (_with(y=np.array([2, 0, 1], np.int32)), "sample 1, y: dtype int32 instead of float32"),
        (_with(more=_floats(1)), "sample 1, outputs ['more', 'y', 'z'] instead of ['y', 'z']"),
        ([EXPECTED[0], {"y": EXPECTED[1]["y"]}], "sample 1, outputs ['y'] instead of ['y', 'z']"),
        ([EXPECTED[0], {"y": EXPECTED[1]["z"], "z": EXPECTED[1]["y"]}], "sample 1, y: shape [2] instead of [3]"),
        (EXPECTED[:1], "1 predictions instead of 2"),
        ([EXPECTED[1], EXPECTED[0]], "sample 0, y: off by 3"),
    ],
)
def test_what_differs_is_named(actual: list[Group], problem: str) -> None:
    problems = mismatches(EXPECTED, actual)
    assert problems
    assert problems[0].startswith(problem)


def test_nan_and_infinities_stand_in_the_same_places() -> None:
    expected: list[Group] = [{"y": _floats(np.nan, np.inf, -np.inf, 2)}]
    assert mismatches(expected, expected) == []
    assert mismatches(expected, [{"y": _floats(np.nan, np.inf, -np.inf, 2.0001)}]) == []
    assert mismatches(expected, [{"y": _floats(np.nan, np.inf, np.inf, 2)}]) == [
        "sample 0, y: inf instead of -inf (in 1 of 4 places)"
    ]
    assert mismatches(expected, [{"y": _floats(1, np.nan, -np.inf, 2)}]) == [
        "sample 0, y: 1 instead of nan (in 2 of 4 places)"
    ]
    assert mismatches(expected, [{"y": _floats(np.nan, np.inf, -np.inf, 2.1)}]) == [
        "sample 0, y: off by 0.1 = 0.05 of max|b|"
    ]


def test_integers_and_bools_are_equal_or_wrong() -> None:
    expected: list[Group] = [{"i": np.array([100000, 7], np.int32), "b": np.array([True, False])}]
    assert mismatches(expected, expected) == []
    actual: list[Group] = [{"i": np.array([100001, 7], np.int32), "b": np.array([True, True])}]
    assert mismatches(expected, actual) == [
        "sample 0, i: 1 of 2 int32 values differ",
        "sample 0, b: 1 of 2 bool values differ",
    ]


def test_integers_that_differ_at_all_prove_something() -> None:
    assert indifferent([{"y": np.array([1000, 7])}, {"y": np.array([1000, 8])}]) == []
    assert indifferent([{"y": np.array([0, 7])}, {"y": np.array([0, 7])}])


def test_an_error_is_measured_against_its_own_output() -> None:
    expected: list[Group] = [{"large": _floats(1000.0), "small": _floats(0.001)}]
    actual: list[Group] = [{"large": _floats(1000.0), "small": _floats(0.0011)}]
    assert mismatches(expected, actual) == ["sample 0, small: off by 0.0001 = 0.1 of max|b|"]


def test_an_expected_zero_admits_nothing_else() -> None:
    assert mismatches([{"y": _floats(0)}], [{"y": _floats(0)}]) == []
    assert mismatches([{"y": _floats(0)}], [{"y": _floats(1e-30)}])


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
