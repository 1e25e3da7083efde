"""TF Hub modules from a server on this machine: what is kept, what is refused, and that offline is enough."""

from __future__ import annotations

import io
import os
import tarfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.web import Quiet, Web
from tfjs_build import children, hub
from tfjs_build.build import BuildOptions, build
from tfjs_build.convert.saved_model import open_saved_model
from tfjs_build.errors import ModelError, SourceError
from tfjs_build.events import Event, Failed, Progress
from tfjs_build.manifest import load


def archive(members: dict[str, bytes], *, link: str = "") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
    return data.getvalue()


GOOD = archive({"./saved_model.pb": b"model", "./variables/variables.index": b"index"})
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/good/1?tf-hub-format=compressed": (200, {"Content-Type": "application/x-tar"}, GOOD),
    "/moved/1?tf-hub-format=compressed": (302, {"Location": "/good/1?tf-hub-format=compressed"}, b""),
    "/away/1?tf-hub-format=compressed": (302, {"Location": "http://example.invalid/x.tar.gz"}, b""),
    "/circle/1?tf-hub-format=compressed": (302, {"Location": "/circle/1?tf-hub-format=compressed"}, b""),
    "/nowhere/1?tf-hub-format=compressed": (302, {"Location": "https://[::1/x"}, b""),
    "/twofold/1?tf-hub-format=compressed": (
        200,
        {"Content-Type": "application/gzip"},
        archive({"saved_model.pb": b"", "saved_model.pb/x": b""}),
    ),
    "/page/1?tf-hub-format=compressed": (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>"),
    "/half/1?tf-hub-format=compressed": (200, {"Content-Type": "application/gzip"}, GOOD[:-40]),
    "/text/1?tf-hub-format=compressed": (200, {"Content-Type": "application/octet-stream"}, b"not an archive"),
    "/other/1?tf-hub-format=compressed": (200, {"Content-Type": "application/gzip"}, archive({"readme": b"?"})),
    "/named.tar.gz": (200, {"Content-Type": "application/gzip"}, GOOD),
    "/query?tf-hub-format=compressed": (404, {}, b""),
}
MODULE_HINT = "A TF Hub module is a .tar.gz that holds a SavedModel."


