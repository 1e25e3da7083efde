"""Outcomes are kept while what decides them is the same, and forgotten when it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.conversion import cached
from tests.conversion.cached import Outcome, Plan
from tests.conversion.oracle import Files
from tests.conversion.suite import Verdict

MATCHING = Outcome({"cpu": Verdict("matching", leaked={"predict": 0, "dispose": 0})}, ("wasm",), Verdict("silent", "x"))


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cases that were run, none of which needs a converter or a source."""
    cases: list[str] = []

    def run(
        folder: Path, suite: str, plans: Sequence[Plan], of: Mapping[str, Files], format: str
    ) -> dict[str, Outcome]:
        cases.extend(plan.case for plan in plans)
        return {plan.case: MATCHING for plan in plans}

    monkeypatch.setattr(cached, "_CACHE", tmp_path)
    monkeypatch.setattr(cached, "run", run)
    monkeypatch.setattr(cached, "_code", lambda: "code")
    return cases


def _files(name: str) -> Files:
    return Files(Path(f"digest/{name}.keras"), Path("inputs"), Path("outputs"), 0)


FILES = {name: _files(name) for name in ("one", "two")}


def _convert(*plans: Plan, of: Mapping[str, Files] = FILES, format: str = "graph") -> dict[str, Outcome]:
    return cached.convert("suite", plans, of, format=format)


def test_a_known_outcome_is_not_found_again(ran: list[str]) -> None:
    plans = [Plan("one", ("cpu",)), Plan("two", ("cpu", "wasm"), tampered=True)]
    first = _convert(*plans)
    assert _convert(*plans) == first == {"one": MATCHING, "two": MATCHING}
    assert ran == ["one", "two"]


def test_another_plan_or_format_is_run(ran: list[str]) -> None:
    _convert(Plan("one", ("cpu",)))
    _convert(Plan("one", ("cpu", "wasm")))
    _convert(Plan("one", ("cpu", "wasm"), tampered=True))
    _convert(Plan("one", ("cpu", "wasm"), tampered=True), format="layers")
    assert ran == ["one"] * 4


def test_another_converter_or_source_is_run(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _convert(Plan("one", ("cpu",)))
    monkeypatch.setattr(cached, "_code", lambda: "other code")
    _convert(Plan("one", ("cpu",)))
    _convert(Plan("one", ("cpu",)), of={"one": _files("other")})
    assert ran == ["one"] * 3


def test_only_what_is_not_known_is_run(ran: list[str]) -> None:
    _convert(Plan("one", ("cpu",)))
    assert set(_convert(Plan("one", ("cpu",)), Plan("two", ("cpu",)))) == {"one", "two"}
    assert ran == ["one", "two"]


def test_a_failure_is_looked_at_again(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Outcome({"cpu": Verdict("silent", "other numbers"), "wasm": Verdict("matching")})

    def fail(
        folder: Path, suite: str, plans: Sequence[Plan], of: Mapping[str, Files], format: str
    ) -> dict[str, Outcome]:
        return {plan.case: failed for plan in plans}

    with monkeypatch.context() as patch:
        patch.setattr(cached, "run", fail)
        assert _convert(Plan("one", ("cpu",))) == {"one": failed}
    assert _convert(Plan("one", ("cpu",))) == {"one": MATCHING}


def test_all_code_of_the_converter_counts() -> None:
    assert cached._code() == cached._code()
    assert len(cached._code()) == 64
