"""Walks a description's calls and builds each with the rule of its class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.dtypes import input_dtype
from tfjs_build.convert.keras.description import Call, Graph, KerasModel, Layer, Tensor, tensors_in
from tfjs_build.convert.keras.to_layers.masks import mask_calls, mask_of, merged_mask
from tfjs_build.convert.keras.to_layers.network import Emitted, Names, Network, Value
from tfjs_build.convert.keras.to_layers.registry import EXPORT, Context, Result, Rule
from tfjs_build.convert.keras.to_layers.tables import rule_of
from tfjs_build.errors import RefusedError, SourceError


class Converter:
    """Builds one model's networks: the outermost one, and those inside wrappers. Names are unique over all."""

    def __init__(self, model: KerasModel) -> None:
        self.model = model
        self.names = Names()
        self.emitted: dict[tuple[object, ...], Emitted] = {}
        self._weights: dict[Layer, Mapping[str, Weight]] = {}

    def weights(self, layer: Layer) -> Mapping[str, Weight]:
        """Return a layer's weights by role."""
        if layer not in self._weights:  # rules ask for one role at a time; finding them opens many HDF5 objects
            self._weights[layer] = self.model.weights(layer)
        return self._weights[layer]

    def network(self, graph: Graph, shapes: Sequence[Shape] | None = None) -> Network:
        """Build a graph; `shapes` are its inputs' where its own do not count."""
        network = Network(graph.name, self.names)
        values: dict[Tensor, Value] = {}
        for index, port in enumerate(graph.inputs):
            shape = shapes[index] if shapes else port.shape
            if shape is None:
                raise SourceError(
                    f"model `{graph.name}`: the shape of its input `{port.name}` is not in the file",
                    hint="Build the model before saving it: give its first layer an input_shape, or call it once. "
                    "(Keras before 2.4 leaves a Sequential's InputLayer out of the file, and cannot load it either.)",
                )
            value = network.input(port.tensor.call.layer.name, shape, input_dtype(port.name, port.dtype))
            values[port.tensor] = value
        masks = mask_calls(graph)
        for call in graph.calls:
            if call.layer.class_name != "InputLayer" and call not in masks:
                for index, value in enumerate(self._build(network, call, values)):
                    values[Tensor(call, index)] = value
        for tensor, mask in graph.handed_masks:
            if tensor in values and values[tensor].mask != mask_of(mask, values):
                raise RefusedError(
                    f"{tensor.call.layer.label}: a nested model is given another mask for it", hint=EXPORT
                )
        for port in graph.outputs:
            if port.tensor not in values:
                raise SourceError(f"{port.tensor.call.layer.label} has no output {port.tensor.index}")
            network.output(values[port.tensor], port.name)
        return network

    def child(self, layer: Layer, shape: Shape, dtype: str) -> Network:
        """Build a wrapper's inner layer as a network of its own, called on one such input."""
        source = Call(Layer(f"{layer.name}/input", "InputLayer", layer.config))
        call = Call(layer, [Tensor(source)])
        network = Network(layer.name, self.names)
        value = network.input(source.layer.name, shape, dtype)
        outputs = self._build(network, call, {Tensor(source): value})
        network.outputs = outputs
        return network

    def apply(self, context: Context, layer: Layer, value: Value) -> Value:
        """Build another layer on a value, as a part of a rule (an activation that is a layer)."""
        inner = Context(self, context.network, layer, (), {}, {})
        inner.inputs = [value]
        rule = rule_of(layer)
        inner.check_options(rule.only)
        return _listed(rule.build(inner))[0]

    def _build(self, network: Network, call: Call, values: Mapping[Tensor, Value]) -> list[Value]:
        rule = rule_of(call.layer)
        for tensor in tensors_in([call.args, {**call.kwargs, "mask": None}]):
            if tensor not in values:
                raise SourceError(f"{tensor.call.layer.label} has no output {tensor.index}")
        context = Context(self, network, call.layer, call.args, call.kwargs, values)
        if not context.inputs and not rule.extras:
            raise SourceError(f"{call.layer.label} is given no inputs")
        self._check_arguments(context, call, rule)
        context.check_options(rule.only)
        masks = [value.mask for value in context.inputs]
        result = rule.build(context)
        outputs = _listed(result)
        if rule.masks == "pass":
            outputs[0].mask = masks[0] if masks else None
        elif rule.masks == "merge":
            outputs[0].mask = merged_mask(masks, self.model.generation)
        elif rule.masks == "stop":
            for value in outputs:
                if value not in context.inputs:
                    value.mask = None
        return outputs

    def _check_arguments(self, context: Context, call: Call, rule: Rule) -> None:
        if call.kwargs.get("training") not in (None, False, 0):
            raise context.refuse("it is called with training=True, which TensorFlow.js cannot do in a prediction")
        if any(map(_holds_constant, [*call.args, *call.kwargs.values()])):
            raise context.refuse("it is given a constant tensor, which TensorFlow.js's layers cannot take")
        others: dict[str, Any] = {f"argument {i}": value for i, value in enumerate(call.args) if i}
        others.update(call.kwargs)
        if self.model.generation == 3:
            others.pop("mask", None)  # the rules of layers that compute with it look at it
        if not rule.extras:
            for name, value in others.items():
                if any(True for _ in tensors_in(value)):
                    raise context.refuse(f"it is given a tensor as `{name}`, which TensorFlow.js's layers cannot take")
        if not rule.any_dtype:
            for value in context.inputs:
                context.require(value.dtype == "float32", f"TensorFlow.js's layer expects float32, got {value.dtype}")


def _holds_constant(argument: Any) -> bool:
    """Whether an argument is a constant tensor, or has one in its list."""
    if not isinstance(argument, (list, tuple)) or not argument:
        return False
    if next(tensors_in(list(argument)), None) is None:
        return any(item is not None for item in argument)
    return any(isinstance(item, (int, float)) or _holds_constant(item) for item in argument)


def _listed(result: Result) -> list[Value]:
    return [result] if isinstance(result, Value) else result
