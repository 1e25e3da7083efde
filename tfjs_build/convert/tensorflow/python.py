"""Which Python has the user's TensorFlow: that of TFJS_BUILD_WORKER, else the project's .venv, else this one."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Final

from tfjs_build.errors import NoTensorFlowError

VARIABLE: Final = "TFJS_BUILD_WORKER"
_EXTRA: Final = 'pip install "tfjs-build[tensorflow]"'
_PLACES: Final = ("lib/python*/site-packages", "lib64/python*/site-packages", "Lib/site-packages")


def find_python(root: Path) -> Path:
    """Return the Python in which TensorFlow is started for a project; raises NoTensorFlowError where none has it.

    Nothing is run for that: a package is there if its folder is.
    """
    stated = os.environ.get(VARIABLE)
    if stated:
        path = Path(os.path.expanduser(stated))  # noqa: PTH111 (a `~` that nobody has stays)
        if not os.access(path, os.X_OK) or path.is_dir():
            raise NoTensorFlowError(
                f"{VARIABLE} names {path}, which is not a program", hint="It names a Python: /path/to/bin/python."
            )
        return path
    project = root / ".venv"
    if project.is_dir() and any(found for place in _PLACES for found in project.glob(f"{place}/tensorflow")):
        return project / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    spec = importlib.util.find_spec("tensorflow")
    if spec is not None and spec.submodule_search_locations:  # a package, not somebody's tensorflow.py
        return Path(sys.executable)
    raise missing()


def missing() -> NoTensorFlowError:
    """Return what to say where TensorFlow is not installed."""
    return NoTensorFlowError(
        "this needs TensorFlow, which is not installed",
        hint=f"Install it: {_EXTRA}. Or let {VARIABLE} name a Python that has it.",
    )
