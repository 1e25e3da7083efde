"""Conversions that were made before, by fingerprint: switching branches back and forth converts nothing twice.

An entry is a folder with the shards, plain and compressed (links to the published files where the file system can), the
unsealed `model.json`, the notes, and a hash over all of it. It may be damaged, or have come with a checkout: what is
not whole, is no regular file, or has another name than a shard of its content counts as not there. Entries that were
not used for the longest time go first.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.fs import make_own, read_own, remove_own, sha256_bytes, sha256_file

if TYPE_CHECKING:
    from tfjs_build.convert.compression import Compressed
    from tfjs_build.convert.shards import Shard
    from tfjs_build.staged import Staged

MOST_BYTES = 512 * 1024 * 1024
INDEX, NOTES, HASH = "model.json", "notes.json", "sha256"


class Cache:
    """The folder of entries, at most `most_bytes` of them; it can be lost without harm, and nothing here fails."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = folder, most_bytes
        self._grown = False

    def get(self, digest: str, staging: Path) -> Staged | None:
        """Return what was made of a fingerprint, with its shards in the folder `staging`; None where it is not there
        or not whole."""
        entry = self.folder / digest
        if self.folder.is_symlink() or not os.path.lexists(entry):  # nothing is deleted where a link leads
            return None
        from tfjs_build.convert import model_json
        from tfjs_build.convert.shards import Shard, compressed_name, shard_name
        from tfjs_build.staged import Staged

        try:
            if entry.is_symlink():
                raise ValueError(f"{entry} leads elsewhere")
            index, notes = read_own(entry / INDEX), read_own(entry / NOTES)
            if read_own(entry / HASH) != entry_hash(digest, index, notes):
                raise ValueError(f"{entry} was edited")
            metadata = model_json.unsealed(index)
            make_own(staging)
            shards, compressed = [], []
            for name, sha256 in metadata.shards.items():
                if name != shard_name(sha256):
                    raise ValueError(f"{name!r} is not the name of a shard")
                path = staging / name
                _link(entry / name, path)
                if sha256_file(path) != sha256:
                    raise ValueError(f"{path} was edited")
                shards.append(Shard(name, path, sha256, path.stat().st_size))
                if name in metadata.compressed:
                    beside = staging / compressed_name(name)
                    _link(entry / beside.name, beside)
                    compressed.append(_compressed(shards[-1], beside))
            os.utime(entry)
            return Staged(metadata, shards, index, texts(json.loads(notes)), compressed)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            remove_own(entry)
            return None

    def put(self, digest: str, staged: Staged) -> None:
        """Keep a conversion, before its shards are moved to where they are published."""
        size = sum(file.nbytes for file in staged.files)
        entry = self.folder / digest
        if size > self.most_bytes or (entry.is_dir() and not entry.is_symlink()):
            return
        unfinished = self.folder / f"{digest}.{os.getpid()}.tmp"
        try:
            make_own(self.folder)
            remove_own(entry)
            unfinished.mkdir()
            for file in staged.files:
                _link(file.path, unfinished / file.name)
            notes = json.dumps(list(staged.notes)).encode()
            (unfinished / INDEX).write_bytes(staged.model_json)
            (unfinished / NOTES).write_bytes(notes)
            (unfinished / HASH).write_bytes(entry_hash(digest, staged.model_json, notes))
            unfinished.rename(entry)
            self._grown = True
        except OSError:  # a full disk, say: what matters is that the model is published
            remove_own(unfinished)

    def grown(self) -> None:
        """Note that entries came from elsewhere, so that `prune` looks."""
        self._grown = True

    def prune(self) -> None:
        """Delete the entries that were not used for the longest time until the rest fits; and what a kill left."""
        if not self._grown:
            return
        self._grown = False
        found: list[tuple[float, Path, int]] = []
        with contextlib.suppress(OSError):  # another process cleans up as well, say
            for entry in list(self.folder.iterdir()):
                if entry.suffix == ".tmp" or entry.is_symlink() or not entry.is_dir():
                    remove_own(entry)
                else:
                    found.append((entry.stat().st_mtime, entry, _size(entry)))
        room = self.most_bytes
        for _, entry, size in sorted(found, reverse=True):
            room -= size
            if room < 0:
                remove_own(entry)


def texts(value: object) -> list[str]:
    """Return the notes of an entry; raises TypeError for what is no list of texts."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise TypeError("not a list of texts")
    return value


def entry_hash(digest: str, index: bytes, notes: bytes) -> bytes:
    """Return the hash over an entry: `index` has the hashes of its shards."""
    parts = [digest, sha256_bytes(index), sha256_bytes(notes)]
    return sha256_bytes("\n".join(parts).encode()).encode()


def _compressed(shard: Shard, path: Path) -> Compressed:
    """Return the `.gz` of a shard; raises ValueError where it is none, and OSError."""
    from tfjs_build.convert.compression import Compressed, content_hash

    if content_hash(path, shard.nbytes) != shard.sha256:
        raise ValueError(f"{path} was edited")
    return Compressed(shard, path, path.stat().st_size)


def _size(entry: Path) -> int:
    return sum(file.lstat().st_size for file in entry.iterdir())


def _link(source: Path, target: Path) -> None:
    """Give a regular file a second name, or copy it where the file system has no such thing; raises OSError."""
    if not stat.S_ISREG(source.lstat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(source))
    target.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)
