"""Keras files as graphs: every layer, activation and function of both generations, compared number by number."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.conversion import excluded_keras
from tests.conversion.cached import Outcome
from tests.conversion.compare import indifferent
from tests.conversion.conversions import DOCUMENT
from tests.conversion.conversions_keras import document
from tests.conversion.deviations import LISTED, assert_deviates_as_listed
from tests.conversion.in_browsers import summary as summary_of_browsers
from tests.conversion.keras_cases import (
    MATRIX,
    SUITES,
    GraphCase,
    counts,
    generation_of,
    graph_cases,
    ops,
    run_graphs,
    run_layers,
)
from tests.conversion.oracle import Files, catalogue, files
from tests.conversion.suite import MATCHING
from tests.oracle.keras_matrix.activations import OF_BOTH, OF_KERAS_3
from tests.oracle.keras_matrix.suite import OPERATIONS
from tests.oracle.registry import GENERATIONS, KERAS_3
from tests.oracle.tensors import read_groups
from tests.support.selection import parameters_of_users

SHARE = 0.97
"""Least part of all cases that must match; the others are refused, each for the reason that its case expects."""
WEIGHTED_FAMILIES = 30
"""Families, of both suites, in which at least one network's changed weight must have been looked at."""

ALL = graph_cases()
EXPECTED_TO_MATCH = [case for case in ALL if not case.refused]
REFUSED = [case for case in ALL if case.refused]
FAMILIES = list(dict.fromkeys(case.family for case in ALL))
TAMPERED = [case for case in ALL if case.plan.tampered]


def _parameters(cases: list[GraphCase]) -> list[object]:
    """Mark those that take too long while somebody works."""
    return [pytest.param(case, marks=() if case.quick else pytest.mark.full, id=str(case)) for case in cases]


@pytest.fixture(scope="session")
def sources() -> dict[str, Files]:
    """The files of both suites."""
    return {f"{suite}-{name}": each for suite in SUITES for name, each in files(suite).items()}


@pytest.fixture(scope="session")
def as_graphs(request: pytest.FixtureRequest, summary: list[str]) -> dict[str, Outcome]:
    """What became of both suites: of the cases that the selected tests need."""
    needed: dict[str, GraphCase] = {}
    for parameters in parameters_of_users(request):
        chosen = parameters.get("case")
        needed |= {str(c): c for c in ([chosen] if isinstance(chosen, GraphCase) else _of(parameters.get("family")))}
    outcomes = run_graphs(needed.values())
    count = counts(outcomes, needed.values())
    summary.append(
        f"Keras as graph: {len(needed)} of {len(ALL)} conversions, {count['matching']} matching, "
        f"{count['refused']} refused with a reason, {count['silent']} silent"
    )
    summary += summary_of_browsers("Keras as graph", [each.browsers for each in outcomes.values() if each.browsers])
    return outcomes


@pytest.fixture(scope="session")
def as_layers(request: pytest.FixtureRequest, summary: list[str]) -> dict[str, Outcome]:
    """What becomes of both suites as layers models: of the cases that the selected tests need."""
    needed: dict[str, GraphCase] = {}
    for parameters in parameters_of_users(request):
        chosen = parameters.get("case")
        needed |= {str(case): case for case in ([chosen] if isinstance(chosen, GraphCase) else ALL)}
    outcomes = run_layers(needed.values())
    count = counts(outcomes, needed.values())
    summary.append(
        f"Keras as layers: {len(needed)} of {len(ALL)} conversions, {count['matching']} matching, "
        f"{count['refused']} refused with a reason, {count['silent']} silent"
    )
    return outcomes


def _of(family: object) -> list[GraphCase]:
    """Return what a test of a whole family needs: its tampered cases; without a family, all."""
    return ALL if family is None else [case for case in TAMPERED if case.family == family]


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_gives_the_numbers_of_its_source(case: GraphCase, as_graphs: Mapping[str, Outcome]) -> None:
    outcome = as_graphs[str(case)]
    backends = [backend for backend in case.plan.backends if backend not in outcome.announced]
    ordinary = {backend: verdict.ordinary for backend, verdict in outcome.verdicts.items()}
    assert ordinary == dict.fromkeys(backends, MATCHING)
    assert ordinary


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_deviates_for_nan_infinities_and_nothing_as_listed(
    case: GraphCase, as_graphs: Mapping[str, Outcome], sources: Mapping[str, Files]
) -> None:
    """What is listed must deviate, too: else the list tells what TensorFlow.js does no longer."""
    outcome = as_graphs[str(case)]
    for backend, verdict in outcome.verdicts.items():
        known = ops(case, outcome, sources[str(case)])
        assert_deviates_as_listed(case.suite, case.plan.case, backend, verdict.odd, known)


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_it_is_right_in_browsers_or_noted(case: GraphCase, as_graphs: Mapping[str, Outcome]) -> None:
    browsers = as_graphs[str(case)].browsers
    assert browsers is not None
    assert browsers.silent == {}


