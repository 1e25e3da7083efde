"""Small Keras 3 files, written without Keras: enough of a source for tests of what surrounds the converters."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def write_dense(path: Path, *, seed: int = 0, units: int = 2, inputs: int = 3) -> Path:
    """Write a `.keras` file with one dense layer, `x` (inputs) → `y` (units); the seed decides its weights."""
    random = np.random.default_rng(seed)
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        group = file.create_group("layers/dense/vars")
        group.attrs["name"] = "y"
        group["0"] = random.normal(size=(inputs, units)).astype(np.float32)
        group["1"] = random.normal(size=(units,)).astype(np.float32)
    write_archive(path, dense_config(units, inputs), weights.getvalue())
    return path


def write_layers(path: Path, shape: tuple[int | None, ...], *layers: dict[str, Any], dtype: str = "float32") -> Path:
    """Write a `.keras` file of layers without weights, `image` (`shape`, with its batch, of `dtype`) → the last one's
    name; each of `layers` is its configuration with its class in `class_name`."""
    first = {"class_name": "InputLayer", "batch_shape": list(shape), "name": "image", "dtype": dtype}
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "pictures",
            "dtype": "float32",
            "layers": [
                {
                    "module": "keras.layers",
                    "class_name": each["class_name"],
                    "config": {"dtype": "float32"} | {key: value for key, value in each.items() if key != "class_name"},
                    "registered_name": None,
                    "build_config": {"input_shape": list(shape)},
                }
                for each in (first, *layers)
            ],
            "build_input_shape": list(shape),
        },
        "registered_name": None,
    }
    weights = io.BytesIO()
    h5py.File(weights, "w").close()
    write_archive(path, config, weights.getvalue())
    return path


def dense_config(units: int = 2, inputs: int = 3) -> dict[str, object]:
    """Return the `config.json` of `write_dense`'s model."""
    layers: list[dict[str, object]] = [
        {
            "module": "keras.layers",
            "class_name": "InputLayer",
            "config": {"batch_shape": [None, inputs], "dtype": "float32", "name": "x"},
            "registered_name": None,
        },
        {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {"name": "y", "units": units, "activation": "linear", "use_bias": True, "dtype": "float32"},
            "registered_name": None,
            "build_config": {"input_shape": [None, inputs]},
        },
    ]
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "tiny", "dtype": "float32", "layers": layers, "build_input_shape": [None, inputs]},
        "registered_name": None,
    }


def dense(name: str, units: int) -> dict[str, object]:
    """Return the configuration of a dense layer as Keras 2 writes it."""
    keys = ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint")
    return {
        "name": name,
        "trainable": True,
        "dtype": "float32",
        "units": units,
        "activation": "linear",
        "use_bias": True,
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
        "bias_initializer": {"class_name": "Zeros", "config": {}},
        **dict.fromkeys(keys),
    }


def write_archive(path: Path, config: object, weights: bytes) -> None:
    """Write a `.keras` archive from its parts, always the same bytes for the same parts."""
    with zipfile.ZipFile(path, "w") as archive:
        metadata = json.dumps({"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"})
        for name, data in (
            ("metadata.json", metadata),
            ("config.json", json.dumps(config)),
            ("model.weights.h5", weights),
        ):
            archive.writestr(zipfile.ZipInfo(name), data)
