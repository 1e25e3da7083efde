"""Files: atomic writes, content hashes, and stat keys that tell cheaply whether a file may have changed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from io import FileIO
from pathlib import Path
from typing import IO, NamedTuple

_READ_BYTES = 1 << 20
_AT_ONCE = 8
"""Files that are synced, or worked on otherwise, at a time."""

_RACY_NS = 3_000_000_000
"""A file changed this recently may change again without its mtime showing it (coarse file system clocks)."""


def sha256_bytes(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hex digits; raises OSError."""
    digest = hashlib.sha256()
    buffer = bytearray(_READ_BYTES)
    view = memoryview(buffer)
    with open_regular(path) as file:
        while count := file.readinto(buffer):
            digest.update(view[:count])
    return digest.hexdigest()


class StatKey(NamedTuple):
    """What `stat` says of a file; equal keys mean equal content, unless the key was racy when taken."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @staticmethod
    def of(path: Path) -> StatKey | None:
        """Return the key of a file, or None where there is none."""
        try:
            return StatKey.of_result(os.stat(path))  # noqa: PTH116 (thousands of files are looked at)
        except OSError:
            return None

    @staticmethod
    def of_result(found: os.stat_result) -> StatKey:
        """Return the key that is in what `stat` said."""
        return StatKey(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)

    @property
    def racy(self) -> bool:
        """Whether the file was changed so recently that a further change could leave the same key."""
        return racy(max(self.mtime_ns, self.ctime_ns))


def racy(changed_ns: int) -> bool:
    """Whether a file that was changed then may change again without its times showing it."""
    return time.time_ns() - changed_ns < _RACY_NS


def place(staged: Path, target: Path) -> None:
    """Move a finished file to `target` atomically, replacing what is there; raises OSError.

    Readers see the old file or the new one. Across file systems the content is copied beside the target first, and
    synced: that of `staged` is the caller's to sync, where a power cut must not tear it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        staged.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            shutil.copyfile(staged, beside)
            sync_files([beside])
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        staged.unlink()


def sync_files(paths: Iterable[Path]) -> None:
    """Have the content of files on the disk, for a power cut may come right after they are given their names; raises
    OSError.

    All at once: a file system then writes its journal once for all of them, which is what takes the time. On macOS this
    hands them to the drive, which may still reorder what is in its cache; F_FULLFSYNC, which empties that, would take
    longer than the conversion, and what it would save is made again by the next build.
    """
    all_at_once(_sync_file, list(paths))


def begin_syncing(descriptor: int) -> None:
    """Have the system begin to write a file to the disk, where it can be asked to: less is left to wait for."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def sync_folders(folders: Iterable[Path]) -> None:
    """Have on the disk which files folders hold, as far as the system can be asked for it; raises OSError where the
    disk fails. Of folders that are gone, those that they were in."""
    if os.name != "nt":
        there = {next(each for each in (folder, *folder.parents) if each.is_dir()) for folder in folders}
        all_at_once(_sync_folder, list(there))


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    try:
        _sync_file(folder)
    except OSError as error:  # it cannot be read, say, or is on a file system that has no such thing
        if error.errno in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
            raise


def all_at_once(work: Callable[[Path], None], paths: Sequence[Path]) -> None:
    """Call `work` for each path, some at a time; raises the first OSError."""
    import threading  # which a build with nothing to do has no time for

    waiting, errors = list(paths), list[OSError]()

    def go_on() -> None:
        while waiting and not errors:
            try:
                work(waiting.pop())
            except IndexError:  # another took the last one
                return
            except OSError as error:
                errors.append(error)

    # Threads that are over before this returns: a build forks.
    threads = [threading.Thread(target=go_on) for _ in range(min(len(paths), _AT_ONCE) - 1)]
    for thread in threads:
        thread.start()
    go_on()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def stage_if_changed(target: Path, content: bytes, staging: Path) -> Path | None:
    """Write what is to become the small file `target` into the folder `staging`, and return it, for `place`.

    None for a file that already has this content: it is left alone, so that its mtime stays and watchers stay quiet.
    Raises OSError.
    """
    if read_or_none(target) == content:
        return None
    staging.mkdir(parents=True, exist_ok=True)
    staged = staging / f"{os.getpid()}-{sha256_bytes(os.fsencode(target))[:16]}"
    write_file(staged, content)
    return staged


def write_file(path: Path, content: bytes) -> None:
    """Write a file; raises OSError, which names it also where the disk is full."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def read_or_none(path: Path) -> bytes | None:
    """Return a file's content, or None where there is no readable file."""
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError:
        return None


def open_regular(path: Path) -> FileIO:
    """Open a file for reading; raises OSError for what is none: a pipe would be waited for without end."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(number, os.strerror(number) if number == errno.EISDIR else "not a regular file", str(path))
    return FileIO(descriptor)


def read_own(path: Path) -> bytes:
    """Return the content of a file of ours, which is no link and no pipe; raises OSError for what is.

    What lies in `.tfjs-build` may have come with a checkout: a link would lead elsewhere, and a pipe have no end.
    """
    with open_own(path, os.O_RDONLY) as file:
        return file.read()


def open_own(path: Path, flags: int) -> IO[bytes]:
    """Open a regular file that is no link; raises OSError for what is something else."""
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "r+b")


def make_own(folder: Path) -> None:
    """Make a folder of ours; a link or a file in its place is replaced. Raises OSError."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def write_own(path: Path, content: bytes) -> None:
    """Write a file of ours, whole or not at all, and the folder that it is in; raises OSError. Nothing is written where
    a link leads."""
    make_own(path.parent)
    staged = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    remove_own(staged)
    try:
        write_file(staged, content)
        place(staged, path)
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no such thing; raises OSError."""
    with contextlib.suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)


def remove_own(path: Path) -> None:
    """Delete a file or folder of ours as far as that can be; of a link, the link and not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def remove_if_empty(folder: Path) -> None:
    """Remove a folder in which nothing is left."""
    with contextlib.suppress(OSError):
        folder.rmdir()
