"""Whether a file is all there, told from the file itself where its format says so.

A `.keras` file ends with its zip directory; an HDF5 superblock holds the file's length. Nothing here proves that a file
is sound, only that nobody is still writing it.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Literal

Finding = Literal["complete", "likely", "doubtful", "incomplete", "missing"]
"""What can be seen of a source: complete, as the format proves; complete, by all that can be seen; perhaps not
complete; certainly not complete; not there."""

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


def file_finding(path: Path) -> Finding:
    """Return what can be seen of a file; raises OSError."""
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
