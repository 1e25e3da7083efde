"""What a rule is: a function that says which layer of TensorFlow.js means what a Keras layer does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal, Protocol, TypeAlias

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Generation, Graph, KerasModel, Layer, Tensor, tensors_in
from tfjs_build.convert.keras.to_layers.masks import mask_of
from tfjs_build.convert.keras.to_layers.network import Emitted, Mask, Names, Network, Value
from tfjs_build.errors import RefusedError, SourceError
from tfjs_build.records import record

EXPORT = "Use `format: graph`, or leave `format` out: graphs have ops for much that TensorFlow.js's layers lack."
"""The way out of most refusals here."""

Masks = Literal["pass", "stop", "merge", "use"]
"""What Keras does with a mask: hands it on, drops it, combines those of several inputs, or computes with it (its rule
then says what becomes of it)."""

Result: TypeAlias = "Value | list[Value]"
Build: TypeAlias = "Callable[[Context], Result]"


@record(frozen=True)
class Rule:
    """How one class of layers is built.

    `only` has the options that TensorFlow.js lacks or ignores, each with the one value that is right there; it is
    Keras's default as well. `extras`: it takes tensors in further arguments (`initial_state`). `any_dtype`: it takes
    integers; Keras casts them for others, and TensorFlow.js has no layer that does.
    """

    build: Build
    masks: Masks = "pass"
    only: Mapping[str, Any] = field(default_factory=dict)
    extras: bool = False
    any_dtype: bool = False


RULES: dict[str, Rule] = {}
"""By class name, for layers of Keras's own."""


def rule(
    *class_names: str,
    masks: Masks = "pass",
    only: Mapping[str, Any] | None = None,
    extras: bool = False,
    any_dtype: bool = False,
) -> Callable[[Build], Build]:
    """Enter a function as the rule of these classes."""

    def enter(build: Build) -> Build:
        for name in class_names:
            RULES[name] = Rule(build, masks, only or {}, extras, any_dtype)
        return build

    return enter


class Host(Protocol):
    """Walks a model: what a rule may ask of it. `emitted` has the layers of TensorFlow.js that calls share, by what
    they are made of."""

    model: KerasModel
    names: Names
    emitted: dict[tuple[object, ...], Emitted]

    def weights(self, layer: Layer) -> Mapping[str, Weight]:
        """Return a layer's weights by role."""

    def network(self, graph: Graph, shapes: Sequence[Shape] | None = None) -> Network:
        """Build a graph; `shapes` are its inputs' where its own do not count."""

    def child(self, layer: Layer, shape: Shape, dtype: str) -> Network:
        """Build a wrapper's inner layer as a network of its own, called on one such input."""

    def apply(self, context: Context, layer: Layer, value: Value) -> Value:
        """Build another layer on a value, as a part of a rule."""


