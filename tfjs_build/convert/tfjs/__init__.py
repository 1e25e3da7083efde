"""TensorFlow.js models as sources: what this tool, TensorFlow.js's own and others have written, read without either.

    with open_tfjs_model(path) as artifacts:
        ...

Importing this costs nothing; opening imports NumPy and protobuf.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts


@contextmanager
def open_tfjs_model(path: Path) -> Iterator[ModelArtifacts]:
    """Convert a model.json, or the folder that holds one, to a graph model.

    Raises SourceError for what is no model or is damaged, RefusedError for what is not covered.
    """
    from tfjs_build.convert.tfjs.document import read_document
    from tfjs_build.convert.tfjs.graph import read_graph

    yield read_graph(read_document(path))
