"""Folders that belong to one run of the tests, so that two runs at once do not disturb each other."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def own_folder(parent: Path, name: str) -> Path:
    """Return `parent/<name>-<pid>`, which need not exist, and delete what ended runs have left under such names.

    It stays when this run ends, to be looked at, until the next run.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for other in parent.glob(f"{name}-*"):
        pid = other.name.removeprefix(f"{name}-")
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(other, ignore_errors=True)
    return parent / f"{name}-{os.getpid()}"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
