"""Records behave as frozen dataclasses do, but that it is mypy who keeps them from being changed."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field

import pytest

from tfjs_build.records import record


@record(frozen=True)
class Point:
    """Two coordinates."""

    x: int
    y: int = 0


@record(frozen=True)
class Marked(Point):
    """One that says more."""

    marks: list[str] = field(default_factory=list)


@record(frozen=True)
class Other:
    """The same fields, and another thing."""

    x: int
    y: int = 0


@record(frozen=True)
class One:
    """A single field, which may be equal to nothing."""

    value: float


@record(frozen=True)
class Nothing:
    """No field at all."""


@record(frozen=True)
class Named:
    """It has its own ideas."""

    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and self.name.lower() == other.name.lower()

    def __hash__(self) -> int:
        return 7

    def __repr__(self) -> str:
        return f"<{self.name}>"


def test_equal() -> None:
    nan = float("nan")
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1) == Point(x=1, y=0)
    others: list[object] = [Other(1, 2), Marked(1, 2), (1, 2)]
    assert Point(1, 2) not in others
    assert Marked(1, 2, ["a"]) == Marked(1, 2, ["a"])
    assert One(nan) == One(nan)  # as in a tuple, what is identical is equal
    assert One(1.0) != One(2.0)
    assert Nothing() == Nothing()


def test_hash() -> None:
    assert len({Point(1, 2), Point(1, 2), Point(1, 3), Other(1, 2), Nothing(), Nothing()}) == 4
    with pytest.raises(TypeError, match="unhashable"):
        hash(Marked(1, 2))


def test_shown() -> None:
    assert repr(Marked(1, marks=["a"])) == "Marked(x=1, y=0, marks=['a'])"
    assert repr(Nothing()) == "Nothing()"


def test_own_methods_stay() -> None:
    assert Named("A") == Named("a")
    assert hash(Named("A")) == 7
    assert repr(Named("A")) == "<A>"


def test_a_dataclass_all_the_same() -> None:
    assert dataclasses.is_dataclass(Marked)
    assert [each.name for each in dataclasses.fields(Marked)] == ["x", "y", "marks"]
    assert dataclasses.replace(Point(1, 2), y=3) == Point(1, 3)
    assert dataclasses.asdict(Point(1, 2)) == {"x": 1, "y": 2}
    assert pickle.loads(pickle.dumps(Point(1, 2))) == copy.copy(Point(1, 2)) == Point(1, 2)
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
