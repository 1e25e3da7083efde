"""`.tfjs-build/`: what was published and from what, so that a build with nothing to do reads nothing; and the lock.

Everything in the folder can be lost without harm: a build then hashes what it would have looked up.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tfjs_build.errors import TfjsBuildError
from tfjs_build.filenames import STATE_FOLDER
from tfjs_build.fs import StatKey, open_own, place, read_own, remove_if_empty, remove_own, sha256_file, write_file

_FORMAT = 2


@dataclass
class Published:
    """What is known of one published model: its fingerprint's fields, its files (relative to the manifest's folder)
    with the SHA-256 of their content, and what it needs of TensorFlow.js, None where nobody has looked."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    needs: list[str] | None = None


@dataclass
class State:
    """The memory between builds of one manifest.

    `models` are the published models by name, `shared` the files that belong to no single one (the stubs' runtime),
    `replaced` the files that no model has any more and that are to be deleted,
    `hashes` the content hashes of files by absolute path, each valid while the file's stat key is the same,
    `glances` the glance (`glance.py`) and the version of each model that was found fresh.
    """

    models: dict[str, Published] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, tuple[StatKey, str]] = field(default_factory=dict)
    glances: dict[str, tuple[str, str]] = field(default_factory=dict)
    unsynced: set[Path] = field(default_factory=set)
    """Folders of which a power cut may still undo the last changes; before a file is deleted for which these made
    another one needless, they are synced. Not kept between builds."""
    unfinished: dict[Path, list[str]] = field(default_factory=dict)
    """Copies that a killed build left, by folder, each folder being listed once: it may have thousands of stubs, and
    nobody else writes there while one has the lock. Not kept between builds."""
    _used: set[str] = field(default_factory=set)

    def sha256(self, path: Path) -> str:
        """Return the SHA-256 of a file, from memory where its stat key says that it is unchanged; raises OSError."""
        name = str(path)
        key = StatKey.of(path)
        known = self.hashes.get(name)
        self._used.add(name)
        if key is not None and known is not None and known[0] == key:
            return known[1]
        digest = sha256_file(path)
        # A key taken while the file may still change, or that changed as we read, must not vouch for the content.
        if key is not None and key == StatKey.of(path) and not key.racy:
            self.hashes[name] = (key, digest)
        else:
            self.hashes.pop(name, None)
        return digest

    def used(self, paths: Iterable[str]) -> None:
        """Note that the hashes of these files are still of use, though nobody has asked for them."""
        self._used.update(paths)


def _texts(value: dict[str, Any]) -> dict[str, str]:
    if not {str}.issuperset(map(type, value.values())):
        raise TypeError("not a mapping of texts")
    return dict(value)


def _published(value: dict[str, Any]) -> Published:
    needs = value.get("needs")
    if needs is not None and not (isinstance(needs, list) and {str}.issuperset(map(type, needs))):
        raise TypeError("not a list of texts")
    return Published(_texts(value["fields"]), _texts(value["files"]), needs)


def _glances(value: dict[str, Any]) -> dict[str, tuple[str, str]]:
    if not all(list(map(type, pair)) == [str, str] for pair in value.values()):
        raise TypeError("not a mapping of pairs of texts")
    return {name: (digest, version) for name, (digest, version) in value.items()}


def _apply(state: State, line: dict[str, Any]) -> None:
    """Take one line of the journal into the state."""
    published = _published(line)
    shared, replaced = _texts(line["shared"]), _texts(line["replaced"])
    state.models[str(line["model"])] = published
    state.shared, state.replaced = shared, replaced


