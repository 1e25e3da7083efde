"""Whatever users' code does to its process, it is one failed model, and nothing is left running."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conversion.build import build_project
from tests.support.project import Project
from tests.watch.watching import MARK, processes_with

LIMITS = {"hanging": {"time": "20s"}, "hungry": {"memory": "2GB"}}
SAYS = {
    "killed": "TensorFlow died while it made the model (signal SIGKILL)",
    "crashed": "TensorFlow died while it made the model (signal SIGSEGV): about to crash",
    "hanging": "the conversion took longer than 20s",
    "hungry": "the conversion needs more than 2.0 GB of memory",
}


def odd(*names: str) -> dict[str, dict[str, object]]:
    """Return models that functions of odd.py make."""
    return {
        name: {
            "source": f"python:odd:{name}",
            "allow_code": True,
            **({"limits": LIMITS[name]} if name in LIMITS else {}),
        }
        for name in names
    }


def test_whatever_befalls_it_the_others_are_built(folder: Path, with_tensorflow: dict[str, str]) -> None:
    models = {**odd(*SAYS, "chatty"), "sound": {"source": "python:nets:Module", "allow_code": True}}
    built = build_project(folder, models, env={**with_tensorflow, MARK: "odd"})
    assert {name: built.failed.get(name, {}).get("message") for name in SAYS} == SAYS
    assert sorted(built.written) == ["chatty", "sound"]
    assert built.result.err == ""
    assert processes_with("odd") == []


def test_verbose_shows_what_is_printed(folder: Path, with_tensorflow: dict[str, str]) -> None:
    built = build_project(folder, odd("crashed"), "--verbose", env=with_tensorflow)
    assert "about to crash\n" in built.result.err


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("#!/bin/sh\necho no such thing >&2\nexit 7\n", "ended with exit code 7: no such thing"),
        (None, "TFJS_BUILD_WORKER names "),
    ],
)
def test_a_python_that_does_not_start(folder: Path, python: str | None, message: str) -> None:
    program = folder / "python"
    if python is not None:
        program.write_text(python, encoding="utf-8")
        program.chmod(0o755)
    built = build_project(folder, odd("chatty"), env={"TFJS_BUILD_WORKER": str(program)})
    assert message in built.failed["chatty"]["message"]
    assert built.result.code == 1


def test_a_python_without_tensorflow(folder: Path) -> None:
    built = build_project(folder, odd("chatty"), env={"TFJS_BUILD_WORKER": sys.executable})
    assert built.failed["chatty"]["message"].endswith("No module named 'tensorflow'")
    assert built.failed["chatty"]["hint"].startswith("Install it there")


def test_what_it_does_not_need_is_not_imported(folder: Path, with_tensorflow: dict[str, str]) -> None:
    (folder / "pandas.py").write_text("", encoding="utf-8")
    (folder / "looks.py").write_text(
        "import sys\n"
        "before = [name for name in ('jax', 'pandas', 'tensorflow_decision_forests') if name in sys.modules]\n"
        "import pandas\n"
        "from nets import Module\n"
        "def make():\n"
        "    assert not before, before\n"
        "    return Module()\n",
        encoding="utf-8",
    )
    models = {"looks": {"source": "python:looks:make", "allow_code": True}}
    assert build_project(folder, models, env=with_tensorflow).failed == {}


def test_inspect(folder: Path, with_tensorflow: dict[str, str]) -> None:
    project = Project(folder)
    project.manifest("version: 1\noutput: out\nmodels:\n  made: { source: 'python:nets:made', allow_code: true }\n")
    result = project.run("inspect", "made", "--json", env={**with_tensorflow, MARK: "inspect"})
    [event] = result.of("inspected")
    assert [each["name"] for each in event["inputs"]] == ["left", "right"]
    assert [each["name"] for each in event["outputs"]] == ["shifted", "small"]
    assert processes_with("inspect") == []
