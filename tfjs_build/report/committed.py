"""The model.json of the last commit, where the project is in git: what was published before the work of today."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from tfjs_build.convert import model_json
from tfjs_build.records import record
from tfjs_build.report.history import Version, by_layer
from tfjs_build.report.published import nbytes, parts

_SECONDS: Final = 10
"""In which git answers; it reads one file."""


@record(frozen=True)
class _Git:
    """What git said."""

    code: int
    out: bytes


def committed(index: Path) -> Version | None:
    """Return the version of a model in git's HEAD, `index` being its model.json; None where there is none."""
    said = _git(index.parent, "cat-file", "blob", f"HEAD:./{index.name}")
    if said.code:
        return None
    day = _git(index.parent, "log", "-1", "--format=%cs", "HEAD", "--", index.name)
    return version_of(said.out, day.out.decode("ascii", "replace").strip()[:10])


def version_of(data: bytes, seen: str) -> Version | None:
    """Return what a model.json alone says of its version; None where it is none of ours."""
    try:
        metadata, document = model_json.unsealed(data), json.loads(data)
        weights = {str(entry["name"]): nbytes(entry) for entry in _entries(document)}
        layers, ops = by_layer(weights), parts(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return Version(metadata.version, seen, len(data), sum(weights.values()), None, layers, ops)


def _entries(document: Any) -> list[Any]:
    return [entry for group in document["weightsManifest"] for entry in group["weights"]]


def _git(folder: Path, *arguments: str) -> _Git:
    """Ask git; where it is not there, or does not answer, that is a code other than 0."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return _Git(1, b"")
    return _Git(done.returncode, done.stdout)
