"""`tfjs-build verify --serve`: a second browser opens the page, as a phone would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.backends.page import browser_for_backends
from tests.support.project import REPOSITORY, Project
from tests.verify.models import change, divide_otherwise, project

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser with webgl and webgpu in software."""
    with sync_playwright() as playwright, browser_for_backends(playwright) as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a model that is right, one that is quantized, and one that is wrong on webgl."""
    models: dict[str, dict[str, object]] = {"right": {}, "small": {"quantize": "uint8"}, "webgl": {}}
    made = project(tmp_path_factory.mktemp("serve") / "site", models)
    assert made.run("build").code == 0
    change(made.root, "webgl", divide_otherwise)
    return made


class Served:
    """A command that serves; `events` yields what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.addresses = self.until("serving")["addresses"]

    def until(self, event: str) -> dict[str, Any]:
        """Return the next event of a kind."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found: dict[str, Any] = json.loads(line)
            if found["event"] == event:
                return found
        raise AssertionError(f"no {event}")


@contextmanager
def serving(site: Project, *arguments: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "tfjs_build", "verify", "--serve", "--json", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, cwd=site.root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Served(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
        assert process.returncode == 130


@contextmanager
def phone(chromium: Browser, address: str, **options: Any) -> Iterator[Page]:
    with chromium.new_context(viewport=PHONE, **options) as context, context.new_page() as page:  # type: ignore[arg-type]
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(address)
        yield page
        assert troubles == []


def rows(page: Page) -> dict[str, str]:
    """Return what the page shows for each model and backend: its class."""
    found: dict[str, str] = page.locator("li").evaluate_all(
        "rows => Object.fromEntries(rows.map((row) => [row.dataset.id, row.className]))"
    )
    return found


def test_what_ran_is_shown_there_and_told_here(site: Project, chromium: Browser) -> None:
    with serving(site) as served:
        [address] = served.addresses
        assert address.startswith("http://127.0.0.1:")
        with phone(chromium, address) as page:
            expect(page.locator("#state")).to_have_class("failed", timeout=120_000)
            expect(page.locator("#state")).to_have_text("1 of 9 wrong")
            expected = {f"{model} {on}": "right" for model in ("right", "small") for on in ("wasm", "webgl", "webgpu")}
            assert rows(page) == expected | {"webgl wasm": "right", "webgl webgl": "wrong", "webgl webgpu": "right"}
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        opened = served.until("opened")
        assert opened["device"].startswith("Chrome ")
        told = [served.until("verified") for _ in range(9)]
        assert [event["model"] for event in told if not event["ok"]] == ["webgl"]
        assert {event["device"] for event in told} == {opened["device"]}


def test_half_floats_are_told_apart(site: Project, chromium: Browser) -> None:
    with serving(site, "--backend", "webgl", "right", "small") as served:
        [address] = served.addresses
        with phone(chromium, f"{address}?tfjsflags=WEBGL_FORCE_F16_TEXTURES:true", color_scheme="dark") as page:
            expect(page.locator("#state")).to_have_class("done", timeout=120_000)
            expect(page.locator("#models")).to_contain_text("half-float textures")
        for _ in range(2):
            event = served.until("verified")
            assert event["half_floats"]
            assert event["ok"]
            assert 1e-4 < event["outputs"][0]["relative"] < 0.1
        with phone(chromium, address) as page:  # the next one
            expect(page.locator("#state")).to_have_class("done", timeout=120_000)
        event = served.until("verified")
        assert not event["half_floats"]
        assert event["outputs"][0]["relative"] < 1e-4


def test_a_page_that_is_closed_is_no_trouble_for_the_next(site: Project, chromium: Browser) -> None:
    with serving(site, "--backend", "webgl", "right") as served:
        [address] = served.addresses
        with phone(chromium, address) as page:
            expect(page.locator("li.running")).to_be_visible(timeout=60_000)
        served.until("opened")
        with phone(chromium, address) as page:
            expect(page.locator("#state")).to_have_class("done", timeout=120_000)


def test_the_network_needs_the_secret(site: Project, tmp_path: Path) -> None:
    with serving(site, "--backend", "wasm", "--host", "0.0.0.0", "right") as served:
        local = served.addresses[0]
        with urllib.request.urlopen(local, timeout=10) as answer:
            assert answer.status == 200
        root = local.rpartition("/")[0].rpartition("/")[0]
        for path in ("/", "/tfjs.yaml", "/public/models/right/model.json"):
            with pytest.raises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(root + path, timeout=10)
            assert raised.value.code == 404
            raised.value.close()


def test_another_device_has_its_own_address_for_all_of_it(site: Project, chromium: Browser) -> None:
    """A phone has not the address of this machine's own programs, nor may its page ask there."""
    with serving(site, "--backend", "webgl", "--host", "0.0.0.0", "right") as served:
        address = served.addresses[0].replace("127.0.0.1", "127.0.0.9")
        asked: list[str] = []
        with phone(chromium, "about:blank") as page:
            page.on("request", lambda request: asked.append(request.url))
            page.goto(address)
            expect(page.locator("#state")).to_have_class("done", timeout=120_000)
        version = served.until("verified")["version"]
        assert any(url.endswith(f"/model.json?v={version}") for url in asked)
        assert [url for url in asked if not url.startswith((address, "data:"))] == []


def test_the_network_gets_a_code_to_scan(site: Project) -> None:
    command = ["verify", "--serve", "--host", "127.0.0.2", "--backend", "wasm", "right"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tfjs_build", *command],
        cwd=site.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        lines: list[str] = []
        for line in process.stderr:
            lines.append(line.rstrip("\n"))
            if len(lines) > 3 and not line.strip():  # the code's lower border, below its upper one
                break
        process.send_signal(signal.SIGINT)
        process.wait()
    assert lines[0].startswith("Open this on the device to try")
    assert lines[1].strip().startswith("http://127.0.0.2:")
    assert process.returncode == 130
    code = lines[2:]
    assert len({len(line) for line in code}) == 1
    assert len(code[0]) > 25
    assert set("".join(code)) <= set(" ▀▄█")
