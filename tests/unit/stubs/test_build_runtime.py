"""The runtime module that ships is what `make runtime` builds of the TypeScript in runtime/."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY
from tfjs_build.stubs.render import template_dirs


@pytest.mark.full
def test_the_runtime_that_ships_is_built_from_its_project(tmp_path: Path) -> None:
    subprocess.run(["node", str(REPOSITORY / "runtime" / "build.mjs"), str(tmp_path)], check=True)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (template_dirs()[-1] / path.name).read_bytes(), "run `make runtime`"
    assert len(list(tmp_path.iterdir())) == 4
