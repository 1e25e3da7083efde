"""The process between the local cache and the shared one: it fetches and uploads, several entries at once.

It is a process of its own so that a backend that hangs can be ended, and since builds fork, which no process with
threads should. What it is told: `("take", fingerprint)`, `("give", fingerprint)`; it ends with its parent. What it
tells: `("got", fingerprint, progress)`, and for each that it was asked `("taken", fingerprint, "" or what is wrong or
None for none)` or `("given", fingerprint, whether it was new)`; `("refused", text)` when nothing can be given, and
`("off", text)` when nothing works.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build.fs import make_own, remove_own
from tfjs_build.shared import entries, stores

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tfjs_build.shared.settings import Settings

_THREADS = 8
_PROGRESS_SECONDS = 0.2


def run(parents: Connection | None, connection: Connection, settings: Settings, local: Path) -> None:
    """Do what is asked over `connection` until it is closed; `parents` is the other end, which a fork has too."""
    if parents is not None:
        parents.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us as well; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _quiet()
    courier = _Courier(connection, settings, local)
    with ThreadPoolExecutor(_THREADS) as pool:
        while True:
            try:
                what, digest = connection.recv()
            except (EOFError, OSError):
                os._exit(0)  # whatever hangs
            pool.submit(courier.take if what == "take" else courier.give, digest)


class _Courier:
    def __init__(self, connection: Connection, settings: Settings, local: Path) -> None:
        self._connection, self._settings, self._local = connection, settings, local
        self._sending, self._opening = threading.Lock(), threading.Lock()
        self._opened: stores.Store | None = None
        self._damaged: set[str] = set()
        self._told = 0.0

    def take(self, digest: str) -> None:
        """Fetch an entry into the local cache."""
        unfinished = self._local / f"{digest}.{os.getpid()}.taken.tmp"
        try:
            wrong = self._take(digest, unfinished)
        except Exception as error:  # noqa: BLE001 -- backends have errors of their own; none of them is a build's
            self._send("off", _text(error))
        else:
            self._send("taken", digest, wrong)
        finally:
            remove_own(unfinished)

    def _take(self, digest: str, unfinished: Path) -> str | None:
        try:
            source = self._store().open(stores.name_of(digest))
        except FileNotFoundError:
            return None
        make_own(self._local)
        unfinished.mkdir()
        try:
            with source:
                entries.unpack(digest, source, unfinished, self._settings.key, lambda done: self._tell(digest, done))
        except entries.DamagedError as error:
            self._damaged.add(digest)  # so that it is replaced
            return str(error)
        remove_own(self._local / digest)
        unfinished.rename(self._local / digest)
        return ""

    def give(self, digest: str) -> None:
        """Upload an entry of the local cache, unless it is there."""
        packed = self._local / f"{digest}.{os.getpid()}.given.tmp"
        try:
            is_new = digest in self._damaged or not self._store().has(stores.name_of(digest))
            if is_new:
                with packed.open("xb") as file:
                    entries.pack(digest, self._local / digest, file, self._settings.key)
                self._store().put(packed, stores.name_of(digest))
        except entries.DamagedError:
            self._send("given", digest, False)  # what is published was edited at once, say: it is not what was made
        except Exception as error:  # noqa: BLE001 -- as above
            self._send("refused", _text(error))
        else:
            self._send("given", digest, is_new)
        finally:
            remove_own(packed)

    def _store(self) -> stores.Store:
        with self._opening:
            if self._opened is None:
                self._opened = stores.store(self._settings.place)
            return self._opened

    def _tell(self, digest: str, done: float) -> None:
        now = time.monotonic()
        if now - self._told > _PROGRESS_SECONDS:
            self._told = now
            self._send("got", digest, done)

    def _send(self, *message: Any) -> None:
        with self._sending:
            self._connection.send(message)


def _quiet() -> None:
    """Keep what backends print, and warn of, away from the build's own output."""
    warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _text(error: Exception) -> str:
    """Return an error on one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else f"{text[:299]}…"
