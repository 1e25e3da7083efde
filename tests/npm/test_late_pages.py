"""Pages that are still loading when something changes: Vite tells of it those that are there already. In Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.test_watch_page import train
from tests.npm.test_direct import FILE, complaint, project, save, script, versions
from tests.npm.test_vite import PATIENCE_MS, developing, opened

__all__ = ["project"]


@contextmanager
def held(page: Page, pattern: str) -> Iterator[None]:
    """Keep requests of a page from the server, and let them go in the end."""
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)

    page.route(pattern, hold)
    yield
    for route in routes:
        route.continue_()
    page.unroute(pattern, hold)


@contextmanager
def loading(page: Page) -> Iterator[None]:
    """Load a page anew: what comes meanwhile comes when it has the text of its loader, and has not run it yet."""
    with held(page, "**/deps/@tensorflow_tfjs.js*"):
        with page.expect_event(
            "requestfinished", lambda request: "/loaders/digits" in request.url, timeout=PATIENCE_MS
        ):
            page.reload(wait_until="commit")
        yield


def test_a_version_that_comes_while_a_page_loads(browser: Browser, project: Path, command: Path) -> None:
    script(project, FILE)
    with developing(project, command) as server, opened(browser, server.url) as page:
        (first,) = versions(page, 1)
        server.until(r"tfjs-build: digits\S* in ")
        with loading(page):
            train(project, 1)
            server.until(r"tfjs-build: digits\S* in ")
        (second,) = versions(page, 1)
        assert second != first

        # What comes afterwards goes into the page, which is not loaded anew.
        page.evaluate("document.body.dataset.loaded = 'once'")
        train(project, 2)
        expect(page.locator("#out")).not_to_contain_text(second, timeout=PATIENCE_MS)
        versions(page, 1)
        assert page.evaluate("document.body.dataset.loaded") == "once"


def test_another_signature_that_comes_while_a_page_loads(browser: Browser, project: Path, command: Path) -> None:
    script(project, FILE)
    with developing(project, command) as server, opened(browser, server.url) as page:
        (first,) = versions(page, 1)
        with loading(page):
            save(project / "model" / "digits.keras", output="odds")
            server.until(r'pages that use it load anew: a new output "odds"')
        (second,) = versions(page, 1)
        assert second != first


def test_what_is_mended_while_a_page_loads(browser: Browser, project: Path, command: Path) -> None:
    script(project, f"{FILE}&labels=digits.txt")
    with developing(project, command) as server, opened(browser, server.url) as page:
        complaint(page, "digits.txt", "src/main.ts:2:20")
        with opened(browser, "about:blank") as late:
            # Its imports are refused, and right before it can hear of that.
            with held(late, "**/@vite/client"):
                with late.expect_response("**/src/main.ts*", timeout=PATIENCE_MS) as refused:
                    late.goto(server.url, wait_until="commit")
                assert refused.value.status == 500
                (project / "model" / "digits.txt").write_text("".join(f"{n}\n" for n in range(10)))
                versions(page, 1)
            versions(late, 1)
