"""A sample of the matrices on webgl with half-float textures: no NaN and no infinity where the source has a number."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conversion.build import Build, build_models
from tests.conversion.folders import own_folder
from tests.conversion.graphs import MODELS, graph_cases
from tests.conversion.in_browsers import chromium
from tests.conversion.keras_cases import HEAVY, SUITES
from tests.conversion.keras_cases import graph_cases as keras_cases
from tests.conversion.node import WORK, Job, Run, run_jobs
from tests.conversion.oracle import ORDINARY, Files, files
from tests.conversion.suite import source_keys
from tests.oracle.tensors import read_groups

FLAG = "WEBGL_FORCE_F16_TEXTURES"
PRONE = ("attention", "masking", "masks", "normalization", "normalizations", "pooling")
"""Families of Keras networks that half floats are hard on: every `OFTEN`-th runs; of the others, and of the whole
models of TensorFlow, every `SELDOM`-th and `MODEL`-th."""
OFTEN, SELDOM, MODEL = 23, 199, 7

pytestmark = pytest.mark.full


def _chosen() -> dict[str, tuple[str, str]]:
    """Return the suites and cases of the sample, by name."""
    graphs = [case for case in keras_cases() if not case.refused and case.family != HEAVY]
    prone = [case for case in graphs if case.family[1] in PRONE]
    rest = [case for case in graphs if case.family[1] not in PRONE]
    found = {str(case): (case.suite, case.plan.case) for case in (*prone[::OFTEN], *rest[::SELDOM])}
    models = [case.name for case in graph_cases(MODELS).values() if not case.refused and case.family != "applications"]
    return found | {name: (MODELS, name) for name in models[::MODEL]}


CHOSEN = _chosen()


@pytest.fixture(scope="module")
def sources() -> Mapping[str, Files]:
    of = {suite: files(suite) for suite in (*SUITES, MODELS)}
    return {name: of[suite][case] for name, (suite, case) in CHOSEN.items()}


@pytest.fixture(scope="module")
def folder() -> Path:
    return own_folder(WORK, "half-floats")


@pytest.fixture(scope="module")
def built(folder: Path, sources: Mapping[str, Files]) -> Build:
    models = graph_cases(MODELS)
    keys: dict[str, dict[str, Any]] = {name: source_keys(of) for name, of in sources.items()}
    for name, (suite, case) in CHOSEN.items():
        keys[name] |= models[case].options if suite == MODELS else {"format": "graph"}
    return build_models(folder, keys)


@pytest.fixture(scope="module")
def runs(folder: Path, built: Build, sources: Mapping[str, Files]) -> dict[str, Run]:
    outputs = folder / "outputs"
    outputs.mkdir()
    jobs = [
        Job(
            name,
            built.stub(name),
            (built.models / name / "model.json").resolve().as_uri(),
            "webgl",
            sources[name].inputs,
            outputs / name,
        )
        for name in CHOSEN
        if name in built.written
    ]
    return run_jobs(jobs, folder / "jobs", runner=chromium("webgl", folder, FLAG))


@pytest.mark.parametrize("name", CHOSEN)
def test_there_is_a_number_where_the_source_has_one(
    name: str, folder: Path, built: Build, runs: Mapping[str, Run], sources: Mapping[str, Files]
) -> None:
    assert built.failed == {}
    assert runs[name].error is None
    expected = read_groups(sources[name].outputs)[: len(ORDINARY)]
    for want, got in zip(expected, read_groups(folder / "outputs" / name), strict=True):
        for output, values in want.items():
            if values.dtype.kind == "f":
                number = np.isfinite(values)
                assert np.isfinite(got[output][number]).all(), output
