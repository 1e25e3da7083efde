"""Keras's own classes, whatever becomes of them: what is none of these is somebody's code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.keras.description import Layer
from tfjs_build.convert.keras.likeness import is_keras_name
from tfjs_build.errors import RefusedError

OTHERWISE = (
    "Export the model as a SavedModel (model.export('folder')) and list that folder instead, or replace the layer."
)
"""The way out where Python code is missing: a SavedModel has what it computes."""

REPLACE = (
    "Replace the layer, or leave it out of the model and compute this in the page. (An exported SavedModel is read op "
    "by op, and may be covered where a layer with these options is not.)"
)
"""The way out where a layer is known, and something about it is not covered."""

NOWHERE = "Replace the layer, or compute this in the page, outside the model: as a SavedModel it is refused too."

"""The way out where TensorFlow.js itself lacks something."""

QUANTIZE_LATER = "Save the model before it is quantized, and give it `quantize: uint8` in tfjs.yaml."
"""The way out where what Keras quantized cannot be read."""

CODE = "it needs Python code of your own, which this version of tfjs-build cannot run"

KERAS_CLASSES = frozenset(
    [
        "AbstractRNNCell",
        "AdaptiveAveragePooling1D",
        "AdaptiveAveragePooling2D",
        "AdaptiveAveragePooling3D",
        "AdaptiveMaxPooling1D",
        "AdaptiveMaxPooling2D",
        "AdaptiveMaxPooling3D",
        "AdditiveAttention",
        "Attention",
        "AutoContrast",
        "CategoryCrossing",
        "ClassMethod",
        "ContrastLimitedAdaptiveHistogramEqualization",
        "ConvLSTM1D",
        "ConvLSTM3D",
        "DenseFeatures",
        "Discretization",
        "EinsumDense",
        "Equalization",
        "FlaxLayer",
        "GroupNormalization",
        "GroupedQueryAttention",
        "HashedCrossing",
        "Hashing",
        "InstanceMethod",
        "InstanceProperty",
        "IntegerLookup",
        "JaxLayer",
        "LocallyConnected1D",
        "LocallyConnected2D",
        "MaxNumBoundingBoxes",
        "MelSpectrogram",
        "MultiHeadAttention",
        "Pipeline",
        "RMSNormalization",
        "RandomCrop",
        "RandomFourierFeatures",
        "Resizing",
        "ReversibleEmbedding",
        "STFTSpectrogram",
        "Solarization",
        "SpectralNormalization",
        "StringLookup",
        "TFDConcat",
        "TFDIdentity",
        "TFSMLayer",
        "TensorFlowOpLayer",
        "TextVectorization",
        "TorchModuleWrapper",
        "UnitNormalization",
    ]
)
"""Classes of Keras 2 and 3 that TensorFlow.js's layers lack."""

_APPLICATIONS = frozenset(["CustomScaleLayer", "LayerScale"])
"""Classes of keras.applications, whose names others use too: the file must say where they come from."""

_SAY_WHOSE = f"If it is keras.applications' own, save the model as .keras, which says so. {OTHERWISE}"

_FUNCTIONS = frozenset(["SlicingOpLambda", "TFOpLambda"])
"""Keras 2's layers that stand for a call of a TensorFlow function."""


def function_of(layer: Layer) -> str | None:
    """Return the operation that a layer stands for: Keras 3's class, or Keras 2's function; None for a real layer."""
    if layer.class_name in _FUNCTIONS and not layer.operation:
        return str(layer.config.get("function"))
    return layer.class_name if layer.operation else None


def is_application_of_another(layer: Layer) -> bool:
    """Whether a layer has the name of one of keras.applications' own, and comes from elsewhere."""
    return layer.class_name in _APPLICATIONS and ".applications." not in layer.module


def needs_code(layer: Layer) -> RefusedError:
    """Return the refusal of a layer that is somebody's code."""
    name = layer.class_name if layer.package in ("keras", "") else f"{layer.package}>{layer.class_name}"
    unknown = layer.class_name in _APPLICATIONS and not layer.module
    what = CODE
    if layer.foreign:
        what = f"{layer.foreign}, so that it is a class of your own of that name: {CODE}"
    elif layer.package == "" and is_keras_name(layer.class_name):
        what = f"not Keras's {name}, but a class of your own of that name: {CODE}"
    return RefusedError(f"layer `{layer.name}` ({name}): {what}", hint=_SAY_WHOSE if unknown else OTHERWISE)


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
        return RefusedError(f"{layer.label}: its activation `{name}` is a class of your own: {CODE}", hint=OTHERWISE)
    return RefusedError(
        f"{layer.label}: its activation `{name}` is none of keras.activations, and the file has no more than its name",
        hint="Use an activation of Keras's, or export the model as a SavedModel (model.export('folder')) and list that "
        "folder: it has what the function computes.",
    )
