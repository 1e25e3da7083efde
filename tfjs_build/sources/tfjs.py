"""TensorFlow.js models: a `model.json`, or the folder that holds one, with the shards that it names."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tfjs_build.errors import SourceError
from tfjs_build.sources.kind import Kind
from tfjs_build.sources.special import refuse_special

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model

_INDEX = "model.json"
_MOST_BYTES, _MOST_VALUES = 64 << 20, 4_000_000
"""Of a model.json: each value takes some hundred bytes once it is read."""


class TensorFlowJs(Kind):
    """TensorFlow.js models."""

    input_format = "tfjs"
    called = "a TensorFlow.js model"
    endings = (".json",)
    folder_files = file_names = (_INDEX,)
    formats = ("layers", "graph")
    packages = ("tfjs_build.convert.tfjs", "tfjs_build.convert.saved_model", "tfjs_build.convert.keras")

    def files(self, path: Path) -> dict[str, Path]:
        """Return model.json and its shards."""
        index = path / _INDEX if path.is_dir() else path
        refuse_special(index)
        files = {"": index} | {name: index.parent / name for name in _shards(index)}
        for file in files.values():
            refuse_special(file)
        return files

    def open(self, path: Path, model: Model) -> AbstractContextManager[ModelArtifacts]:
        """Convert the model: a graph stays one, layers become one unless `format` says otherwise."""
        from tfjs_build.convert.tfjs import open_tfjs_model

        return open_tfjs_model(path, model.format)


def _shards(index: Path) -> list[str]:
    try:
        with index.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES or sum(data.count(mark) for mark in (b",", b"[", b"{")) > _MOST_VALUES:
            raise ValueError("it is larger than any model's")
        manifest = json.loads(data).get("weightsManifest", [])
        names = [str(name) for group in manifest for name in group["paths"]]
        if any(b"\0" in os.fsencode(name) for name in names):
            raise ValueError("a file's name has no NUL")
    except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"not a TensorFlow.js model: {index}") from error
    return names


KIND = TensorFlowJs()
