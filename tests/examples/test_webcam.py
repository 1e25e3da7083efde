"""examples/webcam: a camera that shows drawings, one after the other; the page says what they are, and goes easy on the
machine. The camera is Chromium's, which plays a film that is made here."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.page import launch, opened, served
from tests.examples.support import EXAMPLES, SCHEMES, SIZES, copied, looked_at, npm, started

DRAWINGS = EXAMPLES / "webcam" / "drawings"
LABELS = ("cat", "car", "tree", "heart")
"""What the camera shows, in this order, again and again."""

pytestmark = pytest.mark.full

# Frames of a camera, as JPEG: a drawing of the style that training held out, on paper, before a wall. Each drawing is
# there for five seconds of 30 frames; every fifth frame is another, which the camera's file has five times.
FILM = """async (drawings) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const context = canvas.getContext("2d");
  const frames = [];
  for (const url of drawings) {
    const image = new Image();
    image.src = url;
    await image.decode();
    for (let i = 0; i < 30; i++) {
      context.fillStyle = "#b9c4c9";
      context.fillRect(0, 0, 640, 480);
      context.save();
      context.translate(310 + i, 250 - i / 2);
      context.rotate(0.1 - i / 150);
      context.fillStyle = "#f7f7f2";
      context.fillRect(-160, -160, 320, 320);
      context.drawImage(image, -125, -125, 250, 250);
      context.restore();
      frames.push(canvas.toDataURL("image/jpeg", 0.8).split(",")[1]);
    }
  }
  return frames;
}"""

RECORD = """() => {
  window.heard = [];
  const spoken = document.getElementById("spoken");
  const note = () => heard.push(spoken.textContent.split(",")[0]);
  new MutationObserver(note).observe(spoken, { childList: true, characterData: true, subtree: true });
}"""
RESOURCES = "performance.getEntriesByType('resource').map((each) => each.name)"

SIZES_OF_SCRIPTS = """Object.fromEntries(performance.getEntriesByType("resource")
  .filter((each) => each.name.endsWith(".js")).map((each) => [each.name, each.decodedBodySize]))"""


@pytest.fixture(scope="module")
def camera(playwright: Playwright, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera shows LABELS; for it, http://example.test is this machine, and not to be trusted."""
    film = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    with browser.new_page() as page:
        files = [(DRAWINGS / label).glob("twemoji.*.png") for label in LABELS]
        pngs = [base64.b64encode(min(each).read_bytes()).decode() for each in files]
        frames: list[str] = page.evaluate(FILM, [f"data:image/png;base64,{png}" for png in pngs])
    film.write_bytes(b"".join(5 * base64.b64decode(frame) for frame in frames))
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    with launch(playwright, *flags, "--host-resolver-rules=MAP example.test 127.0.0.1") as chromium:
        yield chromium


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example."""
    return copied("webcam", tmp_path_factory.mktemp("webcam"))


@pytest.fixture(scope="module")
def built(project: Path) -> Iterator[str]:
    """The built page, served as files."""
    npm(project, "run", "build")
    with served(project / "dist") as url:
        yield url


@pytest.fixture(scope="module")
def developed(project: Path, built: str) -> Iterator[str]:
    """The address of `npm start`; after the build, for both write the model."""
    with started(project, "--port", "0") as server:
        yield server.url


def settled(page: Page, label: str) -> None:
    """Wait until the page is sure that it sees something."""
    page.wait_for_function("(label) => spoken.textContent.startsWith(`${label},`)", arg=label)


def assert_in_turn(heard: list[str], shown: Sequence[str]) -> None:
    """Hold what was said against what is shown, one after the other and again from the start."""
    first = shown.index(heard[0])
    assert heard == [shown[(first + i) % len(shown)] for i in range(len(heard))]


def fact(page: Page, name: str) -> str:
    """What the page says about the network."""
    return page.locator("#facts div", has_text=name).locator("dd").inner_text()


def allow(page: Page) -> None:
    """Let the page have the camera, and click where it asks for that."""
    page.context.grant_permissions(["camera"])
    page.click("#start")
    page.wait_for_selector("#scene[data-state=running]")


def test_it_says_what_the_camera_shows(camera: Browser, developed: str) -> None:
    with opened(camera, developed) as watched:
        page = watched.page
        page.evaluate(RECORD)
        allow(page)
        page.wait_for_function("heard.length >= 6")
        assert_in_turn(page.evaluate("heard"), LABELS)
        assert watched.troubles == []


def test_the_network_is_in_the_worker_and_leaves_nothing_behind(camera: Browser, built: str) -> None:
    with opened(camera, built) as watched:
        page = watched.page
        allow(page)
        settled(page, "cat")
        tensors = fact(page, "Tensors")
        assert int(tensors) > 0
        settled(page, "tree")
        page.click("#stop")
        assert page.evaluate("video.srcObject") is None
        allow(page)
        settled(page, "heart")
        assert fact(page, "Tensors") == tensors

        (worker,) = page.workers
        assert any("model.json" in name for name in worker.evaluate(RESOURCES))
        assert not any("model.json" in name for name in page.evaluate(RESOURCES))
        # The page fetches the worker's script for it, but has nothing of it.
        scripts: dict[str, int] = page.evaluate(SIZES_OF_SCRIPTS)
        own = {name: size for name, size in scripts.items() if ".worker" not in name}
        assert own.keys() < scripts.keys()
        assert sum(own.values()) < 100_000 < sum(scripts.values())
        assert all(address.startswith((built, "data:", "blob:")) for address in watched.addresses)
        assert watched.troubles == []


def test_the_camera_goes_off_with_the_page(camera: Browser, built: str) -> None:
    with opened(camera, built) as watched:
        page = watched.page
        allow(page)
        track = page.evaluate_handle("video.srcObject.getVideoTracks()[0]")
        page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        assert track.evaluate("(track) => track.readyState") == "ended"
        assert "out of sight" in page.inner_text("#message")
        (worker,) = page.workers
        with worker.expect_event("close"):
            page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        with page.expect_event("worker"):
            page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        assert watched.troubles == []


def test_without_permission(camera: Browser, built: str) -> None:
    with opened(camera, built) as watched:
        watched.page.context.grant_permissions([])  # which denies all others
        watched.page.click("#start")
        watched.page.wait_for_selector("#scene[data-state=trouble]")
        assert "was not allowed" in watched.page.inner_text("#message")
        assert watched.page.is_visible("#start") and watched.page.is_visible("#film")


def test_without_a_secure_address(camera: Browser, built: str) -> None:
    with opened(camera, built.replace("127.0.0.1", "example.test")) as watched:
        watched.page.click("#start")
        assert "secure pages" in watched.page.inner_text("#message")


def test_without_a_camera(browser: Browser, built: str) -> None:
    with opened(browser, built) as watched:
        page = watched.page
        page.context.grant_permissions(["camera"])
        page.click("#start")
        page.wait_for_selector("#scene[data-state=trouble]")
        assert page.inner_text("#message") == "There is no camera here."
        page.evaluate(RECORD)
        page.click("#film")
        page.wait_for_function("heard.length >= 3")
        shown = sorted(path.name for path in DRAWINGS.iterdir() if path.is_dir())
        heard = [shown.index(label) for label in page.evaluate("heard")]
        # In the film's order; a slow machine may have left some out.
        assert sum((after - before) % len(shown) for before, after in itertools.pairwise(heard)) < len(shown)
        page.wait_for_function("things.querySelector('.seen')?.innerText === verdict.dataset.label")
        assert watched.troubles == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_pictures(browser: Browser, built: str, size: str, scheme: Literal["light", "dark"], pictures: Path) -> None:
    with looked_at(browser, built, size, scheme, pictures / f"webcam-idle-{size}-{scheme}.png") as watched:
        watched.page.wait_for_function("facts.innerText.includes(' kB')")
    with looked_at(browser, built, size, scheme, pictures / f"webcam-{size}-{scheme}.png") as watched:
        watched.page.click("#film")
        watched.page.wait_for_selector("#things .seen")
