"""Quantized models in a bare `tf.loadGraphModel`: within the error that was asked for, on the user's samples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conversion.build import Build, build_models
from tests.conversion.folders import own_folder
from tests.conversion.node import WORK, Job, Run, run_jobs
from tests.conversion.oracle import Files, files
from tests.oracle.tensors import read_groups, write_groups

BARE = """
import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
export async function loadBare({ url }) {
  const { weightsManifest, ...artifacts } = JSON.parse(await readFile(new URL(url)));
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const files = weightsManifest.flatMap(({ paths }) => paths);
  const weightData = await Promise.all(files.map(async (file) => (await readFile(new URL(file, url))).slice().buffer));
  const model = await tf.loadGraphModel({ load: async () => ({ ...artifacts, weightSpecs, weightData }) });
  const { inputs, outputs } = artifacts.userDefinedMetadata["tfjs-build"].signature;
  return {
    predict: (given) => {
      const fed = Object.fromEntries(inputs.map(({ name, node }) => [node, given[name]]));
      const found = [model.predict(fed)].flat();
      return Object.fromEntries(outputs.map(({ name }, i) => [name, found[i]]));
    },
    dispose: () => model.dispose(),
  };
}
"""
NETWORKS = ("k3-keras-mobilenet_v2", "k2-keras-unet", "k3-keras-block_of_convnext")
CODINGS: Mapping[str, Any] = {
    "float16": "float16",
    "uint8": "uint8",
    "near": {"auto": {"error": 0.02}},
    "nearer": {"auto": {"error": 0.002}},
}
MOST = {"float16": 0.02, "uint8": 1.0, "near": 0.02, "nearer": 0.002}
"""The largest error of each, as a part of an output's largest number; of uint8 it is what it is."""
SLACK = 1e-4
"""What TensorFlow.js may be off besides."""


def samples_of(source: Files) -> list[dict[str, Any]]:
    return read_groups(source.inputs)[:2]


@pytest.fixture(scope="module")
def sources() -> dict[str, Files]:
    """The files of the networks."""
    every = files("keras_layers")
    return {name: every[name] for name in NETWORKS}


@pytest.fixture(scope="module")
def built(sources: Mapping[str, Files]) -> Build:
    """Each network in each coding, fitted to the samples that it is run on."""
    folder = own_folder(WORK, "codings")
    given = own_folder(WORK, "codings-samples")
    given.mkdir(parents=True, exist_ok=True)
    models = {}
    for name, source in sources.items():
        samples = samples_of(source)
        arrays: dict[str, Any] = {key: np.concatenate([each[key] for each in samples]) for key in samples[0]}
        np.savez(given / name, **arrays)
        for coding, quantize in CODINGS.items():
            verify = {"mode": "none", "inputs": str(given / f"{name}.npz")}
            models[f"{name}-{coding}"] = {"source": str(source.source), "quantize": quantize, "verify": verify}
    return build_models(folder, models)


@pytest.fixture(scope="module")
def runs(built: Build, sources: Mapping[str, Files]) -> dict[str, Run]:
    """What TensorFlow.js gives."""
    folder = built.project.root
    (folder / "bare.mjs").write_text(BARE, encoding="utf-8")
    jobs = []
    for name, source in sources.items():
        inputs = folder / f"{name}.inputs"
        write_groups(inputs, samples_of(source))
        for coding in CODINGS:
            case = f"{name}-{coding}"
            url = (built.models / case / "model.json").as_uri()
            jobs.append(Job(case, folder / "bare.mjs", url, "cpu", inputs, folder / "outputs" / case))
    (folder / "outputs").mkdir()
    return run_jobs(jobs, folder / "node")


def error_of(source: Files, run: Run, outputs: Path) -> float:
    """Return the largest error as a part of the largest number of an output."""
    assert run.error is None
    expected, given = read_groups(source.outputs)[:2], read_groups(outputs)
    return max(
        float(np.abs(a[name] - b[name]).max() / np.abs(b[name]).max())
        for a, b in zip(given, expected, strict=True)
        for name in b
    )


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("name", NETWORKS)
def test_is_within_its_error(
    name: str, coding: str, sources: Mapping[str, Files], built: Build, runs: Mapping[str, Run]
) -> None:
    assert built.failed == {}
    case = f"{name}-{coding}"
    found = error_of(sources[name], runs[case], built.project.root / "outputs" / case)
    assert found <= MOST[coding] + SLACK
    assert found > 0 or coding != "uint8"


@pytest.mark.parametrize("name", NETWORKS)
def test_a_larger_error_takes_fewer_bytes(name: str, built: Build) -> None:
    sizes = [_bytes(built, f"{name}-{coding}") for coding in ("uint8", "near", "nearer")]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("case", [f"{name}-{coding}" for name in NETWORKS for coding in CODINGS])
def test_the_build_says_what_it_costs(case: str, built: Build) -> None:
    (said,) = [note for note in built.notes[case] if "of weights are" in note]
    assert "is off by up to" in said or said.endswith("no output changes")


def _bytes(built: Build, case: str) -> int:
    document = json.loads((built.models / case / "model.json").read_text(encoding="utf-8"))
    paths = [path for group in document["weightsManifest"] for path in group["paths"]]
    return sum((built.models / case / path).stat().st_size for path in paths)
