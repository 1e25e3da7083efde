"""Walks a description's calls and builds each with the rule of its class, masks beside the tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfjs_build.convert.dtypes import input_dtype
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Constant, Port, Value
from tfjs_build.convert.graph.ir import Graph as Compiled
from tfjs_build.convert.keras.description import Graph, KerasModel, Layer, Tensor, map_tensors
from tfjs_build.convert.keras.hints import NOT_TRAINING
from tfjs_build.convert.keras.to_graph.context import Context, values_in
from tfjs_build.convert.keras.to_graph.dtypes import fill_in_constants
from tfjs_build.convert.keras.to_graph.host import Table
from tfjs_build.convert.keras.to_graph.masks import masks_of
from tfjs_build.convert.keras.to_graph.registry import Rule
from tfjs_build.convert.keras.to_graph.signatures import named_arguments
from tfjs_build.convert.keras.to_graph.tables import rule_of, stored
from tfjs_build.errors import MisfitError, ModelError, SourceError, UnforeseenError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Weight


class Converter:
    """Builds one model's graph."""

    def __init__(self, model: KerasModel) -> None:
        self.model = model
        self.builder = Builder()
        self.tables: dict[str, Table] = {}
        self.notes: list[str] = []
        self.masks: dict[Value, Value | None] = {}
        self._weights: dict[Layer, Mapping[str, Weight]] = {}
        self._constants: dict[tuple[Layer, str], Constant] = {}

    def convert(self) -> Compiled:
        """Return the whole model's graph."""
        inputs: list[Port] = []
        for port in self.model.graph.inputs:
            if port.shape is None:
                raise SourceError(
                    f"model `{self.model.graph.name}`: the shape of its input `{port.name}` is not in the file",
                    hint="Build the model before saving it: give its first layer an input_shape, or call it once. "
                    "(Keras before 2.4 leaves a Sequential's InputLayer out of the file, and cannot load it either.)",
                )
            inputs.append(
                Port(port.name, self.builder.input(port.name, port.shape, input_dtype(port.name, port.dtype)))
            )
        outputs = self.run(self.model.graph, [port.value for port in inputs])
        named = zip(self.model.graph.outputs, outputs, strict=True)
        return Compiled(inputs, [Port(port.name, value) for port, value in named])

    def initializer(self) -> Compiled | None:
        """Return the graph that fills the model's hash tables, None if it has none."""
        ports = []
        for name, table in self.tables.items():
            parts = [table.handle, self.builder.const(table.keys), self.builder.const(table.values)]
            [filled] = self.builder.node(
                "LookupTableImportV2", parts, {}, name=f"{name}/import", given=[((), "resource")]
            )
            ports.append(Port(f"{name}/import", filled))
        return Compiled([], ports) if ports else None

    def run(self, graph: Graph, inputs: Sequence[Value]) -> list[Value]:
        """Call a graph; returns its outputs."""
        values = {port.tensor: value for port, value in zip(graph.inputs, inputs, strict=True)}

        def value_of(tensor: Tensor) -> Value:
            if tensor not in values:
                raise SourceError(f"{tensor.call.layer.label} has no output {tensor.index}")
            return values[tensor]

        handed = list(graph.handed_masks)
        for call in graph.calls:
            if call.layer.class_name == "InputLayer":
                continue
            args, kwargs = map_tensors(call.args, value_of), map_tensors(call.kwargs, value_of)
            for index, value in enumerate(self.build(call.layer, args, kwargs)):
                values[Tensor(call, index)] = value
            for pair in [each for each in handed if each[0] in values and each[1] in values]:
                self.masks[values[pair[0]]] = values[pair[1]]
                handed.remove(pair)
        return [value_of(port.tensor) for port in graph.outputs]

    def build(self, layer: Layer, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Value]:
        """Call a layer; returns its outputs, whose masks are then in `masks`."""
        rule = rule_of(layer)
        if layer.function is not None:
            context = Context(self, layer, args, kwargs)
        else:
            first, named, unknown = named_arguments(rule.takes.get(self.model.generation, ""), args, kwargs)
            context = Context(self, layer, first, named)
            fill_in_constants(context)
            if not context.inputs:
                raise SourceError(f"{layer.label}: expects a tensor as its input, got none")
            for name in unknown:
                context.require(not values_in(named[name]), f"a tensor as the argument `{name}` is not supported")
            if context.truth(named.get("training"), "training"):
                raise context.unsupported("training", True, (False,), NOT_TRAINING)
        outer = self.builder.scope
        self.builder.scope = layer.name
        try:
            if rule.floats:
                context.inputs = [context.as_float(value) for value in context.inputs]
            try:
                result = rule.build(context)
            except MisfitError as error:
                raise MisfitError(
                    f"{layer.label}: its configuration does not fit its inputs: {error.message}"
                ) from error
            except (ModelError, MemoryError, RecursionError, OSError):
                raise
            except Exception as error:
                raise UnforeseenError(layer.label) from error
            outputs = [result] if isinstance(result, Value) else list(result)
            self._keep_masks(context, rule, outputs)
        finally:
            self.builder.scope = outer
        return outputs

    def _keep_masks(self, context: Context, rule: Rule, outputs: Sequence[Value]) -> None:
        """Note the masks of a call's outputs. An input that a layer returns as it is keeps its mask, as in Keras."""
        with self.builder.scoped("mask"):
            found = masks_of(context, rule, outputs)
        for value, mask in zip(outputs, found, strict=True):
            before = self.masks.get(value)
            if before is None or mask is not None:
                self.masks[value] = mask
            elif self.model.generation == 2 and not context.layer.operation:
                raise context.refuse("returning an input without its mask is not supported")

    # Weights -----------------------------------------------------------------------------------------------------

    def weight(self, layer: Layer, role: str) -> Constant:
        """Return a layer's weight as a constant, named after layer and role."""
        key = (layer, role)
        if key not in self._constants:
            if not self.has_weight(layer, role):
                raise SourceError(f"{layer.label}: its weight `{role}` is not in the file")
            weight = self._weights[layer][role]
            name = f"{layer.name}/{role}"
            self._constants[key] = Constant(
                weight.shape, weight.dtype, lambda: _read(weight), name=name, blocks=weight.blocks
            )
        return self._constants[key]

    def has_weight(self, layer: Layer, role: str) -> bool:
        """Whether the file has that weight."""
        if layer not in self._weights:  # finding them opens many HDF5 objects
            self._weights[layer] = self.model.weights(layer)
        return role in self._weights[layer]

    def stand_in(self, layer: Layer, original: Layer) -> None:
        """Let a layer with other options have the weights of the one in the file."""
        found = stored(original)
        for spec in found.variables if found is not None else ():
            self._constants[layer, spec.role] = self.weight(original, spec.role)
        self._weights[layer] = self._weights.get(original, {})

    def note(self, text: str) -> None:
        """Tell the user something about what was converted."""
        if text not in self.notes:
            self.notes.append(text)


def _read(weight: Weight) -> np.ndarray[Any, Any]:
    blocks: Iterator[np.ndarray[Any, Any]] = weight.blocks()
    parts = [np.asarray(block) for block in blocks]
    if not parts:
        return np.zeros(weight.shape, np.float32)
    return (parts[0] if len(parts) == 1 else np.concatenate(parts)).reshape(weight.shape)
