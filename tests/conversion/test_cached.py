"""Outcomes are kept while what decides them is the same, and forgotten when it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conversion import cached, seen, suite
from tests.conversion.cached import Outcome, Plan
from tests.conversion.node import Job, Run
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


@pytest.fixture
def in_node(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cases that Node was given, of models that are there without a converter; each has its name as its hash."""
    given: list[str] = []

    def run_jobs(jobs: Sequence[Job], folder: Path) -> dict[str, Run]:
        given.extend(job.id for job in jobs)
        return {job.id: Run(None, {}) for job in jobs}

    def job_of(build: object, case: str, files: Files, backend: str) -> Job:
        return Job(case, Path(), "", backend, Path(), Path())

    project = SimpleNamespace(models=Path(), stub=Path, written={"one", "two"}, notes={})
    monkeypatch.setattr(cached, "build_models", lambda folder, models: project)
    monkeypatch.setattr(cached, "job_of", job_of)
    monkeypatch.setattr(cached, "run_jobs", run_jobs)
    monkeypatch.setattr(cached, "run_in_browsers", lambda folder, graphs: {})
    monkeypatch.setattr(cached, "verdict_of", lambda build, case, files, backend, runs: Verdict("matching", "ran"))
    monkeypatch.setattr(seen, "run_of", lambda model, files, content: files.source.stem)
    monkeypatch.setattr(seen, "in_sample", lambda run: run == "sampled")
    return given


def test_what_was_right_in_node_is_not_run_again(in_node: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "read", lambda backend: frozenset({"one", "sampled"} if backend == "cpu" else ()))
    plans = [Plan("one", ("cpu", "wasm")), Plan("two", ("cpu",))]
    outcomes = cached.run(Path(), "suite", plans, {"one": _files("one"), "two": _files("sampled")}, "layers")
    assert in_node == ["two", "one"]  # on cpu, of the sample; on wasm
    ran = Verdict("matching", "ran")
    assert outcomes["one"].verdicts == {"cpu": suite.MATCHING, "wasm": ran}
    assert outcomes["one"].runs == {"cpu": "one", "wasm": "one"}
    assert outcomes["two"].verdicts == {"cpu": ran}


def test_what_is_right_in_everything_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MEMORY", tmp_path)
    seen.write("cpu", {"kept", "wrong"}, tmp_path)
    found = {
        "right": suite.MATCHING,
        "wrong": Verdict("silent", "other numbers"),
        "odd": Verdict("matching", leaked=suite.NO_LEAK, odd={"nan": "other numbers"}),
        "leaks": Verdict("matching", leaked={"predict": 1, "dispose": 0}),
        "": suite.MATCHING,
    }
    cached.remember([Outcome({"cpu": verdict}, runs={"cpu": run}) for run, verdict in found.items()], ["cpu"])
    assert seen.read("cpu", tmp_path) == {"kept", "right"}


def test_all_code_of_the_converter_counts() -> None:
    assert cached._code() == cached._code()
    assert len(cached._code()) == 64
