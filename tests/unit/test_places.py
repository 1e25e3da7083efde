"""Where in the manifest a failure points: at the key that is to blame."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project


@pytest.mark.parametrize(
    "line",
    [
        "labels: pipe.txt",
        "labels: gone.txt",
        "max_size: 1B",
        "quantize: { uint8: [nothing] }",
        "rename: { u: v }",
        "engine: tensorflow",
    ],
)
def test_the_key_that_is_to_blame(tmp_path: Path, line: str) -> None:
    project = Project(tmp_path / "app")
    write_dense(project.root / "net.keras")
    os.mkfifo(project.root / "pipe.txt")
    project.manifest(f"version: 1\noutput: models\nmodels:\n  net:\n    source: net.keras\n    {line}\n")
    result = project.run("build", "--json")
    assert result.code == 1
    (failed,) = result.of("failed")
    assert (failed["line"], failed["column"]) == (6, 5), failed
