"""`python: package.module:function`: a callable that returns a model, in the user's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    runs_code = True

    def modules(self, reference: str) -> tuple[str, ...]:
        """Return the module that the callable is in."""
        return (reference.removeprefix(self.schemes[0].prefix).partition(":")[0],)

    def files(self, path: Path) -> dict[str, Path]:  # noqa: ARG002
        """Return none: the files of its modules are counted as those of all code that a model may run."""
        return {}


KIND = PythonCallable()
