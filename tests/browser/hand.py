"""A hand that writes digits on the page with the mouse, each a little differently."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.strokes import Stroke


@dataclass(frozen=True)
class Hand:
    """How a digit is written: `size` is its height, `x` and `y` its middle (parts of the canvas), `turn` in radians."""

    size: float = 0.7
    x: float = 0.5
    y: float = 0.5
    slant: float = 0.0
    turn: float = 0.0
    wide: float = 1.0

    @classmethod
    def of(cls, seed: int) -> Hand:
        """Return one of many hands; the same one for the same seed."""
        chance = random.Random(seed)
        size = chance.uniform(0.35, 0.8)
        middle = (1 - size) / 2
        return cls(
            size=size,
            x=0.5 + chance.uniform(-middle, middle) / 2,
            y=0.5 + chance.uniform(-middle, middle) / 2,
            slant=chance.gauss(0, 0.15),
            turn=chance.gauss(0, 0.05),
            wide=chance.uniform(0.8, 1.2),
        )

    def place(self, stroke: Stroke) -> Stroke:
        """Return the stroke, in a square of side 1, where this hand puts it on a canvas of side 1."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        placed = []
        for x, y in stroke:
            u, v = (x - 0.5) * self.wide - (y - 0.5) * self.slant, y - 0.5
            placed.append((self.x + self.size * (cos * u - sin * v), self.y + self.size * (sin * u + cos * v)))
        return placed


def write(page: Page, strokes: Sequence[Stroke], hand: Hand) -> None:
    """Draw the strokes with the mouse, and wait until the page has answered."""
    box = page.locator("#pad").bounding_box()
    assert box is not None
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in hand.place(stroke)]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()
    answered(page)


def answered(page: Page) -> None:
    """Wait until the page shows its answer to what is drawn."""
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
