"""Which rule builds which layer; what has none is refused, all such layers of a model at once."""

from __future__ import annotations

from typing import Literal

from tfjs_build.convert.keras.classes import (
    KERAS_CLASSES,
    function_of,
    is_application_of_another,
    needs_code,
)
from tfjs_build.convert.keras.description import Graph, Layer
from tfjs_build.convert.keras.refusing import refuse_without_rule
from tfjs_build.convert.keras.to_graph import rules
from tfjs_build.convert.keras.to_graph.registry import LAYERS, OPERATIONS, Rule
from tfjs_build.convert.keras.to_graph.unsupported import REASONS, way_out
from tfjs_build.errors import RefusedError
from tfjs_build.modules import import_all

import_all(rules.__name__, rules.__path__)

Support = Literal["graph", "refused", "code"]


def support(class_name: str) -> Support:
    """Return how a layer class of Keras's own becomes a graph, apart from its options."""
    if class_name in LAYERS:
        return "graph"
    return "refused" if class_name in KERAS_CLASSES else "code"


def rule_of(layer: Layer) -> Rule:
    """Return the rule that builds a layer; raises RefusedError where there is none."""
    if layer.package != "keras" or is_application_of_another(layer):
        raise needs_code(layer)
    function = function_of(layer)
    if function is not None:
        found = OPERATIONS.get(function)
        if found is None:
            why = REASONS.get(function, "this version of tfjs-build has no ops for it")
            raise RefusedError(f"{layer.label}: `{function}` is not covered: {why}", hint=way_out(why))
        return found
    found = LAYERS.get(layer.class_name)
    if found is not None:
        return found
    if layer.class_name == "Lambda" or layer.class_name not in KERAS_CLASSES:
        raise needs_code(layer)
    why = REASONS.get(layer.class_name, "TensorFlow.js has no ops for it")
    raise RefusedError(f"{layer.label}: {why}", hint=way_out(why))


def refuse_unsupported(graph: Graph) -> None:
    """Raise RefusedError for the first layer that has no rule, and say how many others there are."""
    layers = [layer for layer in _all_layers(graph) if layer.class_name != "InputLayer"]
    refuse_without_rule(layers, rule_of)


def _all_layers(graph: Graph) -> list[Layer]:
    found: list[Layer] = []
    for layer in graph.layers():
        found.append(layer)
        for child in layer.children.values():
            # Cells are read by the rule of the layer that runs them.
            if isinstance(child, Graph):
                found += _all_layers(child)
            elif layer.class_name in ("TimeDistributed", "Pipeline"):
                found.append(child)
    return found
