"""From a model's configuration to its description: nested models are flattened, references become tensors.

A model's members are read once (`_Model`), then called as often as its parent calls it; so a shared model shares its
layers. Beside each layer stands where its weights are: `Owner`s form the tree of the file, nested as it was saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.applications import application_module, spelled_out
from tfjs_build.convert.keras.config import Config, plain, shape_of
from tfjs_build.convert.keras.description import Call, Generation, Graph, Layer, Port, Tensor, tensors_in
from tfjs_build.convert.keras.references import Arguments, Reference, call_arguments, map_references, structure
from tfjs_build.errors import RefusedError, SourceError

_OWN_MODULES = ("keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras", "tensorflow_core")
_MODELS = ("Functional", "Sequential", "Model")


@dataclass(eq=False)
class Owner:
    """A layer or model of the file with what it holds, nested as saved. `name` is its own name, `class_name` its class,
    `attribute` what holds it ("layers", "forward_layer", "cells"), `layer` None for a model."""

    name: str
    class_name: str
    attribute: str
    trainable: bool
    layer: Layer | None = None
    children: list[Owner] = field(default_factory=list)


@dataclass(eq=False)
class _Model:
    """A Functional or Sequential model as written, its members read but not yet called."""

    name: str
    label: str
    members: dict[str, Layer | _Model] = field(default_factory=dict)
    nodes: dict[tuple[str, int], Arguments] = field(default_factory=dict)
    inputs: Any = None
    outputs: Any = None
    first_node: int = 0
    """How Keras 2 numbers the first call of the model where it is nested: 1 where it has inputs of its own."""
    functional: bool = False
    """Whether Keras 3 numbers its calls from 1, which it does in a parent's `output_layers` only."""


def read_model(config: Mapping[str, Any], generation: Generation) -> tuple[Graph, Owner]:
    """Return the flat graph of a model's configuration, and the tree of what owns weights in the file."""
    if not _is_model(config):
        raise RefusedError(
            f"the model is of a class of its own (`{config.get('class_name')}`): what it computes is in Python code, "
            "not in the file",
            hint=_way_out(config),
        )
    reader = _Reader(generation)
    owner = Owner(name="", class_name="", attribute="", trainable=True)
    model = reader.model(config, "", owner)
    return reader.graph(model), owner


def _way_out(entry: Mapping[str, Any]) -> str:
    """Return what to do with a model of another class than Keras's own."""
    config = entry.get("config")
    if isinstance(config, Mapping) and {"input_layers", "output_layers"} <= config.keys():
        return (
            "If the class changes only how the model is trained, save keras.Model(model.inputs, model.outputs); "
            "otherwise list what model.export('folder') writes."
        )
    return "Export it as a SavedModel (model.export('folder')) and list that folder instead."


