"""The cheap ones of the toolchains, from locked packages and without a network; `make toolchains` tries all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.toolchains.environment import QUIET
from tests.toolchains.model import fault
from tests.toolchains.packages import packages
from tests.toolchains.page import faults_of_page
from tests.toolchains.project import Project
from tests.toolchains.toolchains import TOOLCHAINS

SCAFFOLDER = "npx create-vite@latest"


@pytest.mark.full
@pytest.mark.parametrize("name", ["vite-vanilla", "esbuild", "import-map", "node"])
def test_a_project_builds_and_predicts_at_the_root_and_below(name: str, tmp_path: Path, browser: Browser) -> None:
    (toolchain,) = (each for each in TOOLCHAINS if each.name == name)
    installed = packages()
    path = f"{installed / '.bin'}{os.pathsep}{os.environ['PATH']}"
    project = Project(toolchain, tmp_path, {**os.environ, **QUIET, "PATH": path})
    if toolchain.create:
        assert toolchain.create.startswith(SCAFFOLDER)
        project.command(toolchain.create.replace(SCAFFOLDER, "create-vite"), cwd=tmp_path)
    project.add_model()
    (project.root / "node_modules").symlink_to(installed)
    for command in toolchain.check:
        project.command(command)
    for base in toolchain.bases:
        if toolchain.run:
            assert fault(project.run()) == []
        else:
            assert faults_of_page(browser, project.build(base), base, tmp_path / "host") == []
