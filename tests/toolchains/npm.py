"""The package of `npm/`, installed, compiled and packed."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.support.project import REPOSITORY

NPM = REPOSITORY / "npm"


@cache
def compiled() -> Path:
    """Return its folder, in which it is compiled."""
    if not (NPM / "node_modules" / ".bin" / "tsc").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=NPM, check=True)
    subprocess.run(["npm", "run", "--silent", "build"], cwd=NPM, check=True)
    return NPM


@cache
def packed() -> Path:
    """Return the file that npm would publish."""
    folder = mkdtemp(prefix="tfjs-build-npm-")
    command = ["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder]
    done = subprocess.run(command, cwd=compiled(), check=True, capture_output=True, text=True)
    return Path(folder, json.loads(done.stdout)[0]["filename"])
