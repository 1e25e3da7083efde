"""TensorFlow.js models as sources: what this tool, TensorFlow.js's own and others have written, read without either.

    with open_tfjs_model(path) as artifacts:
        ...

Importing this costs nothing; opening imports NumPy and protobuf.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import RefusedError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import ModelFormat


@contextmanager
def open_tfjs_model(path: Path, format: ModelFormat, *, quantize: bool = False) -> Iterator[ModelArtifacts]:
    """Convert a model.json, or the folder that holds one, in the `format` of the manifest; `quantize` is whether the
    manifest says how its weights are to be quantized.

    Raises SourceError for what is no model or is damaged, RefusedError for what is not covered.
    """
    from tfjs_build.convert.tfjs.document import read_document
    from tfjs_build.convert.tfjs.expanded import expanded

    document = read_document(path)
    told = [] if quantize else expanded(document)
    if not document.is_graph:
        from tfjs_build.convert.keras.choice import convert
        from tfjs_build.convert.tfjs.layers import read_layers

        artifacts = convert(read_layers(document), format)
        yield replace(artifacts, notes=[*told, *artifacts.notes])
        return
    if format == "layers":
        raise RefusedError(
            f"{document.path} holds a graph, not layers", hint="Say `format: graph`, or leave it out.", key="format"
        )
    from tfjs_build.convert.tfjs.graph import read_graph

    artifacts = read_graph(document)
    yield replace(artifacts, notes=[*told, *artifacts.notes])