class Context:
    """One call of a Keras layer, to be built in `network`.

    `inputs` are the tensors of its first argument; `args` and `kwargs` are all its arguments with values for tensors.
    """

    def __init__(
        self,
        host: Host,
        network: Network,
        layer: Layer,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        values: Mapping[Tensor, Value],
    ) -> None:
        self.host = host
        self.network = network
        self.layer = layer
        self.config: Config = layer.config
        self.args = args
        self.kwargs = kwargs
        self.values = values
        self.inputs = [values[tensor] for tensor in tensors_in(args[:1])]

    @property
    def generation(self) -> Generation:
        """Which Keras wrote the file."""
        return self.host.model.generation

    @property
    def input(self) -> Value:
        """The only input."""
        if len(self.inputs) != 1:
            raise SourceError(f"{self.layer.label} is given {len(self.inputs)} inputs and takes one")
        return self.inputs[0]

    @property
    def mask(self) -> Mask | None:
        """The mask that Keras gives the layer: its `mask` argument where Keras 3 wrote one out, else that of its input.

        In Sequential models, and behind nested ones, none is written. Beside an initial state Keras 3 gives none.
        """
        given = list(tensors_in(self.kwargs.get("mask")))
        if given:
            return mask_of(given[0], self.values)
        if self.generation == 3 and any(True for _ in tensors_in([self.args[1:], self.kwargs])):
            return None
        return self.inputs[0].mask

    def inside(self, layer: Layer) -> Context:
        """Return a context for a layer inside this one, called on the same inputs."""
        inner = Context(self.host, self.network, layer, self.args, self.kwargs, self.values)
        inner.inputs = self.inputs
        return inner

    def refuse(self, reason: str, hint: str = EXPORT) -> RefusedError:
        """Return the error that says why this layer cannot be built."""
        return RefusedError(f"{self.layer.label}: {reason}", hint=hint)

    def unsupported(self, key: str, value: Any = None) -> RefusedError:
        """Return the error that says which option TensorFlow.js lacks: the one under `key`, with its value."""
        shown = self.config.get(key) if value is None else value
        return self.refuse(f"{key}={shown!r:.80} is not supported by TensorFlow.js's layers")

    def require(self, condition: bool, reason: str) -> None:
        """Raise RefusedError unless the condition holds."""
        if not condition:
            raise self.refuse(reason)

    def check_options(self, only: Mapping[str, Any]) -> None:
        """Raise RefusedError for an option that has another value than the one that TensorFlow.js knows."""
        for key, value in only.items():
            found = self.config.get(key, value)
            if any(each not in (None, value) for each in (found if isinstance(found, list) else [found])):
                raise self.unsupported(key)

    def fixed(self, value: Value, axis: int) -> int:
        """Return a size that must be known."""
        size = value.shape[axis]
        if size is None:
            raise self.refuse(f"TensorFlow.js needs to know the size of its input's axis {axis % len(value.shape)}")
        return size

    def rank(self, *ranks: int) -> int:
        """Return the input's rank, which must be one of these."""
        rank = len(self.input.shape)
        if rank not in ranks:
            expected = re.sub(r", (\d)$", r" or \1", ", ".join(map(str, ranks)))
            raise self.refuse(f"TensorFlow.js's layer expects an input of rank {expected}, got rank {rank}")
        return rank

    def dimensions(self) -> int:
        """Return how many spatial axes the layer works on by its class (`Conv2D`: 2), which its input must have."""
        found = re.search(r"(\d)D", self.layer.class_name)
        return self.rank(int(found[1]) + 2 if found else 0) - 2

    def weight(self, role: str, *shape: int) -> Weight:
        """Return the layer's own weight of that role; SourceError unless it is in the file and has this shape."""
        weight = self.host.weights(self.layer).get(role)
        if weight is None:
            raise SourceError(f"{self.layer.label}: its weight `{role}` is not in the file")
        if f"lora_{role}_a" in self.host.weights(self.layer):
            raise self.refuse(f"TensorFlow.js's layers have no LoRA, which this file keeps apart from its `{role}`")
        if weight.shape != shape:
            raise SourceError(
                f"{self.layer.label}: its weight `{role}` should have the shape {list(shape)} by its configuration, "
                f"but has {list(weight.shape)}",
                hint="The file's architecture and weights are not from one model. Save it again.",
            )
        return weight

    def emit(
        self,
        class_name: str,
        config: Mapping[str, Any],
        inputs: Value | Sequence[Value],
        shape: Shape,
        *,
        weights: Mapping[str, Weight] | None = None,
        part: str = "",
        dtype: str = "float32",
    ) -> Value:
        """Emit a layer with one output and call it. `part` names a layer that is only a part of the Keras layer."""
        inputs = [inputs] if isinstance(inputs, Value) else inputs
        return self.emit_many(class_name, config, inputs, [shape], weights=weights, part=part, dtype=dtype)[0]

    def emit_many(
        self,
        class_name: str,
        config: Mapping[str, Any],
        inputs: Sequence[Value],
        shapes: Sequence[Shape],
        *,
        weights: Mapping[str, Weight] | None = None,
        inner: Network | None = None,
        part: str = "",
        dtype: str = "float32",
    ) -> list[Value]:
        """Emit a layer with several outputs, or a wrapper, and call it: the same layer at every call."""
        key = (self.network, self.layer, part, class_name, json.dumps(config, sort_keys=True, default=id))
        layer = self.host.emitted.get(key)
        if layer is None:
            name = f"{self.layer.name}/{part}" if part else self.layer.name
            settings = dict(config) if self.layer.trainable or not weights else {**config, "trainable": False}
            layer = self.host.emitted[key] = self.network.add(name, class_name, settings, weights, inner)
        return self.network.call(layer, inputs, [(shape, dtype) for shape in shapes])
