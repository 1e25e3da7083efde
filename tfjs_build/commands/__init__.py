"""The commands, one thin function a file: `run(arguments, reporter)` returns the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from tfjs_build.model import Manifest


def load_manifest(arguments: argparse.Namespace) -> Manifest:
    """Load the manifest that the command line names, or the nearest; raises ManifestError."""
    from tfjs_build.manifest import find, load

    return load(arguments.manifest or find(Path.cwd()), loaders=getattr(arguments, "loaders", None))
