"""A Keras model as a graph of TensorFlow ops: every layer is spelled in those that TensorFlow.js has.

Where a rule follows what Keras does beyond its documentation, or where versions differ, its docstring names the file:
`keras/src/…` is Keras 3.15 (keras-team/keras on GitHub), `tf_keras/src/…` tf-keras 2.19 (keras-team/tf-keras).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.keras.description import KerasModel

__all__ = ["to_graph"]


def to_graph(model: KerasModel) -> ModelArtifacts:
    """Convert a Keras model; its weights are read while the file is open.

    Raises RefusedError for what TensorFlow.js's ops cannot compute with the same numbers, SourceError for a file whose
    weights are not those of its architecture.
    """
    from tfjs_build.convert.graph.compile import compile_graph
    from tfjs_build.convert.keras.notes import notes_of
    from tfjs_build.convert.keras.to_graph.convert import Converter
    from tfjs_build.convert.keras.to_graph.tables import refuse_unsupported

    refuse_unsupported(model.graph)
    converter = Converter(model)
    graph = converter.convert()
    return compile_graph(
        graph,
        initializer=converter.initializer(),
        generated_by=model.generated_by,
        notes=[*notes_of(model), *converter.notes],
    )
