"""The Vite plugin in the example: dev server and builds, in Chromium."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.backends.page import browser_for_backends
from tests.browser.example import copy
from tests.browser.page import served
from tests.browser.test_watch_page import train
from tests.npm.developing import CONFIG, MEMORY, await_predictions, predicting
from tests.support.printed import Printed

PATIENCE_MS = 60_000
VITE = [shutil.which("node") or "node", "node_modules/vite/bin/vite.js"]


@pytest.fixture
def project(package: Path, tmp_path: Path) -> Path:
    """A copy of the example with the plugin, in which nothing was built."""
    made = copy(tmp_path / "digits")
    (made / "vite.config.ts").write_text(CONFIG.format(plugin=package / "dist" / "vite.js"))
    return made


class Server(Printed):
    """A dev server, and where it is."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(process)
        self.process = process
        self.url = self.until(r"http://[\w.]+:\d+/")[0]


@contextmanager
def developing(project: Path, command: Path) -> Iterator[Server]:
    """Run Vite's dev server."""
    environment = {**os.environ, "TFJS_BUILD": str(command)}
    arguments = [*VITE, "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"]
    with subprocess.Popen(
        arguments,
        cwd=project,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        server = None
        try:
            server = Server(process)
            yield server
        finally:
            process.terminate()
            if server is not None:
                server.end()


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """Open a page, in which nothing may fail."""
    with browser.new_context() as context, context.new_page() as page:
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(url, wait_until="commit")  # tests wait for what it shows, which waits for the first build
        yield page
        assert troubles == []


def version(project: Path) -> str:
    """Return the version of the stub."""
    found = re.search(r"version ([0-9a-f]{16})", (project / "src" / "models" / "digits.ts").read_text())
    assert found is not None
    return found[1]


def watches(project: Path) -> list[int]:
    """Return the processes that watch a project."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cwd").resolve() == project and b"tfjs_build" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def overlay(page: Page) -> str:
    """Return what Vite's overlay says, once there is one."""
    page.wait_for_selector("vite-error-overlay", state="attached", timeout=PATIENCE_MS)
    text: str = page.evaluate(
        "document.querySelector('vite-error-overlay').shadowRoot.querySelector('.window').innerText"
    )
    return text


def test_the_first_page_waits_for_the_first_build_and_follows_every_save(
    browser: Browser, project: Path, command: Path
) -> None:
    assert not (project / "src" / "models").exists()
    with developing(project, command) as server, opened(browser, server.url) as page:
        expect(page.locator("#facts")).to_contain_text("Version", timeout=PATIENCE_MS)
        expect(page.locator("#facts")).to_contain_text(version(project))
        page.evaluate("document.body.dataset.loaded = 'once'")
        for seed in (1, 2):
            train(project, seed)
            server.until(r"tfjs-build: digits in ")
            expect(page.locator("#facts")).to_contain_text(version(project), timeout=PATIENCE_MS)
        assert page.evaluate("document.body.dataset.loaded") == "once"


def test_versions_leave_nothing_in_memory(playwright: Playwright, package: Path, command: Path, tmp_path: Path) -> None:
    project = predicting(package, tmp_path / "digits")
    with (
        developing(project, command) as server,
        browser_for_backends(playwright) as chromium,
        opened(chromium, server.url) as page,
    ):
        first = await_predictions(page, 1)
        assert first["backend"] == "webgl"
        page.evaluate("window.kept = true")
        memories = []
        for seed in range(1, 6):
            train(project, seed)
            last = await_predictions(page, seed + 1)
            assert last["version"] == version(project)
            assert last["probs"] != first["probs"]
            memories.append(page.evaluate(MEMORY))
        assert memories == [memories[0]] * 5
        assert page.evaluate("window.kept")


def test_what_is_wrong_is_shown_in_every_page_until_it_is_mended(
    browser: Browser, project: Path, command: Path
) -> None:
    source = project / "model" / "digits.keras"
    good = source.read_bytes()
    with developing(project, command) as server, opened(browser, server.url) as page:
        expect(page.locator("#facts")).to_contain_text("Version", timeout=PATIENCE_MS)
        before = page.locator("#facts").inner_text()
        source.write_bytes(b"PK\x03\x04" + bytes(100))
        text = overlay(page)
        assert "[plugin:tfjs-build] digits: " in text
        assert str(project) not in text
        with opened(browser, server.url) as later:
            assert "[plugin:tfjs-build] digits: " in overlay(later)
            expect(later.locator("#facts")).to_contain_text("Version", timeout=PATIENCE_MS)  # the last good one runs
        assert page.locator("#facts").inner_text() == before
        page.evaluate("document.body.dataset.loaded = 'once'")
        source.write_bytes(good)
        expect(page.locator("vite-error-overlay")).to_have_count(0, timeout=PATIENCE_MS)
        assert page.evaluate("document.body.dataset.loaded") == "once"


def test_a_manifest_may_be_wrong_or_come_later(browser: Browser, project: Path, command: Path) -> None:
    manifest = project / "tfjs.yaml"
    text = manifest.read_text()
    manifest.write_text(text.replace("format: layers", "formt: layers"))
    with developing(project, command) as server, opened(browser, server.url) as page:
        shown = overlay(page)
        assert "unknown key `formt`" in shown
        assert re.search(r"tfjs\.yaml:\d+:\d+", shown)
        manifest.write_text(text)
        server.until(r"tfjs-build: digits in ")
        expect(page.locator("vite-error-overlay")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_model_of_another_shape_reloads_the_page_and_says_why(browser: Browser, project: Path, command: Path) -> None:
    with developing(project, command) as server, opened(browser, server.url) as page:
        expect(page.locator("#facts")).to_contain_text("Version", timeout=PATIENCE_MS)
        warnings: list[str] = []
        page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
        page.evaluate("document.body.dataset.loaded = 'once'")
        manifest = project / "tfjs.yaml"
        manifest.write_text(
            manifest.read_text().replace("    format: layers", "    rename: { probs: odds }\n    format: layers")
        )
        server.until(r'digits has changed, and pages that use it load anew: a new output "odds"')
        page.wait_for_function("document.body.dataset.loaded !== 'once'", timeout=PATIENCE_MS)
        assert any('a new output "odds"' in text for text in warnings)


def test_the_watch_ends_with_the_server_however_that_ends(project: Path, command: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with developing(project, command) as server:
            deadline = time.monotonic() + 60
            while not watches(project) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert watches(project)
            server.process.send_signal(number)
            server.process.wait()
            while watches(project) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert watches(project) == []


def build(project: Path, command: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TFJS_BUILD": str(command), "NO_COLOR": "1"}
    return subprocess.run(
        [*VITE, "build", *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("base", ["/", "/sub/", "./"])
def test_a_build_has_the_models(browser: Browser, project: Path, command: Path, base: str) -> None:
    folder = {"/": "site", "/sub/": "site/sub", "./": "site/any/where"}[base]
    done = build(project, command, "--base", base, "--outDir", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    with served(project / "site") as url, opened(browser, url + folder.removeprefix("site").lstrip("/")) as page:
        expect(page.locator("#facts")).to_contain_text(version(project), timeout=PATIENCE_MS)


def test_a_build_with_a_broken_model_fails_with_its_message(project: Path, command: Path) -> None:
    (project / "model" / "digits.keras").write_bytes(b"no model")
    done = build(project, command)
    assert done.returncode != 0
    assert "digits: " in done.stderr
    assert "tfjs.yaml:" in done.stderr
    assert not (project / "dist").exists()


def test_a_build_without_the_command_says_what_to_do(project: Path, tmp_path: Path) -> None:
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.symlink_to(VITE[0])
    environment = {"PATH": str(node.parent), "HOME": str(tmp_path)}
    done = subprocess.run([*VITE, "build"], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "pip install tfjs-build" in done.stderr


def test_minimal_needs_no_alias_of_ones_own(project: Path, command: Path) -> None:
    manifest = project / "tfjs.yaml"
    text = manifest.read_text().replace("format: layers", "format: graph")
    manifest.write_text(f"{text}\ntfjs: minimal\nbackends: [webgl, cpu]\n")

    def size() -> int:
        done = build(project, command)
        assert done.returncode == 0, done.stdout + done.stderr
        return sum(path.stat().st_size for path in (project / "dist" / "assets").glob("*.js"))

    with_alias = size()
    config = project / "vite.config.ts"
    config.write_text(config.read_text().replace("plugins: [tfjsBuild()], ", ""))
    assert with_alias < size() * 0.9
