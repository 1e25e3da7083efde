"""Conversion to tfjs-layers: topology, weights and signature of tiny models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.keras import files
from tfjs_build.convert.artifacts import ModelArtifacts, TensorSpec, Weight
from tfjs_build.convert.keras import open_model
from tfjs_build.convert.keras.to_layers import to_layers


def convert(path: Path) -> tuple[ModelArtifacts, dict[str, NDArray[Any]]]:
    """Convert a file and read all its weights."""
    with open_model(path) as model:
        artifacts = to_layers(model)
        return artifacts, {weight.name: read(weight) for weight in artifacts.weights}


def read(weight: Weight) -> NDArray[Any]:
    """Return a weight as one array."""
    return np.concatenate([*weight.blocks(), np.array([], weight.dtype)]).reshape(weight.shape)


def nodes_of(artifacts: ModelArtifacts) -> dict[str, Any]:
    """Return every layer's inbound nodes without their empty keyword arguments."""
    layers = artifacts.topology["model_config"]["config"]["layers"]
    return {entry["name"]: [[key[:3] for key in node] for node in entry["inbound_nodes"]] for entry in layers}


@pytest.fixture
def two_layers() -> files.Json:
    """A sequential model of two dense layers."""
    return files.sequential("net", [files.input_layer("x", 3), files.dense("one", 2), files.dense("two", 1)])


ARRAYS = {
    "layers/dense/vars/0": files.ramp(3, 2),
    "layers/dense/vars/1": files.ramp(2),
    "layers/dense_1/vars/0": files.ramp(2, 1, start=9),
    "layers/dense_1/vars/1": files.ramp(1, start=20),
    "optimizer/vars/0": files.ramp(5),
}


def test_sequential_from_an_archive(tmp_path: Path, two_layers: files.Json) -> None:
    artifacts, weights = convert(files.write_keras(tmp_path / "net.keras", two_layers, ARRAYS))

    assert artifacts.format == "layers"
    assert artifacts.generated_by == "Keras 3.15.1"
    assert artifacts.signature.inputs == (TensorSpec("x", "x", (None, 3), "float32"),)
    assert artifacts.signature.outputs == (TensorSpec("two", "two", (None, 1), "float32"),)
    assert artifacts.topology["keras_version"] == "3.15.1"
    assert artifacts.topology["model_config"] == {
        "class_name": "Functional",
        "config": {
            "name": "net",
            "layers": [
                {
                    "class_name": "InputLayer",
                    "name": "x",
                    "config": {"name": "x", "batch_input_shape": [None, 3], "dtype": "float32"},
                    "inbound_nodes": [],
                },
                {
                    "class_name": "Dense",
                    "name": "one",
                    "config": {"name": "one", "units": 2, "activation": "linear", "use_bias": True},
                    "inbound_nodes": [[["x", 0, 0, {}]]],
                },
                {
                    "class_name": "Dense",
                    "name": "two",
                    "config": {"name": "two", "units": 1, "activation": "linear", "use_bias": True},
                    "inbound_nodes": [[["one", 0, 0, {}]]],
                },
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["two", 0, 0]],
        },
    }
    assert list(weights) == ["one/kernel", "one/bias", "two/kernel", "two/bias"]
    np.testing.assert_array_equal(weights["one/kernel"], ARRAYS["layers/dense/vars/0"])
    np.testing.assert_array_equal(weights["two/bias"], ARRAYS["layers/dense_1/vars/1"])


@pytest.mark.parametrize("chunks", [{}, {"layer_names": 2, "weight_names": 2}])
def test_sequential_from_hdf5(tmp_path: Path, two_layers: files.Json, chunks: dict[str, int]) -> None:
    groups = {
        "one": [("one/kernel:0", ARRAYS["layers/dense/vars/0"]), ("one/bias:0", ARRAYS["layers/dense/vars/1"])],
        "two": [("two/kernel:0", ARRAYS["layers/dense_1/vars/0"]), ("two/bias:0", ARRAYS["layers/dense_1/vars/1"])],
    }
    _, weights = convert(files.write_h5(tmp_path / "net.h5", two_layers, groups, chunks=chunks))

    assert list(weights) == ["one/kernel", "one/bias", "two/kernel", "two/bias"]
    np.testing.assert_array_equal(weights["one/bias"], ARRAYS["layers/dense/vars/1"])
    np.testing.assert_array_equal(weights["two/kernel"], ARRAYS["layers/dense_1/vars/0"])
