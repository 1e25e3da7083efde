"""SavedModels, TF Hub modules and frozen graphs, read without TensorFlow.

    with open_saved_model(path) as artifacts:
        ...

Importing this costs nothing; opening imports NumPy and protobuf.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import SourceError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts


@contextmanager
def open_saved_model(
    path: Path, *, tags: tuple[str, ...] | None = None, signature: str | None = None
) -> Iterator[ModelArtifacts]:
    """Convert a SavedModel folder to a graph model; its weights are read from the folder while the context is open.

    `tags` choose the meta graph (default: the one for serving, or the only one), `signature` the signature (default:
    `serving_default`, or the only one). Raises SourceError for a folder that is none, is damaged, or lacks what was
    asked for, RefusedError for a model that TensorFlow.js cannot run with the same numbers.
    """
    from tfjs_build.convert.saved_model.reader import read_saved_model

    yield read_saved_model(path, tags, signature)


@contextmanager
def open_frozen_graph(path: Path, *, outputs: tuple[str, ...]) -> Iterator[ModelArtifacts]:
    """Convert a frozen GraphDef (`.pb`, or `.pbtxt`) up to the nodes named in `outputs`; all placeholders that these
    depend on are its inputs. Raises SourceError, which proposes outputs where none are given, and RefusedError."""
    from tfjs_build.convert.saved_model.frozen import read_frozen_graph

    yield read_frozen_graph(path, outputs)


@contextmanager
def open_hub_module(
    source: str,
    *,
    tags: tuple[str, ...] | None = None,
    signature: str | None = None,
    cache: Path | None = None,
) -> Iterator[ModelArtifacts]:
    """Convert a TF Hub module: a folder, a `.tar.gz`, or an https handle, which is downloaded into `cache` once (by
    default into the user's cache folder). `tags` and `signature` as for a SavedModel. Raises SourceError, for
    the network's faults as well, and RefusedError."""
    import tempfile

    from tfjs_build.convert.saved_model.archives import find_module, unpack
    from tfjs_build.convert.saved_model.hub import fetch_module, is_handle
    from tfjs_build.convert.saved_model.reader import read_saved_model

    if is_handle(source):
        yield read_saved_model(fetch_module(source, cache), tags, signature)
        return
    path = Path(source)
    if path.is_dir():
        yield read_saved_model(path, tags, signature)
        return
    if not path.is_file():
        raise SourceError(f"{path} does not exist.")
    with tempfile.TemporaryDirectory(prefix="tfjs-build-") as folder:
        unpack(path, Path(folder), str(path))
        yield read_saved_model(find_module(Path(folder), str(path)), tags, signature)
