"""TensorFlow.js models: a `model.json`, or the folder that holds one, with the shards that it names, and the labels in
`metadata.json` beside it, where there are any."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from tfjs_build.errors import SourceError
from tfjs_build.sources.kind import Kind
from tfjs_build.sources.special import refuse_special

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model

_INDEX = "model.json"
_METADATA = "metadata.json"
_MOST_BYTES, _MOST_VALUES = 64 << 20, 4_000_000
"""Of a model.json: each value takes some hundred bytes once it is read."""


class TensorFlowJs(Kind):
    """TensorFlow.js models."""

    input_format = "tfjs"
    called = "a TensorFlow.js model"
    endings = (".json",)
    folder_files = file_names = (_INDEX,)
    formats = ("layers", "graph")
    in_tensorflow = False
    packages = ("tfjs_build.convert.tfjs", "tfjs_build.convert.saved_model", "tfjs_build.convert.keras")

    def files(self, path: Path) -> dict[str, Path]:
        """Return model.json and its shards."""
        index = path / _INDEX if path.is_dir() else path
        refuse_special(index)
        files = {"": index} | {name: index.parent / name for name in _shards(index)}
        if (metadata := index.parent / _METADATA).exists():
            files[_METADATA] = metadata
        for file in files.values():
            refuse_special(file)
        return files

    def beside(self, path: Path) -> tuple[Path, ...]:
        """Return the folder of a model.json."""
        return () if path.is_dir() else (path.parent,)

    def labels(self, path: Path) -> tuple[str, ...] | None:
        """Return the labels that tfjs-build has published with a model, or those of Teachable Machine's metadata.json:
        `labels`, or `wordLabels` of sounds (@teachablemachine/image, @tensorflow-models/speech-commands)."""
        index = path / _INDEX if path.is_dir() else path
        user = _read(index).get("userDefinedMetadata")
        ours = user.get("tfjs-build") if isinstance(user, dict) else None
        if isinstance(ours, dict) and ours.get("labels"):
            return _texts(ours["labels"])
        metadata = index.parent / _METADATA
        if not metadata.exists():
            return None
        found = _read(metadata)
        return _texts(found.get("labels") or found.get("wordLabels"))

    def open(self, path: Path, model: Model) -> AbstractContextManager[ModelArtifacts]:
        """Convert the model: a graph stays one, layers become one unless `format` says otherwise."""
        from tfjs_build.convert.tfjs import open_tfjs_model

        return open_tfjs_model(path, model.format, quantize=bool(model.quantize))


def _shards(index: Path) -> list[str]:
    manifest = _read(index).get("weightsManifest") or []
    try:
        names = [str(name) for group in manifest for name in group["paths"]]
        if any(b"\0" in os.fsencode(name) for name in names):
            raise ValueError("a file's name has no NUL")
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"not a TensorFlow.js model: {index}") from error
    return names


def _read(path: Path) -> dict[str, Any]:
    """Return what a file of JSON holds, an object. Raises SourceError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES or sum(data.count(mark) for mark in (b",", b"[", b"{")) > _MOST_VALUES:
            raise ValueError("it is larger than any model's")
        found = json.loads(data)
        if not isinstance(found, dict):
            raise ValueError("it is no object")
    except (OSError, ValueError, RecursionError) as error:
        if path.name == _METADATA:
            raise SourceError(
                f"{path} cannot be read: {error}",
                hint="It is read for its `labels`: give the model's `labels` in the manifest, or mend the file.",
            ) from error
        raise SourceError(f"not a TensorFlow.js model: {path}") from error
    return found


def _texts(value: object) -> tuple[str, ...] | None:
    texts = value if isinstance(value, list) else []
    return tuple(texts) if texts and all(isinstance(each, str) for each in texts) else None


KIND = TensorFlowJs()
