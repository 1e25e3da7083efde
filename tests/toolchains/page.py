"""Opens a site as a host serves it, and says what is wrong with the page."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.page import opened, served
from tests.toolchains.model import fault


def faults_of_page(browser: Browser, output: Path, base: str, host: Path) -> list[str]:
    """Serve `output` at `base` of a server, open the page and return what is wrong: with its prediction, its console
    and its files.

    `host` is the folder for what the server has; it is made anew. Only the icon that browsers ask for by themselves may
    be missing.
    """
    shutil.rmtree(host, ignore_errors=True)
    shutil.copytree(output, host / base.strip("/"))
    (host / "favicon.ico").touch()
    with served(host) as url, opened(browser, url.rstrip("/") + base) as watched:
        shown = watched.page.locator("#prediction")
        try:
            expect(shown).to_contain_text("[", timeout=30_000)
            found = fault(shown.inner_text(), times=2)  # in the page, and in a worker
        except AssertionError:
            found = ["no prediction is shown"]
        return [*found, *watched.troubles]
