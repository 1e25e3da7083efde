"""Where a conversion finds TensorFlow, and what it may ask for."""

from __future__ import annotations

from pathlib import Path

from tfjs_build.records import record


@record(frozen=True)
class Place:
    """`address` is a Unix socket that a service listens on, `root` the folder of the project."""

    address: str
    root: Path
