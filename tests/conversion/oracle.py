"""The oracle's suites, written by a Python that has TensorFlow and kept until its scripts or versions change."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.conversion.folders import own_folder
from tests.oracle.registry import Network
from tests.oracle.writers import WRITERS
from tests.support.project import REPOSITORY

PYTHON_VARIABLE = "TFJS_BUILD_TEST_TF_PYTHON"
_DEFAULT_PYTHON = REPOSITORY / ".venv-tf" / "bin" / "python"
_CACHE = REPOSITORY / ".cache" / "oracle"
_SCRIPTS = REPOSITORY / "tests" / "oracle"
_PACKAGES = ("tensorflow", "keras", "tf_keras", "numpy", "h5py")
_VERSIONS = f"""
import importlib.metadata, platform
print(platform.python_version(), platform.machine(), *map(importlib.metadata.version, {_PACKAGES!r}))
"""


@dataclass(frozen=True)
class Case:
    """A network as one writer saves it; its text is the model's name in the manifest and the test's id."""

    network: Network
    writer: str

    def __str__(self) -> str:
        return f"{self.writer}-{self.network.name}"


@dataclass(frozen=True)
class Files:
    """A case on disk: its source, and its numbers, `inputs` and `outputs` being stems of tensor files with a group a
    sample. `weight_elements` is how many numbers the model's weights hold, 0 where nobody counted."""

    source: Path
    inputs: Path
    outputs: Path
    weight_elements: int


def cases(suite: str) -> list[Case]:
    """Return all cases of a suite, without running anything: networks import Keras only when they are built."""
    networks: Mapping[str, Network] = importlib.import_module(f"tests.oracle.{suite}").SUITE
    return [
        Case(network, writer.name)
        for network in networks.values()
        for writer in WRITERS
        if writer.generation in network.generations and writer.name in network.writers
    ]


def files(suite: str) -> dict[str, Files]:
    """Return a suite's files by case, written now if no cached ones are of the same scripts and versions."""
    folder = _CACHE / suite / _digest(suite)
    if not folder.exists():
        _generate(suite, folder)
    return {
        entry["case"]: Files(
            folder / entry["source"],
            folder / entry["inputs"],
            folder / entry["outputs"],
            entry.get("weight_elements", 0),
        )
        for entry in json.loads((folder / "index.json").read_text(encoding="utf-8"))
    }


def _generate(suite: str, folder: Path) -> None:
    """Have the oracle write a suite, beside its place until it is whole; then forget all older ones."""
    unfinished = own_folder(folder.parent, "unfinished")
    try:
        done = subprocess.run(
            [python(), "-W", "ignore", "-m", "tests.oracle", suite, str(unfinished)],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the oracle failed on {suite}:\n{done.stderr[-4000:]}")
        if not folder.exists():
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for other in folder.parent.iterdir():
        if other != folder and not other.name.startswith("unfinished"):
            shutil.rmtree(other, ignore_errors=True)


def _digest(suite: str) -> str:
    """Hash all that a suite's files depend on."""
    versions = subprocess.run([python(), "-c", _VERSIONS], capture_output=True, text=True, check=True).stdout
    digest = hashlib.sha256(versions.encode())
    folder = _SCRIPTS.joinpath(*suite.split("."))
    shared = [parent.glob("*.py") for parent in folder.parents if parent.is_relative_to(_SCRIPTS)]
    for script in sorted([*chain(*shared), *folder.glob("**/*.py")]):
        content = script.read_bytes()
        digest.update(f"{script.relative_to(_SCRIPTS).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def python() -> str:
    python = Path(os.environ.get(PYTHON_VARIABLE, _DEFAULT_PYTHON))
    if not python.exists():
        raise RuntimeError(
            f"conversions are compared with TensorFlow's numbers, and there is no Python with TensorFlow at {python}: "
            f"`make test` makes one, or set {PYTHON_VARIABLE} to one that has {', '.join(_PACKAGES)}"
        )
    return str(python)
