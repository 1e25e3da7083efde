"""Tiny Keras files, written as Keras writes them but without it."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

Json = dict[str, Any]
Arrays = Mapping[str, NDArray[Any]]


def layer(class_name: str, name: str, nodes: Sequence[Any] = (), **config: Any) -> Json:
    """Return the entry of a layer in a Keras 3 functional model."""
    values = {"name": name, "trainable": True, "dtype": policy("float32"), **config}
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "config": values,
        "registered_name": None,
        "name": name,
        "inbound_nodes": list(nodes),
    }


def operation(class_name: str, name: str, args: Sequence[Any], **kwargs: Any) -> Json:
    """Return the entry of an operation on tensors in a Keras 3 functional model."""
    return {
        "module": "keras.src.ops.numpy",
        "class_name": class_name,
        "config": {"name": name},
        "registered_name": class_name,
        "name": name,
        "inbound_nodes": [{"args": list(args), "kwargs": kwargs}],
    }


def input_layer(name: str, *shape: int | None, dtype: str = "float32") -> Json:
    """Return the entry of an InputLayer; `shape` is without the batch dimension."""
    values = {"batch_shape": [None, *shape], "dtype": dtype, "sparse": False, "ragged": False, "name": name}
    return {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": values,
        "registered_name": None,
        "name": name,
        "inbound_nodes": [],
    }


def policy(name: str) -> Json:
    """Return a dtype policy as Keras 3 writes it."""
    return {"module": "keras", "class_name": "DTypePolicy", "config": {"name": name}, "registered_name": None}


def tensor(name: str, node: int = 0, index: int = 0) -> Json:
    """Return a reference to a layer's output."""
    config = {"shape": [None], "dtype": "float32", "keras_history": [name, node, index]}
    return {"class_name": "__keras_tensor__", "config": config}


def node(*args: Any, **kwargs: Any) -> Json:
    """Return one call: strings stand for the first output of the layer of that name."""
    return {"args": [tensor(a) if isinstance(a, str) else a for a in args], "kwargs": kwargs}


def functional(name: str, layers: Sequence[Json], inputs: Any, outputs: Any, nodes: Sequence[Any] = ()) -> Json:
    """Return a Keras 3 functional model, which may itself be a layer of another."""
    config = {"name": name, "trainable": True, "layers": list(layers), "input_layers": inputs, "output_layers": outputs}
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
        "name": name,
        "inbound_nodes": list(nodes),
    }


def sequential(name: str, layers: Sequence[Json], nodes: Sequence[Any] = ()) -> Json:
    """Return a Keras 3 sequential model, which may itself be a layer of another."""
    config = {"name": name, "trainable": True, "layers": list(layers)}
    return {"module": "keras", "class_name": "Sequential", "config": config, "name": name, "inbound_nodes": list(nodes)}


def dense(name: str, units: int, nodes: Sequence[Any] = (), **config: Any) -> Json:
    """Return the entry of a Dense layer."""
    return layer("Dense", name, nodes, **{"units": units, "activation": "linear", "use_bias": True, **config})


def weights_file(arrays: Arrays) -> bytes:
    """Return the content of model.weights.h5: `arrays` by path (`layers/dense/vars/0`)."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, array in arrays.items():
            file[path] = array
    return buffer.getvalue()


def write_keras(
    path: Path,
    config: Json,
    arrays: Arrays,
    *,
    version: str = "3.15.1",
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """Write a .keras file."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights_file(arrays))
    return path


def write_h5(
    path: Path,
    config: Json,
    layers: Mapping[str, Sequence[tuple[str, NDArray[Any]]]],
    *,
    version: str = "2.15.0",
    chunks: Mapping[str, int] | None = None,
) -> Path:
    """Write a .h5 file: `layers` are the groups of `model_weights` with their weights in order. `chunks` splits the
    lists named in it (`layer_names`, `weight_names`) into so many attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        group = file.create_group("model_weights")
        _strings(group, "layer_names", list(layers), chunks)
        for name, weights in layers.items():
            own = group.create_group(name)
            _strings(own, "weight_names", [weight for weight, _ in weights], chunks)
            for weight, array in weights:
                own.create_dataset(weight, data=array)
    return path


def ramp(*shape: int, start: float = 1.0) -> NDArray[np.float32]:
    """Return an array whose every element is another number."""
    values: NDArray[np.float32] = np.arange(math.prod(shape), dtype=np.float32) / np.float32(8) + np.float32(start)
    return values.reshape(shape)


def _strings(group: h5py.Group, name: str, values: list[str], chunks: Mapping[str, int] | None) -> None:
    encoded = np.array([value.encode() for value in values], dtype="S64")
    count = (chunks or {}).get(name, 0)
    if not count:
        group.attrs[name] = encoded
    for index, part in enumerate(np.array_split(encoded, count) if count else []):
        group.attrs[f"{name}{index}"] = part
