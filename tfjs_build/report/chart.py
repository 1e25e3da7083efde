"""Where the marks of the curve stand, in percent of its width and height: size linear, error logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from tfjs_build.coding.coded import percent
from tfjs_build.records import record
from tfjs_build.report.facts import Point
from tfjs_build.sizes import size_text

_ZERO: Final = 6.0
"""Height at which no error at all stands: it has no logarithm."""

_LOWEST, _HIGHEST = 20.0, 95.0
_RIGHTMOST: Final = 94.0
_NEAR_X, _NEAR_Y = 6.0, 9.0
"""Marks that are nearer than this share one: they would cover each other."""


@record(frozen=True)
class Mark:
    """One mark: the letters of the codings that it stands for, and where."""

    letters: str
    title: str
    left: float
    bottom: float
    now: bool


@record(frozen=True)
class Tick:
    """A number on an axis, and where."""

    text: str
    at: float


@record(frozen=True)
class Chart:
    """The curve. `line` are the codings that no other one beats, as points of a polyline in an area of 100 × 100, from
    the top left."""

    marks: Sequence[Mark]
    line: str
    across: Sequence[Tick]
    up: Sequence[Tick]


def letters(count: int) -> list[str]:
    """Return a letter for each coding."""
    return [chr(ord("a") + index) for index in range(count)]


def chart(points: Sequence[Point]) -> Chart:
    """Return the curve of at least one coding."""
    most = max(max(point.nbytes for point in points), 1)
    errors = [point.error for point in points if point.error > 0]
    low = math.floor(math.log10(min(errors))) if errors else -3
    high = max(math.ceil(math.log10(max(errors))), low + 1) if errors else 0

    def left(nbytes: float) -> float:
        return nbytes / most * _RIGHTMOST

    def bottom(error: float) -> float:
        if error <= 0:
            return _ZERO
        return _LOWEST + (math.log10(error) - low) / (high - low) * (_HIGHEST - _LOWEST)

    placed = [(left(point.nbytes), bottom(point.error)) for point in points]
    every = max(1, math.ceil((high - low) / 4))
    return Chart(
        marks=_marks(points, placed),
        line=" ".join(f"{x:.2f},{100 - y:.2f}" for x, y in sorted(_best(points, placed))),
        across=[Tick(size_text(round(most * part / 4)), left(most * part / 4)) for part in range(5)],
        up=[
            Tick("0", _ZERO),
            *(Tick(percent(10.0**power), bottom(10.0**power)) for power in range(low, high + 1, every)),
        ],
    )


def _best(points: Sequence[Point], placed: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return where those are than which no other one is both smaller and nearer."""

    def beaten(point: Point) -> bool:
        return any(
            other.nbytes <= point.nbytes
            and other.error <= point.error
            and (other.nbytes, other.error) != (point.nbytes, point.error)
            for other in points
        )

    return [place for point, place in zip(points, placed, strict=True) if not beaten(point)]


def _marks(points: Sequence[Point], placed: Sequence[tuple[float, float]]) -> list[Mark]:
    groups: list[list[int]] = []
    for index, (x, y) in enumerate(placed):
        near = next(
            (
                group
                for group in groups
                if abs(placed[group[0]][0] - x) < _NEAR_X and abs(placed[group[0]][1] - y) < _NEAR_Y
            ),
            None,
        )
        if near is None:
            groups.append([index])
        else:
            near.append(index)
    names = letters(len(points))
    return [
        Mark(
            letters=" ".join(names[index] for index in group),
            title=", ".join(points[index].coding for index in group),
            left=sum(placed[index][0] for index in group) / len(group),
            bottom=sum(placed[index][1] for index in group) / len(group),
            now=any(points[index].now for index in group),
        )
        for group in groups
    ]
