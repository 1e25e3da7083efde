"""`tfjs-build doctor`: what this machine and this project have, and what is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.bugs import versions
from tfjs_build.commands import load_manifest
from tfjs_build.errors import ManifestError, ModelError, NoTensorFlowError
from tfjs_build.reporters.printable import printable

if TYPE_CHECKING:
    import argparse

    from tfjs_build.model import Manifest
    from tfjs_build.reporters import Reporter

_NEEDED = ("yaml", "numpy", "h5py", "jinja2", "google.protobuf", "watchdog")


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Show what was found; 1 where something stands in the way of a build."""
    report.say(versions())
    code = 0
    for good, text in (*_machine(), *_project(arguments)):
        report.say(f"{'ok ' if good else 'NO '} {text}")
        code = code if good else 1
    return code


def _machine() -> Iterator[tuple[bool, str]]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield sys.version_info >= (3, 10), f"Python {version} (3.10 or newer is needed)"
    for name in _NEEDED:
        yield _importable(name), f"the package {name} can be imported"
    node = shutil.which("node")
    yield True, f"Node is at {node}" if node else "Node is not on the PATH; only your bundler needs it"


def _project(arguments: argparse.Namespace) -> Iterator[tuple[bool, str]]:
    from tfjs_build.sources.resolve import resolve

    try:
        manifest = load_manifest(arguments)
    except ManifestError as error:
        yield False, str(error)
        return
    yield True, f"{printable(str(manifest.path))} is a manifest with {len(manifest.models)} models"
    yield _tensorflow(manifest)
    yield _verifying(manifest)
    for folder in filter(None, (manifest.output, manifest.stubs)):
        yield _writable(folder), f"{printable(str(folder))} can be written"
    if manifest.cache is not None and "://" in manifest.cache.place:
        yield _importable("fsspec"), 'fsspec can be imported, for the shared cache: pip install "tfjs-build[cache]"'
    for model in manifest.models:
        try:
            source = resolve(model)
            for path in source.files.values():
                with path.open("rb"):  # it can be read
                    pass
            yield True, f"{model.name}: a source of the kind {source.kind}"
        except ModelError as error:
            yield (
                False,
                "\n    ".join(filter(None, (f"{model.name}: {printable(error.message)}", printable(error.hint)))),
            )
        except OSError as error:
            yield False, f"{model.name}: cannot read {printable(str(error.filename))}: {error.strerror}"


def _tensorflow(manifest: Manifest) -> tuple[bool, str]:
    """Return which TensorFlow is started for models that need it, and whether that is as it should be."""
    from tfjs_build.convert.tensorflow.python import find_python
    from tfjs_build.sources.registry import expected

    kinds = [(model, expected(model.source, model.input_format)) for model in manifest.models]
    needed = any(model.engine == "tensorflow" or (kind is not None and kind.runs_code) for model, kind in kinds)
    try:
        return True, f"TensorFlow, for models with code of their own, is that of {find_python(manifest.root)}"
    except NoTensorFlowError as error:
        if needed:
            return False, f"{printable(error.message)}\n    {printable(error.hint)}"
        return True, "TensorFlow is not installed; no model here needs it"


def _verifying(manifest: Manifest) -> tuple[bool, str]:
    """Return what would run models before they are published, and whether that lacks something that is asked for."""
    from tfjs_build.paths import folders_of
    from tfjs_build.verify import browsers, project

    asked = any(model.verify.mode != "none" for model in manifest.models)
    modules = project.find(folders_of(manifest))
    if modules is None:
        return not asked, f"no {project.TFJS} in a node_modules here: `verify` needs it (npm install {project.TFJS})"
    node, browser = shutil.which("node"), browsers.find()
    found = " and ".join(printable(str(each)) for each in (node, browser and browser.path) if each)
    if not found:
        return not asked, "neither Node nor a browser here: `verify` has nothing to run models with"
    return True, f"`verify` runs {project.TFJS} {printable(modules.tfjs.version)} in {found}"


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _writable(folder: Path) -> bool:
    while not folder.exists():
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)