class StateFolder:
    """The folder `.tfjs-build` beside a manifest; nothing is created before something is written."""

    def __init__(self, manifest: Path) -> None:
        self.path = manifest.parent / STATE_FOLDER
        # Two manifests in one folder must not take each other's outputs for those of removed models.
        self._file = self.path / f"{manifest.name}.state.json"
        self._journal = self.path / f"{manifest.name}.journal"

    @property
    def staging(self) -> Path:
        """Where conversions write before anything is published."""
        return self.path / "staging"

    @property
    def logs(self) -> Path:
        """Where the reports of our own bugs go."""
        return self.path / "logs"

    def load(self) -> State:
        """Read the state; an absent, damaged or foreign file is an empty state. What was published since it was written
        is in the journal."""
        state = self._load()
        with contextlib.suppress(OSError):
            for line in read_own(self._journal).splitlines():
                try:
                    _apply(state, json.loads(line))
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    continue  # it was being written when a build was killed
        return state

    def _load(self) -> State:
        try:
            data = json.loads(read_own(self._file))
            if data["format"] != _FORMAT:
                return State()
            return State(
                models={name: _published(value) for name, value in data["models"].items()},
                shared=_texts(data["shared"]),
                replaced=_texts(data["replaced"]),
                hashes={name: (StatKey(*key), digest) for name, (key, digest) in data["hashes"].items()},
                glances=_glances(data.get("glances", {})),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return State()

    def record(self, state: State, name: str) -> None:
        """Note in the journal what is known of one model now, which costs the same however many there are; `save`
        brings it all together. Raises TfjsBuildError."""
        published = state.models[name]
        line = {"model": name, **vars(published), "shared": state.shared, "replaced": state.replaced}
        try:
            self.create()
            self._replace_foreign(self._journal)
            with open_own(self._journal, os.O_RDWR | os.O_CREAT) as file:
                torn = False
                if file.seek(0, os.SEEK_END):
                    file.seek(-1, os.SEEK_END)
                    torn = file.read(1) != b"\n"  # a kill has cut a line short: this one is not to be part of it
                file.write(b"\n" * torn + json.dumps(line).encode() + b"\n")
        except OSError as error:
            raise TfjsBuildError(f"cannot write {self._journal}: {error.strerror}") from error

    def save(self, state: State) -> None:
        """Write the state atomically, if it says anything new; raises TfjsBuildError."""
        # Hashes of files that nobody asks for any more would pile up for ever.
        used = {name: entry for name, entry in state.hashes.items() if name in state._used or Path(name).exists()}
        data: dict[str, Any] = {
            "format": _FORMAT,
            "models": {name: vars(published) for name, published in state.models.items()},
            "shared": state.shared,
            "replaced": state.replaced,
            "hashes": used,
            "glances": {name: glance for name, glance in state.glances.items() if name in state.models},
        }
        # Not sorted: the order of a fingerprint's fields is part of its hash. On one line: json's code in C knows no
        # other, and that in Python took a second for 2,000 models. In ASCII: paths need not be UTF-8.
        content = json.dumps(data).encode()
        staged = self.path / f"{self._file.name}.{os.getpid()}.tmp"
        try:
            self.create()
            with contextlib.suppress(OSError):
                if read_own(self._file) == content:
                    self._journal.unlink(missing_ok=True)
                    return
            remove_own(staged)
            write_file(staged, content)
            self._replace_foreign(self._file)
            place(staged, self._file)
            self._replace_foreign(self._journal)
            self._journal.unlink(missing_ok=True)
        except OSError as error:
            raise TfjsBuildError(
                f"cannot write {self._file}: {error.strerror}", hint="What was published is not recorded."
            ) from error
        finally:
            with contextlib.suppress(OSError):
                staged.unlink(missing_ok=True)

    def _replace_foreign(self, path: Path) -> None:
        """Delete what is in the place of a file of ours and is none."""
        if path.is_symlink() or (path.exists() and not path.is_file()):
            remove_own(path)

    def create(self) -> None:
        """Make the folder, with a .gitignore that keeps it out of version control; raises OSError.

        A folder that is a link is refused: it may have come with a checkout, and what lies in it is deleted.
        """
        if self.path.is_symlink():
            raise OSError(errno.ELOOP, "it is a link; delete it", str(self.path))
        self.path.mkdir(exist_ok=True)
        ignore = self.path / ".gitignore"
        if ignore.is_symlink():
            ignore.unlink()
        if not ignore.exists() or not ignore.stat().st_size:  # a kill may have left it empty
            staged = self.path / f".gitignore.{os.getpid()}.tmp"
            staged.write_text("*\n", encoding="utf-8")
            place(staged, ignore)

    def remove(self) -> None:
        """Delete the state, and the folder and all in it unless another manifest has its state there. Who calls it has
        the lock; who waits for that finds out that it is gone. Raises TfjsBuildError."""
        try:
            for path in (self._file, self._journal):
                self._replace_foreign(path)
                path.unlink(missing_ok=True)
        except OSError as error:
            raise TfjsBuildError(f"cannot delete {error.filename}: {error.strerror}") from error
        if any(self.path.glob("*.state.json")) or any(self.path.glob("*.journal")):
            return
        lock = self.path / "lock"
        for entry in list(self.path.iterdir()):
            if entry != lock:
                remove_own(entry)
        # The lock goes last: who takes a new one meanwhile has the folder to itself.
        with contextlib.suppress(OSError):
            lock.unlink(missing_ok=True)
        remove_if_empty(self.path)

    @contextlib.contextmanager
    def lock(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the folder's lock, so that one build at a time publishes; calls `waiting` once if it has to wait."""
        lock = self.try_lock()
        if lock is None:
            waiting()
            lock = self.try_lock(wait=True)
        with lock or contextlib.nullcontext():
            yield

    def try_lock(self, *, wait: bool = False) -> IO[bytes] | None:
        """Take the lock and return the file that holds it until it is closed; None where another process has it,
        unless `wait`.

        The operating system releases the lock of a process that ends, however it ends.
        """
        try:
            self.create()
            lock = self.path / "lock"
            if lock.is_symlink():
                lock.unlink()
            elif lock.is_dir():
                remove_own(lock)
            file = open_own(lock, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and self.path.parent.is_dir():  # deleted as we came, by a `clean`
                return self.try_lock(wait=wait)
            raise TfjsBuildError(f"cannot write {error.filename or self.path}: {error.strerror}") from error
        if wait:
            _wait_lock(file.fileno())
        elif not _try_lock(file.fileno()):
            file.close()
            return None
        if not _is_still(lock, file.fileno()):  # somebody deleted the folder: the lock of a lost file keeps nobody out
            file.close()
            return self.try_lock(wait=wait)
        for left in (self.staging, *self.path.glob("*.tmp"), *self.path.glob(".*.tmp")):  # by a build that was killed
            remove_own(left)
        return file


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one that lies at a path now."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except OSError:
        return False


if os.name == "nt":  # pragma: no cover
    import msvcrt
    import time

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def _wait_lock(descriptor: int) -> None:
        while not _try_lock(descriptor):
            time.sleep(0.05)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _wait_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
