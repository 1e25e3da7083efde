"""Files: atomic writes, content hashes, and stat keys that tell cheaply whether a file may have changed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

_READ_BYTES = 1 << 20
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
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(view[:count])
    return digest.hexdigest()


@dataclass(frozen=True)
class StatKey:
    """What `stat` says of a file; equal keys mean equal content, unless the key was racy when taken."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @staticmethod
    def of(path: Path) -> StatKey | None:
        """Return the key of a file, or None where there is none."""
        try:
            stat = path.stat()
        except OSError:
            return None
        return StatKey(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)

    @property
    def racy(self) -> bool:
        """Whether the file was changed so recently that a further change could leave the same key."""
        return time.time_ns() - max(self.mtime_ns, self.ctime_ns) < _RACY_NS


def place(staged: Path, target: Path) -> None:
    """Move a finished file to `target` atomically, replacing what is there; raises OSError.

    Readers see the old file or the new one. Across file systems the content is copied beside the target first.
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
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        staged.unlink()


def stage_if_changed(target: Path, content: bytes, staging: Path) -> Path | None:
    """Write what is to become the small file `target` into the folder `staging`, and return it, for `place`.

    None for a file that already has this content: it is left alone, so that its mtime stays and watchers stay quiet.
    Raises OSError.
    """
    if read_or_none(target) == content:
        return None
    staging.mkdir(parents=True, exist_ok=True)
    staged = staging / f"{os.getpid()}-{sha256_bytes(os.fsencode(target))[:16]}"
    staged.write_bytes(content)
    return staged


def read_or_none(path: Path) -> bytes | None:
    """Return a file's content, or None where there is no readable file."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def remove_if_empty(folder: Path) -> None:
    """Remove a folder in which nothing is left."""
    with contextlib.suppress(OSError):
        folder.rmdir()
