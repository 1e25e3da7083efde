"""A treemap: a rectangle for each number, of an area in proportion, as near to a square as can be.

The algorithm is the squarified treemap of Bruls, Huizing and van Wijk (2000): rows along the shorter side, each filled
as long as that makes its worst rectangle no longer.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.records import record


@record(frozen=True)
class Box:
    """A rectangle; the unit is that of the area that was divided."""

    left: float
    top: float
    width: float
    height: float


def squarified(numbers: Sequence[float], within: Box) -> list[Box]:
    """Return a rectangle for each number, in the same order; numbers of 0 and less get none of the area. The nearest to
    squares are those of descending numbers."""
    total = sum(number for number in numbers if number > 0)
    boxes = [Box(within.left, within.top, 0.0, 0.0)] * len(numbers)
    waiting = [index for index, number in enumerate(numbers) if number > 0]
    scale = within.width * within.height / total if total else 0.0
    free = within
    while waiting:
        side = min(free.width, free.height)
        count = 1
        areas = [numbers[waiting[0]] * scale]
        while count < len(waiting):
            more = [*areas, numbers[waiting[count]] * scale]
            if _longest(more, side) > _longest(areas, side):
                break
            areas, count = more, count + 1
        placed, free = _row(areas, free)
        for index, box in zip(waiting[:count], placed, strict=True):
            boxes[index] = box
        waiting = waiting[count:]
    return boxes


def _longest(areas: Sequence[float], side: float) -> float:
    """Return how much longer than wide the worst rectangle of a row is, along a side of this length."""
    total = sum(areas)
    if not total or not side:
        return float("inf")
    return max(side * side * max(areas) / total**2, total**2 / (side * side * min(areas)))


def _row(areas: Sequence[float], free: Box) -> tuple[list[Box], Box]:
    """Return the rectangles of a row along the shorter side, and what is left."""
    total, boxes = sum(areas), []
    if free.width >= free.height:
        depth = total / free.height if free.height else 0.0
        at = free.top
        for area in areas:
            length = area / depth if depth else 0.0
            boxes.append(Box(free.left, at, depth, length))
            at += length
        return boxes, Box(free.left + depth, free.top, max(0.0, free.width - depth), free.height)
    depth = total / free.width
    at = free.left
    for area in areas:
        length = area / depth if depth else 0.0
        boxes.append(Box(at, free.top, length, depth))
        at += length
    return boxes, Box(free.left, free.top + depth, free.width, max(0.0, free.height - depth))
