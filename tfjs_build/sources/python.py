"""`python: package.module:function`: a callable that returns a model, in the user's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.errors import RefusedError
from tfjs_build.sources.kind import Kind, Scheme

if TYPE_CHECKING:
    from pathlib import Path

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


class PythonCallable(Kind):
    """Python callables."""

    input_format = "python"
    called = "a `python:` source"
    schemes = (
        Scheme("python:", rf"{_NAME}(?:\.{_NAME})*:{_NAME}(?:\.{_NAME})*", f"{called} is package.module:function"),
    )
    reference = "python: package.module:function"
    takes_paths = False
    keys = ("signature",)
    formats = ("layers", "graph")
    runs_code = True

    def unavailable(self) -> RefusedError:
        """Say that TensorFlow cannot be started yet."""
        return RefusedError(
            "`python:` sources run in TensorFlow, which this version cannot start",
            hint="Save the model to a .keras file and list that file instead.",
        )

    def files(self, path: Path) -> dict[str, Path]:  # noqa: ARG002
        """Return none: a callable has no files that could be told without running it."""
        return {}


KIND = PythonCallable()
