"""Where a model's files are: one place that knows the layout of the output and stub folders."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.events import Project
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.model import Manifest


@record(frozen=True)
class Layout:
    """The places of one model's files."""

    manifest: Manifest
    name: str

    @property
    def root(self) -> Path:
        """The manifest's folder."""
        return self.manifest.root

    @cached_property
    def folder(self) -> Path:
        """The model's output folder."""
        return self.manifest.output / self.name

    @cached_property
    def index(self) -> Path:
        """The model's `model.json`."""
        return self.folder / "model.json"

    @property
    def stubs(self) -> Path | None:
        """The folder of the stubs, None where there are none."""
        return self.manifest.stubs

    def is_stub(self, path: str) -> bool:
        """Whether a file, named as it is recorded, lies in the folder of the stubs."""
        return self.stubs is not None and path.rpartition("/")[0] == _recorded(self.root, self.stubs)

    def relative(self, path: Path) -> str:
        """Return a path as it is shown and recorded: relative to the manifest's folder, with forward slashes."""
        return relative(self.manifest, path)


def relative(manifest: Manifest, path: Path) -> str:
    """Return `path` relative to the manifest's folder, with forward slashes."""
    return _relative(manifest.root, path)


@lru_cache(8)  # all models of a manifest ask the same
def _recorded(root: Path, stubs: Path) -> str:
    """Return the folder of the stubs as it begins the names that are recorded, nothing for the manifest's own."""
    return _relative(root, stubs / "x").rpartition("/")[0]


def _relative(folder: Path, path: Path) -> str:
    text, root = os.fspath(path), os.path.join(folder, "")  # noqa: PTH118 (with the slash behind it)
    if text.startswith(root) and os.pardir not in text:  # nearly all are: the long way was a fifth of a large no-op
        return text[len(root) :].replace(os.sep, "/")
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def project_event(manifest: Manifest) -> Project:
    """Return what tools need to know of a manifest."""
    return Project(
        manifest=str(manifest.path),
        output=str(manifest.output),
        stubs=None if manifest.stubs is None else str(manifest.stubs),
        public_url=manifest.public_url,
        minimal=manifest.minimal is not None,
        models=tuple(model.name for model in manifest.models),
    )


def folders_of(manifest: Manifest) -> tuple[Path, ...]:
    """Return the folders whose modules import TensorFlow.js, the likeliest first."""
    return tuple(folder for folder in (manifest.stubs, manifest.output, manifest.root) if folder is not None)
