"""Refusals of what is the user's own Python code: layers, and activations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.keras.description import Code, Layer
from tfjs_build.convert.keras.hints import OTHERWISE
from tfjs_build.errors import RefusedError

CODE = "it needs Python code of your own, which is not in the file"


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
