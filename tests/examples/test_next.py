"""examples/next: a picture is dropped, pasted, chosen or a sample, and the page says what it shows: as it is
developed, and built and started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.page import opened
from tests.examples.support import EXAMPLES, SCHEMES, SIZES, copied, looked_at, npm, started
from tests.support.printed import PATIENCE

DRAWINGS = EXAMPLES / "webcam" / "drawings"

pytestmark = pytest.mark.full

# Gives the page a file as a person does who drops or pastes it.
GIVE = """({ how, bytes, type }) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "picture", { type }));
  const event = how === "drop"
    ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
  document.querySelector("section").dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example. Turbopack takes nothing that lies beyond it."""
    return copied("next", tmp_path_factory.mktemp("next"), linked=False)


@pytest.fixture(scope="module")
def built(project: Path) -> Iterator[str]:
    """The built page, served by `next start`."""
    npm(project, "run", "build")
    with started(project, "--port", "0", script="serve") as server:
        yield server.url


@pytest.fixture(scope="module")
def developed(project: Path, built: str) -> Iterator[str]:
    """The address of `npm start`."""
    with started(project, "--port", "0") as server:
        urlopen(server.url, timeout=PATIENCE).close()  # it compiles the page when that is first asked for
        yield server.url


def seen(page: Page, label: str) -> None:
    """Wait until the page says that a picture shows something."""
    page.wait_for_selector(f".verdict[data-label='{label}']", timeout=PATIENCE * 1000)


def drawing(label: str) -> Path:
    """A drawing of the style that training held out."""
    return min((DRAWINGS / label).glob("twemoji.*.png"))


def give(page: Page, how: Literal["drop", "paste"], file: Path) -> None:
    """Drop or paste a file."""
    page.evaluate(GIVE, {"how": how, "bytes": list(file.read_bytes()), "type": "image/png"})


def test_developed(browser: Browser, developed: str) -> None:
    with opened(browser, developed) as watched:
        watched.page.click("[aria-label='Sample: cat']")
        seen(watched.page, "cat")
        give(watched.page, "drop", drawing("umbrella"))
        seen(watched.page, "umbrella")
        assert watched.troubles == []


def test_built(browser: Browser, built: str) -> None:
    with opened(browser, built) as watched:
        page = watched.page
        samples = [
            name.removeprefix("Sample: ")
            for name in page.locator(".samples button").evaluate_all(
                "(buttons) => buttons.map((button) => button.ariaLabel)"
            )
        ]
        assert len(samples) >= 6
        for name in samples:
            page.click(f"[aria-label='Sample: {name}']")
            seen(page, name)
        give(page, "drop", drawing("banana"))
        seen(page, "banana")
        give(page, "paste", drawing("car"))
        seen(page, "car")
        page.set_input_files("input", drawing("dog"))
        seen(page, "dog")
        assert watched.troubles == []

        give(page, "drop", Path(__file__))
        page.wait_for_selector(".wrong")
        assert page.inner_text(".verdict") == "picture is no picture that this browser can read."
        page.click(f"[aria-label='Sample: {samples[0]}']")
        seen(page, samples[0])


def test_tensorflow_is_not_in_the_first_bundle(browser: Browser, built: str) -> None:
    """What the server sends is the page with its words, and with scripts in which there is no TensorFlow.js."""
    with browser.new_page() as page:
        html = page.request.get(built).text()
        assert "Choose a picture" in html and "Sample: cat" in html
        page.set_content(html)
        sources = page.locator("script[src]").evaluate_all(
            "(scripts) => scripts.map((each) => each.getAttribute('src'))"
        )
        scripts = [page.request.get(built.rstrip("/") + source).text() for source in sources]
        assert scripts
        assert not any("loadGraphModel" in script for script in scripts)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_pictures(browser: Browser, built: str, size: str, scheme: Literal["light", "dark"], pictures: Path) -> None:
    with looked_at(browser, built, size, scheme, pictures / f"next-empty-{size}-{scheme}.png"):
        pass
    with looked_at(browser, built, size, scheme, pictures / f"next-{size}-{scheme}.png") as watched:
        watched.page.click("[aria-label='Sample: fish']")
        seen(watched.page, "fish")
