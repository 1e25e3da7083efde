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

from tfjs_build.errors import RefusedError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import ModelFormat


@contextmanager
def open_tfjs_model(path: Path, format: ModelFormat) -> Iterator[ModelArtifacts]:
    """Convert a model.json, or the folder that holds one, in the `format` of the manifest.

    Raises SourceError for what is no model or is damaged, RefusedError for what is not covered.
    """
    from tfjs_build.convert.tfjs.document import read_document

    document = read_document(path)
    if not document.is_graph:
        from tfjs_build.convert.keras.choice import convert
        from tfjs_build.convert.tfjs.layers import read_layers

        yield convert(read_layers(document), format)
        return
    if format == "layers":
        raise RefusedError(
            f"{document.path} holds a graph, not layers", hint="Say `format: graph`, or leave it out.", key="format"
        )
    from tfjs_build.convert.tfjs.graph import read_graph

    yield read_graph(document)
