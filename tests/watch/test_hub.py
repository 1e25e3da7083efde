"""Modules that a watch downloads: in a child, beside everything else that it does."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project
from tests.support.web import Quiet, Web
from tests.watch.conftest import MANIFEST
from tests.watch.published import read_whole
from tests.watch.watching import Watching, eventually, watching

SAVED_MODEL = REPOSITORY / "examples" / "digits" / "model" / "digits_saved_model"
PIECE_BYTES = 1 << 20
PIECES = 7


def module() -> bytes:
    """Return the archive of a module, of several pieces."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", compresslevel=1) as tar:
        tar.add(SAVED_MODEL, ".")
        member = tarfile.TarInfo("assets/padding")
        member.size = (PIECES - 1) * PIECE_BYTES + 1
        tar.addfile(member, io.BytesIO(os.urandom(member.size)))
    return data.getvalue()


class Slow(Web):
    """A server that gives a module piece by piece, and the last one when it is told to; `status` is what it answers."""

    def __init__(self) -> None:
        self.asked = 0
        self.abandoned = 0
        self.status = 200
        self.finish = threading.Event()
        body = module()
        pieces = [body[at : at + PIECE_BYTES] for at in range(0, len(body), PIECE_BYTES)]
        server = self

        class Handler(Quiet, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(body) if server.status == 200 else 0))
                self.end_headers()
                if server.status == 200:
                    self._give()

            def _give(self) -> None:
                try:
                    for piece in pieces[:-1]:
                        self.wfile.write(piece)
                        self.wfile.flush()
                        server.finish.wait(0.2)
                    while not server.finish.wait(0.02):
                        with contextlib.suppress(BlockingIOError):
                            if not self.connection.recv(1, socket.MSG_DONTWAIT):
                                raise ConnectionResetError
                    self.wfile.write(pieces[-1])
                except ConnectionError:
                    server.abandoned += 1

        super().__init__(Handler)
        self.handle = f"{self.url}/digits/1"

    def stop(self) -> None:
        """Finish what is under way, and stop answering."""
        self.finish.set()
        super().stop()


@pytest.fixture
def server() -> Iterator[Slow]:
    server = Slow()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TFJS_BUILD_HUB", str(tmp_path / "cache" / "hub"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


def with_modules(server: Slow, *names: str, options: str = "") -> str:
    return MANIFEST + "".join(f"  {name}: {{source: '{server.handle}'{options}}}\n" for name in names)


def downloads(watch: Watching) -> list[float]:
    """Wait until a download has told how far it is, and return what it has told."""
    if not watch.said("progress"):
        watch.until("progress", step="downloading")
    told = [event for event in watch.said("progress") if event["step"] == "downloading"]
    assert {event["model"] for event in told} == {"digits"}
    return [event["fraction"] for event in told]


def test_a_download_keeps_nobody_waiting(project: Project, server: Slow) -> None:
    project.manifest(with_modules(server, "digits"))
    with watching(project.root) as watch:
        first = watch.until("written", model="net")
        write_dense(project.root / "training" / "net.keras", seed=1)
        assert watch.until("written", model="net")["version"] != first["version"]
        assert 0 < downloads(watch)[-1] < 1
        assert watch.said("ready") == []
        server.finish.set()
        written = watch.until("written", model="digits")
        assert read_whole(project.root / "public/models/digits") == written["version"]
        watch.until("ready")
    assert (server.asked, server.abandoned) == (1, 0)
    assert watch.said("failed") == []
    assert project.run("build", "--check").code == 0


def test_ending_the_watch_ends_its_downloads(project: Project, server: Slow, cache: Path) -> None:
    project.manifest(with_modules(server, "digits"))
    with watching(project.root) as watch:
        downloads(watch)
        watch.end()
    eventually(lambda: server.abandoned)
    assert (server.asked, server.abandoned) == (1, 1)
    assert list(cache.glob("hub/*.tar.gz")) == []


def test_one_that_failed_is_tried_again_when_the_manifest_is_saved(project: Project, server: Slow) -> None:
    project.manifest(with_modules(server, "digits", "again"))
    server.status = 404
    server.finish.set()
    with watching(project.root) as watch:
        watch.until("ready")
        failures = {event["model"]: (event["message"], event["line"]) for event in watch.said("failed")}
        message = f"{server.handle} was answered with 404 Not Found"
        assert failures == {"digits": (message, 7), "again": (message, 8)}
        write_dense(project.root / "training" / "net.keras", seed=1)
        watch.until("written", model="net")
        assert server.asked == 1
        project.manifest(with_modules(server, "digits", "again"))
        assert {watch.until("failed")["model"] for _ in range(2)} == {"digits", "again"}
        (project.root / "training" / "net.keras").write_bytes(b"not a model")
        watch.until("failed", model="net")  # which is not believed before it would have been tried once more
        assert server.asked == 2
        server.status = 200
        project.manifest(with_modules(server, "digits", "again"))
        assert {watch.until("written")["model"] for _ in range(2)} == {"digits", "again"}
    assert server.asked == 3


def test_a_model_is_edited_while_its_module_is_downloaded(project: Project, server: Slow) -> None:
    project.manifest(with_modules(server, "digits"))
    with watching(project.root) as watch:
        downloads(watch)
        project.manifest(with_modules(server, "digits", options=", quantize: float16"))
        watch.until("reloaded")
        server.finish.set()
        watch.until("written", model="digits")
    assert (server.asked, server.abandoned) == (1, 0)


def test_a_model_is_made_from_something_else_while_its_module_is_downloaded(project: Project, server: Slow) -> None:
    project.manifest(with_modules(server, "digits"))
    with watching(project.root) as watch:
        downloads(watch)
        project.manifest(MANIFEST + "  digits: {source: training/net.keras}\n")
        watch.until("written", model="digits")
        watch.until("ready")
        eventually(lambda: server.abandoned)
        assert (server.asked, server.abandoned) == (1, 1)
        project.manifest(with_modules(server, "digits", "again"))
        eventually(lambda: server.asked == 2)
        project.manifest(with_modules(server, "digits"))  # without the one whose child downloads for both
        eventually(lambda: server.asked == 3)
        server.finish.set()
        watch.until("written", model="digits")
    assert server.asked == 3