class _Reader:
    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.names: set[str] = set()
        self.handed_masks: list[tuple[Tensor, Tensor]] = []

    # Members -----------------------------------------------------------------------------------------------------

    def model(self, entry: Mapping[str, Any], prefix: str, owner: Owner) -> _Model:
        """Read a model; its layers' names begin with `prefix`, its weights lie below `owner`."""
        config = entry.get("config")
        if entry["class_name"] == "Sequential":
            return self._sequential(entry, config, prefix, owner)
        if not isinstance(config, Mapping) or not isinstance(config.get("layers"), list):
            name = config.get("name", "model") if isinstance(config, Mapping) else "model"
            raise SourceError(f"model `{prefix.rstrip('/') or name}`: its configuration lists no layers")
        model = _Model(str(config.get("name", "model")), prefix.rstrip("/") or str(config.get("name", "model")))
        model.first_node = 1
        model.functional = True
        entries = self._members(config["layers"], model, prefix, owner)
        for name, layer in entries:
            nodes = layer.get("inbound_nodes", [])
            if not isinstance(nodes, list):
                raise SourceError(f"layer `{prefix}{name}`: its inputs are not a list")
            for index, node in enumerate(nodes):
                model.nodes[name, index] = call_arguments(node, model.members.keys(), prefix + name)
        model.inputs = structure(config.get("input_layers"), model.label)
        model.outputs = structure(config.get("output_layers"), model.label)
        return model

    def _sequential(self, entry: Mapping[str, Any], config: Any, prefix: str, owner: Owner) -> _Model:
        if isinstance(config, list):  # Keras before 2.2.3
            config = {"layers": config}
        if not isinstance(config, Mapping) or not isinstance(config.get("layers"), list) or not config["layers"]:
            raise SourceError(f"model `{prefix or 'sequential'}`: its configuration lists no layers")
        name = str(config.get("name", "sequential"))
        model = _Model(name, prefix.rstrip("/") or name)
        entries = list(self._members(config["layers"], model, prefix, owner))
        chain = [member for member, _ in entries]
        first = model.members[chain[0]]
        if isinstance(first, Layer) and first.class_name == "InputLayer":
            model.first_node = 1
        else:
            shape = _sequential_input_shape(entry, config, entries[0][1], model.label)
            source = _unique(f"{chain[0]}_input", set(chain))
            dtype = "float32" if isinstance(first, _Model) else str(first.config.get("dtype") or "float32")
            values = {"name": source, "batch_shape": list(shape) if shape else None, "dtype": dtype}
            model.members[source] = self._layer({"class_name": "InputLayer", "config": values}, source, prefix)
            chain.insert(0, source)
        for previous, current in pairwise(chain):
            member = model.members[previous]
            node = member.first_node if self.generation == 2 and isinstance(member, _Model) else 0
            model.nodes[current, 0] = Arguments([Reference(previous, node, 0)], {})
        last = model.members[chain[-1]]
        node = last.first_node if self.generation == 2 and isinstance(last, _Model) else 0
        model.inputs = Reference(chain[0], 0, 0)
        model.outputs = Reference(chain[-1], node, 0)
        return model

    def _members(
        self, layers: list[Any], model: _Model, prefix: str, owner: Owner
    ) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Read a model's layers into `model.members`; returns their names with their entries."""
        entries: list[tuple[str, Mapping[str, Any]]] = []
        for entry in layers:
            if not isinstance(entry, Mapping) or not isinstance(entry.get("class_name"), str):
                raise SourceError(f"model `{model.label}`: one of its layers has no class")
            entry = spelled_out(entry)
            values = entry.get("config")
            if not isinstance(values, Mapping) and not isinstance(values, list):
                raise SourceError(
                    f"model `{model.label}`: a layer of class `{entry['class_name']}` has no configuration"
                )
            named = entry.get("name") or (values.get("name") if isinstance(values, Mapping) else None)
            name = str(named) if named else _unique(snake_case(entry["class_name"]), set(model.members))
            if name in model.members:
                raise SourceError(f"model `{model.label}`: two of its layers are named `{name}`")
            operation = _is_operation(entry)
            if _is_model(entry):
                child = Owner(name, _class_name(entry), "layers", _trainable(values))
                owner.children.append(child)
                model.members[name] = self.model(entry, f"{prefix}{name}/", child)
            else:
                layer = self._layer(entry, name, prefix)
                model.members[name] = layer
                if not operation:
                    child = Owner(name, layer.class_name, "layers", layer.trainable, layer)
                    owner.children.append(child)
                    layer.children = self._children(layer, child)
            entries.append((name, entry))
        return entries

    def _layer(self, entry: Mapping[str, Any], name: str, prefix: str) -> Layer:
        if not isinstance(entry["config"], Mapping):
            raise SourceError(f"layer `{prefix}{name}`: its configuration is not an object")
        values = plain(dict(entry["config"]))
        full = _unique(prefix + name, self.names)
        self.names.add(full)
        policy = _policy(values.get("dtype"))
        return Layer(
            name=full,
            class_name=_class_name(entry),
            package=_package(entry),
            module=application_module(entry, _class_name(entry)) or str(entry.get("module") or ""),
            config=Config(full, values),
            dtype=_compute_dtype(policy),
            policy=policy,
            trainable=_trainable(values),
            operation=_is_operation(entry),
        )

    def _children(self, layer: Layer, owner: Owner) -> dict[str, Layer | Graph]:
        """Read the layers and models that a wrapper holds in its configuration."""
        children: dict[str, Layer | Graph] = {}
        for attribute, entry in _wrapped(layer):
            values = entry.get("config")
            if not isinstance(values, Mapping):
                raise SourceError(f"layer `{layer.name}`: what it wraps has no configuration")
            name = str(values.get("name") or attribute)
            child = Owner(name, _class_name(entry), attribute.partition("/")[0], _trainable(values))
            owner.children.append(child)
            if _is_model(entry):
                children[attribute] = self.graph(self.model(entry, f"{layer.name}/{name}/", child))
                continue
            inner = children[attribute] = child.layer = self._layer(entry, name, f"{layer.name}/")
            inner.children = self._children(inner, child)
        return children

    # Calls -------------------------------------------------------------------------------------------------------

    def graph(self, model: _Model) -> Graph:
        """Call a model on inputs of its own."""
        calls: list[Call] = []
        ports: list[Port] = []
        given: dict[str, Tensor] = {}
        for name, reference in _named(model.inputs):
            layer = model.members.get(reference.layer)
            if not isinstance(layer, Layer) or layer.class_name != "InputLayer":
                raise SourceError(f"model `{model.label}`: its input `{reference.layer}` is not an InputLayer")
            if layer.config.get("ragged") is True:
                raise RefusedError(
                    f"input `{layer.name}` is ragged: TensorFlow.js has no tensors whose rows differ in length",
                    hint="Give the model padded rows and a mask instead, or export it as a SavedModel "
                    "(model.export('folder')), which takes the values and where their rows begin.",
                )
            call = Call(layer)
            calls.append(call)
            given[reference.layer] = Tensor(call)
            shape = layer.config.get("batch_shape", layer.config.get("batch_input_shape"))
            dtype = layer.config.get("dtype")
            ports.append(
                Port(
                    _unique(name, {port.name for port in ports}),
                    Tensor(call),
                    shape_of(shape, layer.name),
                    _policy(dtype) if dtype else "float32",
                )
            )
        outer, self.handed_masks = self.handed_masks, []
        found = self._run(model, given, None, calls)
        handed, self.handed_masks = self.handed_masks, outer
        outputs: list[Port] = []
        for name, reference in _named(model.outputs):
            tensor = found.output(reference)
            outputs.append(Port(_unique(name, {port.name for port in outputs}), tensor))
        return Graph(model.name, tuple(ports), tuple(outputs), tuple(calls), tuple(handed))

    def _run(self, model: _Model, given: dict[str, Tensor], training: bool | None, calls: list[Call]) -> _Outputs:
        """Call a model's layers in an order in which their inputs exist; appends to `calls`."""
        done = _Outputs(self, model, given)
        for reference in _leaves(model.outputs):
            self._visit(done, done.output_key(reference), training, calls)
        return done

    def _visit(self, done: _Outputs, wanted: tuple[str, int], training: bool | None, calls: list[Call]) -> None:
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
                raise SourceError(f"model `{model.label}`: it refers to call {key[1]} of `{key[0]}`; there is none")
            missing = [k for k in map(done.key, arguments.references()) if not done.has(k)]
            if missing:
                if key in open_nodes:
                    raise SourceError(f"model `{model.label}`: layer `{key[0]}` depends on itself")
                open_nodes.add(key)
                stack.extend(reversed(missing))
                continue
            stack.pop()
            done.put(key, self._call(model.members[key[0]], arguments, done, training, calls))

    def _call(
        self, member: Layer | _Model, arguments: Arguments, done: _Outputs, training: bool | None, calls: list[Call]
    ) -> list[Tensor] | Call:
        args = map_references(arguments.args, done)
        kwargs = map_references(arguments.kwargs, done)
        own = kwargs.pop("training", None)
        # What a model's call says about training is overridden by a prediction in Keras 3, and kept in Keras 2.
        training = own if isinstance(own, bool) and self.generation == 2 else training
        if isinstance(member, _Model):
            return self._call_model(member, args, kwargs, training, calls)
        if training is not None and member.class_name != "InputLayer" and not member.operation:
            kwargs["training"] = training
        call = Call(member, args, kwargs)
        calls.append(call)
        return call

    def _call_model(
        self, model: _Model, args: list[Any], kwargs: dict[str, Any], training: bool | None, calls: list[Call]
    ) -> list[Tensor]:
        """Call a nested model: its calls are appended to the parent's. Returns its outputs as Keras numbers them."""
        masks = kwargs.pop("mask", None) if self.generation == 3 else None
        if any(True for _ in tensors_in([args[1:], kwargs])) or not args:
            raise RefusedError(f"model `{model.label}` is called with a mask or other tensors besides its inputs")
        names = [reference.layer for reference in _leaves(model.inputs)]
        first = args[0]
        if isinstance(first, Mapping) and not isinstance(model.inputs, Mapping):
            tensors = [first.get(name) for name in names]
        else:
            tensors = list(tensors_in(_sorted(first)))
        if len(tensors) != len(names) or not all(isinstance(tensor, Tensor) for tensor in tensors):
            raise SourceError(f"model `{model.label}` has {len(names)} inputs and is given {len(tensors)}")
        given = {name: tensor for name, tensor in zip(names, tensors, strict=True) if isinstance(tensor, Tensor)}
        # Keras 3 writes a mask beside every input that carries one; inside, the input carries it as it does outside.
        self.handed_masks += [
            (tensor, mask)
            for tensor, mask in zip(tensors_in(_sorted(first)), _flat(_sorted(masks)), strict=False)
            if isinstance(mask, Tensor)
        ]
        found = self._run(model, given, training, calls)
        return [found.output(reference) for reference in _leaves(model.outputs)]


