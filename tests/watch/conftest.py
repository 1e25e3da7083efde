"""A project with one small Keras model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project

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
