"""A project with the model of examples/digits and its loaders, for code of the pages, which esbuild bundles."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.conversion.folders import own_folder
from tests.conversion.node import WORK
from tests.support.project import REPOSITORY, Project
from tests.toolchains.packages import packages

MANIFEST = f"""\
version: 1
output: public/models
stubs: src/models
worker: true
models:
  digits:
    source: {REPOSITORY / "examples" / "digits" / "model" / "digits.keras"}
    inputs: {{ image: {{ pixels: [0, 16] }} }}
    labels: [zero, one, two, three, four, five, six, seven, eight, nine]
"""


def digits(name: str, more: str = "") -> Path:
    """Make the project in a folder of its own, where TensorFlow.js is found; `more` stands at the manifest's top."""
    folder = own_folder(WORK, name)
    shutil.rmtree(folder, ignore_errors=True)
    Project(folder).manifest(more + MANIFEST)
    (folder / "src").mkdir()
    assert Project(folder).run("build").code == 0
    return folder


def bundle(folder: Path) -> None:
    """Bundle src/main.ts and the worker's module into `public`."""
    files = ["src/main.ts", "src/models/digits.worker.js"]
    options = ["--bundle", "--format=esm", "--entry-names=[name]", "--outdir=public", "--log-level=error"]
    subprocess.run([packages() / ".bin" / "esbuild", *files, *options], cwd=folder, check=True)
