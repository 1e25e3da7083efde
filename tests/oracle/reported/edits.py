"""Sources edited into what other programs wrote: the config of an .h5 file, the protobufs of graphs and SavedModels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py

Edit = Callable[[Path], None]


def config_of_h5(change: Callable[[dict[str, Any]], None], version: str = "") -> Edit:
    """Change the config of the model in an .h5 file in place, and the version of Keras that it names."""

    def edit(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            change(config)
            file.attrs["model_config"] = json.dumps(config).encode()
            for group in (file, file["model_weights"]):
                group.attrs["keras_version"] = version.encode() if version else group.attrs["keras_version"]
            if "training_config" in file.attrs:
                del file.attrs["training_config"]

    return edit


def layers(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a model's layers, without the keys that only a newer Keras writes."""
    entries: list[dict[str, Any]] = config["config"]["layers"]
    for entry in entries:
        for key in ("module", "registered_name", "build_config"):
            entry.pop(key, None)
    return entries


def frozen(change: Callable[[Any], None]) -> Edit:
    """Change the GraphDef in a file in place."""

    def edit(path: Path) -> None:
        from tensorflow.core.framework import graph_pb2

        _rewrite(path, graph_pb2.GraphDef(), change)

    return edit


def saved_model(change: Callable[[Any], None]) -> Edit:
    """Change the SavedModel in a folder's saved_model.pb in place."""

    def edit(path: Path) -> None:
        from tensorflow.core.protobuf import saved_model_pb2

        _rewrite(path / "saved_model.pb", saved_model_pb2.SavedModel(), change)

    return edit


def _rewrite(path: Path, message: Any, change: Callable[[Any], None]) -> None:
    message.ParseFromString(path.read_bytes())
    change(message)
    path.write_bytes(message.SerializeToString())
