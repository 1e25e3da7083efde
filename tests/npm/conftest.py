"""The npm package, compiled once, and a command that runs this checkout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.page import launch
from tests.support.project import REPOSITORY
from tests.toolchains.npm import compiled


@pytest.fixture(scope="session")
def package() -> Path:
    """The folder of the compiled package."""
    return compiled()


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that is `tfjs-build` of this checkout."""
    path = tmp_path_factory.mktemp("bin") / "tfjs-build"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m tfjs_build "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What drives browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser for all tests of a file."""
    with launch(playwright) as chromium:
        yield chromium