class Server(Web):
    """A server with prepared answers, which counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        server = self

        class Handler(Quiet, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                status, headers, body = ANSWERS.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TFJS_BUILD_HUB", str(tmp_path / "cache" / "hub"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


@pytest.mark.parametrize("path", ["/good/1", "/moved/1", "/named.tar.gz"])
def test_a_handle_is_downloaded_once_and_then_not_asked_for(server: Server, path: str) -> None:
    first = hub.fetch(server.url + path)
    assert first.read_bytes() == GOOD
    asked = len(server.asked)
    assert hub.fetch(server.url + path) == first
    assert len(server.asked) == asked
    with hub.unpacked(first) as folder:
        assert (folder / "saved_model.pb").read_bytes() == b"model"
        assert (folder / "variables/variables.index").read_bytes() == b"index"
    assert not folder.exists()


def test_a_warm_cache_works_offline(server: Server) -> None:
    kept = hub.fetch(f"{server.url}/good/1")
    server.stop()
    assert hub.fetch(f"{server.url}/good/1") == kept
    with pytest.raises(SourceError, match=r"cannot download .*Connection refused") as caught:
        hub.fetch(f"{server.url}/moved/1")
    assert caught.value.hint == "Once downloaded it is kept, and builds work offline."


def test_what_a_killed_download_left_is_removed_in_time(server: Server, cache: Path) -> None:
    for name, ago in (("old", 100_000), ("current", 50_000)):
        partial = cache / "hub" / f"download-{name}" / "module.tar.gz"
        partial.parent.mkdir(parents=True)
        partial.write_bytes(GOOD[:10])
        for path in (partial, partial.parent):
            os.utime(path, times=(time.time() - ago,) * 2)
    kept = hub.fetch(f"{server.url}/good/1")
    assert sorted(path.name for path in (cache / "hub").iterdir()) == sorted(["download-current", kept.name])


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        (
            "/page/1",
            "… was answered with a web page, not with a module",
            "Give the handle of a TensorFlow 2 SavedModel",
        ),
        ("/missing/1", "… was answered with 404 Not Found", ""),
        ("/away/1", "… leads to http://example.invalid/x.tar.gz, which is not https", ""),
        (
            "/circle/1",
            "… was answered with 302 The HTTP server returned a redirect error that would lead to an infinite loop.",
            "",
        ),
        ("/nowhere/1", "… is not an address, or leads to something that is not one (Invalid IPv6 URL)", "A handle is"),
        ("/twofold/1", "…: the archive is damaged: 'saved_model.pb/x' can be no file", MODULE_HINT),
        ("/half/1", "…: the archive is damaged or cut short (", MODULE_HINT),
        ("/text/1", "…: the archive is damaged or cut short (not a gzip file)", MODULE_HINT),
        ("/other/1", "…: the archive holds no SavedModels", MODULE_HINT),
    ],
)
def test_what_is_no_module_is_not_kept(server: Server, cache: Path, path: str, message: str, hint: str) -> None:
    with pytest.raises(SourceError) as caught:
        hub.fetch(server.url + path)
    shown = caught.value.message.replace(server.url + path, "…")
    assert shown.startswith(message)
    assert "\n" not in shown
    assert caught.value.hint.startswith(hint)
    assert not list(cache.rglob("*.gz"))


@pytest.mark.parametrize("name", ["../escaped.txt", "/etc/escaped", "a/../../escaped", "..\\escaped"])
def test_no_member_leaves_the_archive(tmp_path: Path, name: str) -> None:
    path = tmp_path / "module.tar.gz"
    path.write_bytes(archive({"saved_model.pb": b"", name: b"!"}))
    with pytest.raises(SourceError, match="the archive has a member outside of it"), hub.unpacked(path):
        pass
    assert not list(tmp_path.rglob("escaped*"))


def test_links_and_bombs(tmp_path: Path) -> None:
    path = tmp_path / "module.tar.gz"
    path.write_bytes(archive({"saved_model.pb": b""}, link="variables"))
    with pytest.raises(SourceError, match="the archive has a link or a device: 'variables'"), hub.unpacked(path):
        pass
    path.write_bytes(archive({"saved_model.pb": b"0" * 1001}))
    with pytest.raises(ModelError, match="unpacks to 1001 B, more than 1000 B"), hub.unpacked(path, most=1000):
        pass


@pytest.mark.parametrize(
    "address",
    ["https://[::1/x", "https://a..b/x", "https://ü..x/x", f"https://{'a' * 300}/x", f"http://127.0.0.1:{9**99}/"],
)
def test_what_is_no_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(SourceError) as caught:
        hub.fetch(address)
    assert caught.value.message.startswith(f"{address} is not an address, or leads to something that is not one (")


def test_what_is_wrong_inside_is_said_of_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "module.tar.gz"
    path.write_bytes(archive({"saved_model.pb": b"\xff" * 20}))
    with pytest.raises(SourceError) as caught, hub.unpacked(path) as folder, open_saved_model(folder):
        pass
    assert caught.value.message.startswith(f"{path}/saved_model.pb is damaged")


@pytest.mark.parametrize("name", ["a\0b", "a" * 256])
def test_members_that_can_be_no_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / "module.tar.gz"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for each in ("saved_model.pb", name):
            member = tarfile.TarInfo(each)
            member.pax_headers = {"path": each}
            tar.addfile(member)
    path.write_bytes(data.getvalue())
    with pytest.raises(SourceError, match=r"the archive (is damaged|has a member outside of it)"), hub.unpacked(path):
        pass


def test_a_build_says_what_is_wrong(tmp_path: Path, server: Server) -> None:
    project = Project(tmp_path / "app")
    project.manifest(f"version: 1\noutput: public/models\nmodels:\n  net:\n    source: {server.url}/page/1\n")
    result = project.run("build", "--json")
    assert result.code == 1
    assert result.of("failed")[0]["message"] == f"{server.url}/page/1 was answered with a web page, not with a module"


def _project(folder: Path, *handles: str) -> Project:
    project = Project(folder / "app")
    models = "".join(f"  net-{i}:\n    source: {handle}\n" for i, handle in enumerate(handles))
    project.manifest(f"version: 1\noutput: public/models\nmodels:\n{models}")
    return project


@pytest.mark.parametrize(
    "command", [("build", "--check"), ("build", "--dry-run"), ("explain",), ("inspect", "net-0"), ("doctor",)]
)
def test_only_a_build_downloads(tmp_path: Path, server: Server, cache: Path, command: tuple[str, ...]) -> None:
    project = _project(tmp_path, f"{server.url}/good/1")
    result = project.run(*command)
    text = result.out + result.err
    assert result.code == 1
    assert f"{server.url}/good/1 has not been downloaded yet" in text
    assert f"`tfjs-build build` downloads it, once, into {cache / 'hub'}." in text
    assert server.asked == []


def test_a_build_downloads_each_handle_once_and_says_how_far_it_is(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = {"saved_model.pb": b"model", **{f"variables/{i}": os.urandom(1 << 20) for i in range(3)}}
    answer = (200, {"Content-Type": "application/x-tar"}, archive(members))
    monkeypatch.setitem(ANSWERS, "/large/1?tf-hub-format=compressed", answer)
    monkeypatch.setattr(children, "_QUIET_SECONDS", 0.0)
    monkeypatch.setattr(children, "_PROGRESS_SECONDS", 0.0)
    project = _project(tmp_path, f"{server.url}/large/1", f"{server.url}/large/1", f"{server.url}/page/1")
    manifest = load(project.root / "tfjs.yaml")
    events: list[Event] = []
    build(manifest, BuildOptions(), events.append)
    assert sorted(server.asked) == [f"/{name}/1?tf-hub-format=compressed" for name in ("large", "page")]
    told = [event for event in events if isinstance(event, Progress) and event.step == "downloading"]
    steps = [(event.model, event.fraction) for event in told]
    assert {model for model, _ in steps} == {"net-0"}
    assert [fraction for _, fraction in steps] == sorted(fraction for _, fraction in steps)
    assert steps[0][1] == 0
    assert 0.3 < steps[-1][1] <= 1
    failures = {event.model: event.message for event in events if isinstance(event, Failed)}
    assert failures["net-2"] == f"{server.url}/page/1 was answered with a web page, not with a module"
    assert {"net-0", "net-1"} < failures.keys()  # it is no model, but it is there
