"""Whether a source is all there, told from the files themselves where their format says so.

A `.keras` file ends with its zip directory; an HDF5 superblock holds the file's length; a SavedModel needs every data
shard that its names count. Nothing here proves that a file is sound, only that nobody is still writing it.
"""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjs_build.watch.machine import Finding

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_TABLE_MAGIC = bytes.fromhex("57fb808b247547db")
"""Ends a checkpoint's index, which is a LevelDB table (tensorflow/core/lib/io/format.h, kTableMagicNumber)."""

_SHARD = re.compile(r"(.*)\.data-(\d{5})-of-(\d{5})")


def probe(path: Path) -> Finding:
    """Return what can be seen of a source, a file or a folder."""
    try:
        return _saved_model(path) if path.is_dir() else _file(path)
    except FileNotFoundError:
        return "missing"
    except OSError:  # what is wrong with it, the build tells
        return "doubtful"


def _file(path: Path) -> Finding:
    if not path.is_file() and path.exists():  # a pipe, say, on which to wait would be for ever
        return "doubtful"
    with path.open("rb") as file:
        start = file.read(64)
        size = file.seek(0, os.SEEK_END)
    if start.startswith(_HDF5_MAGIC):
        return "complete" if _hdf5_end(start) == size else "incomplete"
    if start.startswith(b"PK"):
        return "complete" if zipfile.is_zipfile(path) else "incomplete"
    return "likely" if size else "doubtful"


def _hdf5_end(start: bytes) -> int | None:
    """Return the end-of-file address in an HDF5 superblock (HDF5 File Format Specification, II.A, versions 0 to 3)."""
    version = start[8] if len(start) > 8 else None
    if version in (0, 1):
        width = start[13]
        at = 24 + (4 if version == 1 else 0) + 2 * width  # after the addresses of the base and of free space
    elif version in (2, 3):
        width = start[9]
        at = 12 + 2 * width  # after the addresses of the base and of the extension
    else:
        return None
    return int.from_bytes(start[at : at + width], "little") if len(start) >= at + width else None


def _saved_model(folder: Path) -> Finding:
    program = folder / "saved_model.pb"
    if not program.exists():
        return "likely" if any(_others(folder)) else "incomplete"
    written = program.stat()
    if not written.st_size:
        return "incomplete"
    variables = folder / "variables"
    names = [path.name for path in variables.iterdir()] if variables.is_dir() else []
    indices = [path for name in names if name.endswith(".index") and (path := variables / name).is_file()]
    if any("_temp" in name or name.endswith(".tempstate") for name in names):
        return "incomplete"
    if any(not _is_table(index) for index in indices) or not _has_all_shards(names, indices):
        return "incomplete"
    # TensorFlow writes the variables first, then the program, then its fingerprint: another order is that of a save
    # under way, or of a copy.
    fingerprint = folder / "fingerprint.pb"
    last = fingerprint.stat().st_mtime_ns if fingerprint.exists() else written.st_mtime_ns
    in_order = all(index.stat().st_mtime_ns <= written.st_mtime_ns for index in indices) and indices
    return "likely" if in_order and written.st_mtime_ns <= last else "doubtful"


def _others(folder: Path) -> list[Path]:
    """Return the files that make a folder a model of another kind, or one that is refused for what it is."""
    return [path for name in ("saved_model.pbtxt", "model.json", "tfhub_module.pb") if (path := folder / name).exists()]


def _is_table(index: Path) -> bool:
    with index.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(_TABLE_MAGIC)))
        return file.read() == _TABLE_MAGIC


def _has_all_shards(names: list[str], indices: list[Path]) -> bool:
    shards = [match for name in names if (match := _SHARD.fullmatch(name))]
    prefixes = {match[1] for match in shards}
    counts = {(match[1], match[3]) for match in shards}
    whole = all(sum((m[1], m[3]) == count for m in shards) == int(count[1]) for count in counts)
    return whole and {index.name.removesuffix(".index") for index in indices} == prefixes
