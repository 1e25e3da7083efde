"""One network of one Keras generation: built, filled with values, run on two inputs, and saved by its writers."""

from __future__ import annotations

import importlib
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tests.oracle.registry import Network
from tests.oracle.tensors import Group, write_groups
from tests.oracle.variables import CALIBRATION_BATCH, calibrate, randomize
from tests.oracle.writers import WRITERS

SAMPLES = 2
BATCH = 4


def write_network(network: Network, generation: str, folder: Path) -> list[dict[str, Any]]:
    """Write one network's sources and tensors below `folder`; return an index entry for each writer."""
    keras = importlib.import_module(generation.replace("keras3", "keras"))
    keras.backend.clear_session()
    keras.utils.set_random_seed(zlib.crc32(network.name.encode()))
    model = network.build(keras)
    if network.trained:
        _train(network, model)
    randomize(model, network.name)
    if network.calibrated:
        calibrate(
            keras, model, _call_with(model, _inputs(network, model, "calibration", CALIBRATION_BATCH)), network.name
        )
    inputs = [_inputs(network, model, f"sample {i}") for i in range(SAMPLES)]
    outputs = [_run(model, sample) for sample in inputs]
    tensors = Path("tensors") / generation
    (folder / tensors).mkdir(parents=True, exist_ok=True)
    write_groups(folder / tensors / f"{network.name}.inputs", inputs)
    write_groups(folder / tensors / f"{network.name}.outputs", outputs)
    elements = sum(int(np.prod(weight.shape)) for weight in model.weights)
    entries = []
    for writer in WRITERS:
        if writer.generation == generation and writer.name in network.writers:
            source = writer.write(model, folder / "sources", network.name)
            entries.append(
                {
                    "case": f"{writer.name}-{network.name}",
                    "source": source.relative_to(folder).as_posix(),
                    "inputs": (tensors / f"{network.name}.inputs").as_posix(),
                    "outputs": (tensors / f"{network.name}.outputs").as_posix(),
                    "weight_elements": elements,
                }
            )
    return entries


def output_names(model: Any, result: Any) -> list[str]:
    """Return the names of a model's outputs: the keys where `result` is a dict, else the names of the layers that they
    come from, made unique with `_1`, `_2`, … as Keras 2 does."""
    if isinstance(result, dict):
        return list(result)
    names = getattr(model, "output_names", None) or [model.layers[-1].name]  # Keras 3's Sequential has none
    unique: list[str] = []
    for name in names:
        proposal, count = name, 0
        while proposal in unique:
            count += 1
            proposal = f"{name}_{count}"
        unique.append(proposal)
    return unique


def _run(model: Any, sample: Group) -> Group:
    result = model(_call_with(model, sample), training=False)
    values = (
        list(result.values()) if isinstance(result, dict) else result if isinstance(result, list | tuple) else [result]
    )
    return {name: np.asarray(value) for name, value in zip(output_names(model, result), values, strict=True)}


def _inputs(network: Network, model: Any, purpose: str, batch: int = BATCH) -> dict[str, np.ndarray]:
    sample = {}
    for name, tensor in zip(input_names(model), model.inputs, strict=True):
        rng = np.random.default_rng(zlib.crc32(f"{network.name}/{purpose}/{name}".encode()))
        shape = tuple(tensor.shape)
        values = network.sampler(name)(rng, (batch if shape[0] is None else shape[0], *shape[1:]))
        sample[name] = values.astype(getattr(tensor.dtype, "name", tensor.dtype))
    return sample


def input_names(model: Any) -> list[str]:
    """Return the names of a model's inputs, which are those of its InputLayers, in the order of `model.inputs`."""
    return [tensor._keras_history[0].name for tensor in model.inputs]


def _call_with(model: Any, sample: Group) -> Any:
    """Arrange a sample as the model wants to be called: bare, as a list, or as a dict."""
    structure = getattr(model, "_nested_inputs", None) if not hasattr(model, "_inputs_struct") else model._inputs_struct
    if isinstance(structure, dict):
        return dict(sample)
    return list(sample.values()) if len(sample) > 1 else next(iter(sample.values()))


def _train(network: Network, model: Any) -> None:
    sample = _inputs(network, model, "training")
    result = model(_call_with(model, sample))
    targets = [np.zeros(value.shape, np.float32) for value in (result if isinstance(result, list) else [result])]
    model.compile("adam", "mse", run_eagerly=True)
    model.train_on_batch(_call_with(model, sample), targets if len(targets) > 1 else targets[0])
