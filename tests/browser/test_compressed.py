"""Compressed weights in Chromium: which files a loader asks servers of several kinds for, and what TensorFlow.js by
itself does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.backends.page import served_roots
from tests.browser.page import QuietHandler, serving
from tests.support.keras_files import write_dense
from tests.support.project import Project

MODULE = "/loading/loading.js"
SIZE = 64

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a model that has compressed weights, built."""
    project = Project(tmp_path_factory.mktemp("compressed"))
    write_dense(project.root / "net.keras", units=SIZE, inputs=SIZE)
    models = {"net": {"source": "net.keras", "compress": "gzip", "shard_size": "8KB"}}
    manifest = {"version": 1, "output": "public", "stubs": "stubs", "language": "javascript", "models": models}
    project.manifest(json.dumps(manifest))
    assert project.run("build").code == 0
    return project.root


@pytest.fixture
def page(browser: Browser, project: Path) -> Iterator[Page]:
    """A page that can load the model."""
    roots = {"site": project, "loading": Path(__file__).with_name("loading")}
    with served_roots(roots) as url, browser.new_context() as context:
        page = context.new_page()
        page.goto(url)
        page.wait_for_function("globalThis.start !== undefined")
        page.evaluate("start('cpu', {})")
        yield page


@contextmanager
def published(project: Path, kind: str) -> Iterator[str]:
    """Serve the models as some servers do: `plain` files; `encoded`, which says so of each `.gz`; `negotiating`, which
    hands out the `.gz` for the plain file; or one that has the `.gz` `left out`. Yields the address."""

    class Handler(QuietHandler):
        def translate_path(self, path: str) -> str:
            file = project / "public" / urlsplit(path).path.lstrip("/")
            return f"{file}.gz" if self.negotiates(file) else str(file)

        def do_GET(self) -> None:  # noqa: N802
            if kind == "left out" and self.path.endswith(".gz"):
                self.send_error(404)
            else:
                super().do_GET()

        def negotiates(self, file: Path) -> bool:
            has = file.suffix == ".bin" and file.with_name(f"{file.name}.gz").exists()
            return has and kind == "negotiating" and "gzip" in self.headers["accept-encoding"]

        def end_headers(self) -> None:
            if self.negotiates(project / "public" / self.path.lstrip("/")) or (
                kind == "encoded" and self.path.endswith(".gz")
            ):
                self.send_header("content-encoding", "gzip")
            self.send_header("access-control-allow-origin", "*")
            super().end_headers()

    with serving(Handler) as url:
        yield f"{url}net/model.json"


def call(page: Page, name: str, *arguments: object) -> tuple[Any, list[str]]:
    """Call a function of the page's module; return what it gives, and the files of weights that were asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    script = "async ([module, name, given]) => (await import(module))[name](...given)"
    found = page.evaluate(script, [MODULE, name, list(arguments)])
    return found, sorted(path.removeprefix("/net/") for path in asked if path.startswith("/net/weights."))


@pytest.mark.parametrize("kind", ["plain", "encoded", "negotiating", "left out"])
def test_what_is_asked_for(page: Page, project: Path, kind: str) -> None:
    index = json.loads((project / "public/net/model.json").read_bytes())
    shards = sorted(index["weightsManifest"][0]["paths"])
    compressed = index["userDefinedMetadata"]["tfjs-build"]["compressed"]
    assert len(compressed) == 2 < len(shards)  # the bias is too small to be worth it
    wanted = [f"{name}.gz" if name in compressed else name for name in shards]
    if kind == "left out":
        wanted = sorted([*wanted, *compressed])
    with published(project, kind) as url:
        bare, asked = call(page, "bare", url, SIZE)
        assert asked == shards
        found, asked = call(page, "predicted", "/site/stubs/net.js", {"url": url, "size": SIZE})
        assert found.get("values") == bare, found
        assert asked == wanted
        page.evaluate("delete globalThis.DecompressionStream")  # as in older browsers
        found, asked = call(page, "predicted", "/site/stubs/net.js", {"url": url, "size": SIZE})
        assert found.get("values") == bare, found
        assert asked == shards
