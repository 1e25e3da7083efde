"""Folders to work in below `.tfjs-build/`: made for one run, and deleted after it."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfjs_build.fs import remove_own

if TYPE_CHECKING:
    from tfjs_build.state import StateFolder

_DAY: Final = 24 * 3600.0


@contextlib.contextmanager
def work_folder(folder: StateFolder, prefix: str) -> Iterator[Path]:
    """Make a folder to work in, whose name begins with `prefix`, and delete it; those that a kill has left are deleted
    after a day. Raises OSError."""
    folder.create()
    for left in folder.path.glob(f"{prefix}*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > _DAY:
            remove_own(left)
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.path))
    try:
        yield made
    finally:
        remove_own(made)
