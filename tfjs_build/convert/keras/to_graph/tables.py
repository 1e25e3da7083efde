"""Which rule builds which layer; what has none is refused, all such layers of a model at once."""

from __future__ import annotations

from typing import Literal

from tfjs_build.convert.keras.description import Graph, Layer
from tfjs_build.convert.keras.own_classes import is_layer
from tfjs_build.convert.keras.refusing import refuse_without_rule
from tfjs_build.convert.keras.to_graph import rules
from tfjs_build.convert.keras.to_graph.registry import LAYERS, OPERATIONS, Rule
from tfjs_build.convert.keras.to_graph.unsupported import NEWER, NO_RULE, reason_of
from tfjs_build.convert.keras.user_code import needs_code
from tfjs_build.convert.keras.variables import Stored
from tfjs_build.errors import RefusedError
from tfjs_build.modules import import_all

import_all(rules.__name__, rules.__path__)

Support = Literal["graph", "refused", "code"]


def support(class_name: str) -> Support:
    """Return how a layer class of Keras's own becomes a graph, apart from its options."""
    if class_name in LAYERS:
        return "graph"
    return "refused" if is_layer(class_name) and class_name != "Lambda" else "code"


def stored(layer: Layer) -> Stored | None:
    """Return what files hold for a layer of Keras's own; None for what has no rule, or is somebody's code."""
    rule = LAYERS.get(layer.class_name)
    if rule is None or layer.operation or layer.code is not None:
        return None
    if layer.quantization and rule.quantized is not None:
        return Stored(rule.quantized(layer.config, layer.quantization), rule.stores_more)
    return Stored(rule.variables(layer.config), rule.stores_more)


def rule_of(layer: Layer) -> Rule:
    """Return the rule that builds a layer; raises RefusedError where there is none."""
    if layer.code is not None:
        raise needs_code(layer)
    function = layer.function
    found = LAYERS.get(layer.class_name) if function is None else OPERATIONS.get(function)
    if found is not None:
        return found
    reason = reason_of(layer.class_name if function is None else function)
    if function is None and reason is NO_RULE and not is_layer(layer.class_name):
        reason = NEWER
    named = f"`{function}` is not supported: " if function is not None and not layer.operation else ""
    raise RefusedError(f"{layer.label}: {named}{reason.why}", hint=reason.hint)


def refuse_unsupported(graph: Graph) -> None:
    """Raise RefusedError for the first layer that has no rule, and say how many others there are."""
    layers = [layer for layer in _all_layers(graph) if layer.class_name != "InputLayer"]
    refuse_without_rule(layers, rule_of)


def _all_layers(graph: Graph) -> list[Layer]:
    found: list[Layer] = []
    for layer in graph.layers():
        found.append(layer)
        for attribute, child in layer.children.items():
            if isinstance(child, Graph):
                found += _all_layers(child)
            elif attribute.partition("/")[0] in _RUN:
                found.append(child)
    return found


_RUN = ("layer", "layers", "forward_layer")
"""Attributes that hold layers as they are: cells and activations are read by the rule of the layer that has them, and a
backward layer is a copy of the forward one, or of its class."""
