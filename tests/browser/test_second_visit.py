"""The second visit: what `cache: true` keeps needs no server, and is not trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.backends.page import served_roots
from tests.browser.page import QuietHandler
from tests.support.keras_files import write_dense
from tests.support.project import Project

MODULE = "/loading/loading.js"
PLAIN = "http://plain.test/"
"""An address that browsers do not trust: it is no `localhost`, and has no certificate."""

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same site in two versions of its models, built."""
    folder = tmp_path_factory.mktemp("visits")
    manifest = {"version": 1, "output": "public", "stubs": "stubs", "language": "javascript"}
    for seed, name in enumerate(("old", "new")):
        project = Project(folder / name)
        models = {"net": {"source": "net.keras"}, "other": {"source": "other.keras"}}
        write_dense(project.root / "net.keras", seed=seed)
        write_dense(project.root / "other.keras", seed=7)
        project.manifest(json.dumps(manifest | {"models": models}))
        result = project.run("build", "--json")
        assert result.code == 0, result
    return {name: folder / name for name in ("old", "new")}


@pytest.fixture(scope="module")
def site(versions: dict[str, Path]) -> Iterator[str]:
    """The address of the page, which is not where the models are."""
    with served_roots({**versions, "loading": Path(__file__).with_name("loading")}) as url:
        yield url


class Models:
    """A server of models on another port, which can be stopped and started again."""

    def __init__(self) -> None:
        self.root = Path()
        self.asked: list[str] = []
        self.wanted: str | None = None
        """What requests are to be signed with, if they must be."""
        self._port = 0

    def at(self, name: str) -> str:
        """Where a model is."""
        return f"http://127.0.0.1:{self._port}/{name}/model.json"

    @contextmanager
    def up(self, root: Path) -> Iterator[None]:
        """Serve what a project has published, at the same address each time."""
        models = self

        class Handler(QuietHandler):
            def do_OPTIONS(self) -> None:  # noqa: N802
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:  # noqa: N802
                models.asked.append(self.path)
                if models.wanted not in (None, self.headers["authorization"]):
                    self.send_error(403)
                else:
                    super().do_GET()

            def end_headers(self) -> None:
                self.send_header("access-control-allow-origin", "*")
                self.send_header("access-control-allow-headers", "authorization")
                self.send_header("cache-control", "no-store")
                super().end_headers()

            def translate_path(self, path: str) -> str:
                return str(root / "public" / urlsplit(path).path.lstrip("/"))

        self.asked = []
        with ThreadingHTTPServer(("127.0.0.1", self._port), Handler) as server:
            self._port = server.server_port
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()

    def names(self) -> list[str]:
        """The files that were asked for."""
        return sorted(urlsplit(path).path.rpartition("/")[2].partition(".")[0] for path in self.asked)


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as opened:
        yield opened


