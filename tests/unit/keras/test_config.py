"""What stands for the same in Python is read as Keras reads it; anything else is the file's fault."""

from __future__ import annotations

from typing import Any

import pytest

from tfjs_build.convert.keras.config import Config, plain
from tfjs_build.errors import SourceError


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (1, True), (1.0, True), (False, False), (0, False), (None, False)]
)
def test_flags(value: Any, expected: bool) -> None:
    assert Config("a", {"scale": value}).boolean("scale", True) is expected


def test_a_flag_that_is_not_there() -> None:
    assert Config("a", {}).boolean("scale", True) is True
    with pytest.raises(SourceError, match="its configuration has no `scale`"):
        Config("a", {}).boolean("scale")


@pytest.mark.parametrize(("value", "expected"), [(5, 5), (5.0, 5), ("5", 5), (True, 1), (None, 7)])
def test_integers(value: Any, expected: int) -> None:
    assert Config("a", {"units": value}).integer("units", 7) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.5, 0.5), ("0.5", 0.5), (2, 2), (True, 1), (None, 0.3)])
def test_numbers(value: Any, expected: float) -> None:
    assert Config("a", {"alpha": value}).number("alpha", 0.3) == expected


@pytest.mark.parametrize(("value", "expected"), [(3, (3, 3)), (3.0, (3, 3)), ([3], (3, 3)), ([3.0, 2], (3, 2))])
def test_lists_of_integers(value: Any, expected: tuple[int, ...]) -> None:
    assert Config("a", {"size": value}).integers("size", 2) == expected


def test_numbers_of_numpy() -> None:
    values = plain({"units": {"class_name": "__numpy__", "config": {"value": 5, "dtype": "int64"}}})
    assert Config("a", values).integer("units") == 5


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        ("boolean", "false", "layer `a`: expects true or false as `key`, got 'false'"),
        ("boolean", [1], "layer `a`: expects true or false as `key`, got [1]"),
        ("integer", 5.5, "layer `a`: expects an integer as `key`, got 5.5"),
        ("integer", "five", "layer `a`: expects an integer as `key`, got 'five'"),
        ("integer", float("inf"), "layer `a`: expects an integer as `key`, got inf"),
        ("number", [1], "layer `a`: expects a number as `key`, got [1]"),
        ("integers", [1.5], "layer `a`: expects integers as `key`, got [1.5]"),
        ("shape", [1.5], "layer `a`: expects a shape, got [1.5]"),
    ],
)
def test_what_is_neither(read: str, value: Any, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        getattr(Config("a", {"key": value}), read)("key")
    assert str(caught.value) == message


def test_whole_floats_in_a_shape() -> None:
    assert Config("a", {"shape": [None, 3.0, -1]}).shape("shape") == (None, 3, None)
