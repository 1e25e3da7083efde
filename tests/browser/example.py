"""Builds the page of examples/digits as a user would, in a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.toolchains.npm import compiled

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits"

_WITHOUT_PLUGIN = """\
import { defineConfig } from "vite";

export default defineConfig({ build: { chunkSizeWarningLimit: 1200 } });
"""


def copy(project: Path, *, plugin: bool = False) -> Path:
    """Copy the example to the new folder `project`, without what tfjs-build makes, and return it.

    The copy uses the example's node_modules, which are installed if they are missing. Without the plugin it is for
    tests that build or watch by themselves: both at once would be two in one folder.
    """
    made = shutil.ignore_patterns("node_modules", "dist", ".tfjs-build", "models")
    shutil.copytree(EXAMPLE, project, ignore=made)
    (project / "node_modules").symlink_to(modules())
    if plugin:
        compiled()
    else:
        (project / "vite.config.ts").write_text(_WITHOUT_PLUGIN, encoding="utf-8")
    return project


def modules() -> Path:
    """Return the example's node_modules; installs them where they are missing."""
    folder = EXAMPLE / "node_modules"
    if not (folder / ".bin" / "vite").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=EXAMPLE, check=True)
    return folder


def build(project: Path) -> Path:
    """Run `npm run build` in a copy of the example at the new folder `project`; return its `dist`."""
    copy(project, plugin=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    result = subprocess.run(
        ["npm", "run", "build"], cwd=project, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return project / "dist"