def test_what_is_listed_as_deviating_is_there() -> None:
    for suite in SUITES:
        names = {case.plan.case for case in EXPECTED_TO_MATCH if case.suite == suite}
        listed = {case for kinds in LISTED[suite].values() for cases in kinds.values() for case in cases}
        assert sorted(listed - names) == []


@pytest.mark.parametrize("case", _parameters(REFUSED))
def test_is_refused_for_its_reason(case: GraphCase, as_graphs: Mapping[str, Outcome]) -> None:
    verdict = as_graphs[str(case)].worst
    assert verdict.kind == "refused", verdict.text
    assert [words for words in case.refused if words not in verdict.text] == [], verdict.text


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_its_inputs_make_a_difference(case: GraphCase, sources: Mapping[str, Files]) -> None:
    same = case.case.network.changeless
    samples = read_groups(sources[str(case)].outputs)
    assert indifferent([{k: v for k, v in sample.items() if k not in same} for sample in samples]) == []


@pytest.mark.parametrize("case", _parameters([case for case in ALL if case.suite == MATRIX]))
def test_as_layers_it_gives_the_same_or_says_why_not(case: GraphCase, as_layers: Mapping[str, Outcome]) -> None:
    verdict = as_layers[str(case)].worst
    assert verdict.kind in ("matching", "refused"), verdict.text


@pytest.mark.full
@pytest.mark.parametrize("family", [family for family in FAMILIES if _of(family)], ids="-".join)
def test_one_changed_weight_is_noticed(family: tuple[str, str], as_graphs: Mapping[str, Outcome]) -> None:
    verdicts = {str(case): verdict for case in _of(family) if (verdict := as_graphs[str(case)].tampered)}
    # Each loaded and predicted; the comparison is what failed. A number in front of a unit that is off makes no
    # difference, which happens in deep networks.
    assert {
        case: verdict.text for case, verdict in verdicts.items() if verdict.text and "sample " not in verdict.text
    } == {}
    assert sum(bool(verdict.text) for verdict in verdicts.values()) >= len(verdicts) / 2


@pytest.mark.full
def test_a_changed_weight_is_noticed_in_most_families(as_graphs: Mapping[str, Outcome]) -> None:
    noticed = {case.family for case in TAMPERED if as_graphs[str(case)].tampered}
    assert len(noticed) >= WEIGHTED_FAMILIES


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_layer_has_a_case_or_a_reason(generation: str, sources: Mapping[str, Files]) -> None:
    cases = [case for case in ALL if generation_of(case.case) == generation]
    covered = {name for case in cases for name in sources[str(case)].classes}
    classes = set(catalogue(MATRIX)[generation]["layers"].values())
    assert sorted(classes - covered - excluded_keras.LAYERS.keys()) == []
    assert sorted(excluded_keras.LAYERS.keys() & covered) == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_activation_has_a_case_or_a_reason(generation: str) -> None:
    covered = {*OF_BOTH, *(OF_KERAS_3 if generation == KERAS_3 else ())}
    assert sorted(set(catalogue(MATRIX)[generation]["activations"]) - covered - excluded_keras.ACTIVATIONS.keys()) == []


def test_every_operation_has_a_case_or_a_reason() -> None:
    there = set(catalogue(MATRIX)[KERAS_3]["operations"])
    assert sorted(there - OPERATIONS.keys() - excluded_keras.OPERATIONS.keys()) == []
    assert sorted(OPERATIONS.keys() & excluded_keras.OPERATIONS.keys()) == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_family_of_applications_has_a_case(generation: str) -> None:
    networks = {case.case.network.name for case in ALL if generation_of(case.case) == generation}
    families = {application_family(name) for name in catalogue(MATRIX)[generation]["applications"]}
    assert sorted(families - {application_family(name) for name in networks}) == []


def application_family(name: str) -> str:
    """Return what members of a family of networks are called without sizes and versions: DenseNet121 → densenet."""
    return _SIZES.sub("", _DEPTH.sub("", name.lower().replace("_", "")))


_DEPTH = re.compile(r"\d+(?=v\d)")
_SIZES = re.compile(r"(tiny|small|base|large|xlarge|mobile|\d+|b\d|[sml])*$")


@pytest.mark.full
def test_nearly_all_match_and_none_is_silent(as_graphs: Mapping[str, Outcome]) -> None:
    count = counts(as_graphs, ALL)
    assert count["silent"] == 0
    assert count["matching"] >= SHARE * len(ALL)


@pytest.mark.full
def test_the_document_says_what_became_of_each(
    as_graphs: Mapping[str, Outcome], as_layers: Mapping[str, Outcome], sources: Mapping[str, Files]
) -> None:
    text = document(ALL, as_graphs, as_layers, sources, catalogue(MATRIX))
    assert text in DOCUMENT.read_text(encoding="utf-8"), "run `make conversions`, and commit what it changes"
