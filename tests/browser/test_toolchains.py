"""The cheap ones of the toolchains, from locked packages and without a network; `make toolchains` tries all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.toolchains.dev import faults_of_dev
from tests.toolchains.environment import QUIET
from tests.toolchains.model import fault
from tests.toolchains.npm import compiled
from tests.toolchains.packages import link, packages
from tests.toolchains.page import faults_of_page
from tests.toolchains.project import Project
from tests.toolchains.toolchains import TOOLCHAINS

SCAFFOLDER = "npx create-vite@latest"


@pytest.mark.full
@pytest.mark.parametrize("name", ["vite-vanilla", "esbuild", "import-map", "node"])
def test_a_project_builds_and_predicts_at_the_root_and_below(name: str, tmp_path: Path, browser: Browser) -> None:
    project = made(name, tmp_path)
    for command in project.toolchain.check:
        project.command(command)
    for base in project.toolchain.bases:
        if project.toolchain.run:
            assert fault(project.run()) == []
        else:
            assert faults_of_page(browser, project.build(base), base, tmp_path / "host") == []


@pytest.mark.full
@pytest.mark.parametrize("name", ["vite-vanilla", "rspack", "esbuild"])
def test_a_project_with_the_plugin_is_developed_and_built(name: str, tmp_path: Path, browser: Browser) -> None:
    project = made(name, tmp_path, plugin=True)
    assert faults_of_dev(browser, project) == []
    project.clean()
    project.command("tfjs-build build")  # before types are checked
    assert faults_of_page(browser, project.build("/sub/"), "/sub/", tmp_path / "host") == []


def made(name: str, folder: Path, *, plugin: bool = False) -> Project:
    """Return a toolchain's project, with packages that are there already."""
    (toolchain,) = (each for each in TOOLCHAINS if each.name == name)
    installed = packages()
    path = f"{installed / '.bin'}{os.pathsep}{os.environ['PATH']}"
    project = Project(toolchain, folder, {**os.environ, **QUIET, "PATH": path})
    if toolchain.create:
        assert toolchain.create.startswith(SCAFFOLDER)
        project.command(toolchain.create.replace(SCAFFOLDER, "create-vite"), cwd=folder)
    project.add_model(plugin=plugin)
    link(project.root / "node_modules", {"tfjs-build": compiled()} if plugin else None)
    return project
