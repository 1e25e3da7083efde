"""`tfjs-build init`: a first tfjs.yaml, with the models found here and the folders that the project's tools expect."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import UsageError
from tfjs_build.names import proposal

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter

_SKIPPED = {"node_modules", "dist", "build", "public", "static", "venv", "__pycache__", "site-packages"}
_MOST_MODELS = 20

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
    target = root / "tfjs.yaml"
    if target.exists() and not arguments.force:
        raise UsageError("there is a tfjs.yaml here already", hint="`tfjs-build init --force` replaces it.")
    text = _manifest(root)
    target.write_text(text, encoding="utf-8")
    report.print(text.rstrip())
    return 0


def _manifest(root: Path) -> str:
    output = "public/models"
    if (root / "angular.json").exists():
        output = "src/assets/models"
    elif (root / "svelte.config.js").exists():
        output = "static/models"
    language = "typescript" if (root / "tsconfig.json").exists() else "javascript"
    text = _HEADER.format(output=output, stubs="src/models", language=language)
    taken: set[str] = set()
    for path in _models(root):
        name = _name(path, taken)
        taken.add(name)
        text += f"  {name}:\n    source: {json.dumps(path.relative_to(root).as_posix(), ensure_ascii=False)}\n"
    return text if taken else text.replace("models:", "models: {}") + "#  my-model:\n#    source: path/to/model.keras\n"


def _models(root: Path) -> Iterator[Path]:
    """Find Keras files and SavedModels below the working directory, nearest first."""
    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        if "saved_model.pb" in files:
            found.append(Path(folder))
            folders.clear()
            continue
        found += [Path(folder) / name for name in sorted(files) if name.endswith((".keras", ".h5"))]
    yield from sorted(found, key=lambda path: (len(path.parts), path))[:_MOST_MODELS]


def _name(path: Path, taken: set[str]) -> str:
    return proposal(path.name.split(".")[0].replace("_", "-").lower(), taken)
