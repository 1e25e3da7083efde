"""`tfjs-build init`: a first tfjs.yaml, with the models found here and the folders that the project's tools expect."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build import children
from tfjs_build.bugs import InternalError
from tfjs_build.commands.inspect import inspected
from tfjs_build.errors import Location, ManifestError, ModelError, UsageError
from tfjs_build.events import Note
from tfjs_build.filenames import MANIFEST
from tfjs_build.manifest import parse
from tfjs_build.model import Limits, Model
from tfjs_build.names import proposal
from tfjs_build.pixels import inputs_line
from tfjs_build.sources.registry import KINDS

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter

_SKIPPED = {"node_modules", "dist", "build", "public", "static", "venv", "__pycache__", "site-packages"}
_MOST_MODELS = 20
_PATIENCE = 20.0
"""Seconds for a look into one model."""

_HEADER = """\
# yaml-language-server: $schema=tfjs.schema.json
# The schema for your editor: tfjs-build schema > tfjs.schema.json
version: 1
output: {output}
stubs: {stubs}
language: {language}
models:
"""


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Write tfjs.yaml into the working directory."""
    root = Path.cwd()
    target = root / MANIFEST
    if target.exists() and not arguments.force:
        raise UsageError("there is a tfjs.yaml here already", hint="`tfjs-build init --force` replaces it.")
    text, left_out = _manifest(root)
    target.write_text(text, encoding="utf-8")
    report.say(text.rstrip())
    for source in left_out:
        report.event(Note(None, f"left out, for a manifest cannot name it: {source}"))
    return 0


def _manifest(root: Path) -> tuple[str, list[str]]:
    """Return the manifest's text, and the sources whose names it cannot hold."""
    output = "public/models"
    if (root / "angular.json").exists():
        output = "src/assets/models"
    elif (root / "svelte.config.js").exists():
        output = "static/models"
    language = "typescript" if (root / "tsconfig.json").exists() else "javascript"
    header = text = _HEADER.format(output=output, stubs="src/models", language=language)
    taken: set[str] = set()
    left_out = []
    for path in _models(root):
        name = _name(path, taken)
        source = path.relative_to(root).as_posix()
        entry = f"  {name}:\n    source: {json.dumps(source, ensure_ascii=False)}\n"
        try:
            parse(header + entry, root / MANIFEST)
        except ManifestError:
            left_out.append(source)
            continue
        taken.add(name)
        text += entry + _pictures(path)
        if len(taken) == _MOST_MODELS:
            break
    if not taken:
        text = text.replace("models:", "models: {}") + "#  my-model:\n#    source: path/to/model.keras\n"
    return text, left_out


def _models(root: Path) -> Iterator[Path]:
    """Find Keras files and SavedModels below the working directory, nearest first."""
    found: list[Path] = []
    endings = tuple(ending for kind in KINDS for ending in kind.listed_files)
    inside = {name for kind in KINDS for name in kind.listed_folders}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        if inside.intersection(files):
            found.append(Path(folder))
            folders.clear()
            continue
        found += [Path(folder) / name for name in sorted(files) if name.lower().endswith(endings)]
    yield from sorted(found, key=lambda path: (len(path.parts), path))


def _pictures(path: Path) -> str:
    """Return the line that lets pages give a model pictures, a comment unless the model itself says how."""
    model = Model(path.name, str(path), Location(path, 1, 1), limits=Limits(time=_PATIENCE))
    try:
        found = children.call(model.limits, inspected, model)
    except (ModelError, InternalError):
        return ""  # what is wrong with it, `tfjs-build build` tells
    if not found.pictures:
        return ""
    line = inputs_line(found.pictures)
    if all(each["sure"] for each in found.pictures):
        return f"    {line}\n"
    return f"    # {line}  # with the range it was trained on, pages can give it pictures\n"


def _name(path: Path, taken: set[str]) -> str:
    return proposal(path.name.split(".")[0].replace("_", "-").lower(), taken)
