"""The executor in NumPy gives the numbers of the source: what codings are judged by is the model itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from tests.conversion.compare import mismatches
from tests.conversion.keras_cases import GraphCase, graph_cases
from tests.conversion.oracle import Files, files
from tests.conversion.suite import source_keys
from tests.oracle.tensors import read_groups
from tfjs_build.coding.trial import array_of
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.executor.program import program_of
from tfjs_build.errors import Location
from tfjs_build.model import Model
from tfjs_build.sources.opening import open_artifacts
from tfjs_build.sources.resolve import resolve

SUITE = "keras_layers"
CASES = [case for case in graph_cases() if case.suite == SUITE and not case.refused and "-keras-" in str(case)]


@pytest.fixture(scope="module")
def sources() -> dict[str, Files]:
    """The files of the suite."""
    return dict(files(SUITE))


def opened(source: Files) -> AbstractContextManager[ModelArtifacts]:
    """Convert a source."""
    keys = source_keys(source)
    model = Model("case", keys["source"], Location(Path("tfjs.yaml"), 1, 1), format="graph")
    return open_artifacts(model, resolve(model))


def _parameters(cases: list[GraphCase]) -> list[object]:
    return [pytest.param(case, marks=() if case.quick else pytest.mark.full, id=str(case)) for case in cases]


@pytest.mark.parametrize("case", _parameters(CASES))
def test_gives_the_numbers_of_its_source(case: GraphCase, sources: dict[str, Files]) -> None:
    source = sources[case.plan.case]
    with opened(source) as artifacts:
        weights = {weight.name: weight for weight in artifacts.weights}
        program = program_of(artifacts.topology, [spec.node for spec in artifacts.signature.outputs])
        for inputs, outputs in zip(read_groups(source.inputs)[:2], read_groups(source.outputs)[:2], strict=True):
            fed = {spec.node: inputs[spec.name] for spec in artifacts.signature.inputs}
            given = program.run(fed, lambda name: array_of(weights[name]))
            named = zip(artifacts.signature.outputs, given, strict=True)
            found = {spec.name: np.asarray(array, outputs[spec.name].dtype) for spec, array in named}
            assert mismatches(outputs, found) == []
