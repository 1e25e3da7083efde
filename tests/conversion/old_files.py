"""Models that old versions of TensorFlow and Keras wrote, with the numbers that they gave there: tools/old_files."""

from __future__ import annotations

import json
import re
import runpy
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.conversion.cached import Outcome, Plan, convert
from tests.conversion.folders import own_folder
from tests.conversion.oracle import Files, hash_files
from tests.oracle.tensors import write_groups
from tests.support.project import REPOSITORY

_VALUES = REPOSITORY / "tools" / "old_files" / "values.py"
_sample = runpy.run_path(str(_VALUES))["sample"]
"""What filled the inputs when the files were written, under Pythons that cannot import this package."""

ARCHIVES = Path(__file__).resolve().parent / "old_files"
_CACHE = REPOSITORY / ".cache" / "old_files"
BACKENDS = ("cpu", "wasm")
QUICK = 23
"""Every how many-th case is in the subset that runs while somebody works."""
TAMPERED = 5
"""Cases of each writer in which one number is changed."""

REFUSALS: dict[str, tuple[str, ...]] = {
    "keras-2.0.9/cells": ("its configuration has no `units`",),
    "keras-2.2.5/layers-added": ("the shape of its input", "is not in the file", "Keras before 2.4 leaves"),
    "estimator-classifier": ("TensorFlow.js has no AsString",),
}
"""What a refusal must say, by case or by writer and case."""

MENDED: dict[str, str] = {
    "tensorflow-1.13.2/upsampled-bilinear": "the file lacks its `interpolation`: TensorFlow, too, reads it as nearest",
    "tensorflow-1.14.0/upsampled-bilinear": "the file lacks its `interpolation`: TensorFlow, too, reads it as nearest",
    "tensorflow-1.13.2/words-bidirectional": "1.14 and later give other numbers for the same file; why is not known",
}
"""Cases whose numbers no later version gives, by writer and case: what the version did wrong, and was mended."""

INPUTS: dict[str, str] = {
    "keras-2.0.9/sequential-in-sequential": "sequential_input",
    "keras-2.0.9/transfer": "base_input",
    "keras-2.1.6/sequential-in-sequential": "sequential_input",
}
"""What the only input of a case is called after its file, by writer and case, where the version called it otherwise: a
Sequential was a list without names, and took its input over from the model that came first."""


@dataclass(frozen=True)
class OldCase:
    """A source in a writer's archive: the file or folder `source`. It runs on wasm where no writer before has the same
    case, and has a number changed if it is `tampered`."""

    writer: str
    source: str
    backends: tuple[str, ...]
    tampered: bool
    quick: bool

    @property
    def name(self) -> str:
        """What the case is called in its archive."""
        return self.source.partition(".")[0]

    def __str__(self) -> str:
        return f"{re.sub(r'[.]', '-', self.writer)}-{self.name}"

    @property
    def mended(self) -> bool:
        """Whether the numbers are those of a fault of the writer, which reading its file must not give."""
        return f"{self.writer}/{self.name}" in MENDED

    @property
    def refused(self) -> tuple[str, ...]:
        """What its refusal must say; empty where it must convert."""
        return REFUSALS.get(f"{self.writer}/{self.name}", REFUSALS.get(self.name, ()))


def writers() -> list[str]:
    """Return the versions that there are archives of."""
    return sorted(path.stem for path in ARCHIVES.glob("*.json"))


def old_cases() -> list[OldCase]:
    """Return all cases, without unpacking anything."""
    found: list[OldCase] = []
    seen: set[str] = set()
    for writer in writers():
        tampered = 0
        for source in json.loads((ARCHIVES / f"{writer}.json").read_text(encoding="utf-8")):
            new = source not in seen
            seen.add(source)
            case = OldCase(writer, source, BACKENDS if new else BACKENDS[:1], False, len(found) % QUICK == 0)
            tampers = tampered < TAMPERED and new and not case.refused
            tampered += tampers
            found.append(OldCase(writer, source, case.backends, tampers, case.quick))
    return found


def run_old_files(chosen: Iterable[OldCase]) -> dict[str, Outcome]:
    """Convert some cases as graphs; return the outcomes by the cases' texts."""
    chosen = list(chosen)
    plans = [Plan(str(case), case.backends, case.tampered) for case in chosen]
    return convert("old-files", plans, old_files(chosen), format="graph")


def old_files(chosen: Iterable[OldCase]) -> dict[str, Files]:
    """Return the files of some cases, unpacking their writers' archives once."""
    found: dict[str, Files] = {}
    for case in chosen:
        folder = _unpacked(case.writer)
        inputs, outputs = (folder / "tensors" / f"{case.name}.{kind}" for kind in ("inputs", "outputs"))
        found[str(case)] = Files(folder / case.source, inputs, outputs, 0)
    return found


@cache
def _unpacked(writer: str) -> Path:
    """Return the folder with a writer's sources, and the numbers as tensor files."""
    archive = ARCHIVES / f"{writer}.tar.xz"
    folder = _CACHE / f"{writer}-{hash_files([archive, Path(__file__), _VALUES], REPOSITORY)[:16]}"
    if folder.exists():
        return folder
    unfinished = own_folder(_CACHE, "unfinished") / writer
    with tarfile.open(archive) as file:
        file.extractall(unfinished, filter="data")
    (unfinished / "tensors").mkdir()
    given = json.loads((unfinished / "inputs.json").read_text(encoding="utf-8"))
    for case, outputs in _outputs(unfinished / "outputs.npz").items():
        known = INPUTS.get(f"{writer}/{case}")
        inputs = [
            {known or name: _sample(case, index, name, shape, dtype) for name, (shape, dtype) in given[case].items()}
            for index in range(len(outputs))
        ]
        write_groups(unfinished / "tensors" / f"{case}.inputs", inputs)
        write_groups(unfinished / "tensors" / f"{case}.outputs", outputs)
    unfinished.rename(folder)
    return folder


def _outputs(path: Path) -> dict[str, list[dict[str, NDArray[Any]]]]:
    """Return what each case gave for each sample."""
    found: dict[str, list[dict[str, NDArray[Any]]]] = {}
    with np.load(path) as arrays:
        for key in arrays.files:
            case, index, name = key.split("/", 2)
            samples = found.setdefault(case, [])
            if int(index) == len(samples):
                samples.append({})
            samples[int(index)][name] = arrays[key]
    return found
