"""One network of one Keras generation: built, filled with values, run on inputs and odd ones, saved by its writers."""

from __future__ import annotations

import importlib
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tests.oracle.odd import EMPTY, EMPTY_SIZES, KINDS, LIMITS, emptied, reason, same, sprinkled
from tests.oracle.policies import policy
from tests.oracle.registry import Network
from tests.oracle.tensors import Group, fits, write_groups
from tests.oracle.variables import CALIBRATION_BATCH, calibrate, randomize, variables
from tests.oracle.writers import WRITERS

SAMPLES = 2
BATCH = 4
LARGE = 1_000_000
"""Weights from which on reading a file back would take too long."""
HEAVY = ("applications",)
"""Families that take too long for odd samples; their layers have them in others."""


def write_network(network: Network, generation: str, folder: Path, *, reloaded: bool = False) -> list[dict[str, Any]]:
    """Write one network's sources and tensors below `folder`; return an index entry for each writer.

    Raises ValueError where a .keras file that is `reloaded` by its own Keras gives other numbers; of .h5 files it is
    known that Keras 3 writes some that it cannot read.
    """
    keras = importlib.import_module(generation.replace("keras3", "keras"))
    model = _built(keras, network)
    if network.trained:
        _train(network, model)
    randomize(model, network.name)
    if network.calibrated:
        calibrate(
            keras, model, _call_with(model, _inputs(network, model, "calibration", CALIBRATION_BATCH)), network.name
        )
    if network.finish is not None:
        network.finish(model)
    samples = {str(i): _inputs(network, model, f"sample {i}") for i in range(SAMPLES)}
    inputs = list(samples.values())
    twin = model if network.twin is None else _twin(keras, network, model)
    outputs = [_run(twin, sample, model) for sample in inputs]
    odd, dropped = _odd(network, model, twin)
    tensors = Path("tensors") / generation
    (folder / tensors).mkdir(parents=True, exist_ok=True)
    expected = _in_float32(keras, network, model, inputs, outputs) if network.policy else outputs
    write_groups(folder / tensors / f"{network.name}.inputs", [*inputs, *(sample for sample, _ in odd.values())])
    write_groups(folder / tensors / f"{network.name}.outputs", [*expected, *(result for _, result in odd.values())])
    elements = sum(int(np.prod(weight.shape)) for weight in variables(model))
    classes = sorted({type(layer).__name__ for layer in model._flatten_layers()})
    entries = []
    for writer in WRITERS:
        if writer.generation == generation and writer.name in network.writers:
            source = writer.write(model, folder / "sources", network.name)
            if (
                reloaded
                and network.reloaded
                and network.twin is None
                and source.suffix == ".keras"
                and elements < LARGE
            ):
                _reload(keras, source, inputs, outputs)
            entries.append(
                {
                    "case": f"{writer.name}-{network.name}",
                    "source": source.relative_to(folder).as_posix(),
                    "inputs": (tensors / f"{network.name}.inputs").as_posix(),
                    "outputs": (tensors / f"{network.name}.outputs").as_posix(),
                    "weight_elements": elements,
                    "classes": classes,
                    "samples": [*samples, *odd],
                    "dropped": dropped,
                }
            )
    return entries


def output_names(model: Any, result: Any) -> list[str]:
    """Return the names of a model's outputs: in dicts the keys that lead to each, else the names of the layers that
    they come from, made unique with `_1`, `_2`, … as Keras 2 does."""
    names = getattr(model, "output_names", None) or [model.layers[-1].name]  # Keras 3's Sequential has none
    unique: list[str] = []
    for index, (keys, _) in enumerate(_leaves(result)):
        name = "_".join(keys) or names[index]
        proposal, count = name, 0
        while proposal in unique:
            count += 1
            proposal = f"{name}_{count}"
        unique.append(proposal)
    return unique


