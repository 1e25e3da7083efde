"""A save in Python shows in the page where the dev server has webpack's API: watch, Rspack and loaders together."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser.page import Watched, opened
from tests.support.keras_files import write_dense
from tests.toolchains.packages import packages
from tests.watch.watching import Watching, eventually, watching

SITE = Path(__file__).parent / "rspack"


def save(project: Path, seed: int, units: int = 2) -> list[float]:
    """Save the network as a training would; return what it makes of 1, 2 and 3."""
    write_dense(project / "training" / "tiny.keras", seed=seed, units=units)
    random = np.random.default_rng(seed)
    kernel, bias = random.normal(size=(3, units)), random.normal(size=(units,))
    return [float(value) for value in np.array([1, 2, 3]) @ kernel + bias]


def seen(page: Page, version: str) -> dict[str, Any]:
    """Return what page and worker say once both have the version."""
    found: dict[str, Any] = {}

    def both_have_it() -> bool:
        try:
            found.update(page.evaluate("globalThis.look ? look() : {}"))
        except Error:  # the page is being loaded anew
            return False
        return found.get("versions") == [version] * 2

    eventually(both_have_it)
    assert found.get("versions") == [version] * 2
    return found


def address(watch: Watching) -> str:
    """Return where the dev server says that it is, once it does."""
    pattern = re.compile(r"http://127\.0\.0\.1:\d+/")
    eventually(lambda: pattern.search(_plain(watch)) is not None)
    found = pattern.search(_plain(watch))
    assert found is not None
    return found[0]


def _plain(watch: Watching) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", watch.err_so_far)


@pytest.mark.full
def test_saves_are_swapped_in_and_another_signature_reloads_the_page(browser: Browser, tmp_path: Path) -> None:
    project = shutil.copytree(SITE, tmp_path / "site")
    (project / "training").mkdir()
    (project / "node_modules").symlink_to(packages())
    expected = save(project, 1)
    rspack = [shutil.which("node") or "node", "node_modules/@rspack/cli/bin/rspack.js", "serve"]
    with watching(project, command=rspack) as watch:
        version = watch.until("written", model="tiny")["version"]
        with opened(browser, address(watch)) as watched:
            page = watched.page
            _holds(seen(page, version), expected)
            page.evaluate("document.body.dataset.loaded = 'once'")
            for seed in (2, 3, 4):
                expected = save(project, seed)
                _holds(seen(page, watch.until("written", model="tiny")["version"]), expected)
            assert page.evaluate("document.body.dataset.loaded") == "once"
            assert watched.troubles == []
            expected = save(project, 5, units=4)
            _holds(seen(page, watch.until("written", model="tiny")["version"]), expected)
            assert page.evaluate("document.body.dataset.loaded") is None
            assert _reasons(watched) == {
                'warning: The page is loaded anew: model "tiny" has other inputs, outputs or labels'
            }
        watch.end(signal.SIGTERM)


def _holds(found: dict[str, Any], expected: list[float]) -> None:
    assert np.allclose(found["predictions"], [expected] * 2, rtol=1e-4)
    assert found["tensors"] == [2, 2]


def _reasons(watched: Watched) -> set[str]:
    return {trouble for trouble in watched.troubles if not trouble.startswith("failed: ")}  # what the reload cut off
