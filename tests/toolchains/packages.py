"""The packages of package-lock.json, for what `make test` tries of toolchains and linters."""

from __future__ import annotations

import subprocess
from pathlib import Path

_FOLDER = Path(__file__).parent


def packages() -> Path:
    """Return `node_modules`; installs it where it is not there."""
    folder = _FOLDER / "node_modules"
    if not folder.is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=_FOLDER, check=True)
    return folder
