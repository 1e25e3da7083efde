"""From a model's configuration to its description: nested models are flattened, references become tensors.

A model's members are read once, here, then called as often as its parent calls it (`calls.py`). Beside each layer
stands where its weights are: `Owner`s form the tree of the file, nested as it was saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tfjs_build.convert.keras.applications import spelled_out
from tfjs_build.convert.keras.calls import WrittenModel, flatten
from tfjs_build.convert.keras.config import Config, plain_items
from tfjs_build.convert.keras.description import Generation, Graph, Layer
from tfjs_build.convert.keras.entries import (
    compute_dtype,
    is_trainable,
    policy_of,
    sequential_input_shape,
    wrapped,
)
from tfjs_build.convert.keras.identity import Identity, identify
from tfjs_build.convert.keras.naming import snake_case, unique
from tfjs_build.convert.keras.references import Arguments, Reference, call_arguments, structure
from tfjs_build.convert.keras.renamed import with_options
from tfjs_build.errors import RefusedError, SourceError


@dataclass(eq=False)
class Owner:
    """A layer or model of the file with what it holds, nested as saved. `name` is its own name, `class_name` its class,
    `attribute` what holds it ("layers", "forward_layer", "cells"), `layer` None for a model. `named` is False where the
    file does not tell the name."""

    name: str
    class_name: str
    attribute: str
    trainable: bool
    layer: Layer | None = None
    named: bool = True
    children: list[Owner] = field(default_factory=list)


def read_model(config: Mapping[str, Any], generation: Generation, version: str = "") -> tuple[Graph, Owner]:
    """Return the flat graph of a model's configuration, and the tree of what owns weights in the file."""
    if identify(config, generation, version).kind != "model":
        raise RefusedError(
            f"the model is of a class of its own (`{config.get('class_name')}`): what it computes is in Python code, "
            "not in the file",
            hint=_way_out(config),
        )
    reader = _Reader(generation, version)
    owner = Owner(name="", class_name="", attribute="", trainable=True)
    model = reader.model(config, "", owner)
    return flatten(model, generation), owner


def _way_out(entry: Mapping[str, Any]) -> str:
    """Return what to do with a model of another class than Keras's own."""
    config = entry.get("config")
    if isinstance(config, Mapping) and {"input_layers", "output_layers"} <= config.keys():
        return (
            "If the class changes only how the model is trained, save keras.Model(model.inputs, model.outputs); "
            "otherwise list what model.export('folder') writes."
        )
    return "Export it as a SavedModel (model.export('folder')) and list that folder instead."


_INPUT_LAYER = Identity("layer", "InputLayer", "InputLayer")


