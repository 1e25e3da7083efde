"""TensorFlow Lite models as sources: read without TensorFlow, quantized ones computed in floats.

    with open_tflite_model(path, signature) as artifacts:
        ...

Importing this costs nothing; opening imports NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts


@contextmanager
def open_tflite_model(path: Path, signature: str | None) -> Iterator[ModelArtifacts]:
    """Convert a `.tflite` file: the `signature` of the manifest, or the one that it names itself.

    Raises SourceError for what is no model or is damaged, RefusedError for what is not covered.
    """
    from tfjs_build.convert.tflite.graph import convert
    from tfjs_build.convert.tflite.model import read_model

    yield convert(read_model(path), signature)
