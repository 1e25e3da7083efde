"""A network of tfjs-layers' layers under construction: emitted layers, their calls, and the tensors between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.records import record

_INVALID = re.compile(r"[^-A-Za-z0-9._/]+")
_OBJECT_MEMBERS = frozenset(
    ["constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"]
)
"""tfjs-layers looks names up in plain objects, where these are always found."""


@record(frozen=True)
class Mask:
    """Which time steps count, by the tensor that it is computed from: equal masks have equal keys."""

    key: object


@dataclass(eq=False)
class Node:
    """One call of an emitted layer. `mask` is what Keras gives it where it computes with a mask, `makes_mask` the one
    that it computes itself."""

    layer: Emitted
    inputs: Sequence[Value]
    outputs: list[Value] = field(default_factory=list)
    mask: Mask | None = None
    makes_mask: Mask | None = None


@dataclass(eq=False)
class Value:
    """A tensor: output `index` of a call; `shape` includes the batch dimension, `mask` is Keras's."""

    node: Node
    index: int
    shape: Shape
    dtype: str = "float32"
    mask: Mask | None = None


@dataclass(eq=False)
class Emitted:
    """A layer of the network. `weights` are its variables under the names that tfjs-layers gives them (below the
    layer's own); `inner` is the network that a wrapper holds."""

    name: str
    class_name: str
    config: Mapping[str, Any]
    weights: Mapping[str, Weight]
    inner: Network | None = None
    nodes: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Network:
    """Layers, and their calls in the order in which they can be made, between inputs and outputs."""

    name: str
    names: Names
    layers: list[Emitted] = field(default_factory=list)
    calls: list[Node] = field(default_factory=list)
    inputs: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)

    def add(
        self,
        name: str,
        class_name: str,
        config: Mapping[str, Any],
        weights: Mapping[str, Weight] | None = None,
        inner: Network | None = None,
        before: Emitted | None = None,
    ) -> Emitted:
        """Add a layer under a name made from `name`, as the last one or before another."""
        layer = Emitted(self.names.new(name, weights or ()), class_name, config, weights or {}, inner)
        self.layers.insert(len(self.layers) if before is None else self.layers.index(before), layer)
        return layer

    def call(self, layer: Emitted, inputs: Sequence[Value], outputs: Sequence[tuple[Shape, str]]) -> list[Value]:
        """Call a layer; `outputs` are their shapes and dtypes."""
        node = Node(layer, self._distinct(layer, inputs))
        node.outputs = [Value(node, index, shape, dtype) for index, (shape, dtype) in enumerate(outputs)]
        layer.nodes.append(node)
        self.calls.append(node)
        return node.outputs

    def input(self, name: str, shape: Shape, dtype: str) -> Value:
        """Add an input."""
        layer = self.add(name, "InputLayer", {"batch_input_shape": list(shape), "dtype": dtype})
        [value] = self.call(layer, [], [(shape, dtype)])
        self.inputs.append(value)
        return value

    def output(self, value: Value, name: str) -> None:
        """Add an output. tfjs-layers wants each to be another tensor, and none to be an input."""
        if value in self.inputs or value in self.outputs:
            value = self.alias(value, name)
        self.outputs.append(value)

    def alias(self, value: Value, name: str, before: Emitted | None = None) -> Value:
        """Return the same tensor as the output of a layer of its own."""
        layer = self.add(name, "Activation", {"activation": "linear"}, before=before)
        [copy] = self.call(layer, [value], [(value.shape, value.dtype)])
        copy.mask = value.mask
        return copy

    def _distinct(self, layer: Emitted, inputs: Sequence[Value]) -> list[Value]:
        # The executor counts a tensor's readers by layer, but counts down by argument: a tensor given twice to one
        # layer would be disposed of while others still need it.
        distinct: list[Value] = []
        for value in inputs:
            name = f"{value.node.layer.name}/again"
            distinct.append(self.alias(value, name, layer) if value in distinct else value)
        return distinct


class Names:
    """Layer names that tfjs-layers takes, unique in a model: letters, digits and `-._/`, a letter or digit first."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._weights: set[str] = set()

    def new(self, wanted: str, weights: Iterable[str] = ()) -> str:
        """Return `wanted`, or what is nearest to it; its weights' full names (`name/weight`) are then unique too."""
        base = valid_name(wanted)
        name, number = base, 0
        while name in self._taken or any(f"{name}/{weight}" in self._weights for weight in weights):
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        self._weights.update(f"{name}/{weight}" for weight in weights)
        return name


def valid_name(wanted: str) -> str:
    """Return a name in which everything that tfjs-layers does not take is replaced."""
    name = _INVALID.sub("_", wanted)
    if not name or not name[0].isalnum() or name in _OBJECT_MEMBERS:
        return "layer_" + name.lstrip("._-/")
    return name
