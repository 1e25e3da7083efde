"""An S3 server on 127.0.0.1 (moto's), in a process of its own; and servers that refuse, or say nothing."""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

_SERVE = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


class S3:
    """A running server; `env` is what a process needs to use it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.env = environment(port)

    def make(self, bucket: str) -> None:
        """Make an empty bucket."""
        self._ask("PUT", bucket)

    def read(self, path: str) -> bytes:
        """Return an object's content."""
        return self._ask("GET", path)

    def write(self, path: str, content: bytes) -> None:
        """Replace an object's content."""
        self._ask("PUT", path, content)

    def _ask(self, method: str, path: str, content: bytes | None = None) -> bytes:
        # Of a signature moto looks at nothing but whether there is one.
        headers = {"Authorization": "AWS test:test", "Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"{self.url}/{path}", data=content, headers=headers, method=method)
        with urllib.request.urlopen(request) as response:
            return bytes(response.read())


def environment(port: int) -> dict[str, str]:
    """Return what botocore is told by: where the server is, and credentials that none of these look at."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }


@contextmanager
def s3_server() -> Iterator[S3]:
    """Run moto's server."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None and process.stdin is not None
    try:
        yield S3(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@contextmanager
def refusing_server(*, reads: int, writes: int) -> Iterator[dict[str, str]]:
    """Run a server that answers every request with these codes of HTTP; yields the environment."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, code: int) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self._answer(reads)

        do_HEAD = do_GET  # noqa: N815

        def do_PUT(self) -> None:
            self._answer(writes)

        do_POST = do_PUT  # noqa: N815

        def log_message(self, *arguments: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield environment(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """Listen without ever answering; yields the socket, on which a connection tells that somebody asks."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening, environment(listening.getsockname()[1])


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