class _Outputs:
    """What the calls of one run of a model have returned so far."""

    def __init__(self, reader: _Reader, model: _Model, given: Mapping[str, Tensor]) -> None:
        self.model = model
        self._reader = reader
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
        if isinstance(member, _Model) and self._reader.generation == 2 and reference.layer not in self._from_zero:
            node -= member.first_node
        return reference.layer, node

    def output_key(self, reference: Reference) -> tuple[str, int]:
        """Return which call one of the model's `output_layers` means."""
        member = self.model.members.get(reference.layer)
        if self._reader.generation == 3 and isinstance(member, _Model) and member.functional:
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


def _is_model(entry: Mapping[str, Any]) -> bool:
    return _class_name(entry) in _MODELS and _package(entry) == "keras"


def _is_operation(entry: Mapping[str, Any]) -> bool:
    """Operations are in Keras 3's configurations beside layers, under class names that layers have too (Add)."""
    module = entry.get("module")
    if isinstance(module, str) and module.startswith("keras"):
        return module.startswith(("keras.src.ops", "keras.ops"))
    values = entry.get("config")
    return (
        "module" not in entry
        and isinstance(values, Mapping)
        and entry.get("class_name") not in _TERSE_LAYERS
        and not values.keys() & {"trainable", "batch_shape", "batch_input_shape", "layers"}
    )


