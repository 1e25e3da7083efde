"""Which format a Keras model becomes: a graph where its layers can be spelled as one, else layers, else neither."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from tfjs_build.errors import RefusedError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.keras.description import KerasModel


def convert(model: KerasModel, format: Literal["auto", "layers", "graph"]) -> ModelArtifacts:
    """Convert a Keras model to a format; `auto` prefers the graph, which is faster in the page.

    Raises RefusedError where the format cannot hold the model, naming the layer and what it would need.
    """
    if format == "layers":
        return _layers(model)
    if format == "graph":
        return _graph(model)
    try:
        return _graph(model)
    except RefusedError as refusal:
        why = refusal
    try:
        artifacts = _layers(model)
    except RefusedError as refusal:
        if refusal.message == why.message:
            raise why from None
        raise RefusedError(f"{why.message}; nor can it be `layers`: {refusal.message}", hint=why.hint) from None
    note = f"published as `layers`, for as `graph` it is refused: {why.message}"
    return replace(artifacts, notes=(*artifacts.notes, note))


def _graph(model: KerasModel) -> ModelArtifacts:
    from tfjs_build.convert.keras.to_graph import to_graph

    return to_graph(model)


def _layers(model: KerasModel) -> ModelArtifacts:
    from tfjs_build.convert.keras.to_layers import to_layers

    return to_layers(model)
