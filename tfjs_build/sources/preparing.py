"""What has to be done before a source can be looked at: a step of builds and watches, in a child."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.sources.kind import Preparation
from tfjs_build.sources.registry import expected

__all__ = ["Preparation", "needs_preparing", "prepare"]

if TYPE_CHECKING:
    from tfjs_build.model import Model
    from tfjs_build.sources.kind import Progress


def needs_preparing(model: Model) -> bool:
    """Whether a model's source has to be prepared first: downloaded, say."""
    kind = expected(model.source, model.input_format)
    return kind is not None and kind.needs_preparing(model)


def prepare(task: Preparation, progress: Progress) -> Path:
    """Prepare a model's source, and return the path that is opened; raises SourceError."""
    kind = expected(task.model.source, task.model.input_format)
    assert kind is not None  # else there was nothing to prepare
    return kind.prepare(task, progress)
