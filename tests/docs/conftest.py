"""The browser that looks at what the pages of docs/ serve."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.page import launch


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all pages, which know nothing of each other."""
    with sync_playwright() as playwright, launch(playwright) as chromium:
        yield chromium
