"""A Keras model as a tfjs-layers model, to train or edit on in the browser: the layers that TensorFlow.js has with the
same meaning, and a refusal that names the layer, and the option, where it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.convert.artifacts import ModelArtifacts, Signature, TensorSpec
from tfjs_build.convert.dtypes import input_dtype
from tfjs_build.convert.keras.notes import notes_of
from tfjs_build.convert.keras.to_layers.convert import Converter
from tfjs_build.convert.keras.to_layers.execution import check_execution, drop_unused_masks
from tfjs_build.convert.keras.to_layers.tables import refuse_unsupported
from tfjs_build.convert.keras.to_layers.topology import topology, weights_of
from tfjs_build.convert.keras.without_no_ops import without_no_ops

if TYPE_CHECKING:
    from tfjs_build.convert.keras.description import KerasModel

__all__ = ["to_layers"]


def to_layers(model: KerasModel) -> ModelArtifacts:
    """Convert a Keras model; its weights are read while the file is open.

    Raises RefusedError for what tfjs-layers cannot compute with the same numbers, SourceError for a file whose
    weights are not those of its architecture.
    """
    refuse_unsupported(model)
    graph = without_no_ops(model.graph)
    network = Converter(model).network(graph)
    drop_unused_masks(network)
    check_execution(network)
    inputs = tuple(
        TensorSpec(port.name, value.node.layer.name, value.shape, input_dtype(port.name, port.dtype))
        for port, value in zip(graph.inputs, network.inputs, strict=True)
    )
    outputs = tuple(
        TensorSpec(port.name, value.node.layer.name, value.shape, value.dtype)
        for port, value in zip(graph.outputs, network.outputs, strict=True)
    )
    return ModelArtifacts(
        format="layers",
        topology={"model_config": topology(network), "keras_version": model.version, "backend": "tensorflow"},
        weights=weights_of(network),
        signature=Signature(inputs, outputs),
        generated_by=model.generated_by,
        notes=notes_of(model),
    )
