"""Unpacks a module's `.tar.gz`, which is someone else's data.

Nothing is written outside the target folder: no absolute paths, no `..`, no links or devices. What unpacks to far more
than its packed size is refused.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from tfjs_build.errors import SourceError

_MOST_BYTES: Final = 32 << 30
_HIGHEST_RATIO: Final = 200
_SLACK_BYTES: Final = 64 << 20
_MOST_MEMBERS: Final = 100_000
_CHUNK: Final = 1 << 20


def unpack(archive: Path, target: Path, name: str) -> None:
    """Unpack `archive` into the empty folder `target`; `name` is what messages call it. Raises SourceError."""
    budget = min(_MOST_BYTES, archive.stat().st_size * _HIGHEST_RATIO + _SLACK_BYTES)
    try:
        with tarfile.open(archive, "r:*") as tar:
            for number, member in enumerate(tar):
                if number > _MOST_MEMBERS:
                    raise SourceError(f"{name} has more than {_MOST_MEMBERS:,} files.")
                budget -= member.size
                if budget < 0:
                    raise SourceError(f"{name} unpacks to far more than its size: it looks like an archive bomb.")
                _unpack_member(tar, member, target, name)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeError) as error:
        raise SourceError(
            f"{name} is no tar archive, or is damaged: {error}.", hint="Download the module again."
        ) from error


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, name: str) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or ":" in member.name:
        raise SourceError(f"{name} holds a file outside itself ({member.name!r}) and is not unpacked.")
    place = target.joinpath(*path.parts)
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    if not member.isfile():
        raise SourceError(f"{name} holds something that is no file ({member.name!r}) and is not unpacked.")
    place.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    if source is None:
        return
    with source, place.open("wb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)


def find_module(folder: Path, name: str) -> Path:
    """Return the folder inside `folder` that holds the SavedModel (archives may wrap it). Raises SourceError."""
    for depth in ("", "*/", "*/*/"):
        for file in sorted(folder.glob(f"{depth}saved_model.pb*")):
            return file.parent
    raise SourceError(
        f"{name} holds no SavedModel.",
        hint="TF Lite and TensorFlow.js modules are other formats; choose the module's TensorFlow 2 or 1 variation.",
    )
