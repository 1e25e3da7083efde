"""The browser that opens the examples, and where `--pictures FOLDER` has their screenshots written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.page import launch


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What drives browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser for the pages of a file, which know nothing of each other."""
    with launch(playwright) as chromium:
        yield chromium


@pytest.fixture
def pictures(pytestconfig: pytest.Config, tmp_path: Path) -> Path:
    """The folder for screenshots, NAME-SIZE-SCHEME.png: that of `--pictures`, else one that is thrown away."""
    return Path(pytestconfig.getoption("--pictures") or tmp_path / "pictures").absolute()
