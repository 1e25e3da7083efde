"""Helpers of the tests of `to_layers`: conversion of a file, or of a configuration with weights of given shapes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.unit.keras import files
from tfjs_build.convert.artifacts import ModelArtifacts, Weight
from tfjs_build.convert.keras import open_model
from tfjs_build.convert.keras.description import Generation, KerasModel, Layer
from tfjs_build.convert.keras.reading import read_model
from tfjs_build.convert.keras.to_graph.tables import stored
from tfjs_build.convert.keras.to_layers import to_layers
from tfjs_build.convert.keras.variables import Stored

Shapes = Mapping[str, Mapping[str, tuple[int, ...]]]


def convert_file(path: Path) -> tuple[ModelArtifacts, dict[str, NDArray[Any]]]:
    """Convert a file and read all its weights."""
    with open_model(path) as model:
        artifacts = to_layers(model)
        return artifacts, {weight.name: read(weight) for weight in artifacts.weights}


def read(weight: Weight) -> NDArray[Any]:
    """Return a weight as one array."""
    return np.concatenate([*weight.blocks(), np.array([], weight.dtype)]).reshape(weight.shape)


def convert(config: files.Json, generation: Generation = 3, shapes: Shapes | None = None) -> ModelArtifacts:
    """Convert a configuration; the weights have the given shapes, by layer and role, and no values."""
    graph, _ = read_model(config, generation)

    def weights(layer: Layer) -> dict[str, Weight]:
        given = (shapes or {}).get(layer.name, {})
        return {
            spec.role: Weight(f"{layer.name}:{spec.role}", given[spec.role], "float32", lambda: iter(()))
            for spec in (stored(layer) or Stored()).variables
            if spec.role in given
        }

    return to_layers(KerasModel(Path("net.keras"), graph, generation, "3.15.1", weights))


def layers_of(artifacts: ModelArtifacts) -> dict[str, files.Json]:
    """Return the emitted layers' entries by name."""
    return {entry["name"]: entry for entry in artifacts.topology["model_config"]["config"]["layers"]}


def wiring(artifacts: ModelArtifacts) -> list[str]:
    """Return the emitted calls as `name=Class(input, input.1)`; a call after the first of a layer has `#number`."""
    shown = []
    for name, entry in layers_of(artifacts).items():
        for index, keys in enumerate(entry["inbound_nodes"]):
            inputs = [f"{k[0]}{f'#{k[1]}' if k[1] else ''}{f'.{k[2]}' if k[2] else ''}" for k in keys]
            shown.append(f"{name}{f'#{index}' if index else ''}={entry['class_name']}({', '.join(inputs)})")
    return shown


def config_of(artifacts: ModelArtifacts, name: str) -> dict[str, Any]:
    """Return an emitted layer's configuration without its name."""
    return {key: value for key, value in layers_of(artifacts)[name]["config"].items() if key != "name"}


def chain(*layers: files.Json, shape: tuple[int | None, ...] = (4,), dtype: str = "float32") -> files.Json:
    """Return a sequential model on one input `x`."""
    return files.sequential("net", [files.input_layer("x", *shape, dtype=dtype), *layers])
