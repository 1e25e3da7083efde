"""The packages of package-lock.json, for what `make test` tries of toolchains and linters."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent


def packages() -> Path:
    """Return `node_modules`; installs it where it is not there."""
    folder = _FOLDER / "node_modules"
    if not folder.is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=_FOLDER, check=True)
    return folder


def link(modules: Path, more: Mapping[str, Path] | None = None) -> None:
    """Give a project the packages, by links in its `node_modules`, and `more` of them by their names."""
    (modules / ".bin").mkdir(parents=True, exist_ok=True)
    folder = packages()
    links = {each.relative_to(folder): each for each in (*folder.iterdir(), *(folder / ".bin").iterdir())}
    links |= {Path(name): path for name, path in (more or {}).items()}
    for place, path in links.items():
        if place != Path(".bin") and not (modules / place).is_symlink():
            (modules / place).symlink_to(path)
