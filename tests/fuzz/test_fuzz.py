"""Inputs of every kind, changed, are refused or published: a part of `make fuzz` that is the same every time, all that
it has ever found, and that it finds what there is to find."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.fuzz import corpus, seeds, server
from tests.fuzz.campaign import SHARES, cases, run
from tests.fuzz.kinds import KINDS
from tests.fuzz.server import Case
from tfjs_build import job
from tfjs_build.errors import SourceError

EXECUTIONS = 10
"""Of each kind, times its share."""
SIZE = 300_000
"""Most bytes that seeds and findings may take in the repository."""


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    server.warm()


@pytest.mark.parametrize("kind", SHARES)
def test_what_is_changed_is_refused_or_published(kind: str, tmp_path: Path) -> None:
    some = cases(Random(f"{kind} 1"), [kind], more=False)
    count = EXECUTIONS * SHARES[kind]
    counts = run(tmp_path / "case", (next(some) for _ in range(count)))
    assert counts.executions[kind] == count
    assert not counts.found, "\n\n".join(f"{case}\n{verdict.text}" for case, verdict in counts.found.values())


@pytest.mark.parametrize("kind", SHARES)
def test_what_is_not_changed_is_refused_for_a_reason(kind: str, tmp_path: Path) -> None:
    """Seeds that were all refused would prove nothing; those that are refused say why, and so are tested as well."""
    results = server.judge(tmp_path / "case", [Case(kind, name, ()) for name in KINDS[kind].names(more=False)])
    verdicts = {case.seed: verdict for case, verdict in results}
    assert not {name: verdict for name, verdict in verdicts.items() if verdict.result == "found"}
    published = sum(verdict.result == "done" for verdict in verdicts.values())
    assert published >= len(verdicts) * (0 if kind == "tfjs" else 0.3)


def test_what_was_found_is_not_found_again(tmp_path: Path) -> None:
    found = server.judge_files(tmp_path / "case", corpus.read())
    bad = {name: verdict for name, verdict in found.items() if verdict.result == "found"}
    assert found
    assert not bad, "\n\n".join(f"{name}: {verdict.key}\n{verdict.text}" for name, verdict in bad.items())


def test_seeds_and_findings_are_small() -> None:
    files = [seeds.ARCHIVE, *corpus.FOLDER.glob("*.zip")]
    assert sum(file.stat().st_size for file in files) < SIZE


def _bug(*_: object) -> Any:
    raise KeyError("a node")


def _hang(*_: object) -> Any:
    while True:
        pass


def _crash(*_: object) -> Any:
    os.kill(os.getpid(), signal.SIGSEGV)


def _memory(*_: object) -> Any:
    return np.ones((3 << 30) // 8).sum()


def _outside(*_: object) -> Any:
    Path("../mine.txt").write_text("theirs")
    raise SourceError("it is damaged")


def _elsewhere(*_: object) -> Any:
    Path("/etc/tfjs-build-fuzz").write_text("theirs")


def _new(*_: object) -> Any:
    Path("stray").mkdir()
    raise SourceError("it is damaged")


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (_bug, "bug: KeyError"),
        (_hang, "hang"),
        (_crash, f"died of {signal.SIGSEGV.value}"),
        (_memory, "memory"),
        (_outside, "a file outside"),
        (_elsewhere, "a file outside"),
        (_new, "a file outside"),
    ],
)
def test_what_must_not_happen_is_found(
    fault: Callable[..., Any], key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_SECONDS", 0.5)
    monkeypatch.setattr(job, "run", fault)
    case = Case("labels", "two", ())
    after = Case("tfjs", "graph-model", ())
    (_, verdict), (_, other) = server.judge(tmp_path / "case", [case, after])
    assert verdict.result == "found"
    assert verdict.key.startswith(key)
    assert other.result in ("found", "refused")  # whatever became of the first, the next is judged


def test_a_case_is_the_same_every_time() -> None:
    for kind in SHARES:
        some = cases(Random(kind), [kind], more=False)
        for case in (next(some) for _ in range(5)):
            assert case.files() == case.files()


def test_edits_that_a_finding_does_not_need_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "run", _bug)
    some = iter([Case("keras", "dense", (1, 2, 3, 4, 5))])
    counts = run(tmp_path / "case", some, until=time.monotonic() + 60)
    ((case, verdict),) = counts.found.values()
    assert verdict.key.startswith("bug: KeyError")
    assert len(case.edits) == 1
