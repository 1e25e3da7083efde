"""What a rule is: a function that builds one Keras layer from tfjs-layers' layers, and what it is given to do so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Generation, Graph, KerasModel, Layer, Tensor, tensors_in
from tfjs_build.convert.keras.to_layers.masks import mask_of
from tfjs_build.convert.keras.to_layers.network import Emitted, Mask, Names, Network, Value
from tfjs_build.errors import RefusedError, SourceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXPORT = "Say `format: graph`, or leave `format` out: graphs have ops for much that TensorFlow.js's layers lack."
"""The way out of most refusals here."""

Masks = Literal["pass", "stop", "merge", "use"]
"""What Keras does with a mask: hands it on, drops it, combines those of several inputs, or computes with it (its rule
then says what becomes of it)."""

Result: TypeAlias = "Value | list[Value]"
Build: TypeAlias = "Callable[[Context], Result]"


@dataclass(frozen=True)
class Rule:
    """How one class of layers is built.

    `extras`: it takes tensors in further arguments (`initial_state`). `any_dtype`: it takes integers as they are;
    others are given floats, as Keras computes with.
    """

    build: Build
    masks: Masks = "pass"
    extras: bool = False
    any_dtype: bool = False


RULES: dict[str, Rule] = {}
"""By class name, for layers of Keras's own."""

OPERATIONS: dict[str, Rule] = {}
"""By class name, for Keras 3's operations on tensors; by function name (`math.multiply`), for Keras 2's."""


def rule(
    *class_names: str, masks: Masks = "pass", extras: bool = False, any_dtype: bool = False
) -> Callable[[Build], Build]:
    """Enter a function as the rule of these classes."""

    def enter(build: Build) -> Build:
        for name in class_names:
            RULES[name] = Rule(build, masks, extras, any_dtype)
        return build

    return enter


def operation(*names: str) -> Callable[[Build], Build]:
    """Enter a function as the rule of these operations."""

    def enter(build: Build) -> Build:
        for name in names:
            OPERATIONS[name] = Rule(build, "stop", extras=True, any_dtype=True)
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

    def child(self, layer: Layer, shape: Shape) -> Network:
        """Build a wrapper's inner layer as a network of its own, called on one input of that shape."""

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

    def value(self, tensor: Tensor) -> Value:
        """Return what a tensor of the description has become."""
        return self.values[tensor]

    def with_inputs(self, *inputs: Value) -> Context:
        """Return the same call with other inputs."""
        copy = Context(self.host, self.network, self.layer, self.args, self.kwargs, self.values)
        copy.inputs = list(inputs)
        return copy

    def as_float(self, value: Value, index: int = 0) -> Value:
        """Return a tensor as float32."""
        if value.dtype == "float32":
            return value
        self.require(value.dtype != "string", "TensorFlow.js has it for numbers only")
        config = {"scale": 1.0, "offset": 0.0}
        y = self.emit("Rescaling", config, value, value.shape, part=f"float_{index}" if index else "float")
        y.mask = value.mask
        return y

    def refuse(self, reason: str, hint: str = EXPORT) -> RefusedError:
        """Return the error that says why this layer cannot be built."""
        return RefusedError(f"{self.layer.label}: {reason}", hint=hint)

    def require(self, condition: bool, reason: str) -> None:
        """Raise RefusedError unless the condition holds."""
        if not condition:
            raise self.refuse(reason)

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
            raise self.refuse(f"TensorFlow.js has it for inputs of rank {_list(ranks)} only, not {rank}")
        return rank

    def numbers(self, value: Any) -> NDArray[np.float32]:
        """Return a constant as an array."""
        import numpy as np

        try:
            return np.asarray(value, np.float32)
        except (TypeError, ValueError, OverflowError):
            raise self.refuse("its constant is not made of numbers") from None

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
        layer = self.layer_of(class_name, config, weights, part)
        inputs = [inputs] if isinstance(inputs, Value) else inputs
        return self.network.call(layer, inputs, [(shape, dtype)])[0]

    def emit_many(
        self,
        class_name: str,
        config: Mapping[str, Any],
        inputs: Sequence[Value],
        shapes: Sequence[Shape],
        *,
        weights: Mapping[str, Weight] | None = None,
        inner: Network | None = None,
    ) -> list[Value]:
        """Emit a layer with several outputs, or a wrapper, and call it."""
        layer = self.layer_of(class_name, config, weights, inner=inner)
        return self.network.call(layer, inputs, [(shape, "float32") for shape in shapes])

    def layer_of(
        self,
        class_name: str,
        config: Mapping[str, Any],
        weights: Mapping[str, Weight] | None = None,
        part: str = "",
        inner: Network | None = None,
    ) -> Emitted:
        """Return the emitted layer for (a part of) this Keras layer: the same one at every call."""
        key = (self.network, self.layer, part, class_name, json.dumps(config, sort_keys=True, default=id))
        layer = self.host.emitted.get(key)
        if layer is None:
            name = f"{self.layer.name}/{part}" if part else self.layer.name
            settings = dict(config) if self.layer.trainable or not weights else {**config, "trainable": False}
            layer = self.network.add(name, class_name, settings, weights, inner)
            self.host.emitted[key] = layer
        return layer

    def makes_mask(self, value: Value, mask: Mask) -> None:
        """Note that the layer that made `value` computes a mask for it."""
        value.mask = value.node.makes_mask = mask

    def uses_mask(self, value: Value, mask: Mask | None) -> None:
        """Note that the layer that made `value` computes with a mask, and which one Keras gives it."""
        value.node.mask = mask


def _list(values: Sequence[int]) -> str:
    *rest, last = map(str, values)
    return f"{', '.join(rest)} or {last}" if rest else last
