"""A web server on this machine for a test, in a thread of its own."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Quiet:
    """A handler's answers, without a line on the terminal."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Web:
    """Answers on 127.0.0.1 until it is stopped; `url` is its address."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def stop(self) -> None:
        """Stop answering; a second time does nothing."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
