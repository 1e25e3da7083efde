"""Reports of our own bugs: what happened and in which versions, written to a file that a user can send."""

from __future__ import annotations

import hashlib
import platform
import sys
from pathlib import Path

from tfjs_build import __version__

ISSUES = "the issue tracker of tfjs-build"


class InternalError(Exception):
    """A conversion ended with an unexpected error; `report` is its traceback."""

    def __init__(self, report: str) -> None:
        super().__init__(report.rstrip().rsplit("\n", 1)[-1])
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        return (InternalError, (self.report,))


def write_bug_report(folder: Path, report: str) -> Path | None:
    """Write a report into `folder` and return its path, None where that cannot be; equal reports share a file."""
    text = f"{versions()}\n\n{report.rstrip()}\n"
    data = text.encode("utf-8", "backslashreplace")
    path = folder / f"bug-{hashlib.sha256(data).hexdigest()[:8]}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError:
        return None
    return path


def versions() -> str:
    """Return the versions that matter for a report, a line each; nothing is imported for it."""
    from importlib import metadata

    lines = [f"tfjs-build {__version__}", f"Python {platform.python_version()} on {platform.platform()}"]
    for package in ("numpy", "h5py", "protobuf", "PyYAML", "Jinja2", "watchdog", "tensorflow", "tensorflowjs"):
        try:
            lines.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{package} is not installed")
    return "\n".join([*lines, f"Command: {' '.join(sys.argv[1:])}"])
