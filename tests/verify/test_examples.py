"""`tfjs-build verify` finds nothing wrong with the examples."""

from __future__ import annotations

from pathlib import Path

from tests.browser.example import copy
from tests.support.project import Project


def test_digits(tmp_path: Path) -> None:
    project = Project(copy(tmp_path / "digits"))
    assert project.run("build").code == 0
    result = project.run("verify", "--json")
    assert result.code == 0, result.out
    assert [(event["model"], event["backend"], event["problems"]) for event in result.of("verified")] == [
        (model, backend, []) for model in ("digits", "digits-small") for backend in ("cpu", "webgl")
    ]
