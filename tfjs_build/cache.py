"""Conversions that were made before, by fingerprint: switching branches back and forth converts nothing twice.

An entry is a folder with the shards (links to the published files where the file system can), the unsealed
`model.json` and the notes. What is read is checked against its hashes; the least recently used entries go first.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.fs import read_or_none, sha256_file

if TYPE_CHECKING:
    from tfjs_build.staged import Staged

MOST_BYTES = 512 * 1024 * 1024
_INDEX, _NOTES = "model.json", "notes.json"


class Cache:
    """The folder of entries, at most `most_bytes` of them; it can be lost without harm, and nothing here fails."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = folder, most_bytes
        self._grown = False

    def get(self, digest: str, staging: Path) -> Staged | None:
        """Return what was made of a fingerprint, with its shards in the folder `staging`; None where it is not there
        or not whole."""
        entry = self.folder / digest
        index, notes = read_or_none(entry / _INDEX), read_or_none(entry / _NOTES)
        if index is None or notes is None:
            return None
        from tfjs_build.convert import model_json
        from tfjs_build.convert.shards import Shard
        from tfjs_build.staged import Staged

        try:
            metadata = model_json.unsealed(index)
            staging.mkdir(parents=True, exist_ok=True)
            shards = []
            for name, sha256 in metadata.shards.items():
                path = staging / name
                _link(entry / name, path)
                if sha256_file(path) != sha256:
                    raise ValueError(f"{path} was edited")
                shards.append(Shard(name, path, sha256, path.stat().st_size))
            os.utime(entry)
            return Staged(metadata, shards, index, json.loads(notes))
        except (OSError, ValueError, KeyError, TypeError):
            shutil.rmtree(entry, ignore_errors=True)
            return None

    def put(self, digest: str, staged: Staged) -> None:
        """Keep a conversion, before its shards are moved to where they are published."""
        size = sum(shard.nbytes for shard in staged.shards)
        entry = self.folder / digest
        if size > self.most_bytes or entry.exists():
            return
        unfinished = self.folder / f"{digest}.{os.getpid()}.tmp"
        try:
            unfinished.mkdir(parents=True)
            for shard in staged.shards:
                _link(shard.path, unfinished / shard.name)
            (unfinished / _INDEX).write_bytes(staged.model_json)
            (unfinished / _NOTES).write_text(json.dumps(list(staged.notes)), encoding="utf-8")
            unfinished.rename(entry)
            self._grown = True
        except OSError:  # a full disk, say: what matters is that the model is published
            shutil.rmtree(unfinished, ignore_errors=True)

    def prune(self) -> None:
        """Delete the entries that were not used for the longest time until the rest fits; and what a kill left."""
        if not self._grown:
            return
        self._grown = False
        found: list[tuple[float, Path, int]] = []
        for entry in self.folder.iterdir():
            if entry.suffix == ".tmp":
                shutil.rmtree(entry, ignore_errors=True)
            else:
                found.append((entry.stat().st_mtime, entry, _size(entry)))
        room = self.most_bytes
        for _, entry, size in sorted(found, reverse=True):
            room -= size
            if room < 0:
                shutil.rmtree(entry, ignore_errors=True)


def _size(entry: Path) -> int:
    return sum(file.stat().st_size for file in entry.iterdir())


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no such thing."""
    target.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)
