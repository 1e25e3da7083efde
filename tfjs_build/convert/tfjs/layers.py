"""Layers models of TensorFlow.js: Keras's configuration, and weights in one list, each named after its layer.

tensorflowjs_converter writes them in the order of the .h5 file, `LayersModel.save` all trainable ones first; a layer in
a nested model is called by its own name alone (tfjs-layers' `Container.getNamedWeights`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import BLOCK_BYTES, Weight
from tfjs_build.convert.keras.binding import LegacyWeights, owners_in
from tfjs_build.convert.keras.container import generation_of
from tfjs_build.convert.keras.description import Graph, KerasModel
from tfjs_build.convert.keras.reading import Owner, read_model
from tfjs_build.convert.keras.to_graph.tables import stored
from tfjs_build.convert.tfjs.document import Document
from tfjs_build.convert.tfjs.weights import read_weights
from tfjs_build.errors import SourceError

Array = NDArray[Any]
_WRITER = "tfjs-layers "


def read_layers(document: Document) -> KerasModel:
    """Return the description of a layers model. Raises SourceError or RefusedError."""
    topology = document.topology
    config = topology.get("model_config", topology)
    if not isinstance(config, Mapping) or "class_name" not in config:
        raise SourceError(f"{document.path} has neither a graph nor the layers of a Keras model in `modelTopology`")
    version = str(topology.get("keras_version") or "")
    # TensorFlow.js reads the form of Keras 2 only, whatever Keras a model was made with; tensorflowjs_converter passes
    # on that of Keras 3 as it is.
    plain = version.startswith(_WRITER) or (version.startswith("3") and not _has_modules(config))
    keras = "" if plain else version
    generation = generation_of(keras)
    graph, root = read_model(_said(config), generation, keras)
    _name(graph, document)
    file = _Groups(str(document.path), read_weights(document), root)
    held = LegacyWeights(file, root, stored, generation)
    return KerasModel(document.path, graph, generation, version, held, held.vocabulary, lambda: None)


def _name(graph: Graph, document: Document) -> None:
    """Give inputs and outputs the names under which tfjs-build has published them: those in a layers model are the
    names of layers, which may have been found for it."""
    said = document.ours.get("signature")
    try:
        inputs, outputs = (
            ([str(each["name"]) for each in said[role]] for role in ("inputs", "outputs")) if said else ((), ())
        )
    except (KeyError, TypeError) as error:
        raise SourceError(f"{document.path} has a damaged signature") from error
    if inputs and outputs and (len(inputs), len(outputs)) == (len(graph.inputs), len(graph.outputs)):
        graph.inputs, graph.outputs = (
            tuple(replace(port, name=name) for port, name in zip(ports, names, strict=True))
            for ports, names in ((graph.inputs, inputs), (graph.outputs, outputs))
        )


class _Groups:
    """A list of weights as the groups of a .h5 file: one for each of the outermost layers."""

    def __init__(self, label: str, weights: Mapping[str, Array], root: Owner) -> None:
        self.label = label
        self._weights = weights
        self._names: dict[str, list[str]] = {owner.name: [] for owner in root.children}
        places = {inner.name: owner.name for owner in root.children for inner in owners_in(owner)}
        for name in weights:
            place = _place(name, places)
            if place is None:
                raise SourceError(f"{label}: no layer has the weight `{name}`")
            self._names[place].append(name)

    def group(self, *path: str) -> str | None:
        """Return the group of a layer, whose name the path has behind `model_weights`."""
        name = "/".join(path[1:])
        return name if name in self._names else None

    def strings(self, holder: str, name: str) -> list[str] | None:
        """Return the names of a layer's weights."""
        return self._names[holder] if name == "weight_names" else None

    def dataset(self, _group: str, name: str) -> Array | None:
        """Return a weight's numbers."""
        return self._weights.get(name)

    def weight(self, dataset: Array) -> Weight:
        """Return them as a weight."""
        dtype = {"f": "float32", "i": "int32", "b": "bool", "c": "complex64", "O": "string"}[dataset.dtype.kind]
        return Weight("", dataset.shape, dtype, lambda: _blocks(dataset))


def _said(value: Any) -> Any:
    """Say of each class of a configuration that it is Keras's: TensorFlow.js has no others of these names, and leaves
    out options that Keras always writes, by which classes of a notebook would be told."""
    if isinstance(value, list):
        return [_said(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    said = {key: _said(each) for key, each in value.items()}
    return {"module": "tf_keras.layers", **said} if {"class_name", "config"} <= said.keys() else said


def _has_modules(value: Any) -> bool:
    """Whether a configuration says of classes which module has them, as Keras 3 writes."""
    if isinstance(value, list):
        return any(_has_modules(each) for each in value)
    if not isinstance(value, Mapping):
        return False
    return {"class_name", "module"} <= value.keys() or any(_has_modules(each) for each in value.values())


def _place(name: str, places: Mapping[str, str]) -> str | None:
    """Return the outermost layer that has a weight: the longest beginning of its name that is a layer's."""
    parts = name.split("/")
    for end in range(len(parts) - 1, 0, -1):
        found = places.get("/".join(parts[:end]))
        if found is not None:
            return found
    return next((places[part] for part in parts if part in places), None)


def _blocks(array: Array) -> Iterator[Array]:
    flat = np.ascontiguousarray(array).reshape(-1)
    step = max(1, BLOCK_BYTES // max(1, flat.itemsize))
    for start in range(0, flat.size, step):
        yield flat[start : start + step]