def visit(context: BrowserContext, url: str) -> Page:
    """Open a page that knows nothing but what its browser has kept."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("globalThis.start !== undefined")
    page.evaluate("start('cpu', {})")
    return page


def call(page: Page, name: str, *arguments: object) -> Any:
    script = "async ([module, name, given]) => (await import(module))[name](...given)"
    return page.evaluate(script, [MODULE, name, list(arguments)])


def predicted(page: Page, version: str, url: str, **options: object) -> dict[str, Any]:
    """What the model predicts, or why it is not loaded; with `cache: true` unless it is given."""
    stub = f"/{version}/stubs/{urlsplit(url).path.split('/')[-2]}.js"
    found: dict[str, Any] = call(page, "predicted", stub, {"url": url, "cache": True, "size": 3, **options})
    return found


def values(found: dict[str, Any]) -> list[list[float]]:
    assert "error" not in found, found
    result: list[list[float]] = found["values"]
    return result


def test_it_predicts_offline(context: BrowserContext, site: str, models: Models, versions: dict[str, Path]) -> None:
    page = visit(context, site)
    with models.up(versions["old"]):
        first = values(predicted(page, "old", models.at("net")))
    assert models.names() == ["model", "weights"]
    page.close()
    page = visit(context, site)
    assert values(predicted(page, "old", models.at("net"))) == first
    # Without the option, it is the server that counts: it is stopped indeed.
    error = predicted(page, "old", models.at("net"), cache=False)["error"]
    assert "cannot be fetched" in error
    assert "other" in predicted(page, "old", models.at("other"))["error"]  # which was never here


def test_what_is_damaged_is_fetched_again(
    context: BrowserContext, site: str, models: Models, versions: dict[str, Path]
) -> None:
    page = visit(context, site)
    with models.up(versions["old"]):
        first = values(predicted(page, "old", models.at("net")))
        entries = call(page, "kept")
        assert [urlsplit(url).path.rpartition("/")[2].partition(".")[0] for url in entries] == ["model", "weights"]
        for url in entries:
            text = call(page, "textOf", url)
            models.asked = []
            call(page, "tamper", url, f"{text[:-1]} }}" if "model" in url else "0" * len(text))
            assert values(predicted(page, "old", models.at("net"))) == first
            assert [urlsplit(path).path for path in models.asked] == [urlsplit(url).path]
            assert call(page, "textOf", url) == text
    for url in entries:
        text = call(page, "textOf", url)
        call(page, "tamper", url, text[:-1])
        error = predicted(page, "old", models.at("net"))["error"]
        assert error.startswith(f'ModelLoadError: Model "net" cannot be loaded: {url}'), error
        assert "cannot be fetched" in error
        call(page, "tamper", url, text)
    assert len(entries) == 2


def test_files_of_older_versions_go(
    context: BrowserContext, site: str, models: Models, versions: dict[str, Path]
) -> None:
    page = visit(context, site)
    with models.up(versions["old"]):
        old = values(predicted(page, "old", models.at("net")))
        other = values(predicted(page, "old", models.at("other")))
    before = call(page, "kept")
    elsewhere = "https://cdn.example/net/weights.0123456789abcdef.bin"
    call(page, "tamper", elsewhere, "somebody else's")
    with models.up(versions["new"]):
        new = predicted(page, "new", models.at("net"))
    assert values(new) != old
    after = call(page, "kept")
    gone = {url for url in before if "/net/" in url and url.endswith(".bin")}
    assert len(gone) == 1
    assert not gone & {*after}
    assert {elsewhere, *(url for url in before if "/other/" in url)} < {*after}
    assert len(after) == len(before) + 1
    page.close()
    page = visit(context, site)
    assert predicted(page, "new", models.at("net")) == new
    assert values(predicted(page, "old", models.at("other"))) == other
    assert "cannot be fetched" in predicted(page, "old", models.at("net"))["error"]


def test_two_tabs(context: BrowserContext, site: str, models: Models, versions: dict[str, Path]) -> None:
    tabs = [visit(context, site), visit(context, site)]
    with models.up(versions["old"]):
        options = {"url": models.at("net"), "cache": True, "size": 3}
        start = "async ([module, given]) => { globalThis.found = (await import(module)).predicted(...given) }"
        for tab in tabs:
            tab.evaluate(start, [MODULE, ["/old/stubs/net.js", options]])
        first, second = (values(tab.evaluate("found")) for tab in tabs)
        assert first == second
    assert values(predicted(tabs[0], "old", models.at("net"))) == first


def test_a_page_that_may_keep_nothing(
    context: BrowserContext, site: str, models: Models, versions: dict[str, Path]
) -> None:
    context.route(
        f"{PLAIN}**",
        lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace(PLAIN, site))),
    )
    page = visit(context, PLAIN)
    assert call(page, "secure") is False
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    first = values(predicted(page, "old", f"{PLAIN}old/public/net/model.json"))
    assert values(predicted(page, "old", f"{PLAIN}old/public/net/model.json")) == first
    assert len([url for url in asked if "/public/" in url]) == 4  # model.json and the weights, each time
    full = visit(context, site)
    assert call(full, "secure") is True
    session = context.new_cdp_session(full)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.rstrip("/"), "quotaSize": 1})
    with models.up(versions["old"]):
        assert values(predicted(full, "old", models.at("net"))) == first
        assert call(full, "kept") == []


def test_requests_of_the_page_s_own(
    context: BrowserContext, site: str, models: Models, versions: dict[str, Path]
) -> None:
    page = visit(context, site)
    models.wanted = "Bearer 1"
    with models.up(versions["old"]):
        assert "status 403" in predicted(page, "old", models.at("net"), signed="Bearer 2")["error"]
        models.asked = []
        first = values(predicted(page, "old", models.at("net"), signed="Bearer 1"))
        assert models.names() == ["model", "weights"]
        assert all(urlsplit(path).query.startswith("sig=") for path in models.asked)
    assert values(predicted(page, "old", models.at("net"), signed="Bearer 2")) == first
