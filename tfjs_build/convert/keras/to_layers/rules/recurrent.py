"""Rules of the recurrent layers, their cells and their wrappers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.description import Graph, Layer, tensors_in
from tfjs_build.convert.keras.to_layers.activations import require_native
from tfjs_build.convert.keras.to_layers.network import Value, valid_name
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.rules.convolution import padding
from tfjs_build.convert.keras.to_layers.spatial import conv_length, data_format
from tfjs_build.convert.keras.to_layers.topology import single_layer
from tfjs_build.convert.keras.without_no_ops import without_no_ops

Weights = dict[str, Weight]

_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}


@rule("LSTM", "GRU", "SimpleRNN", masks="use", extras=True)
def recurrent(c: Context) -> list[Value]:
    x, _ = _sequence(c, 3)
    kind = c.layer.class_name
    config, weights = _cell(c, kind, c.fixed(x, -1))
    return _run(c, kind, {**config, **_options(c)}, weights, _state_sizes(kind, config["units"]))


@rule("RNN", masks="use", extras=True)
def rnn(c: Context) -> list[Value]:
    x, states = _sequence(c, 3)
    entry, weights, sizes = _cells(c, _child(c, "cell"), c.fixed(x, -1))
    options = _options(c)
    plain = entry["class_name"] != "StackedRNNCells" or not (options["return_state"] or states)
    c.require(plain, "TensorFlow.js orders the states of stacked cells in another way")
    return _run(c, "RNN", {"cell": entry, **options}, weights, sizes)


@rule("ConvLSTM2D", masks="use", extras=True)
def conv_lstm2d(c: Context) -> list[Value]:
    x, _ = _sequence(c, 5)
    c.require(not data_format(c), "TensorFlow.js has no channels_first for it")
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
    c.require(_alike(forward, backward), "TensorFlow.js runs the same layer in both directions only")
    name = valid_name(forward.name.rpartition("/")[2].removeprefix("forward_"))
    kind, config, own, sizes = _direction(_inner(c, forward), c.fixed(x, -1))
    _, _, other, _ = _direction(_inner(c, backward), c.fixed(x, -1))
    weights = {f"forward_{name}/{role}": weight for role, weight in own.items()}
    weights |= {f"backward_{name}/{role}": weight for role, weight in other.items()}
    options = _options(_inner(c, forward))
    sequences, mode = options["return_sequences"], c.config.get("merge_mode")
    c.require(mode in ("concat", "sum", "ave", "mul", None), f"TensorFlow.js has no `merge_mode: {mode}`")
    c.require(c.mask is None or not sequences, "TensorFlow.js gives masked steps of a sequence other values")
    c.require(len(states) in (0, 2 * len(sizes)), f"it has {2 * len(sizes)} states and is given {len(states)}")
    steps = (x.shape[1],) if sequences else ()
    shapes: list[Shape] = [(x.shape[0], *steps, sizes[0] * (2 if mode == "concat" else 1))] * (1 if mode else 2)
    if options["return_state"]:
        shapes += [(x.shape[0], size) for size in sizes] * 2
    entry = {"class_name": kind, "config": {"name": name, **config, **options}}
    outputs = c.emit_many("Bidirectional", {"layer": entry, "merge_mode": mode}, [x, *states], shapes, weights=weights)
    c.uses_mask(outputs[0], c.mask)
    return outputs


@rule("TimeDistributed")
def time_distributed(c: Context) -> Value:
    x = c.input
    child = c.layer.children.get("layer")
    c.require(len(x.shape) >= 3, "it needs an input with time steps")
    step = (x.shape[0], *x.shape[2:])
    if isinstance(child, Graph):
        c.require(len(child.inputs) == 1, "TensorFlow.js's takes one input only")
        inner = c.host.network(without_no_ops(child), [step])
    elif isinstance(child, Layer):
        inner = c.host.child(child, step)
    else:
        raise c.refuse("it wraps no layer")
    c.require(len(inner.outputs) == 1, "TensorFlow.js's returns one output only")
    result = inner.outputs[0]
    if result in inner.inputs:
        return x
    c.require(result.dtype == "float32", f"TensorFlow.js has it for numbers only, not {result.dtype}")
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
    c.require(len(x.shape) == rank, f"TensorFlow.js has it for inputs of rank {rank} only, not {len(x.shape)}")
    arguments = {"initial_state": c.args[1:2], **c.kwargs}
    if c.generation == 3:
        arguments.pop("mask", None)
    for name, value in arguments.items():
        found = [c.value(tensor) for tensor in tensors_in(value)]
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
        zeros = sequences and c.config.boolean("zero_output_for_mask", False)
        c.require(not zeros, "TensorFlow.js gives masked steps of a sequence other values (`zero_output_for_mask`)")
        c.require(not initial, "TensorFlow.js handles masked steps in another way where there is an `initial_state`")
    outputs = c.emit_many(class_name, config, [x, *initial], shapes, weights=weights)
    c.uses_mask(outputs[0], c.mask)
    if sequences:
        outputs[0].mask = c.mask
    return outputs


def _options(c: Context) -> dict[str, Any]:
    """Return the options that all recurrent layers share."""
    c.require(not c.config.boolean("stateful", False), "its states last from one prediction to the next (`stateful`)")
    c.require(not c.config.boolean("time_major", False), "TensorFlow.js has no `time_major`")
    return {key: c.config.boolean(key, False) for key in ("return_sequences", "return_state", "go_backwards")}


def _functions(c: Context, *, gated: bool) -> dict[str, Any]:
    """Return a cell's activations and bias."""
    functions = {"activation": require_native(c, "activation"), "use_bias": c.config.boolean("use_bias", True)}
    if gated:
        functions["recurrent_activation"] = require_native(c, "recurrent_activation")
    # TensorFlow.js would compute an orthogonal matrix only to overwrite it.
    return {**functions, "recurrent_initializer": "zeros"}


