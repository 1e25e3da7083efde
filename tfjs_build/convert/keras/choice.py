"""Which format a Keras model becomes: a graph, unless layers are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.keras.description import KerasModel


def convert(model: KerasModel, format: Literal["auto", "layers", "graph"]) -> ModelArtifacts:
    """Convert a Keras model to a format; `auto` is the graph, which is faster in the page and holds more.

    Raises RefusedError where the format cannot hold the model, naming the layer and what it would need.
    """
    if format == "layers":
        from tfjs_build.convert.keras.to_layers import to_layers

        return to_layers(model)
    from tfjs_build.convert.keras.to_graph import to_graph

    return to_graph(model)
