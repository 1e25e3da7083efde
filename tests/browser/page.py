"""Opens a built page in Chromium and keeps an eye on what goes wrong there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start the machine's own Chromium, without a window; `flags` come on top of the usual ones."""
    chromium = shutil.which("chromium")
    assert chromium, "no chromium on the PATH: apt-get install chromium"
    return playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *flags])


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the folder on a free port of this machine; yields the address."""
    with serving(partial(QuietHandler, directory=str(folder))) as url:
        yield url


@contextmanager
def serving(handler: Callable[..., SimpleHTTPRequestHandler]) -> Iterator[str]:
    """Have `handler` answer on a free port of this machine; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Watched:
    """A page, with everything that went wrong in it and every address that it asked for."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"exception: {error}"))
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("requestfailed", lambda request: self.troubles.append(f"failed: {request.url}"))
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        if not response.ok:
            self.troubles.append(f"{response.status}: {response.url}")


@contextmanager
def opened(
    browser: Browser,
    url: str,
    *,
    size: tuple[int, int] = (900, 700),
    scheme: Literal["light", "dark"] = "light",
    touch: bool = False,
    until: Literal["load", "commit"] = "load",
    patience: float = 30.0,
) -> Iterator[Watched]:
    """Open a page at the address, in a window of the size in CSS pixels.

    `patience` is the seconds that it may take until all is loaded, or, with `commit`, something has come.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce", has_touch=touch
    )
    with context, context.new_page() as page:
        watched = Watched(page)
        page.goto(url, wait_until=until, timeout=patience * 1000)
        yield watched
