"""Rules of the recurrent layers, their cells and their wrappers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.description import Graph, Layer, tensors_in
from tfjs_build.convert.keras.to_layers.activations import activation
from tfjs_build.convert.keras.to_layers.network import Value, valid_name
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.spatial import conv_length, padding
from tfjs_build.convert.keras.to_layers.topology import single_layer
from tfjs_build.convert.keras.without_no_ops import without_no_ops

Weights = dict[str, Weight]

_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}

_FRESH = {"stateful": False, "time_major": False}
"""Options of all recurrent layers: TensorFlow.js's start with no state of an earlier prediction."""


@rule("LSTM", "GRU", "SimpleRNN", masks="use", extras=True, only=_FRESH)
def recurrent(c: Context) -> list[Value]:
    x, _ = _sequence(c, 3)
    kind = c.layer.class_name
    config, weights = _cell(c, kind, c.fixed(x, -1))
    return _run(c, kind, {**config, **_options(c)}, weights, _state_sizes(kind, config["units"]))


@rule("RNN", masks="use", extras=True, only=_FRESH)
def rnn(c: Context) -> list[Value]:
    x, states = _sequence(c, 3)
    entry, weights, sizes = _cells(c, _child(c, "cell"), c.fixed(x, -1))
    options = _options(c)
    plain = entry["class_name"] != "StackedRNNCells" or not (options["return_state"] or states)
    c.require(plain, "TensorFlow.js orders the states of stacked cells in another way")
    return _run(c, "RNN", {"cell": entry, **options}, weights, sizes)


@rule("ConvLSTM2D", masks="use", extras=True, only={**_FRESH, "data_format": "channels_last"})
def conv_lstm2d(c: Context) -> list[Value]:
    x, _ = _sequence(c, 5)
    filters = c.config.size("filters")
    size, stride = c.config.sizes("kernel_size", 2), c.config.sizes("strides", 2, (1, 1))
    dilation = c.config.sizes("dilation_rate", 2, (1, 1))
    config: dict[str, Any] = {
        "filters": filters,
        "kernel_size": list(size),
        "strides": list(stride),
        "padding": padding(c),
        "dilation_rate": list(dilation),
        **_functions(c, gated=True),
        **_options(c),
    }
    weights = {
        "kernel": c.weight("kernel", *size, c.fixed(x, -1), 4 * filters),
        "recurrent_kernel": c.weight("recurrent_kernel", *size, filters, 4 * filters),
    }
    if config["use_bias"]:
        weights["bias"] = c.weight("bias", 4 * filters)
    rows, columns = (conv_length(x.shape[i + 2], size[i], padding(c), stride[i], dilation[i]) for i in (0, 1))
    state = (x.shape[0], rows, columns, filters)
    return _call(c, "ConvLSTM2D", config, weights, state, [state, state])


@rule("Bidirectional", masks="use", extras=True)
def bidirectional(c: Context) -> list[Value]:
    x, states = _sequence(c, 3)
    forward, backward = _child(c, "forward_layer"), _child(c, "backward_layer")
    name = valid_name(forward.name.rpartition("/")[2].removeprefix("forward_"))
    kind, config, own, sizes = _direction(c.inside(forward), c.fixed(x, -1))
    *behind, other, _ = _direction(c.inside(backward), c.fixed(x, -1))
    alike = behind == [kind, {**config, "go_backwards": not config["go_backwards"]}]
    c.require(alike, "TensorFlow.js runs the same layer in both directions only")
    weights = {f"forward_{name}/{role}": weight for role, weight in own.items()}
    weights |= {f"backward_{name}/{role}": weight for role, weight in other.items()}
    sequences, mode = config["return_sequences"], c.config.get("merge_mode")
    if mode not in ("concat", "sum", "ave", "mul", None):
        raise c.unsupported("merge_mode")
    c.require(c.mask is None or not sequences, "TensorFlow.js gives masked steps of a sequence other values")
    c.require(len(states) in (0, 2 * len(sizes)), f"it has {2 * len(sizes)} states and is given {len(states)}")
    steps = (x.shape[1],) if sequences else ()
    shapes: list[Shape] = [(x.shape[0], *steps, sizes[0] * (2 if mode == "concat" else 1))] * (1 if mode else 2)
    if config["return_state"]:
        shapes += [(x.shape[0], size) for size in sizes] * 2
    entry = {"class_name": kind, "config": {"name": name, **config}}
    outputs = c.emit_many("Bidirectional", {"layer": entry, "merge_mode": mode}, [x, *states], shapes, weights=weights)
    outputs[0].node.mask = c.mask
    return outputs


