"""Pages of docs/ followed word for word, with locked packages; `make guides` does it with those of the registries."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.docs.follow import Follower, training
from tests.docs.packages import Locked
from tests.docs.sorts import LOCKED, LOCKED_TOO


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where those pages are kept that others go on from."""
    return tmp_path_factory.mktemp("kept")


@pytest.mark.full
@pytest.mark.parametrize("page", [*LOCKED, *(pytest.param(page, marks=pytest.mark.long) for page in LOCKED_TOO)])
def test_the_page_does_what_it_says(page: str, tmp_path: Path, browser: Browser, kept: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    training(folder)
    Follower(folder, Locked(), browser, kept).follow(page)
