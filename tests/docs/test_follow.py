"""Pages of docs/ followed word for word, with locked packages; `make guides` does it with those of the registries."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.docs.follow import Follower, training
from tests.docs.packages import Locked
from tests.docs.sorts import LOCKED


@pytest.mark.full
@pytest.mark.parametrize("page", LOCKED)
def test_the_page_does_what_it_says(page: str, tmp_path: Path, browser: Browser) -> None:
    training(tmp_path)
    Follower(tmp_path, Locked(), browser).follow(page)
