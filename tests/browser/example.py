"""Builds the page of examples/digits as a user would, in a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits"


def copy(project: Path) -> Path:
    """Copy the example to the new folder `project`, without what tfjs-build makes, and return it.

    The copy uses the example's node_modules, which are installed if they are missing.
    """
    made = shutil.ignore_patterns("node_modules", "dist", ".tfjs-build", "models")
    shutil.copytree(EXAMPLE, project, ignore=made)
    (project / "node_modules").symlink_to(modules())
    return project


def modules() -> Path:
    """Return the example's node_modules; installs them where they are missing."""
    folder = EXAMPLE / "node_modules"
    if not (folder / ".bin" / "vite").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=EXAMPLE, check=True)
    return folder


def build(project: Path) -> Path:
    """Run `npm run build` in a copy of the example at the new folder `project`; return its `dist`."""
    copy(project)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    result = subprocess.run(
        ["npm", "run", "build"], cwd=project, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return project / "dist"