def _leaves(value: Any, keys: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Return a structure's leaves with the keys that lead to them; a list's indices count in dicts only."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*keys, key))]
    if isinstance(value, list | tuple):
        return [leaf for index, item in enumerate(value) for leaf in _leaves(item, (*keys, str(index)) if keys else ())]
    return [(keys, value)]


def _built(keras: Any, network: Network) -> Any:
    keras.backend.clear_session()
    keras.utils.set_random_seed(zlib.crc32(network.name.encode()))
    if not network.policy:
        return network.build(keras)
    with policy(keras, network.policy):
        return network.build(keras)


def _twin(keras: Any, network: Network, model: Any) -> Any:
    """Return the network's twin, with the same weights."""
    twin = network.twin(keras)
    twin.set_weights(model.get_weights())
    return twin


def _odd(network: Network, model: Any, twin: Any) -> tuple[dict[str, tuple[Group, Group]], dict[str, str]]:
    """Return the odd samples by name, each with its outputs, and the names of those that Keras itself does not take,
    with its reason."""
    taken: dict[str, tuple[Group, Group]] = {}
    dropped: dict[str, str] = {}
    if network.family in HEAVY or network.policy:  # half precision overflows where float32 does not
        return taken, dropped
    ordinary = _inputs(network, model, "sample 0")
    for kind in KINDS:
        sample = ordinary if kind == LIMITS else _inputs(network, model, "sample 0", kind=kind)
        if all(same(values, ordinary[name]) for name, values in sample.items()):
            continue
        try:
            result = _run(twin, sample, model)
        except Exception as error:
            dropped[kind] = reason(error)
            continue
        if beyond := [output for output, values in result.items() if not fits(values)]:
            dropped[kind] = f"{', '.join(beyond)} has integers beyond int32"
        else:
            taken[kind] = sample, result
    return taken, dropped


def _in_float32(keras: Any, network: Network, model: Any, inputs: list[Group], rough: list[Group]) -> list[Group]:
    """Return the outputs of the network built in float32, with the same weights; they must be near those of `model`."""
    twin = network.build(keras)
    twin.set_weights([np.asarray(weight, np.float32) for weight in model.get_weights()])
    outputs = [dict(zip(rough[0], _run(twin, sample).values(), strict=True)) for sample in inputs]
    for fine, coarse in zip(outputs, rough, strict=True):
        _expect_near(network.name, fine, coarse, 0.1)
    return outputs


def _reload(keras: Any, source: Path, inputs: list[Group], outputs: list[Group]) -> None:
    model = keras.models.load_model(source, compile=False)
    for sample, expected in zip(inputs, outputs, strict=True):
        _expect_near(source.name, _run(model, sample), expected, 1e-5)


def _expect_near(what: str, actual: Group, expected: Group, tolerance: float) -> None:
    for (name, a), b in zip(actual.items(), expected.values(), strict=True):
        if b.dtype.kind in "OSUb":
            same = bool((a == b).all())
        else:
            a, b = a.astype(np.float64), b.astype(np.float64)
            same = np.allclose(a, b, rtol=0, atol=tolerance * max(1e-9, np.abs(b).max(initial=0.0)), equal_nan=True)
        if not same:
            raise ValueError(f"{what}: {name} is {a.ravel()[:4]} instead of {b.ravel()[:4]}")


def _run(model: Any, sample: Group, named: Any = None) -> Group:
    """Run a model; the outputs are called as those of `named`, if that is another."""
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()  # each prediction of a converted model starts anew
        elif getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()
    result = model(_call_with(model, sample), training=False)
    values = [np.asarray(value) for _, value in _leaves(result)]
    names = output_names(model, result) if named in (None, model) else named.output_names
    return dict(zip(names, values, strict=True))


def _inputs(network: Network, model: Any, purpose: str, batch: int = BATCH, *, kind: str = "") -> dict[str, np.ndarray]:
    """Return the values of a sample: `purpose` seeds them, and there are odd ones among them of a `kind`, if given."""
    sample = {}
    for name, tensor in zip(input_names(model), model.inputs, strict=True):
        rng = np.random.default_rng(zlib.crc32(f"{network.name}/{purpose}/{name}".encode()))
        shape = tuple(tensor.shape)
        values = network.sampler(name)(rng, (batch if shape[:1] == (None,) else shape[0], *shape[1:]) if shape else ())
        if kind in (EMPTY, EMPTY_SIZES):
            free = [axis for axis, size in enumerate(shape) if size is None and (axis == 0) == (kind == EMPTY)]
            values = emptied(values, free)
        elif kind:
            values = sprinkled(values, kind, f"{network.name}/{name}")
        dtype = getattr(tensor.dtype, "name", tensor.dtype)
        sample[name] = values.astype(object if dtype == "string" else dtype)
    return sample


def input_names(model: Any) -> list[str]:
    """Return the names of a model's inputs in the order of `model.inputs`: in dicts the keys that lead to each, else
    the names of their InputLayers."""
    keys = {id(tensor): "_".join(path) for path, tensor in _leaves(_structure(model))}
    return [keys.get(id(tensor)) or tensor._keras_history[0].name for tensor in model.inputs]


def _structure(model: Any) -> Any:
    return model._inputs_struct if hasattr(model, "_inputs_struct") else getattr(model, "_nested_inputs", None)


def _call_with(model: Any, sample: Group) -> Any:
    """Arrange a sample as the model wants to be called: bare, as a list, or nested as its inputs are."""
    import tensorflow as tf

    if any(values.dtype == object for values in sample.values()):
        sample = {name: tf.constant(values) for name, values in sample.items()}
    structure = _structure(model)
    if isinstance(structure, dict) and set(structure) == set(sample):
        return dict(sample)
    if structure is not None and any(isinstance(part, dict | list | tuple) for part in _parts(structure)):
        return tf.nest.pack_sequence_as(structure, list(sample.values()))
    return list(sample.values()) if len(sample) > 1 else next(iter(sample.values()))


def _parts(structure: Any) -> list[Any]:
    if isinstance(structure, dict):
        return [{}, *structure.values()]  # a dict is a structure even if its parts are not
    return list(structure) if isinstance(structure, list | tuple) else []


def _train(network: Network, model: Any) -> None:
    sample = _inputs(network, model, "training")
    result = model(_call_with(model, sample))
    targets = [np.zeros(value.shape, np.float32) for value in (result if isinstance(result, list) else [result])]
    model.compile("adam", "mse", run_eagerly=True)
    model.train_on_batch(_call_with(model, sample), targets if len(targets) > 1 else targets[0])
