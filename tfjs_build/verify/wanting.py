"""What a project lets verify: the TensorFlow.js that it has, and the backends that it wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfjs_build.errors import UsageError
from tfjs_build.verify import project

if TYPE_CHECKING:
    from tfjs_build.model import Backend
    from tfjs_build.verify.project import TensorFlowJs

BACKENDS: Final[tuple[Backend, ...]] = ("cpu", "wasm", "webgl", "webgpu")
"""In the order in which they are tried."""


def tensorflowjs_in(folders: Sequence[Path]) -> TensorFlowJs:
    """Return the TensorFlow.js that a project has; raises UsageError where it has none."""
    found = project.find(folders)
    if found is None:
        raise UsageError(
            f"the project does not have {project.TFJS}: there is none in a `node_modules` of {folders[-1]}, or above",
            hint=f"npm install {project.TFJS}",
        )
    return found


def wanted(stated: Sequence[str] | None, modules: TensorFlowJs) -> list[Backend]:
    """Return the backends to try: those that are stated, else all that the project has."""
    return [backend for backend in BACKENDS if (backend in stated if stated else modules.has(backend))]
