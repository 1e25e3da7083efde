"""Preloaded by the workers of the tests: a conversion that stands still, for as long as there is a pipe `gate` in the
folder TFJS_BUILD_GATE; and another version of tfjs-build, where TFJS_BUILD_OTHER says which."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tfjs_build.cluster import desk

_spawn = desk.spawn


def _gated(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process that never answers, and write our id and its own into the pipe, which one reader opens."""
    folder = Path(os.environ["TFJS_BUILD_GATE"])
    try:
        (folder / "gate").rename(folder / "taken")  # by one of all that come
    except FileNotFoundError:
        return _spawn(command)
    process = _spawn([sys.executable, "-c", "import sys; sys.stdin.buffer.read()"])
    (folder / "taken").write_text(f"{os.getpid()} {process.pid}")
    return process


desk.spawn = _gated
if version := os.environ.get("TFJS_BUILD_OTHER"):
    vars(desk)["__version__"] = version
