"""Keras files as layers models: written by Keras, built without it, run by TensorFlow.js, compared number by number."""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from pathlib import Path

import h5py
import pytest

from tests.conversion.build import SHADOWED, build_models, without_tensorflow
from tests.conversion.compare import indifferent
from tests.conversion.folders import own_folder
from tests.conversion.layers_refusals import REFUSALS, refusal_of
from tests.conversion.node import WORK, run_jobs
from tests.conversion.oracle import Case, cases
from tests.conversion.suite import MATCHING, SuiteRun, Verdict, job_of, judge, run_suite
from tests.conversion.tamper import tamper
from tests.oracle.tensors import read_groups
from tests.support.project import Project
from tests.support.selection import parameters_of_users
from tfjs_build.convert.keras.applications import APPLICATIONS
from tfjs_build.convert.keras.to_layers.registry import RULES
from tfjs_build.convert.keras.without_no_ops import NO_OPS

SUITE = "keras_layers"
BACKEND = "cpu"
LEAST_NETWORKS = 100
"""Networks that must match from all four writers: well over the forty that were asked for, well under what there is."""

ALL = cases(SUITE)
EXPECTED_TO_MATCH = [case for case in ALL if not refusal_of(case)]
TRAINED = [case for case in EXPECTED_TO_MATCH if case.network.trained]


def _one_of_each() -> list[Case]:
    """Return every network once, and every writer about as often as any other."""
    by_network: dict[str, list[Case]] = {}
    for case in EXPECTED_TO_MATCH:
        by_network.setdefault(case.network.name, []).append(case)
    return [written[index % len(written)] for index, written in enumerate(by_network.values())]


ONE_OF_EACH = _one_of_each()
QUICK = {str(case) for case in ONE_OF_EACH[::5]}
"""What runs while somebody works: a fifth of the networks, each from one writer."""
FAMILIES = list(dict.fromkeys(case.network.family for case in ONE_OF_EACH))


def _parameters(cases: list[Case]) -> list[object]:
    return [pytest.param(c, marks=() if str(c) in QUICK else pytest.mark.full, id=str(c)) for c in cases]


def _of_family(family: str) -> list[Case]:
    return [case for case in ONE_OF_EACH if case.network.family == family]


@pytest.fixture(scope="session")
def keras_layers(request: pytest.FixtureRequest, summary: list[str]) -> SuiteRun:
    """The suite, run once: what the selected tests need of it."""
    needed: set[str] = set()
    for parameters in parameters_of_users(request):
        if "case" in parameters:
            needed.add(str(parameters["case"]))
        else:
            needed |= set(map(str, _of_family(str(parameters["family"])) if "family" in parameters else ALL))
    run = run_suite(SUITE, [case for case in ALL if str(case) in needed], format="layers", backends=[BACKEND])
    summary += run.summary(BACKEND)
    return run


@pytest.fixture(scope="session")
def tampered_verdicts(keras_layers: SuiteRun) -> dict[str, Verdict]:
    """What becomes of published models in which one number has another sign."""
    build, folder = keras_layers.build, keras_layers.build.project.root / "tampered"
    jobs = {}
    for case in map(str, ONE_OF_EACH):
        if case in build.written and keras_layers.files[case].weight_elements:
            tamper(build.models / case, folder / case)
            jobs[case] = job_of(build, case, keras_layers.files[case], BACKEND, models=folder)
    runs = run_jobs(list(jobs.values()), build.project.root / "node")
    return {case: judge(keras_layers.files[case], runs[job.id]) for case, job in jobs.items()}


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_gives_the_numbers_of_its_source(case: Case, keras_layers: SuiteRun) -> None:
    assert keras_layers.verdicts[BACKEND][str(case)].ordinary == MATCHING


@pytest.mark.parametrize("case", _parameters([case for case in ALL if refusal_of(case)]))
def test_is_refused_for_its_reason(case: Case, keras_layers: SuiteRun) -> None:
    verdict = keras_layers.verdicts[BACKEND][str(case)]
    assert verdict.kind == "refused"
    assert [words for words in refusal_of(case) if words not in verdict.text] == [], verdict.text


