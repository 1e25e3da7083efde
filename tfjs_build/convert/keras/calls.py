"""From a model whose members are read to its graph: every layer is called as often as it is written to be.

A model in a model is called where it stands, so that a shared one shares its layers; references become tensors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.config import shape_of
from tfjs_build.convert.keras.description import Call, Generation, Graph, Layer, Port, Tensor, tensors_in
from tfjs_build.convert.keras.entries import policy_of
from tfjs_build.convert.keras.hints import NOT_TRAINING
from tfjs_build.convert.keras.naming import unique
from tfjs_build.convert.keras.references import Arguments, Reference, map_references
from tfjs_build.errors import RefusedError, SourceError


@dataclass(eq=False)
class WrittenModel:
    """A Functional or Sequential model as written, its members read but not yet called."""

    name: str
    label: str
    members: dict[str, Layer | WrittenModel] = field(default_factory=dict)
    nodes: dict[tuple[str, int], Arguments] = field(default_factory=dict)
    inputs: Any = None
    outputs: Any = None
    first_node: int = 1
    """How Keras 2 numbers the first call of the model where it is nested: after the one on inputs of its own. (A
    Sequential that had none when it was called counts from 0, which is seen.)"""
    functional: bool = False
    """Whether Keras 3 numbers its calls from 1, which it does in a parent's `output_layers` only."""

    def input_shape_and_dtype(self) -> tuple[Shape | None, str]:
        """Return what the model's only input is like, as its InputLayer says; no shape where that is not written."""
        layers = [self.members.get(reference.layer) for _, reference in _named(self.inputs)]
        if len(layers) == 1 and isinstance(layers[0], Layer) and layers[0].class_name == "InputLayer":
            return _input_of(layers[0])
        return None, "float32"


def flatten(model: WrittenModel, generation: Generation) -> Graph:
    """Call a model on inputs of its own."""
    caller = _Caller(generation)
    ports: list[Port] = []
    given: dict[str, Tensor] = {}
    for name, reference in _named(model.inputs):
        layer = model.members.get(reference.layer)
        if not isinstance(layer, Layer) or layer.class_name != "InputLayer":
            raise SourceError(f"model `{model.label}`: its input `{reference.layer}` is not an InputLayer")
        if layer.config.boolean("ragged", False):
            raise RefusedError(
                f"input `{layer.name}` is ragged: TensorFlow.js has no tensors whose rows differ in length",
                hint="Give the model padded rows and a mask instead, or export it as a SavedModel "
                "(model.export('folder')), which takes the values and where their rows begin.",
            )
        call = Call(layer)
        caller.calls.append(call)
        given[reference.layer] = Tensor(call)
        ports.append(Port(unique(name, {port.name for port in ports}), Tensor(call), *_input_of(layer)))
    found = caller.run(model, given, None)
    outputs: list[Port] = []
    for name, reference in _named(model.outputs):
        tensor = found.output(reference)
        outputs.append(Port(unique(name, {port.name for port in outputs}), tensor))
    return Graph(model.name, tuple(ports), tuple(outputs), tuple(caller.calls), tuple(caller.handed_masks))


def _input_of(layer: Layer) -> tuple[Shape | None, str]:
    shape = layer.config.get("batch_shape", layer.config.get("batch_input_shape"))
    dtype = layer.config.get("dtype")
    return shape_of(shape, layer.name), policy_of(dtype) if dtype else "float32"


