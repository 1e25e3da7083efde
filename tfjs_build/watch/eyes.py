"""What makes the watch look: the operating system's events, by way of watchdog, and a clock.

An event is only a hint that something may have changed; what has, the pictures of `inputs.py` tell. So nothing depends
on which events an editor, `git` or a file system gives for a save, and one that is lost costs a moment, not a build.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build.watch.inputs import PARTS

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent

NATIVE_SECONDS = 1.0
"""How often to look where events are expected: for those that are lost."""

POLLING_SECONDS = 0.25
"""How often to look where there are none."""

_READING = ("opened", "closed_no_write")
_MOST_ANCESTORS = 4


class Eyes:
    """Watches folders, and calls `hint` from a thread of its own when something there may have changed."""

    def __init__(self, hint: Callable[[], None], *, poll: bool) -> None:
        self._hint = hint
        self._observer: Any = None
        self._watches: dict[Path, tuple[tuple[int, int], Any]] = {}
        self._wanted: frozenset[str] = frozenset()
        self._trees: tuple[str, ...] = ()
        self.problem: str | None = None
        """Why there are no events, where there should be."""
        self._blind = poll

    @property
    def seconds(self) -> float:
        """How often to look without being told to."""
        return POLLING_SECONDS if self._blind else NATIVE_SECONDS

    def watch(self, paths: Iterable[Path], root: Path) -> None:
        """Watch what these files and folders are, and will be: they, and their folders up to one that they share with
        `root`. To be called again from time to time, for a folder that was replaced is another one."""
        if self._blind:
            return
        folders = {folder for path in paths for folder in _folders(path, root)}
        trees = tuple(f"{path}{os.sep}" for path in map(Path, paths) if path.is_dir())
        self._wanted = frozenset({str(path) for path in paths} | {str(folder) for folder in folders})
        self._trees = trees
        try:
            self._schedule(folders)
        except OSError as error:
            self.close()
            self._blind, self.problem = True, error.strerror or str(error)

    def close(self) -> None:
        """End the watching, and the threads that do it."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer, self._watches = None, {}

    def _schedule(self, folders: set[Path]) -> None:
        from watchdog.events import FileSystemEventHandler
        from watchdog.observers import Observer

        if self._observer is None:
            _quieten_watchdog()
            self._observer = Observer()
            self._observer.start()
        now = {folder: identity for folder in folders if (identity := _identity(folder)) is not None}
        # A folder that was deleted ends its emitter; the one that comes in its place may well have its inode.
        alive = {emitter.watch for emitter in self._observer.emitters if emitter.should_keep_running()}
        for folder, (identity, watch) in list(self._watches.items()):
            if now.get(folder) != identity or watch not in alive:
                self._observer.unschedule(watch)
                del self._watches[folder]
        seen = self._seen

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                seen(event)

        for folder, identity in now.items():
            if folder not in self._watches:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # it went; what comes is seen later
                    self._watches[folder] = identity, self._observer.schedule(Handler(), str(folder))

    def _seen(self, event: FileSystemEvent) -> None:
        if event.event_type in _READING:
            return
        for path in (os.fsdecode(event.src_path), os.fsdecode(event.dest_path)):
            if path in self._wanted or path.startswith(self._trees):
                self._hint()
                return


def _quieten_watchdog() -> None:
    """Keep what watchdog logs off the terminal: it logs events that come while a folder's watch is ended, say.

    None of it is for the user: whatever becomes of an event, the clock makes the watch look.
    """
    for name in ("watchdog", "fsevents"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        stat = folder.stat()
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino)


def _folders(path: Path, root: Path) -> list[Path]:
    """Return the folders to watch for a path: itself and its parts where it is a folder, its parents, and those of
    what it is a link to."""
    found: list[Path] = []
    for each in dict.fromkeys((path, Path(os.path.realpath(path)))):
        if each.is_dir():
            found += [each, *(part for name in PARTS if (part := each / name).is_dir())]
        shared = os.path.commonpath([each, root])
        parents = [parent for parent in each.parents if len(parent.parts) >= len(Path(shared).parts)]
        found += parents[:_MOST_ANCESTORS] or [each.parent]
    return found