_TERSE_LAYERS = frozenset(
    ["Discretization", "HashedCrossing", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"]
)
"""Layers of Keras 3 whose configurations do not say whether they are trainable, as all others do (their `get_config`
does not ask that of Layer)."""


def _class_name(entry: Mapping[str, Any]) -> str:
    name = str(entry.get("class_name")).rpartition(">")[2]
    return _OTHER_NAMES.get(name, name)


_OTHER_NAMES = {"GroupQueryAttention": "GroupedQueryAttention"}
"""Classes that are exported under another name than their own, which groups of weights and .h5 files have."""


def _package(entry: Mapping[str, Any]) -> str:
    if application_module(entry, _class_name(entry)):
        return "keras"
    for key in ("registered_name", "class_name"):
        package, found, _ = str(entry.get(key) or "").rpartition(">")
        if found:
            return package
    module = entry.get("module")
    if isinstance(module, str) and module.split(".")[0] not in ("keras", "tf_keras"):
        return "keras" if module.startswith(_OWN_MODULES) else module
    return "keras"


def _wrapped(layer: Layer) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what a wrapper's configuration holds, by the attribute that holds it in Keras."""

    def entry(key: str) -> Mapping[str, Any] | None:
        value = layer.config.get(key)
        return value if isinstance(value, Mapping) and isinstance(value.get("class_name"), str) else None

    forward = entry("layer")
    if layer.class_name == "Bidirectional" and forward is not None:
        # The backward layer is written only where it is not a copy that runs the other way.
        values = forward.get("config")
        copy = dict(values) if isinstance(values, Mapping) else {}
        copy.update(name=f"backward_{copy.get('name', 'layer')}", go_backwards=not copy.get("go_backwards", False))
        return [("forward_layer", forward), ("backward_layer", entry("backward_layer") or {**forward, "config": copy})]
    found = [(key, value) for key in ("layer", "cell") if (value := entry(key)) is not None]
    for key in ("activation", "recurrent_activation"):
        activation = entry(key)
        if activation is not None and isinstance(activation.get("config"), Mapping):  # a function has its name there
            found.append((key, activation))
    for key in ("cells", *(["layers"] if layer.class_name == "Pipeline" else [])):
        several = layer.config.get(key)
        for index, each in enumerate(several if isinstance(several, list) else []):
            if not isinstance(each, Mapping) or not isinstance(each.get("class_name"), str):
                raise SourceError(f"layer `{layer.name}`: number {index} of its {key} has no class")
            found.append((f"{key}/{index}", each))
    return found


def _policy(dtype: Any) -> str:
    """Return the name of a dtype or dtype policy, however it is written."""
    if isinstance(dtype, Mapping):
        config = dtype.get("config")
        config = config if isinstance(config, Mapping) else {}
        if config.get("mode") and config.get("source_name"):  # a quantized policy
            return f"{config['mode']}_from_{config['source_name']}"
        return str(config.get("name") or dtype.get("class_name") or "float32")
    return str(dtype) if dtype else "float32"


def _compute_dtype(policy: str) -> str:
    policy = policy.rpartition("_from_")[2]
    return {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}.get(policy, policy)


def _trainable(values: Any) -> bool:
    return not (isinstance(values, Mapping) and values.get("trainable") is False)


def _sequential_input_shape(
    entry: Mapping[str, Any], config: Mapping[str, Any], first: Mapping[str, Any], label: str
) -> Shape | None:
    """Return the input shape of a Sequential model that was saved without an InputLayer."""
    values = first.get("config")
    build = first.get("build_config")
    whole = entry.get("build_config")
    for candidate in (
        values.get("batch_input_shape") if isinstance(values, Mapping) else None,
        config.get("build_input_shape"),
        build.get("input_shape") if isinstance(build, Mapping) else None,
        whole.get("input_shape") if isinstance(whole, Mapping) else None,
    ):
        if candidate is not None:
            return shape_of(plain(candidate), label)
    return None


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


def _unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken, with the suffixes that Keras gives: `a`, `a_1`, `a_2`."""
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def snake_case(name: str) -> str:
    """Return a class's name as Keras makes names of layers and groups from it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
