"""Graphs: written by TensorFlow, built without it, run by TensorFlow.js on each backend, compared number by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from tests.conversion.conversions import DOCUMENT, document
from tests.conversion.deviations import LISTED, assert_deviates_as_listed
from tests.conversion.excluded_ops import EXCLUDED
from tests.conversion.graphs import BACKENDS, MODELS, OPS, GraphRun, graph_cases, proves_nothing, run_graphs
from tests.conversion.node import run_jobs
from tests.conversion.otherwise import EXCEPTIONS
from tests.conversion.suite import MATCHING, Verdict, job_of, judge
from tests.conversion.tamper import has_kernels, tamper
from tests.oracle.graphs.cases import GraphCase
from tests.oracle.graphs.given import Given
from tests.support.selection import parameters_of_users
from tfjs_build.convert.graph.decompose.registry import RULES
from tfjs_build.convert.graph.ops import tfjs_ops

SHARE = 0.95
"""Least part of all cases that must match; the others are refused, each for the reason that its case expects."""
LEAST_MODELS = 40
QUICK = 9
"""Every how many-th case is in the subset that runs while somebody works."""
TAMPERED = 3
"""Models of each family in which one number is changed."""
UNMOVED = {
    "op-ComplexAbs-of-a-variable": "an absolute value has no sign",
    "op-RealDiv-by-a-folded-sum": "its matrix is one number when it is published",
    "hashed-words": "no sample has the word",
    "integer-lookup": "no sample has the number",
    "mobilenet-v3-small": "the gate behind it is shut either way",
}
"""Cases in which the number that would be changed changes no output, and why."""

CASES: Mapping[str, Mapping[str, GraphCase]] = {name: graph_cases(name) for name in (OPS, MODELS)}
ALL = [(suite, case) for suite in CASES for case in CASES[suite]]
EXPECTED_TO_MATCH = [(suite, case) for suite, case in ALL if not CASES[suite][case].refused]
REFUSED = [(suite, case) for suite, case in ALL if CASES[suite][case].refused]
FAMILIES = list(dict.fromkeys((suite, CASES[suite][case].family) for suite, case in EXPECTED_TO_MATCH))


def _parameters(cases: list[tuple[str, str]]) -> list[object]:
    """Mark those that take too long while somebody works."""
    quick = set(ALL[::QUICK])
    return [pytest.param(*each, marks=() if each in quick else pytest.mark.full, id="-".join(each)) for each in cases]


def _has_weights(case: GraphCase) -> bool:
    """Whether a case keeps float matrices, so that one number of it can be changed and be noticed."""
    if case.name in UNMOVED:
        return False
    if case.writer in ("module", "sharded") or case.writer.startswith("keras"):
        return True
    variables = [given for given in case.given.values() if isinstance(given, Given) and given.variable]
    return any(given.dtype == "float32" and len(given.shapes[0]) > 1 for given in variables)


def _of_family(suite: str, family: str) -> list[str]:
    return [
        case
        for name, case in EXPECTED_TO_MATCH
        if name == suite and CASES[suite][case].family == family and _has_weights(CASES[suite][case])
    ]


WEIGHTED = [(suite, family) for suite, family in FAMILIES if _of_family(suite, family)]


@pytest.fixture(scope="session")
def graphs(request: pytest.FixtureRequest, summary: list[str]) -> dict[str, GraphRun]:
    """Both suites, run once: what the selected tests need of them."""
    needed: dict[str, set[str]] = {suite: set() for suite in CASES}
    for parameters in parameters_of_users(request):
        suite = str(parameters.get("suite"))
        if "case" in parameters:
            needed[suite].add(str(parameters["case"]))
        elif "family" in parameters:
            needed[suite] |= set(_of_family(suite, str(parameters["family"])))
        else:
            needed = {suite: set(cases) for suite, cases in CASES.items()}
    runs = {
        suite: run_graphs(suite, [CASES[suite][case] for case in CASES[suite] if case in needed[suite]])
        for suite in CASES
    }
    for run in runs.values():
        summary += run.summary()
    return runs


@pytest.fixture(scope="session")
def tampered(graphs: dict[str, GraphRun]) -> dict[tuple[str, str], Verdict]:
    """What becomes of published models in which one number has another sign."""
    verdicts: dict[tuple[str, str], Verdict] = {}
    for suite, run in graphs.items():
        folder, jobs = run.build.project.root / "tampered", {}
        for family in dict.fromkeys(case.family for case in run.cases.values()):
            published = [case for case in _of_family(suite, family) if case in run.build.written]
            eligible = [case for case in published if has_kernels(run.build.models / case)]
            for case in eligible[:TAMPERED]:
                tamper(run.build.models / case, folder / case)
                jobs[case] = job_of(run.build, case, run.files[case], "cpu", models=folder)
        done = run_jobs(list(jobs.values()), run.build.project.root / "node")
        verdicts |= {(suite, case): judge(run.files[case], done[job.id]) for case, job in jobs.items()}
    return verdicts


@pytest.mark.parametrize(("suite", "case"), _parameters(EXPECTED_TO_MATCH))
def test_gives_the_numbers_of_its_source(suite: str, case: str, graphs: dict[str, GraphRun]) -> None:
    run = graphs[suite]
    verdicts = {backend: run.verdicts[backend][case] for backend in BACKENDS if case in run.verdicts[backend]}
    expected = {backend: MATCHING for backend in BACKENDS if not run.announced(case, backend)}
    assert {backend: verdict.ordinary for backend, verdict in verdicts.items()} == expected
    assert "cpu" in verdicts


@pytest.mark.parametrize(("suite", "case"), _parameters(EXPECTED_TO_MATCH))
def test_deviates_for_nan_infinities_and_nothing_as_listed(suite: str, case: str, graphs: dict[str, GraphRun]) -> None:
    """What is listed must deviate, too: else the list tells what TensorFlow.js does no longer."""
    run = graphs[suite]
    verdicts = {backend: run.verdicts[backend][case] for backend in BACKENDS if case in run.verdicts[backend]}
    for backend, verdict in verdicts.items():
        assert_deviates_as_listed(suite, case, backend, verdict.odd, run.ops(case) if verdict.odd else set())


@pytest.mark.parametrize(("suite", "case"), _parameters(EXPECTED_TO_MATCH))
def test_it_is_right_in_browsers_or_noted(suite: str, case: str, graphs: dict[str, GraphRun]) -> None:
    assert graphs[suite].browsers[case].silent == {}


@pytest.mark.parametrize(("suite", "case"), sorted(EXCEPTIONS))
def test_inspect_tells_what_no_note_of_the_build_does(suite: str, case: str, graphs: dict[str, GraphRun]) -> None:
    run = graphs[suite]
    [inspected] = run.build.project.run("inspect", case, "--json").of("inspected")
    notes = [note for note in inspected["notes"] if any(f"{op} (" in note for op in run.published_ops(case))]
    backends = EXCEPTIONS[suite, case]
    assert [note for note in notes if note.startswith(f"On {' and '.join(backends)}, ")] == notes
    assert notes
    assert not set(notes) & set(run.build.notes.get(case, ()))


def test_what_browsers_give_otherwise_without_a_note_is_there() -> None:
    assert [case for suite, case in EXCEPTIONS if case not in CASES[suite]] == []


def test_what_is_listed_as_deviating_is_there() -> None:
    for suite in CASES:
        for kinds in LISTED[suite].values():
            assert [case for cases in kinds.values() for case in cases if case not in CASES[suite]] == []


@pytest.mark.parametrize(("suite", "case"), _parameters(REFUSED))
def test_is_refused_for_its_reason(suite: str, case: str, graphs: dict[str, GraphRun]) -> None:
    verdict = graphs[suite].verdicts["cpu"][case]
    assert verdict.kind == "refused", verdict.text
    assert [words for words in CASES[suite][case].refused if words not in verdict.text] == [], verdict.text


@pytest.mark.parametrize(("suite", "case"), _parameters(EXPECTED_TO_MATCH))
def test_its_inputs_make_a_difference(suite: str, case: str, graphs: dict[str, GraphRun]) -> None:
    assert proves_nothing(CASES[suite][case], graphs[suite].files[case]) == []


@pytest.mark.parametrize(
    ("suite", "case"), _parameters([each for each in EXPECTED_TO_MATCH if CASES[each[0]][each[1]].published])
)
def test_is_published_with_fused_ops(suite: str, case: str, graphs: dict[str, GraphRun]) -> None:
    assert set(CASES[suite][case].published) <= graphs[suite].published_ops(case)


@pytest.mark.full
@pytest.mark.parametrize(("suite", "family"), WEIGHTED)
def test_one_changed_weight_is_noticed(
    suite: str, family: str, tampered: dict[tuple[str, str], Verdict], graphs: dict[str, GraphRun]
) -> None:
    verdicts = {case: tampered[suite, case] for case in _of_family(suite, family) if (suite, case) in tampered}
    assert verdicts
    # Each loaded and predicted; the comparison is what failed.
    assert [case for case, verdict in verdicts.items() if "sample " not in verdict.text] == []


def test_every_op_has_a_case_or_a_reason() -> None:
    covered = {op for case in CASES[OPS].values() for op in (*case.ops, *case.published)}
    covered |= {op for case in CASES[MODELS].values() for op in case.ops}
    assert sorted({*tfjs_ops(), *RULES} - covered - EXCLUDED.keys()) == []
    assert sorted(covered & EXCLUDED.keys()) == []


def test_there_are_many_whole_models() -> None:
    assert sum(1 for suite, _ in EXPECTED_TO_MATCH if suite == MODELS) >= LEAST_MODELS


@pytest.mark.full
@pytest.mark.parametrize("backend", BACKENDS)
def test_nearly_all_match_and_none_is_silent(backend: str, graphs: dict[str, GraphRun]) -> None:
    count = sum((run.count(backend) for run in graphs.values()), Counter[str]())
    assert count["silent"] == 0
    assert count["matching"] >= SHARE * sum(count.values())


@pytest.mark.full
@pytest.mark.parametrize("suite", CASES)
def test_the_build_says_what_became_of_each(suite: str, graphs: dict[str, GraphRun]) -> None:
    build = graphs[suite].build
    assert not build.written.keys() & build.failed.keys()
    assert build.written.keys() | build.failed.keys() == CASES[suite].keys()
    assert build.result.code == 1  # some are refused
    assert build.result.events[-1] == {"event": "stopped", "code": 1}


@pytest.mark.full
def test_the_document_says_what_became_of_each(graphs: dict[str, GraphRun]) -> None:
    text = document(graphs[OPS], graphs[MODELS])
    assert text in DOCUMENT.read_text(encoding="utf-8"), "run `make conversions`, and commit what it changes"
