"""What a rule may ask of whoever walks the model: no rule reaches into the walker's own state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.keras.description import Graph, KerasModel, Layer


@dataclass
class Table:
    """A hash table of the model: the node that stands for it, and its keys and values."""

    handle: Value
    keys: Constant
    values: Constant


class Host(Protocol):
    """Walks a model. `masks` has the masks of values, `tables` the hash tables of the model by name."""

    model: KerasModel
    builder: Builder
    masks: dict[Value, Value | None]
    tables: dict[str, Table]

    def run(self, graph: Graph, inputs: Sequence[Value]) -> list[Value]:
        """Call a graph; returns its outputs."""

    def build(self, layer: Layer, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Value]:
        """Call a layer; returns its outputs, whose masks are then in `masks`."""

    def weight(self, layer: Layer, role: str) -> Constant:
        """Return a layer's weight; SourceError where the file has none."""

    def has_weight(self, layer: Layer, role: str) -> bool:
        """Whether the file has that weight."""

    def stand_in(self, layer: Layer, original: Layer) -> None:
        """Let a layer with other options have the weights of the one in the file."""

    def note(self, text: str) -> None:
        """Tell the user something about what was converted."""
