"""Conversions in child processes: given to one that was started ahead, killed, or dead."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tfjs_build import manifest, sources
from tfjs_build.children import Children, Ended
from tfjs_build.errors import ModelError
from tfjs_build.job import Job
from tfjs_build.staged import Staged


@pytest.fixture
def job(tmp_path: Path) -> Job:
    write_dense(tmp_path / "net.keras")
    text = "version: 1\noutput: models\nmodels:\n  net: {source: net.keras}\n"
    (model,) = manifest.parse(text, tmp_path / "tfjs.yaml").models
    return Job(model, sources.resolve(model), None, tmp_path / "staging")


def _outcome(children: Children) -> object:
    while True:
        for message in children.wait():
            if isinstance(message, Ended):
                return message.outcome


def _alive() -> list[int | None]:
    return [process.pid for process in multiprocessing.active_children()]


def test_the_first_job_is_given_to_the_child_that_was_started_ahead(job: Job) -> None:
    with Children() as children:
        children.ahead("keras")
        ahead = _alive()
        children.start(job)
        assert _alive() == ahead
        assert isinstance(_outcome(children), Staged)
        assert _alive() == []
        children.start(job)
        assert _alive() not in ([], ahead)
        assert isinstance(_outcome(children), Staged)


def test_a_wrong_guess_of_the_kind_changes_nothing(job: Job) -> None:
    with Children() as children:
        children.ahead("tf_saved_model")
        children.start(job)
        assert isinstance(_outcome(children), Staged)


def test_a_child_without_a_job_ends_with_the_others(job: Job) -> None:
    with Children() as children:
        children.ahead("keras")
    assert _alive() == []


def test_a_job_can_be_killed(job: Job) -> None:
    with Children() as children:
        children.ahead("keras")
        children.start(job)
        children.kill("net")
        assert _alive() == []
        assert len(children) == 0


def test_a_child_that_died_before_its_job_came_is_told_of(job: Job) -> None:
    with Children() as children:
        children.ahead("keras")
        (child,) = multiprocessing.active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        children.start(job)
        outcome = _outcome(children)
    assert isinstance(outcome, ModelError)
    assert outcome.message == "the conversion died (signal SIGKILL)"
