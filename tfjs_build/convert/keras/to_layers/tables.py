"""Every Keras layer's standing as a tfjs-layers layer: built by a rule, taken out, or refused with the reason."""

from __future__ import annotations

from tfjs_build.convert.keras.description import Graph, KerasModel, Layer
from tfjs_build.convert.keras.refusing import refuse_without_rule
from tfjs_build.convert.keras.to_layers import rules
from tfjs_build.convert.keras.to_layers.masks import mask_calls
from tfjs_build.convert.keras.to_layers.registry import EXPORT, RULES, Rule
from tfjs_build.convert.keras.user_code import needs_code
from tfjs_build.convert.keras.without_no_ops import NO_OPS, is_no_op
from tfjs_build.errors import RefusedError
from tfjs_build.modules import import_all

import_all(rules.__name__, rules.__path__)

MISSING = "TensorFlow.js has no layer of the same meaning"


def rule_of(layer: Layer) -> Rule:
    """Return the rule that builds a layer; raises RefusedError where there is none."""
    if layer.code is not None:
        raise needs_code(layer)
    if layer.function is not None:
        reason = f"TensorFlow.js's layers have no operations on tensors, such as `{layer.function}`"
        raise RefusedError(f"{layer.label}: {reason}", hint=EXPORT)
    if layer.quantization:
        raise RefusedError(f"{layer.label}: its weights are quantized ({layer.quantization})", hint=EXPORT)
    found = RULES.get(layer.class_name)
    if found is not None:
        return found
    if layer.class_name in NO_OPS:
        raise RefusedError(f"{layer.label}: it is called with training=True, which only training does", hint=EXPORT)
    raise RefusedError(f"{layer.label}: {MISSING}", hint=EXPORT)


def refuse_unsupported(model: KerasModel) -> None:
    """Raise RefusedError for the first layer that has no rule, and say how many others there are."""
    layers = [layer for layer in _all_layers(model.graph) if layer.class_name != "InputLayer" and not is_no_op(layer)]
    refuse_without_rule(layers, rule_of)


def _all_layers(graph: Graph) -> list[Layer]:
    found: list[Layer] = []
    masks = {call.layer for call in mask_calls(graph)}
    for layer in graph.layers():
        if layer not in masks:
            found.append(layer)
        for child in layer.children.values():
            # Cells are read by the rule of the layer that runs them.
            if isinstance(child, Graph):
                found += _all_layers(child)
            elif layer.class_name == "TimeDistributed":
                found.append(child)
    return found