@rule("TimeDistributed", any_dtype=True)
def time_distributed(c: Context) -> Value:
    x = c.input
    child = c.layer.children.get("layer")
    c.require(len(x.shape) >= 3, f"TensorFlow.js's layer expects an input of rank 3 or more, got rank {len(x.shape)}")
    step = (x.shape[0], *x.shape[2:])
    if isinstance(child, Graph):
        c.require(len(child.inputs) == 1, "TensorFlow.js's takes one input only")
        inner = c.host.network(without_no_ops(child), [step])
    elif isinstance(child, Layer):
        inner = c.host.child(child, step, x.dtype)
    else:
        raise c.refuse("it wraps no layer")
    c.require(len(inner.outputs) == 1, "TensorFlow.js's returns one output only")
    result, expected = inner.outputs[0], inner.inputs[0].dtype
    c.require(x.dtype == expected, f"TensorFlow.js's layer expects {expected}, got {x.dtype}")
    if result in inner.inputs:
        return x
    c.require(result.dtype == "float32", f"TensorFlow.js's layer gives float32, what it wraps {result.dtype}")
    shape = (x.shape[0], x.shape[1], *result.shape[1:])
    if single_layer(inner) is None:
        inner.name = valid_name(inner.name)
    return c.emit_many("TimeDistributed", {}, [x], [shape], inner=inner)[0]


def _sequence(c: Context, rank: int) -> tuple[Value, list[Value]]:
    """Return the sequence that a recurrent layer is given, and its initial state.

    Keras 2 writes the state behind the sequence, Keras 3 as an argument.
    """
    c.require(bool(c.inputs), "it is given no tensors")
    x, *states = c.inputs
    c.require(len(x.shape) == rank, f"TensorFlow.js's layer expects an input of rank {rank}, got rank {len(x.shape)}")
    arguments = {"initial_state": c.args[1:2], **c.kwargs}
    if c.generation == 3:
        arguments.pop("mask", None)
    for name, value in arguments.items():
        found = [c.values[tensor] for tensor in tensors_in(value)]
        c.require(name == "initial_state" or not found, f"TensorFlow.js's layers cannot take a tensor as `{name}`")
        states += found
    c.require(not any(True for _ in tensors_in(c.args[2:])), "TensorFlow.js's layers cannot take a mask as an argument")
    return x, states


def _run(c: Context, class_name: str, config: Mapping[str, Any], weights: Weights, sizes: Sequence[int]) -> list[Value]:
    """Call a recurrent layer whose states have these sizes; the first one is the output's."""
    batch = c.inputs[0].shape[0]
    return _call(c, class_name, config, weights, (batch, sizes[0]), [(batch, size) for size in sizes])


def _call(
    c: Context, class_name: str, config: Mapping[str, Any], weights: Weights, output: Shape, states: Sequence[Shape]
) -> list[Value]:
    x, initial = _sequence(c, len(c.inputs[0].shape))
    sequences = config["return_sequences"]
    shapes: list[Shape] = [(output[0], x.shape[1], *output[1:]) if sequences else output]
    if config["return_state"]:
        shapes += states
    c.require(len(initial) in (0, len(states)), f"it has {len(states)} states and is given {len(initial)}")
    if c.mask is not None:
        if sequences and c.config.boolean("zero_output_for_mask", False):
            raise c.unsupported("zero_output_for_mask")
        c.require(not initial, "TensorFlow.js handles masked steps in another way where there is an `initial_state`")
    outputs = c.emit_many(class_name, config, [x, *initial], shapes, weights=weights)
    outputs[0].node.mask = c.mask
    if sequences:
        outputs[0].mask = c.mask
    return outputs


