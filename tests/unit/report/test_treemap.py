"""Treemaps: areas in proportion, nothing beside or above another."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.unit.report.making import weight
from tfjs_build.report.treemap import Box, squarified
from tfjs_build.report.view import cells, shares

WITHIN = Box(10, 20, 100, 42)


def overlap(a: Box, b: Box) -> float:
    """Return the area that two rectangles share."""
    across = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    down = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    return max(0.0, across) * max(0.0, down)


NUMBERS = [
    [1.0],
    [6, 6, 4, 3, 2, 2, 1],
    [1e9, 1],
    [5, 0, 5, 0],
    [3.0] * 50,
    sorted((random.Random(7).paretovariate(1) for _ in range(200)), reverse=True),
]


@pytest.mark.parametrize("numbers", NUMBERS, ids=len)
def test_areas_are_in_proportion(numbers: list[float]) -> None:
    boxes = squarified(numbers, WITHIN)
    for number, box in zip(numbers, boxes, strict=True):
        assert box.width >= 0
        assert box.height >= 0
        assert box.width * box.height == pytest.approx(100 * 42 * number / sum(numbers), rel=1e-6, abs=1e-6)
        assert box.left >= 10 - 1e-9
        assert box.top >= 20 - 1e-9
        assert box.left + box.width <= 110 + 1e-6
        assert box.top + box.height <= 62 + 1e-6
    for a, b in itertools.combinations(boxes, 2):
        assert overlap(a, b) < 1e-5


def test_squares_where_there_can_be_some() -> None:
    boxes = squarified([1.0] * 4, Box(0, 0, 2, 2))
    assert {(box.width, box.height) for box in boxes} == {(1.0, 1.0)}
    published = squarified([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))  # figure 4 of the paper
    assert (published[0].width, published[0].height) == (3, 2)
    assert published[2].width == pytest.approx(12 / 7)


def test_nothing_to_divide() -> None:
    assert squarified([], WITHIN) == []
    assert [(box.width, box.height) for box in squarified([0, -1], WITHIN)] == [(0, 0), (0, 0)]


def test_layers_lie_together() -> None:
    made = [weight("a/kernel", 4000), weight("b/kernel", 4000, "uint8"), weight("a/bias", 2000)]
    found = cells([*made, weight("none", 0)])
    assert [cell.name for cell in found] == ["a/kernel", "a/bias", "b/kernel"]
    assert sum(cell.box.width * cell.box.height for cell in found) == pytest.approx(100 * 100)
    assert sum(cell.part for cell in found) == pytest.approx(1)
    assert [cell.label for cell in found] == ["a", "bias", "b"]


def test_labels_do_without_what_most_names_begin_with() -> None:
    names = ("main/net/a/kernel", "main/net/b/c/kernel", "main/netting/kernel", "other")
    assert [cell.label for cell in cells([weight(name, 400) for name in names])] == [
        "net/a",
        "net/b/c",
        "netting",
        "other",
    ]
    assert [cell.label for cell in cells([weight("a/b/c", 4), weight("a/b/d", 4)])] == ["b", "d"]


def test_weights_of_no_size_are_one_cell() -> None:
    large = [weight(f"layer{number}/kernel", 1_000_000) for number in range(5)]
    found = cells([*large, weight("x", 4), weight("y", 4, "uint8"), weight("z", 4)])
    assert [cell.name for cell in found[5:]] == ["3 smaller weights"]
    assert (found[5].stored, found[5].weights, found[5].nbytes) == ("several", 3, 12)
    assert len(cells([*large, weight("x", 4)])) == 6, "one alone keeps its name"
    assert len(cells([weight(f"w{number}", 4000) for number in range(500)])) == 121


def test_shares_add_up() -> None:
    found = shares([weight("a", 4), weight("b", 12, "uint8"), weight("c", 4)])
    assert [(each.stored, each.weights, each.nbytes, each.part) for each in found] == [
        ("float32", 2, 8, 0.4),
        ("uint8", 1, 12, 0.6),
    ]
    assert shares([]) == []
    assert cells([]) == []