def _cell(c: Context, kind: str, inputs: int) -> tuple[dict[str, Any], Weights]:
    """Return the configuration of a cell, and its weights."""
    gates, units = _GATES[kind], c.config.size("units")
    if kind == "GRU":
        c.require(
            not c.config.boolean("reset_after", c.generation == 3),
            "TensorFlow.js's GRU has no `reset_after: true`, which is Keras's default",
        )
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
        config, own = _cell(_inner(c, cell), kind, inputs)
        return {"class_name": cell.class_name, "config": config}, own, _state_sizes(kind, config["units"])
    entries: list[dict[str, Any]] = []
    weights: Weights = {}
    sizes: list[int] = []
    for attribute in cell.children:
        index = len(entries)
        entry, own, states = _cells(c, _child(_inner(c, cell), attribute), inputs)
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
    c.require(c.layer.code is None, f"TensorFlow.js has no layer `{kind}`")
    if kind == "RNN":
        entry, weights, sizes = _cells(c, _child(c, "cell"), inputs)
        kind = entry["class_name"].removesuffix("Cell")
        c.require(kind in _GATES, "TensorFlow.js has no stacked cells in both directions")
        return kind, entry["config"], weights, sizes
    c.require(kind in _GATES, f"TensorFlow.js has no {kind} in both directions")
    config, weights = _cell(c, kind, inputs)
    return kind, config, weights, _state_sizes(kind, config["units"])


def _alike(forward: Layer, backward: Layer) -> bool:
    """Return whether the backward layer is the forward one, run the other way."""

    def rest(layer: Layer) -> dict[str, Any]:
        ignored = ("name", "go_backwards", "dtype", "seed", "cell", "trainable")
        return {
            key: value
            for key, value in layer.config.values.items()
            if key not in ignored and not key.endswith(("_initializer", "_regularizer", "_constraint"))
        }

    if forward.class_name != backward.class_name or rest(forward) != rest(backward):
        return False
    cells = [layer.children.get("cell") for layer in (forward, backward)]
    if isinstance(cells[0], Layer) and isinstance(cells[1], Layer):
        return rest(cells[0]) == rest(cells[1])
    return cells == [None, None]


def _inner(c: Context, layer: Layer) -> Context:
    """Return a context for a layer inside this one."""
    inner = Context(c.host, c.network, layer, c.args, c.kwargs, c.values)
    inner.inputs = c.inputs
    return inner


def _child(c: Context, attribute: str) -> Layer:
    child = c.layer.children.get(attribute)
    if not isinstance(child, Layer):
        raise c.refuse("TensorFlow.js has no such cell")
    return child
