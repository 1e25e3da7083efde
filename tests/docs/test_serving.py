"""What docs/ says of servers: headers are those for the files of a build, and a page runs under the policies."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.backends.page import BACKENDS, browser_for_backends
from tests.browser.page import QuietHandler, serving
from tests.docs.digits import bundle, digits
from tests.docs.markdown import Block, read
from tests.support.project import REPOSITORY

PATIENCE = 120.0
FOREVER = "public, max-age=31536000, immutable"
PAGE = """\
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { loadDigits } from "./models/digits";
import { loadDigitsInWorker } from "./models/digits.in-worker";

const backend = location.hash.slice(1);
setWasmPaths("/wasm/");
const canvas = document.createElement("canvas");
canvas.width = canvas.height = 200;
const pen = canvas.getContext("2d")!;
pen.fillRect(0, 0, 200, 200);
Object.assign(pen, { strokeStyle: "white", lineWidth: 26 });
pen.strokeRect(70, 25, 60, 150);
const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
try {
  await tf.setBackend(backend);
  const found = [tf.getBackend()];
  for (const load of [loadDigits, () => loadDigitsInWorker({ backend, wasmPaths: "/wasm/" })]) {
    const digits = await load();
    for (const picture of [canvas, file!]) found.push((await digits.classify(picture))[0]!.label);
  }
  document.title = found.join(" ");
} catch (error) {
  document.title = `failed: ${error}`;
}
"""
HTML = '<!doctype html><meta charset="utf-8"><title></title><body><script type="module" src="/main.js"></script>'


def blocks(page: str, language: str) -> list[Block]:
    """Return a page's blocks in a language, in their order."""
    return [each for each in read(page) if isinstance(each, Block) and each.language == language]


@pytest.fixture(scope="module")
def project() -> Path:
    """A site whose page runs a model in itself and in a worker, on the backend that its address names."""
    folder = digits("docs-serving", "backends: [webgpu, webgl, wasm, cpu]\n")
    (folder / "src" / "main.ts").write_text(PAGE, encoding="utf-8")
    (folder / "public" / "index.html").write_text(HTML, encoding="utf-8")
    wasm = REPOSITORY / "tests" / "node" / "node_modules" / "@tensorflow" / "tfjs-backend-wasm" / "wasm-out"
    (folder / "public" / "wasm").mkdir()
    for path in wasm.glob("*.wasm"):
        shutil.copy(path, folder / "public" / "wasm")
    bundle(folder)
    return folder


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium with all backends."""
    with browser_for_backends(playwright) as chromium:
        yield chromium


def published(project: Path) -> dict[str, str]:
    """Return the header that each published file of the model is to have, by its path on the server."""
    paths = [f"/{path.relative_to(project / 'public').as_posix()}" for path in (project / "public").rglob("models/*/*")]
    found = {path: "no-cache" if path.endswith("/model.json") else FOREVER for path in paths}
    assert sorted(found.values()) == sorted({"no-cache", FOREVER}), "one file of each kind"
    return found


def of_headers(path: str) -> list[str]:
    """Return what `_headers` of the page says of a path."""
    (block,) = blocks("guides/caching.md", "text")
    found, pattern = [], ""
    for line in block.text.splitlines():
        if line.startswith("/"):
            pattern = line
        elif fnmatch.fnmatchcase(path, pattern):
            name, _, value = line.strip().partition(": ")
            assert name == "Cache-Control"
            found.append(value)
    return found


def of_vercel(path: str) -> list[str]:
    """Return what vercel.json of the page says of a path."""
    (block,) = blocks("guides/caching.md", "json")
    rules = [rule for rule in json.loads(block.text)["headers"] if re.fullmatch(rule["source"], path)]
    assert all(header["key"] == "Cache-Control" for rule in rules for header in rule["headers"])
    return [header["value"] for rule in rules for header in rule["headers"]]


def of_nginx(path: str) -> list[str]:
    """Return what the page's locations of nginx say of a path."""
    (block,) = blocks("guides/caching.md", "nginx")
    rules = re.findall(r'^location ~ (\S+) \{\n *add_header Cache-Control "([^"]+)";\n\}$', block.text, re.MULTILINE)
    assert len(rules) == 2
    return [value for pattern, value in rules if re.search(pattern, path)]


@pytest.mark.full
@pytest.mark.parametrize("rules", [of_headers, of_vercel, of_nginx])
def test_headers_are_for_the_files_of_a_build(rules: Callable[[str], list[str]], project: Path) -> None:
    for path, header in published(project).items():
        assert rules(path) == [header], path
    assert rules("/index.html") == []


def policies() -> list[str]:
    """Return the policies of the page, that of an isolated page last."""
    return [block.text.removeprefix("Content-Security-Policy: ").strip() for block in blocks("guides/csp.md", "text")]


def run(browser: Browser, project: Path, backend: str, headers: dict[str, str]) -> tuple[str, list[str]]:
    """Open the page on a backend; return its title once it has one, and what the console said."""

    class Handler(QuietHandler):
        def end_headers(self) -> None:
            for name, value in headers.items():
                self.send_header(name, value)
            super().end_headers()

    handler: Callable[..., SimpleHTTPRequestHandler] = partial(Handler, directory=str(project / "public"))
    # No function of Playwright's that waits within the page: it would need `unsafe-eval` of the policy.
    with serving(handler) as url, browser.new_context() as context, context.new_page() as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{url}#{backend}")
        until = time.monotonic() + PATIENCE
        while not page.title() and time.monotonic() < until:
            page.wait_for_timeout(50)
        return page.title(), [each for each in said if "Content Security Policy" in each and "favicon" not in each]


@pytest.mark.full
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_page_runs_under_the_policy(backend: str, browser: Browser, project: Path) -> None:
    policy, _ = policies()
    found = run(browser, project, backend, {"Content-Security-Policy": policy})
    assert found == (f"{backend} zero zero zero zero", [])


@pytest.mark.full
def test_without_wasm_the_policy_may_be_stricter(browser: Browser, project: Path) -> None:
    policy = policies()[0].replace(" 'wasm-unsafe-eval'", "")
    title, said = run(browser, project, "cpu", {"Content-Security-Policy": policy})
    assert title == "cpu zero zero zero zero"
    assert {re.search(r"script-src[^\"']*'self'", each) is not None for each in said} <= {True}
    assert run(browser, project, "wasm", {"Content-Security-Policy": policy})[0].startswith("failed: ")


@pytest.mark.full
def test_an_isolated_page_runs_under_its_policy(browser: Browser, project: Path) -> None:
    _, policy = policies()
    isolated = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
    found = run(browser, project, "wasm", {"Content-Security-Policy": policy, **isolated})
    assert found == ("wasm zero zero zero zero", [])