def _options(c: Context) -> dict[str, Any]:
    """Return the options that all recurrent layers share."""
    return {key: c.config.boolean(key, False) for key in ("return_sequences", "return_state", "go_backwards")}


def _functions(c: Context, *, gated: bool) -> dict[str, Any]:
    """Return a cell's activations and bias."""
    functions = {"activation": activation(c), "use_bias": c.config.boolean("use_bias", True)}
    if gated:
        functions["recurrent_activation"] = activation(c, "recurrent_activation")
    # TensorFlow.js would compute an orthogonal matrix only to overwrite it.
    return {**functions, "recurrent_initializer": "zeros"}


def _cell(c: Context, kind: str, inputs: int) -> tuple[dict[str, Any], Weights]:
    """Return the configuration of a cell, and its weights."""
    gates, units = _GATES[kind], c.config.size("units")
    if kind == "GRU":
        after = c.config.boolean("reset_after", c.generation == 3)
        c.require(not after, "reset_after=True, which is Keras's default, is not supported by TensorFlow.js's layers")
    config: dict[str, Any] = {"units": units, **_functions(c, gated=kind != "SimpleRNN")}
    weights = {
        "kernel": c.weight("kernel", inputs, gates * units),
        "recurrent_kernel": c.weight("recurrent_kernel", units, gates * units),
    }
    if config["use_bias"]:
        found = c.host.weights(c.layer).get("bias")
        cudnn = found is not None and gates > 1 and found.shape == (2 * gates * units,)
        c.require(not cudnn, "its weights are in CuDNN's order, which is read for `format: graph` only")
        weights["bias"] = c.weight("bias", gates * units)
    return config, weights


def _state_sizes(kind: str, units: int) -> list[int]:
    return [units, units] if kind == "LSTM" else [units]


def _cells(c: Context, cell: Layer, inputs: int) -> tuple[dict[str, Any], Weights, list[int]]:
    """Return a cell, or a stack of cells, as tfjs-layers' JSON, its weights, and the sizes of its states."""
    if cell.class_name != "StackedRNNCells" or cell.code is not None:
        kind = cell.class_name.removesuffix("Cell")
        known = cell.code is None and kind in _GATES and kind != cell.class_name
        c.require(known, f"TensorFlow.js has no cell `{cell.class_name}`")
        config, own = _cell(c.inside(cell), kind, inputs)
        return {"class_name": cell.class_name, "config": config}, own, _state_sizes(kind, config["units"])
    entries: list[dict[str, Any]] = []
    weights: Weights = {}
    sizes: list[int] = []
    for attribute in cell.children:
        index = len(entries)
        entry, own, states = _cells(c, _child(c.inside(cell), attribute), inputs)
        entries.append(entry)
        weights |= {f"RNNCell_{index}/{role}": weight for role, weight in own.items()}
        sizes = states + sizes  # tfjs-layers lists the states from the last cell to the first
        inputs = states[0]
    c.require(bool(entries), "its stack has no cells")
    return {"class_name": "StackedRNNCells", "config": {"cells": entries}}, weights, sizes


def _direction(c: Context, inputs: int) -> tuple[str, dict[str, Any], Weights, list[int]]:
    """Return the class and configuration of one direction of a Bidirectional, its weights, and its states' sizes.

    tfjs-layers cannot copy an RNN with a cell for the other direction; the layer of that cell is the same.
    """
    kind = c.layer.class_name
    c.require(c.layer.code is None and kind in (*_GATES, "RNN"), f"TensorFlow.js has no {kind} in both directions")
    c.check_options(_FRESH)
    if kind == "RNN":
        entry, weights, sizes = _cells(c, _child(c, "cell"), inputs)
        kind = entry["class_name"].removesuffix("Cell")
        c.require(kind in _GATES, "TensorFlow.js has no stacked cells in both directions")
        return kind, {**entry["config"], **_options(c)}, weights, sizes
    config, weights = _cell(c, kind, inputs)
    return kind, {**config, **_options(c)}, weights, _state_sizes(kind, config["units"])


def _child(c: Context, attribute: str) -> Layer:
    child = c.layer.children.get(attribute)
    if not isinstance(child, Layer):
        raise c.refuse("TensorFlow.js has no such cell")
    return child
