"""A project with one small Keras model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project

_SUMMARY = pytest.StashKey[list[str]]()
MANIFEST = """\
version: 1
output: public/models
stubs: src/models
models:
  net:
    source: training/net.keras
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    project.manifest(MANIFEST)
    (project.root / "training").mkdir()
    write_dense(project.root / "training" / "net.keras")
    return project


@pytest.fixture
def summary(pytestconfig: pytest.Config) -> list[str]:
    """Lines to print when all tests have run."""
    return pytestconfig.stash.setdefault(_SUMMARY, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was counted."""
    for line in config.stash.get(_SUMMARY, []):
        terminalreporter.write_line(line)
