"""SavedModels (TF Hub modules are such) and frozen graphs, read without TensorFlow.

    with open_saved_model(path) as artifacts:
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
def open_saved_model(
    path: Path, *, tags: tuple[str, ...] | None = None, signature: str | None = None
) -> Iterator[ModelArtifacts]:
    """Convert a SavedModel folder to a graph model; its weights are read from the folder while the context is open.

    `tags` choose the meta graph (default: the one for serving, or the only one), `signature` the signature (default:
    `serving_default`, or the only one). Raises SourceError for a folder that is not a SavedModel, is damaged, or lacks
    what was asked for, RefusedError for a model that TensorFlow.js cannot run with the same numbers.
    """
    from tfjs_build.convert.saved_model.reader import read_saved_model

    yield read_saved_model(path, tags, signature)


@contextmanager
def open_frozen_graph(path: Path, *, outputs: tuple[str, ...]) -> Iterator[ModelArtifacts]:
    """Convert a frozen GraphDef (`.pb`, or `.pbtxt`) up to the nodes named in `outputs`.

    All placeholders that these depend on are its inputs, those with a default as well, except for single numbers with a
    constant default: `keep_prob`, or whether the model is in training, which a page would have to give at each call.
    They keep their defaults, and a note says so. Raises SourceError, which proposes outputs where none are given, and
    RefusedError.
    """
    from tfjs_build.convert.saved_model.frozen import read_frozen_graph

    yield read_frozen_graph(path, outputs)
