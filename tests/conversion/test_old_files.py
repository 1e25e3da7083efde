"""Files of Keras 2.0 to 2.3 and TensorFlow 1.13 to 2.3, as those versions wrote them: the numbers are theirs, too."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.conversion.cached import Outcome
from tests.conversion.compare import indifferent
from tests.conversion.conversions import DOCUMENT
from tests.conversion.conversions_old_files import section
from tests.conversion.old_files import OldCase, old_cases, old_files, run_old_files, writers
from tests.conversion.suite import MATCHING
from tests.oracle.tensors import read_groups
from tests.support.selection import parameters_of_users

LEAST_WRITERS = 10
"""Keras 2.0, 2.1 and 2.3, and TensorFlow 1.13, 1.14, 1.15 and 2.3, at least."""
LEAST_CASES = 50
"""Cases that each writer has at least."""

ALL = old_cases()
EXPECTED_TO_MATCH = [case for case in ALL if not case.refused and not case.mended]
REFUSED = [case for case in ALL if case.refused]
TAMPERED = [case for case in ALL if case.tampered]


def _parameters(cases: list[OldCase]) -> list[object]:
    """Mark those that take too long while somebody works."""
    return [pytest.param(case, marks=() if case.quick else pytest.mark.full, id=str(case)) for case in cases]


@pytest.fixture(scope="session")
def of_old_files(request: pytest.FixtureRequest, summary: list[str]) -> dict[str, Outcome]:
    """What became of the cases that the selected tests need."""
    needed: dict[str, OldCase] = {}
    for parameters in parameters_of_users(request):
        chosen, writer = parameters.get("old"), parameters.get("writer")
        each = [chosen] if isinstance(chosen, OldCase) else TAMPERED if writer else ALL
        needed |= {str(case): case for case in each}
    outcomes = run_old_files(needed.values())
    kinds = [outcome.worst.kind for outcome in outcomes.values()]
    summary.append(
        f"Old files: {len(needed)} of {len(ALL)} conversions, {kinds.count('matching')} matching, "
        f"{kinds.count('refused')} refused with a reason, {kinds.count('silent')} silent"
    )
    return outcomes


@pytest.mark.parametrize("old", _parameters(EXPECTED_TO_MATCH))
def test_gives_the_numbers_of_its_writer(old: OldCase, of_old_files: Mapping[str, Outcome]) -> None:
    outcome = of_old_files[str(old)]
    assert outcome.verdicts == dict.fromkeys(
        [backend for backend in old.backends if backend not in outcome.announced],
        MATCHING,
    )
    assert outcome.verdicts


@pytest.mark.parametrize("old", _parameters(EXPECTED_TO_MATCH))
def test_it_is_right_in_browsers_or_noted(old: OldCase, of_old_files: Mapping[str, Outcome]) -> None:
    browsers = of_old_files[str(old)].browsers
    assert browsers is not None
    assert browsers.silent == {}


@pytest.mark.parametrize("old", _parameters(REFUSED))
def test_is_refused_for_its_reason(old: OldCase, of_old_files: Mapping[str, Outcome]) -> None:
    verdict = of_old_files[str(old)].worst
    assert verdict.kind == "refused", verdict.text
    assert [words for words in old.refused if words not in verdict.text] == [], verdict.text


@pytest.mark.parametrize("old", _parameters([case for case in ALL if case.mended]))
def test_gives_other_numbers_where_its_writer_was_wrong(old: OldCase, of_old_files: Mapping[str, Outcome]) -> None:
    assert "of max|b|" in of_old_files[str(old)].worst.text


@pytest.mark.parametrize("old", _parameters(EXPECTED_TO_MATCH))
def test_its_inputs_make_a_difference(old: OldCase) -> None:
    assert indifferent(read_groups(old_files([old])[str(old)].outputs)) == []


@pytest.mark.full
@pytest.mark.parametrize("writer", writers())
def test_one_changed_weight_is_noticed(writer: str, of_old_files: Mapping[str, Outcome]) -> None:
    verdicts = [of_old_files[str(case)].tampered for case in TAMPERED if case.writer == writer]
    texts = [verdict.text for verdict in verdicts if verdict]
    # Each loaded and predicted; the comparison is what failed.
    assert [text for text in texts if text and "sample " not in text] == []
    assert sum(map(bool, texts)) >= len(texts) / 2


def test_every_version_has_many_cases() -> None:
    assert len(writers()) >= LEAST_WRITERS
    counts = {writer: sum(case.writer == writer for case in ALL) for writer in writers()}
    assert {writer: count for writer, count in counts.items() if count < LEAST_CASES} == {}


@pytest.mark.full
def test_none_is_silent(of_old_files: Mapping[str, Outcome]) -> None:
    mended = {str(case) for case in ALL if case.mended}
    assert {case for case, outcome in of_old_files.items() if outcome.worst.kind == "silent"} == mended


@pytest.mark.full
def test_the_document_says_what_became_of_each(of_old_files: Mapping[str, Outcome]) -> None:
    text = section(ALL, of_old_files)
    assert text in DOCUMENT.read_text(encoding="utf-8"), "run `make conversions`, and commit what it changes"
