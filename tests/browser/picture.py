"""Takes the README's picture of the digits page: python -m tests.browser.picture"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.example import EXAMPLE, build
from tests.browser.hand import Hand, answered, write
from tests.browser.page import launch, opened, served
from tests.browser.strokes import Stroke

PICTURE = EXAMPLE.parents[1] / "docs" / "digits.png"


EIGHT: Stroke = [
    (0.68, 0.13),
    (0.6, 0.06),
    (0.5, 0.04),
    (0.39, 0.08),
    (0.34, 0.18),
    (0.37, 0.3),
    (0.48, 0.41),
    (0.6, 0.5),
    (0.69, 0.61),
    (0.72, 0.74),
    (0.68, 0.87),
    (0.57, 0.95),
    (0.44, 0.95),
    (0.34, 0.88),
    (0.31, 0.76),
    (0.36, 0.63),
    (0.47, 0.51),
    (0.6, 0.38),
    (0.68, 0.25),
    (0.69, 0.15),
]


def take(picture: Path) -> None:
    """Build the page, draw an eight, and write what is to be seen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        launch(playwright) as browser,
        served(build(Path(folder) / "digits")) as url,
        opened(browser, url, size=(920, 718)) as watched,
    ):
        answered(watched.page)
        write(watched.page, [EIGHT], Hand(size=0.68))
        watched.page.mouse.move(0, 0)
        watched.page.screenshot(path=picture)


if __name__ == "__main__":
    take(PICTURE)
