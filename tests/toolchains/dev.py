"""A toolchain's development server: the page has the model, every new version of it, and what is wrong with it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.page import opened
from tests.toolchains.model import fault, source, write_model
from tests.toolchains.project import Project

_PATIENCE = 120.0
_BROKEN = b"PK\x03\x04" + bytes(100)
_PREDICTED = "document.querySelector('#prediction')?.textContent.includes('[')"
_VERSIONS = (15, 16)
"""The seeds of the weights that are saved while the page is open."""


def faults_of_dev(browser: Browser, project: Project) -> list[str]:
    """Start the server where nothing was built yet, open the page and work on the model; return what is wrong."""
    project.clean()
    log = _Log(project.folder / "dev.log")
    try:
        with _serving(project, log) as url:
            return _faults(browser, project, url, log)
    except PlaywrightTimeoutError as error:
        return [f"{' '.join(str(error).split())}; it printed:\n{log()[-4000:]}"]
    finally:
        write_model(project.root)


class _Log:
    """What a server has printed."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self) -> str:
        return re.sub(r"\x1b\[[\d;]*m", "", self.file.read_text(errors="replace"))


def _faults(browser: Browser, project: Project, url: str, log: _Log) -> list[str]:
    toolchain = project.toolchain
    found: list[str] = []
    with opened(browser, url) as watched:
        page = watched.page
        found += _predicts(page, "the first version")
        page.evaluate("window.kept = true")
        for seed in _VERSIONS:
            found += _follow(page, project, seed, log)
        if toolchain.swaps:
            if not page.evaluate("window.kept === true"):
                found.append("the page was loaded anew for a new version")
            # A page that is loaded anew may come between a model and its loader, so that these count only here. What is
            # not found has an address besides, unless it is the icon that browsers ask for by themselves.
            found += [each for each in watched.troubles if not each.startswith("error: Failed to load resource")]
        page.evaluate("window.kept = true")
        good = source(project.root).read_bytes()
        source(project.root).write_bytes(_BROKEN)
        found += _shown(page, project, log)
        with opened(browser, url) as later:
            found += _predicts(later.page, "a page that is opened while the model is broken", _VERSIONS[-1])
            found += _shown(later.page, project, log)
        source(project.root).write_bytes(good)
        if toolchain.overlay:
            page.locator(toolchain.overlay).wait_for(state="detached", timeout=_PATIENCE * 1000)
        if toolchain.stays and not page.evaluate("window.kept === true"):
            found.append("the page was loaded anew for a broken model, or for another page")
    return found


def _predicts(page: Page, what: str, seed: int | None = None) -> list[str]:
    page.wait_for_function(_PREDICTED, timeout=_PATIENCE * 1000)
    text = page.locator("#prediction").inner_text()
    return [f"{what}: {each}" for each in (fault(text, times=2) if seed is None else fault(text, times=2, seed=seed))]


def _follow(page: Page, project: Project, seed: int, log: _Log) -> list[str]:
    """Save a new version, and wait until the page has it: by itself, or when it is loaded anew."""
    write_model(project.root, seed=seed)
    deadline = time.monotonic() + (60 if project.toolchain.swaps else _PATIENCE)
    while time.monotonic() < deadline:
        page.wait_for_timeout(100)  # events of the page are heard meanwhile
        try:
            text = page.evaluate("document.querySelector('#prediction')?.textContent ?? ''")
            if "[" in text and not fault(text, times=2, seed=seed):
                return []
            if not project.toolchain.swaps:
                page.reload()
                page.wait_for_function(_PREDICTED)
        except PlaywrightError:
            continue  # the page is being loaded anew
    return [f"the new version did not come into the page; the server printed:\n{log()[-4000:]}"]


def _shown(page: Page, project: Project, log: _Log) -> list[str]:
    """Say what is wrong with how a page, or the terminal, tells of the broken model."""
    overlay = project.toolchain.overlay
    if overlay:
        element = page.locator(overlay)
        element.wait_for(state="attached", timeout=_PATIENCE * 1000)
        if "iframe" in (element.evaluate("each => each.localName")):
            text = page.frame_locator(overlay).locator("body").inner_text()
        else:
            text = element.evaluate("each => (each.shadowRoot.querySelector('.window, div')).innerText")
    else:
        deadline = time.monotonic() + _PATIENCE
        while "tiny.keras" not in log() and time.monotonic() < deadline:
            page.wait_for_timeout(100)
        text = log()
    found = []
    if not re.search(r"tiny: .*tiny\.keras", text):
        found.append(f"what is shown of the broken model: {text[-2000:]!r}")
    if overlay and str(project.root) in text:
        found.append(f"an absolute path is shown: {text!r}")
    return found


@contextmanager
def _serving(project: Project, log: _Log) -> Iterator[str]:
    """Run the development server; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**project.environment("/"), "PORT": str(port)}
    with (
        log.file.open("wb") as out,
        subprocess.Popen(
            project.toolchain.dev,
            shell=True,
            cwd=project.root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        url = f"http://127.0.0.1:{port}/"
        try:
            _await(url, process)
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
    _await_watches_end(project.root)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=_PATIENCE).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise PlaywrightTimeoutError(f"nothing is served at {url}")


def _await_watches_end(root: Path) -> None:
    """Nothing that watches may be left behind."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        left = [each for each in Path("/proc").glob("[0-9]*") if _watches(each, root)]
        if not left:
            return
        time.sleep(0.2)
    raise AssertionError(f"watches are left: {left}")


def _watches(process: Path, root: Path) -> bool:
    try:
        return (process / "cwd").resolve() == root and b"tfjs_build" in (process / "cmdline").read_bytes()
    except OSError:
        return False