class _Caller:
    """Calls the layers of a model, and of the models in it, once the inputs are there."""

    def __init__(self, generation: Generation) -> None:
        self.calls: list[Call] = []
        self.handed_masks: list[tuple[Tensor, Tensor]] = []
        self._generation = generation

    def run(self, model: WrittenModel, given: dict[str, Tensor], training: bool | None) -> _Outputs:
        """Call a model's layers in an order in which their inputs exist."""
        done = _Outputs(self._generation, model, given)
        for reference in _leaves(model.outputs):
            self._visit(done, done.output_key(reference), training)
        return done

    def _visit(self, done: _Outputs, wanted: tuple[str, int], training: bool | None) -> None:
        model = done.model
        stack = [wanted]
        open_nodes: set[tuple[str, int]] = set()
        while stack:
            key = stack[-1]
            if done.has(key):
                stack.pop()
                continue
            arguments = model.nodes.get(key)
            if arguments is None:
                raise SourceError(
                    f"model `{model.label}`: it refers to call {key[1]} of `{key[0]}`, which does not exist"
                )
            missing = [k for k in map(done.key, arguments.references()) if not done.has(k)]
            if missing:
                if key in open_nodes:
                    raise SourceError(f"model `{model.label}`: layer `{key[0]}` depends on itself")
                open_nodes.add(key)
                stack.extend(reversed(missing))
                continue
            stack.pop()
            done.put(key, self._call(model.members[key[0]], arguments, done, training))

    def _call(
        self,
        member: Layer | WrittenModel,
        arguments: Arguments,
        done: _Outputs,
        training: bool | None,
    ) -> list[Tensor] | Call:
        args = map_references(arguments.args, done)
        kwargs = map_references(arguments.kwargs, done)
        own = kwargs.pop("training", None)
        # What a model's call says about training is overridden by a prediction in Keras 3, and kept in Keras 2.
        if self._generation == 2 and own is not None:
            if not isinstance(own, (bool, int, float)):
                label = member.label if isinstance(member, Layer) else f"model `{member.label}`"
                raise RefusedError(f"{label}: a tensor as the argument `training` is not supported", hint=NOT_TRAINING)
            training = bool(own)
        if isinstance(member, WrittenModel):
            return self._call_model(member, args, kwargs, training)
        if training is not None and member.class_name != "InputLayer" and not member.operation:
            kwargs["training"] = training
        call = Call(member, args, kwargs)
        self.calls.append(call)
        return call

    def _call_model(
        self, model: WrittenModel, args: list[Any], kwargs: dict[str, Any], training: bool | None
    ) -> list[Tensor]:
        """Call a nested model: its calls stand among the parent's. Returns its outputs as Keras numbers them."""
        masks = kwargs.pop("mask", None) if self._generation == 3 else None
        if any(True for _ in tensors_in([args[1:], kwargs])) or not args:
            raise RefusedError(
                f"model `{model.label}`: a mask or other tensors besides the inputs are not supported in its call",
                hint="Call the model with its inputs only, and save it again.",
            )
        names = [reference.layer for reference in _leaves(model.inputs)]
        first = args[0]
        if isinstance(first, Mapping) and not isinstance(model.inputs, Mapping):
            tensors = [first.get(name) for name in names]
        else:
            tensors = list(tensors_in(_sorted(first)))
        if len(tensors) != len(names) or not all(isinstance(tensor, Tensor) for tensor in tensors):
            raise SourceError(f"model `{model.label}`: expects {len(names)} inputs, got {len(tensors)}")
        given = {name: tensor for name, tensor in zip(names, tensors, strict=True) if isinstance(tensor, Tensor)}
        # Keras 3 writes a mask beside every input that carries one; inside, the input carries it as it does outside.
        self.handed_masks += [
            (tensor, mask)
            for tensor, mask in zip(tensors_in(_sorted(first)), _flat(_sorted(masks)), strict=False)
            if isinstance(mask, Tensor)
        ]
        found = self.run(model, given, training)
        return [found.output(reference) for reference in _leaves(model.outputs)]


class _Outputs:
    """What the calls of one run of a model have returned so far."""

    def __init__(self, generation: Generation, model: WrittenModel, given: Mapping[str, Tensor]) -> None:
        self.model = model
        self._generation = generation
        self._given = given
        self._values: dict[tuple[str, int], list[Tensor] | Call] = {}
        used = [reference for arguments in model.nodes.values() for reference in arguments.references()]
        used += _leaves(model.outputs)
        self._from_zero = {reference.layer for reference in used if reference.node == 0}

    def key(self, reference: Reference) -> tuple[str, int]:
        """Return which call a reference means."""
        member = self.model.members.get(reference.layer)
        if member is None:
            raise SourceError(f"model `{self.model.label}`: it refers to `{reference.layer}`, which is not in it")
        node = reference.node
        if isinstance(member, WrittenModel) and self._generation == 2 and reference.layer not in self._from_zero:
            node -= member.first_node
        return reference.layer, node

    def output_key(self, reference: Reference) -> tuple[str, int]:
        """Return which call one of the model's `output_layers` means."""
        member = self.model.members.get(reference.layer)
        if self._generation == 3 and isinstance(member, WrittenModel) and member.functional:
            return reference.layer, max(0, reference.node - 1)
        return self.key(reference)

    def has(self, key: tuple[str, int]) -> bool:
        return key in self._values or key[0] in self._given

    def put(self, key: tuple[str, int], value: list[Tensor] | Call) -> None:
        self._values[key] = value

    def __call__(self, reference: Reference) -> Tensor:
        return self._tensor(reference, self.key(reference))

    def output(self, reference: Reference) -> Tensor:
        """Return one of the model's outputs."""
        return self._tensor(reference, self.output_key(reference))

    def _tensor(self, reference: Reference, key: tuple[str, int]) -> Tensor:
        if key[0] in self._given:
            return self._given[key[0]]
        value = self._values[key]
        if isinstance(value, Call):
            return Tensor(value, reference.tensor)
        if reference.tensor >= len(value):
            raise SourceError(f"model `{self.model.label}`: `{reference.layer}` has no output {reference.tensor}")
        return value[reference.tensor]


def _named(value: Any) -> Iterator[tuple[str, Reference]]:
    """Yield a structure's leaves with their names: a layer's own, or in dicts the keys that lead to it."""

    def walk(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, Reference]]:
        if isinstance(value, Reference):
            yield "_".join(keys) or value.layer, value
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield from walk(item, (*keys, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, (*keys, str(index)) if keys else ())

    return walk(value, ())


def _leaves(value: Any) -> list[Reference]:
    """Return a structure's leaves as Keras numbers them: dicts in the order of their sorted keys."""
    if isinstance(value, Reference):
        return [value]
    value = _sorted(value)
    items: Iterable[Any] = value.values() if isinstance(value, Mapping) else value
    return [leaf for item in items for leaf in _leaves(item)]


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    return [item for part in value for item in _flat(part)] if isinstance(value, list) else [value]


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value