def test_what_is_listed_as_refused_is_there() -> None:
    names = {name for case in ALL for name in (str(case), case.network.name)}
    assert sorted(REFUSALS.keys() - names) == []


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_its_inputs_make_a_difference(case: Case, keras_layers: SuiteRun) -> None:
    assert indifferent(read_groups(keras_layers.files[str(case)].outputs)) == []


@pytest.mark.full
@pytest.mark.parametrize("family", FAMILIES)
def test_one_changed_weight_is_noticed(family: str, tampered_verdicts: dict[str, Verdict]) -> None:
    verdicts = {case: tampered_verdicts[case] for case in map(str, _of_family(family)) if case in tampered_verdicts}
    assert verdicts
    # Each loaded and predicted; the comparison is what failed.
    assert [case for case, verdict in verdicts.items() if "of max|b|" not in verdict.text] == []


@pytest.mark.parametrize("case", _parameters(TRAINED))
def test_no_state_of_an_optimizer_is_published(case: Case, keras_layers: SuiteRun) -> None:
    files = keras_layers.files[str(case)]
    assert _elements(files.source) > files.weight_elements  # the source has such state
    document = json.loads((keras_layers.build.models / str(case) / "model.json").read_text(encoding="utf-8"))
    weights = [weight for group in document["weightsManifest"] for weight in group["weights"]]
    assert sum(math.prod(weight["shape"]) for weight in weights) == files.weight_elements


@pytest.mark.full
def test_two_builds_give_the_same_bytes(keras_layers: SuiteRun) -> None:
    first = keras_layers.build.published()
    again = build_models(
        own_folder(WORK, f"{SUITE}-again"),
        {
            str(case): {"source": str(keras_layers.files[str(case)].source), "format": "layers"}
            for case in reversed(ONE_OF_EACH)
        },
    ).published()
    assert again
    assert [path for path, content in again.items() if first.get(path) != content] == []


def test_tensorflow_cannot_be_imported_where_models_are_built(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for package in SHADOWED:
        result = project.run(env=without_tensorflow(tmp_path), code=f"import {package}")
        assert result.code == 1
        assert f"ImportError: no {package} here" in result.err


@pytest.mark.full
def test_every_layer_that_has_a_rule_is_in_a_network_that_matches(keras_layers: SuiteRun) -> None:
    proved: set[str] = set()
    for case, verdict in keras_layers.verdicts[BACKEND].items():
        source = keras_layers.files[case].source
        if verdict.kind == "matching" and source.suffix == ".keras":
            with zipfile.ZipFile(source) as archive:
                proved |= set(re.findall(r'"class_name": "(\w+)"', archive.read("config.json").decode()))
    # Those of keras.applications stand among layers that TensorFlow.js has not (ConvNeXt's LayerScale).
    assert sorted({*RULES, *NO_OPS} - proved - APPLICATIONS) == []


@pytest.mark.full
def test_many_networks_match_from_every_writer(keras_layers: SuiteRun) -> None:
    assert len(keras_layers.matching_networks(BACKEND)) >= LEAST_NETWORKS


@pytest.mark.full
def test_the_build_says_what_became_of_each(keras_layers: SuiteRun) -> None:
    build = keras_layers.build
    assert not build.written.keys() & build.failed.keys()
    assert build.written.keys() | build.failed.keys() == keras_layers.cases.keys()
    assert build.result.code == 1  # some are refused
    assert build.result.events[-1] == {"event": "stopped", "code": 1}


def _elements(source: Path) -> int:
    """Return how many numbers a source's HDF5 file holds, whatever they are for."""
    if source.suffix == ".keras":
        with zipfile.ZipFile(source) as archive:
            data: Path | io.BytesIO = io.BytesIO(archive.read("model.weights.h5"))
    else:
        data = source
    sizes: list[int] = []
    with h5py.File(data) as file:
        file.visititems(lambda _, item: sizes.append(item.size) if isinstance(item, h5py.Dataset) else None)
    return sum(sizes)
