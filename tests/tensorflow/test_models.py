"""What TensorFlow makes of the user's code gives the numbers that it gives there, under the model's own names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conversion.build import Build, build_project
from tests.conversion.node import run_jobs
from tests.conversion.oracle import Files
from tests.conversion.suite import MATCHING, job_of, judge
from tests.tensorflow.conftest import project_with_code

Models = dict[str, dict[str, Any]]
"""Models of a manifest, by name."""

FILES: Models = {
    "custom": {"source": "custom.keras"},
    "custom_h5": {"source": "custom_h5.h5"},
    "registered": {"source": "registered.keras"},
    "old": {"source": "old.h5"},
    "lambda": {"source": "lambda.keras"},
    "subclassed": {"source": "subclassed.keras"},
}
ENGINE: Models = {
    "plain": {"source": "plain.keras", "engine": "tensorflow"},
    "plain_h5": {"source": "plain_h5.h5", "engine": "tensorflow"},
    "saved": {"source": "saved", "engine": "tensorflow"},
    "frozen": {"source": "frozen.pb", "engine": "tensorflow", "outputs": ["y"]},
}
CODE: Models = {
    "made": {"source": "python:nets:made"},
    "module": {"source": "python:nets:Module"},
    "second": {"source": "python:nets:Several", "signature": "second"},
}


def build(folder: Path, written: Path, models: Models, env: dict[str, str], *arguments: str, **top: object) -> Build:
    """Build models whose files are among those that TensorFlow has written."""
    placed = {
        name: {**keys, "source": keys["source"] if ":" in keys["source"] else str(written / keys["source"])}
        for name, keys in models.items()
    }
    return build_project(folder, placed, *arguments, env=env, **top)


def verdicts(built: Build, written: Path) -> dict[str, str]:
    """Run what was built in Node, and return what is wrong with it, by model."""
    cases = {
        name: Files(written / name, written / f"{name}.inputs", written / f"{name}.outputs", weight_elements=0)
        for name in built.written
    }
    jobs = {name: job_of(built, name, files, "cpu") for name, files in cases.items()}
    runs = run_jobs(list(jobs.values()), built.project.root / "node")
    found = {name: judge(cases[name], runs[job.id]) for name, job in jobs.items()}
    return {name: f"{verdict.text} {verdict.leaked}" for name, verdict in found.items() if verdict != MATCHING}


@pytest.fixture(scope="module")
def built(written: Path, with_tensorflow: dict[str, str]) -> Iterator[Build]:
    """All of them, built by one command."""
    with project_with_code() as folder:
        code = {name: {**keys, "allow_code": True} for name, keys in (FILES | CODE).items()}
        yield build(folder, written, code | ENGINE, with_tensorflow, imports=["layers", "old_layers", "nets"])


def test_numbers(built: Build, written: Path) -> None:
    assert built.failed == {}
    assert verdicts(built, written) == {}


def test_nothing_is_said_about_what_was_asked_for(built: Build) -> None:
    assert built.notes == {}
    assert built.result.err == ""


def test_the_same_again(built: Build, written: Path, with_tensorflow: dict[str, str]) -> None:
    """Output is the same byte for byte, and nothing of it depends on where the project is. One after the other: what
    is cached of a callable is no other one's, though both are in one file."""
    with project_with_code() as folder:
        models = {name: {**(FILES | CODE)[name], "allow_code": True} for name in ("custom", "made", "module")}
        again = build(folder, written, models, with_tensorflow, "-j", "1", imports=["layers", "old_layers", "nets"])
        assert again.failed == {}
        new = {name: data for name, data in again.published().items() if name.startswith("models/")}
        assert len(new) == 6
        assert {name: built.published().get(name) for name in new} == new
