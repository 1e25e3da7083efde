"""Models that went wrong once: built without TensorFlow, run by TensorFlow.js and compared, or refused."""

from __future__ import annotations

from typing import cast

import pytest

from tests.conversion.graphs import BACKENDS, GraphRun, graph_cases, proves_nothing, run_graphs
from tests.conversion.suite import MATCHING
from tests.oracle.reported.suite import ReportedCase
from tests.support.selection import parameters_of_users

SUITE = "reported"
QUICK = 4
"""Every how many-th case is in the subset that runs while somebody works."""

CASES = {name: cast("ReportedCase", case) for name, case in graph_cases(SUITE).items()}
EXPECTED_TO_MATCH = [name for name, case in CASES.items() if not case.refused]
REFUSED = [name for name, case in CASES.items() if case.refused]


def _parameters(cases: list[str]) -> list[object]:
    quick = set(list(CASES)[::QUICK])
    return [pytest.param(case, marks=() if case in quick else pytest.mark.full, id=case) for case in cases]


@pytest.fixture(scope="session")
def reported(request: pytest.FixtureRequest, summary: list[str]) -> GraphRun:
    """The suite, built and run once: what the selected tests need of it."""
    parameters = parameters_of_users(request)
    needed = {str(each["case"]) for each in parameters if "case" in each}
    if any("case" not in each for each in parameters):
        needed = set(CASES)
    run = run_graphs(SUITE, [case for name, case in CASES.items() if name in needed])
    summary += run.summary()
    return run


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_gives_the_numbers_of_its_source(case: str, reported: GraphRun) -> None:
    where = [backend for backend in BACKENDS if not reported.announced(case, backend)]
    verdicts = {backend: reported.verdicts[backend].get(case) for backend in where}
    assert verdicts == dict.fromkeys(where, MATCHING)
    assert "cpu" in where


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_it_is_right_in_browsers_or_noted(case: str, reported: GraphRun) -> None:
    assert reported.browsers[case].silent == {}


@pytest.mark.parametrize("case", _parameters(REFUSED))
def test_is_refused_for_its_reason(case: str, reported: GraphRun) -> None:
    verdict = reported.verdicts["cpu"][case]
    assert verdict.kind == "refused", verdict.text
    assert [words for words in CASES[case].refused if words not in verdict.text] == [], verdict.text
    assert [words for words in CASES[case].unsaid if words in verdict.text] == [], verdict.text


@pytest.mark.parametrize("case", _parameters(EXPECTED_TO_MATCH))
def test_its_inputs_make_a_difference(case: str, reported: GraphRun) -> None:
    assert proves_nothing(CASES[case], reported.files[case]) == []


@pytest.mark.full
def test_the_build_says_what_became_of_each(reported: GraphRun) -> None:
    build = reported.build
    assert not build.written.keys() & build.failed.keys()
    assert build.written.keys() | build.failed.keys() == CASES.keys()
    assert build.result.code == 1  # some are refused
    assert build.result.events[-1] == {"event": "stopped", "code": 1}
