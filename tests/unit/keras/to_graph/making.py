"""Helpers of the tests of `to_graph`: a configuration with arrays as weights, converted, and run in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.unit.graph.running import run
from tests.unit.keras import files
from tfjs_build.convert.artifacts import ModelArtifacts, Weight
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.keras.description import Generation, KerasModel, Layer
from tfjs_build.convert.keras.reading import read_model
from tfjs_build.convert.keras.to_graph import to_graph
from tfjs_build.convert.keras.to_graph.convert import Converter

Array = NDArray[Any]
Arrays = Mapping[str, Mapping[str, Array]]


def described(config: files.Json, arrays: Arrays, generation: Generation = 3) -> KerasModel:
    """Return the description of a configuration; `arrays` are its weights, by layer and role."""
    graph, _ = read_model(config, generation)

    def weights(layer: Layer) -> dict[str, Weight]:
        return {role: _weight(role, array) for role, array in arrays.get(layer.name, {}).items()}

    return KerasModel(Path("net.keras"), graph, generation, "3.15.1", weights)


def _weight(role: str, array: Array) -> Weight:
    return Weight(role, array.shape, array.dtype.name, lambda: iter([array.reshape(-1)]))


def converted(config: files.Json, arrays: Arrays | None = None, generation: Generation = 3) -> ModelArtifacts:
    """Return a configuration's artifacts."""
    return to_graph(described(config, arrays or {}, generation))


def predicted(
    config: files.Json, feeds: Mapping[str, Any], arrays: Arrays | None = None, generation: Generation = 3
) -> list[Array]:
    """Return what the graph of a configuration gives, as NumPy computes it."""
    graph = decompose(Converter(described(config, arrays or {}, generation)).convert())
    return list(run(graph, feeds).values())


def chain(*layers: files.Json, shape: tuple[int | None, ...], dtype: str = "float32") -> files.Json:
    """Return a sequential model of an input `x` of that shape (without the batch) and some layers."""
    source = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, *shape], "dtype": dtype}}
    return files.sequential("net", [source, *layers])


def numbers(*shape: int, seed: int = 0) -> Array:
    """Return numbers of a normal distribution."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