class _Reader:
    def __init__(self, generation: Generation, version: str) -> None:
        self.generation = generation
        self.version = version
        self.names: set[str] = set()

    def model(self, entry: Mapping[str, Any], prefix: str, owner: Owner) -> WrittenModel:
        """Read a model; its layers' names begin with `prefix`, its weights lie below `owner`."""
        config = entry.get("config")
        if entry["class_name"] == "Sequential":
            return self._sequential(entry, config, prefix, owner)
        if not isinstance(config, Mapping) or not isinstance(config.get("layers"), list):
            name = config.get("name", "model") if isinstance(config, Mapping) else "model"
            raise SourceError(f"model `{prefix.rstrip('/') or name}`: its configuration lists no layers")
        model = WrittenModel(str(config.get("name", "model")), prefix.rstrip("/") or str(config.get("name", "model")))
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

    def _sequential(self, entry: Mapping[str, Any], config: Any, prefix: str, owner: Owner) -> WrittenModel:
        if isinstance(config, list):  # Keras before 2.2.3
            config = {"layers": config}
        if not isinstance(config, Mapping) or not isinstance(config.get("layers"), list) or not config["layers"]:
            raise SourceError(f"model `{prefix or 'sequential'}`: its configuration lists no layers")
        name = str(config.get("name", "sequential"))
        model = WrittenModel(name, prefix.rstrip("/") or name)
        entries = list(self._members(config["layers"], model, prefix, owner))
        chain = [member for member, _ in entries]
        first = model.members[chain[0]]
        if not isinstance(first, Layer) or first.class_name != "InputLayer":
            shape = sequential_input_shape(entry, config, entries[0][1], model.label)
            if isinstance(first, WrittenModel):  # Keras before 2.4 takes it over from the model that comes first
                written, dtype = first.input_shape_and_dtype()
                shape = shape or written
            else:
                dtype = str(first.config.get("dtype") or "float32")
            source = unique(f"{chain[0]}_input", set(chain))
            values = {"name": source, "batch_shape": list(shape) if shape else None, "dtype": dtype}
            layer = {"class_name": "InputLayer", "config": values}
            model.members[source] = self._layer(layer, _INPUT_LAYER, source, prefix)
            chain.insert(0, source)
        for previous, current in pairwise(chain):
            member = model.members[previous]
            node = member.first_node if self.generation == 2 and isinstance(member, WrittenModel) else 0
            model.nodes[current, 0] = Arguments([Reference(previous, node, 0)], {})
        last = model.members[chain[-1]]
        node = last.first_node if self.generation == 2 and isinstance(last, WrittenModel) else 0
        model.inputs = Reference(chain[0], 0, 0)
        model.outputs = Reference(chain[-1], node, 0)
        return model

    def _members(
        self, layers: list[Any], model: WrittenModel, prefix: str, owner: Owner
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
            name = str(named) if named else unique(snake_case(entry["class_name"]), set(model.members))
            if name in model.members:
                raise SourceError(f"model `{model.label}`: two of its layers are named `{name}`")
            identity = self._identity(entry)
            if identity.kind == "model":
                child = Owner(name, identity.written, "layers", is_trainable(values), named=bool(named))
                owner.children.append(child)
                model.members[name] = self.model(entry, f"{prefix}{name}/", child)
            else:
                layer = self._layer(entry, identity, name, prefix)
                model.members[name] = layer
                if not layer.operation:
                    child = Owner(name, identity.written, "layers", layer.trainable, layer)
                    owner.children.append(child)
                    layer.children = self._children(layer, child)
            entries.append((name, entry))
        return entries

    def _identity(self, entry: Mapping[str, Any]) -> Identity:
        return identify(entry, self.generation, self.version)

    def _layer(self, entry: Mapping[str, Any], identity: Identity, name: str, prefix: str) -> Layer:
        if not isinstance(entry["config"], Mapping):
            raise SourceError(f"layer `{prefix}{name}`: its configuration is not an object")
        values = with_options(identity.written, plain_items(entry["config"]), self.version)
        full = unique(prefix + name, self.names)
        self.names.add(full)
        policy = policy_of(values.get("dtype"))
        return Layer(
            name=full,
            class_name=identity.class_name,
            code=identity.code,
            config=Config(full, values),
            dtype=compute_dtype(policy),
            policy=policy,
            trainable=is_trainable(values),
            operation=identity.kind == "operation",
        )

    def _children(self, layer: Layer, owner: Owner) -> dict[str, Layer | Graph]:
        """Read the layers and models that a wrapper holds in its configuration."""
        children: dict[str, Layer | Graph] = {}
        for attribute, entry in wrapped(layer):
            values = entry.get("config")
            if not isinstance(values, Mapping):
                raise SourceError(f"layer `{layer.name}`: what it wraps has no configuration")
            name = str(values.get("name") or attribute)
            identity = self._identity(entry)
            child = Owner(name, identity.written, attribute.partition("/")[0], is_trainable(values))
            owner.children.append(child)
            if identity.kind == "model":
                model = self.model(entry, f"{layer.name}/{name}/", child)
                children[attribute] = flatten(model, self.generation)
                continue
            inner = children[attribute] = child.layer = self._layer(entry, identity, name, f"{layer.name}/")
            inner.children = self._children(inner, child)
        return children
