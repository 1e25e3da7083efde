"""What to do about a layer that is refused, and the refusals of what is somebody's code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.keras.description import Code, Layer
from tfjs_build.errors import RefusedError

OTHERWISE = (
    "Export the model as a SavedModel (model.export('folder')) and list that folder instead, or replace the layer."
)
"""The way out where Python code is missing: a SavedModel has what it computes."""

REPLACE = (
    "Replace the layer, or leave it out of the model and compute this in the page. (An exported SavedModel is read op "
    "by op, and may convert where a layer with these options does not.)"
)
"""The way out where a layer is known, and an option or input of it is not supported."""

NOWHERE = "Replace the layer, or compute this in the page, outside the model: a SavedModel of it is refused as well."
"""The way out where TensorFlow.js itself lacks something."""

QUANTIZE_LATER = "Save the model before it is quantized, and give it `quantize: uint8` in tfjs.yaml."
"""The way out where what Keras quantized cannot be read."""

CODE = "it needs Python code of your own, which this version of tfjs-build cannot run"

SAY_WHOSE = f"If it is keras.applications' own, save the model as .keras, which says so. {OTHERWISE}"


def needs_code(layer: Layer) -> RefusedError:
    """Return the refusal of a layer that is somebody's code."""
    code = layer.code or Code()
    name = f"{code.origin}>{layer.class_name}" if code.origin else layer.class_name
    reason = f"{code.reason}: {CODE}" if code.reason else CODE
    return RefusedError(f"layer `{layer.name}` ({name}): {reason}", hint=code.hint or OTHERWISE)


def activation_name(value: Any) -> str:
    """Return how messages name an activation: a function, or a layer's class."""
    if isinstance(value, Mapping):
        inner = value.get("config")
        return inner if isinstance(inner, str) else str(value.get("class_name"))
    return str(value)


def own_activation(layer: Layer, value: Any) -> RefusedError:
    """Return the refusal of an activation that is not Keras's: a function, or a layer."""
    name = activation_name(value)
    if isinstance(value, Mapping) and value.get("class_name") != "function":
        return RefusedError(f"{layer.label}: the activation `{name}` is a class of your own: {CODE}", hint=OTHERWISE)
    return RefusedError(
        f"{layer.label}: the activation `{name}` is not one of keras.activations, and the file has only its name",
        hint="Use one of Keras's activations, or export the model as a SavedModel (model.export('folder')) and list "
        "that folder: it has what the function computes.",
    )
