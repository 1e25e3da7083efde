"""What a watched model depends on, on disk: its paths, and a picture of them that shows any change."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from tfjs_build.fs import StatKey
from tfjs_build.sources.registry import KINDS, expected

if TYPE_CHECKING:
    from tfjs_build.model import Manifest, Model

Picture: TypeAlias = "Mapping[str, StatKey | None]"
"""Stat keys by path; None for what is not there."""

PARTS: Final = tuple(dict.fromkeys(part for kind in KINDS for part in kind.folders))
"""The folders in a source, of whatever kind it is, that hold files of it."""


def model_paths(model: Model) -> list[Path]:
    """Return the files and folders on disk that a model is made from: its source, if that is one, labels, samples."""
    source = Path(model.source)
    paths = [source] if source.is_absolute() else []  # others are handles and `python:` references
    return [*paths, *model.beside]


def watched_paths(model: Model) -> list[Path]:
    """Return what is looked at for changes: what a model is made from, what may lie beside a source that is one file of
    several, and the code that it runs."""
    paths = model_paths(model)
    kind = expected(model.source, model.input_format) if paths and str(paths[0]) == model.source else None
    return [*paths, *(kind.beside(paths[0]) if kind is not None else ()), *code_paths(model)]


def code_paths(model: Model) -> list[Path]:
    """Return the project's own Python files that a model runs, as far as they can be told now, and where those would be
    that it names and that are not there."""
    if model.code is None:
        return []
    kind = expected(model.source, model.input_format)
    names = [*(kind.modules(model.source) if kind is not None else ()), *model.code.imports]
    from tfjs_build.sources.modules import project_files, wanted_files

    return list(dict.fromkeys([*project_files(model.code, names).values(), *wanted_files(model.code, names)]))


def template_paths(manifest: Manifest) -> list[Path]:
    """Return the folder of the project's own stub templates, if it has one."""
    return [manifest.templates] if manifest.templates is not None else []


def picture(paths: Sequence[Path]) -> Picture:
    """Take a picture of files, and of what lies in folders."""
    taken: dict[str, StatKey | None] = {}
    for path in paths:
        key = StatKey.of(path)
        if path.is_dir():
            for folder in (path, *(path / part for part in PARTS)):
                taken |= _entries(folder)
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
