"""TensorFlow Lite models as sources: the numbers of TensorFlow Lite's interpreter, in TensorFlow.js."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from tests.conversion.build import Build, build_models
from tests.conversion.compare import indifferent, mismatches
from tests.conversion.node import WORK, run_jobs
from tests.conversion.oracle import Files
from tests.conversion.suite import NO_LEAK, job_of
from tests.oracle.tensors import Group, read_groups
from tests.support.project import REPOSITORY

FIXTURES = REPOSITORY / "tests" / "fixtures" / "tflite"
"""Written by tools/tflite_fixtures.py."""

STEPS: Mapping[str, Mapping[str, float]] = json.loads((FIXTURES / "steps.json").read_text(encoding="utf-8"))
"""How far neighbouring numbers of a quantized output are apart, by model and output; 0 for floats."""

HYBRID = 0.02
"""Most that outputs may be off, as a part of the largest, where TensorFlow Lite rounds what goes into each product of
a network of floats to 8 bits."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder from which Node finds TensorFlow.js."""
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def built(folder: Path) -> Build:
    """All models, built."""
    return build_models(folder / "built", {name: {"source": str(FIXTURES / f"{name}.tflite")} for name in STEPS})


@pytest.fixture(scope="module", params=["cpu", "wasm"])
def outputs(request: pytest.FixtureRequest, built: Build) -> Mapping[str, list[dict[str, np.ndarray]]]:
    """What the models give in Node, on one backend."""
    files = {
        name: Files(FIXTURES / name, FIXTURES / f"{name}.inputs", FIXTURES / f"{name}.outputs", 0) for name in STEPS
    }
    jobs = {name: job_of(built, name, files[name], request.param) for name in built.written}
    runs = run_jobs(list(jobs.values()), built.project.root / "node")
    assert {name: runs[job.id].error for name, job in jobs.items()} == dict.fromkeys(built.written)
    assert all(runs[job.id].leaked == NO_LEAK for job in jobs.values())
    return {name: read_groups(runs[job.id].outputs) for name, job in jobs.items()}


def test_there_are_models_of_all_kinds() -> None:
    assert {name.split("-", 1)[1] for name in STEPS} >= {
        "float",
        "dynamic",
        "half",
        "int8",
        "int8-io",
        "uint8-io",
        "int16",
    }
    assert len(STEPS) >= 10


def test_all_are_built(built: Build) -> None:
    assert built.failed == {}
    assert set(built.written) == set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_the_numbers_are_those_of_the_interpreter(
    name: str, outputs: Mapping[str, list[dict[str, np.ndarray]]]
) -> None:
    expected = read_groups(FIXTURES / f"{name}.outputs")
    assert len(outputs[name]) == len(expected)
    assert [
        problem for want, got in zip(expected, outputs[name], strict=True) for problem in wrong(name, want, got)
    ] == []


def wrong(name: str, expected: Group, actual: Group) -> list[str]:
    """Return what is wrong with the outputs of a model for one sample."""
    if not any(STEPS[name].values()):
        return mismatches(expected, actual, tolerance=HYBRID if name.endswith("-dynamic") else 1e-4)
    apart = {key: float(np.abs(expected[key] - actual[key]).max()) / step for key, step in STEPS[name].items()}
    return [f"{key}: {steps:.3g} steps" for key, steps in apart.items() if not steps <= 1.01]


@pytest.mark.parametrize("name", STEPS)
def test_the_samples_prove_something(name: str) -> None:
    assert [each for each in indifferent(read_groups(FIXTURES / f"{name}.outputs")) if name != "arrays-float"] == []
