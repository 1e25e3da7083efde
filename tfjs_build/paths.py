"""Where a model's files are: one place that knows the layout of the output and stub folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjs_build.model import Manifest


@dataclass(frozen=True)
class Layout:
    """The places of one model's files."""

    manifest: Manifest
    name: str

    @property
    def root(self) -> Path:
        """The manifest's folder."""
        return self.manifest.root

    @property
    def folder(self) -> Path:
        """The model's output folder."""
        return self.manifest.output / self.name

    @property
    def index(self) -> Path:
        """The model's `model.json`."""
        return self.folder / "model.json"

    @property
    def stubs(self) -> Path | None:
        """The folder of the stubs, None where there are none."""
        return self.manifest.stubs

    def is_stub(self, path: Path) -> bool:
        """Whether a file lies in the folder of the stubs."""
        return self.stubs is not None and Path(os.path.normpath(path)).parent == self.stubs

    def relative(self, path: Path) -> str:
        """Return a path as it is shown and recorded: relative to the manifest's folder, with forward slashes."""
        return relative(self.manifest, path)


def relative(manifest: Manifest, path: Path) -> str:
    """Return `path` relative to the manifest's folder, with forward slashes."""
    try:
        return Path(os.path.relpath(path, manifest.root)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()
