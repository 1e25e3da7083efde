"""A small web server that has devices run models: each asks for one thing after the other, and answers with the next
question.

All that it serves lies below a secret first part of the path, so that nobody finds anything who was not given it. A
device posts its last answer to `next` and gets what to do; it waits there while there is nothing.
"""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tfjs_build.samples import Group
from tfjs_build.verify.project import TensorFlowJs
from tfjs_build.verify.wire import pack, unpack

PAGE: Final = Path(__file__).parent / "page"
_MOST_BYTES: Final = 1 << 30
"""More than any device has to answer."""

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
}
_NOTHING: Final = "data:text/javascript,export default {}"


class DeviceGoneError(Exception):
    """A device does not answer any more."""


class Device:
    """What runs models: a Node process, or a page in some browser, which has said what it is (`about`)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.about: Mapping[str, Any] = {}
        self._arrived = threading.Event()
        self._jobs: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[dict[str, Any], list[dict[str, Any]]] | None] = queue.SimpleQueue()

    def arrived(self, seconds: float, alive: Callable[[], bool]) -> bool:
        """Wait until it has asked for the first time; False where it does not within its time, or ends before."""
        return self._wait(lambda step: self._arrived.wait(step), seconds, alive)

    def perform(
        self,
        job: Mapping[str, Any],
        samples: Sequence[Group] = (),
        *,
        seconds: float,
        alive: Callable[[], bool] = lambda: True,
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Have a job done, and return the answer; raises DeviceGoneError, TimeoutError where it takes too long."""
        self._jobs.put(pack(job, samples))
        found: list[Any] = []

        def answered(step: float) -> bool:
            with contextlib.suppress(queue.Empty):
                found.append(self._answers.get(timeout=step))
            return bool(found)

        if not self._wait(answered, seconds, alive):
            if alive():
                raise TimeoutError
            raise DeviceGoneError
        if found[0] is None:
            raise DeviceGoneError
        answer: tuple[dict[str, Any], list[dict[str, Any]]] = found[0]
        return answer

    def finish(self) -> None:
        """Tell it that there is nothing more to do."""
        self._jobs.put(pack({"do": "finish"}))

    def asked(self, header: Mapping[str, Any], groups: list[dict[str, Any]]) -> None:
        """Take what it said."""
        if "gone" in header:
            self._answers.put(None)
        elif "about" in header:
            self.about = header["about"]
            self._arrived.set()
        else:
            self._answers.put((dict(header), groups))

    def next_job(self, seconds: float) -> bytes | None:
        """Return what it is to do next; None where there is nothing for so long."""
        try:
            return self._jobs.get(timeout=seconds)
        except queue.Empty:
            return None

    @staticmethod
    def _wait(done: Callable[[float], bool], seconds: float, alive: Callable[[], bool]) -> bool:
        step = 0.2
        for _ in range(max(1, int(seconds / step))):
            if done(step):
                return True
            if not alive():
                return done(0.0)
        return False


class Site:
    """The server, on a port of its own. `roots` is what it serves by the first part of a path."""

    def __init__(self, modules: TensorFlowJs, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; raises OSError where that cannot be."""
        self.modules = modules
        self.secret = secrets.token_urlsafe(16)
        self.roots: dict[str, Path] = {
            "page": PAGE,
            "tfjs": modules.tfjs.folder,
            **{backend: package.folder for backend, package in modules.extra.items()},
        }
        self.devices: dict[str, Device] = {}
        self.on_arrival: Callable[[Device], None] = lambda _: None
        self.closing = threading.Event()
        self._server = _Server((host, port), type("Handler", (_Handler,), {"site": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    @property
    def path(self) -> str:
        """The path below which everything is."""
        return f"/{self.secret}/"

    @property
    def local(self) -> str:
        """The address for programs of this machine."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def expect(self, name: str) -> Device:
        """Return a device that is to be told this name (`?device=…`)."""
        device = self.devices[name] = Device(name)
        return device

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Answer nobody any more."""
        self.closing.set()
        for device in list(self.devices.values()):
            device.finish()
        self._server.shutdown()
        self._server.server_close()

    def page(self) -> bytes:
        """Return the page, with where its modules are."""
        imports = {"@tensorflow/tfjs": f"tfjs/{self.modules.tfjs.page}"}
        imports["@tensorflow/tfjs-core"] = imports["@tensorflow/tfjs"]
        for backend, package in self.modules.extra.items():
            imports[f"@tensorflow/tfjs-backend-{backend}"] = f"{backend}/{package.page}"
        relative = {name: f"./{path}" for name, path in imports.items()}
        relative |= dict.fromkeys(("fs", "os", "path", "perf_hooks"), _NOTHING)
        text = (PAGE / "index.html").read_text(encoding="utf-8")
        return text.replace("{{importmap}}", json.dumps({"imports": relative})).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that were cut."""


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self._below()
        if path is None:
            return self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
        if path == "":
            return self._send(HTTPStatus.OK, self.site.page(), _TYPES[".html"])
        first, _, rest = path.partition("/")
        root = self.site.roots.get(first)
        parts = rest.split("/")
        if root is None or any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
            return self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
        file = root.joinpath(*parts)
        try:
            data = file.read_bytes()
        except OSError:
            return self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
        return self._send(HTTPStatus.OK, data, _TYPES.get(file.suffix, "application/octet-stream"))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        if self._below() != "next" or not 0 < length <= _MOST_BYTES:
            self.close_connection = True
            return self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
        try:
            header, groups = unpack(self.rfile.read(length))
            device = self._device(str(header.pop("device")))
        except (ValueError, KeyError):
            return self._send(HTTPStatus.BAD_REQUEST, b"", "text/plain")
        if header:  # nothing: it asks again
            device.asked(header, groups)
        job = None
        for _ in range(50):  # so that no server or network between takes the silence for an end
            job = device.next_job(0.2)
            if job is not None or self.site.closing.is_set():
                break
        return self._send(HTTPStatus.OK, job or pack({"do": "ask"}), "application/octet-stream")

    def _device(self, name: str) -> Device:
        known = self.site.devices.get(name)
        if known is None:
            known = self.site.expect(name)
            self.site.on_arrival(known)
        return known

    def _below(self) -> str | None:
        """Return the path below the secret, None for what is not there."""
        path = unquote(urlsplit(self.path).path)
        return path.removeprefix(self.site.path) if path.startswith(self.site.path) else None

    def _send(self, status: HTTPStatus, data: bytes, kind: str) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(data)
