"""What a watched model depends on, on disk: its paths, and a picture of them that shows any change."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tfjs_build.fs import StatKey

if TYPE_CHECKING:
    from tfjs_build.model import Manifest, Model

Picture: TypeAlias = "Mapping[str, StatKey | None]"
"""Stat keys by path; None for what is not there."""

_PARTS = ("", "variables", "assets", "assets.extra")
"""The folders of a SavedModel (and of a TF Hub module) that hold files."""


def model_paths(model: Model) -> list[Path]:
    """Return the files and folders on disk that a model is made from: its source, if that is one, and its labels."""
    source = Path(model.source)
    paths = [source] if source.is_absolute() else []  # others are handles and `python:` references
    return [*paths, model.labels] if isinstance(model.labels, Path) else paths


def template_paths(manifest: Manifest) -> list[Path]:
    """Return the folder of the project's own stub templates, if it has one."""
    return [manifest.templates] if manifest.templates is not None else []


def picture(paths: Sequence[Path]) -> Picture:
    """Take a picture of files, and of what lies in folders."""
    taken: dict[str, StatKey | None] = {}
    for path in paths:
        key = StatKey.of(path)
        if path.is_dir():
            for part in _PARTS:
                taken |= _entries(path / part if part else path)
        else:
            taken[str(path)] = key
    return taken


def _entries(folder: Path) -> dict[str, StatKey | None]:
    try:
        with os.scandir(folder) as entries:
            files = [entry.path for entry in entries if entry.is_file()]
    except OSError:
        return {}
    return {name: StatKey.of(Path(name)) for name in files}
