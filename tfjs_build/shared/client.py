"""What a build asks of the shared cache: to take what is there, and to be given what is new.

Nothing here fails or hangs a build: a cache that is out of reach, refuses or falls silent is a note, once, and is not
asked again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build.events import Emit, Note, Progress
from tfjs_build.fs import remove_own

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from tfjs_build.shared.settings import Settings

_LONGEST = 20
"""How many times the time without a sign of life all that is taken may last."""

_SLOWEST_BYTES = 256 * 1024
"""Bytes a second below which an upload is given up."""


class SharedCache:
    """The shared cache during one build. `taken` are the fingerprints whose entries were fetched; they are in the local
    cache then."""

    def __init__(self, settings: Settings, local: Path, emit: Emit) -> None:
        self._settings, self._local, self._emit = settings, local, emit
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._is_off = False
        self._gives = not settings.read_only
        self._giving: dict[str, int] = {}
        self._added = 0
        self.taken: set[str] = set()

    def __enter__(self) -> SharedCache:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def take(self, wanted: Mapping[str, str]) -> None:
        """Fetch the entries that are not in the local cache, as far as they are there; `wanted` maps fingerprints to
        the names of models, for messages."""
        asked = {digest: name for digest, name in wanted.items() if not (self._local / digest).exists()}
        if not asked or self._is_off:
            return
        for digest in asked:
            self._send("take", digest)
        now = time.monotonic()
        silent, end = now + self._settings.seconds, now + _LONGEST * self._settings.seconds
        waiting = set(asked)
        while waiting and not self._is_off:
            message = self._receive(min(silent, end))
            if message is None:
                if silent < end:
                    self._give_up()
                else:
                    self._off(f"is not used any more: it took longer than {_LONGEST * self._settings.seconds:g} s")
                return
            silent = time.monotonic() + self._settings.seconds
            what, *rest = message
            if what == "got":
                self._emit(Progress(asked.get(rest[0], rest[0]), "downloading", rest[1]))
            elif what == "taken":
                digest, wrong = rest
                waiting.discard(digest)
                if wrong == "":
                    self.taken.add(digest)
                elif wrong is not None:
                    name = asked.get(digest)
                    self._emit(Note(name, f"its entry in the shared cache is not used: {wrong}"))
            else:
                self._heard(message)

    def start(self) -> None:
        """Have what fetches and uploads started now, where it would be later."""
        if self._connection is None and not self._is_off:
            self._start()

    def give(self, digest: str) -> None:
        """Have an entry of the local cache uploaded, unless it came from the shared one; `finish` waits for that."""
        entry = self._local / digest
        if not self._gives or self._is_off or digest in self.taken or digest in self._giving or not entry.is_dir():
            return
        self._giving[digest] = sum(file.lstat().st_size for file in entry.iterdir())
        self._send("give", digest)
        while not self._is_off and self._connection is not None and self._connection.poll():
            self._heard(self._receive(time.monotonic()))

    def finish(self) -> None:
        """Wait until what is given has been uploaded, and say what came and went."""
        while self._giving and self._gives and not self._is_off:
            patience = self._settings.seconds + max(self._giving.values()) / _SLOWEST_BYTES
            message = self._receive(time.monotonic() + patience)
            if message is None:
                self._give_up()
                break
            self._heard(message)
        parts = [f"{_models(len(self.taken))} taken from"] if self.taken else []
        parts += [f"{_models(self._added)} added to"] if self._added else []
        if parts:
            self._emit(Note(None, f"{', '.join(parts)} the shared cache"))
        self._end()

    def _heard(self, message: tuple[Any, ...] | None) -> None:
        """Take in what the courier says of itself and of what it was given."""
        if message is None:
            self._give_up()
            return
        what, *rest = message
        if what == "given":
            self._giving.pop(rest[0], None)
            self._added += rest[1]
        elif what == "refused" and self._gives:
            self._gives = False
            self._giving.clear()
            hint = "`read_only: true` asks for no more than to read"
            self._emit(Note(None, f"cannot add to the shared cache {self._settings.place}: {rest[0]} ({hint})"))
        elif what == "off":
            self._off(f"is not used: {rest[0]}")

    def _give_up(self) -> None:
        if not self._is_off:
            self._off(f"is not used: no answer within {self._settings.seconds:g} s")

    def _off(self, why: str) -> None:
        self._is_off = True
        self._giving.clear()
        self._emit(Note(None, f"the shared cache {self._settings.place} {why}"))
        self._end()

    def _send(self, *message: Any) -> None:
        if self._connection is None:
            self._start()
        assert self._connection is not None
        try:
            self._connection.send(message)
        except OSError:  # it has died, which is told when its answer is waited for
            return

    def _receive(self, until: float) -> tuple[Any, ...] | None:
        """Return what the courier says, None where it says nothing until then; a dead one says that it is off."""
        if self._connection is None:
            return None
        try:
            if not self._connection.poll(max(0.0, until - time.monotonic())):
                return None
            message: tuple[Any, ...] = self._connection.recv()
        except (EOFError, OSError):
            return "off", "its process died"
        return message

    def _start(self) -> None:
        import multiprocessing

        from tfjs_build.shared import courier

        context: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "fork")
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        ours, theirs = context.Pipe(duplex=True)
        parents = ours if context.get_start_method() == "fork" else None
        arguments = (parents, theirs, self._settings, self._local)
        self._process = context.Process(target=courier.run, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours

    def _end(self) -> None:
        if self._process is not None and self._connection is not None:
            process_id = self._process.pid
            self._process.kill()
            self._process.join()
            self._process.close()
            self._connection.close()
            for left in self._local.glob(f"*.{process_id}.*.tmp"):
                remove_own(left)
        self._process = self._connection = None


def _models(count: int) -> str:
    return "1 model" if count == 1 else f"{count} models"
