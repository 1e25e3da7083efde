"""Builds the page of examples/digits as a user would, in a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits"


def build(project: Path) -> Path:
    """Copy the example to the new folder `project` and run `npm run build` there; return its `dist`.

    The copy uses the example's node_modules, which are installed if they are missing.
    """
    modules = EXAMPLE / "node_modules"
    if not (modules / ".bin" / "vite").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=EXAMPLE, check=True)
    made = shutil.ignore_patterns("node_modules", "dist", ".tfjs-build", "models")
    shutil.copytree(EXAMPLE, project, ignore=made)
    (project / "node_modules").symlink_to(modules)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    result = subprocess.run(
        ["npm", "run", "build"], cwd=project, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return project / "dist"
