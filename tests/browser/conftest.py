"""The browser, and the digits page as `npm run build` makes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.example import build
from tests.browser.page import launch, served

expect.set_options(timeout=60_000)  # it waits no longer than it must; five seconds are short beside a conversion


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; there can be one at a time."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests; each of them opens pages that know nothing of each other."""
    with launch(playwright) as chromium:
        yield chromium


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of examples/digits in which `npm run build` has been run; returns its `dist`."""
    return build(tmp_path_factory.mktemp("page") / "digits")


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[str]:
    """The address at which the page is served."""
    with served(built) as url:
        yield url
