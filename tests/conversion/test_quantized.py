"""Quantized models as older Keras versions wrote them, which packed their numbers otherwise: read, and run in Node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conversion.build import Build, build_models
from tests.conversion.folders import own_folder
from tests.conversion.node import WORK, Run, run_jobs
from tests.conversion.oracle import ORDINARY, Files
from tests.conversion.suite import MATCHING, id_of, job_of, judge
from tests.support.project import REPOSITORY

FOLDER = REPOSITORY / "tests" / "fixtures" / "quantized"
NAMES = sorted(path.name.removesuffix(".keras") for path in FOLDER.glob("*.keras"))
BACKENDS = ("cpu", "wasm")


def files_of(name: str) -> Files:
    source, inputs, outputs = (FOLDER / f"{name}.{kind}" for kind in ("keras", "inputs", "outputs"))
    return Files(source, inputs, outputs, 0, samples=ORDINARY[:1])


def key(name: str) -> str:
    return name.replace(".", "-")


@pytest.fixture(scope="module")
def built() -> Build:
    return build_models(
        own_folder(WORK, "quantized"), {key(name): {"source": str(files_of(name).source)} for name in NAMES}
    )


@pytest.fixture(scope="module")
def runs(built: Build) -> dict[str, Run]:
    jobs = [job_of(built, key(name), files_of(name), backend) for backend in BACKENDS for name in NAMES]
    return run_jobs(jobs, built.project.root / "node")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_gives_the_numbers_of_its_keras(name: str, backend: str, built: Build, runs: dict[str, Run]) -> None:
    assert built.failed == {}
    verdict = judge(files_of(name), runs[id_of(built.models, key(name), backend)])
    assert verdict == MATCHING


@pytest.mark.parametrize("name", NAMES)
def test_its_whole_numbers_are_published_as_integers(name: str, built: Build) -> None:
    document = json.loads((built.models / key(name) / "model.json").read_text(encoding="utf-8"))
    weights = {weight["name"]: weight for group in document["weightsManifest"] for weight in group["weights"]}
    stored = {
        name: weight.get("quantization", weight)
        for name, weight in weights.items()
        if Path(name).name in ("kernel", "embeddings", "reverse_embeddings")
    }
    # The kernel of `y` is no matrix of rows that are summed over: it becomes one of floats where Keras keeps it as one.
    whole = {name for name, entry in stored.items() if entry["dtype"] == "uint8" and entry["scale"] == 1}
    assert stored.keys() - whole <= {"y/kernel"}
    assert len(whole) >= 2


def test_every_version_has_its_models() -> None:
    assert {name.split("-")[1] for name in NAMES} == {"3.11", "3.12", "3.13", "3.14"}
