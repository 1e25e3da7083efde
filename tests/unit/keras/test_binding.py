"""Weights find their layers by place, in every container."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.keras import files
from tests.unit.keras.files import dense, functional, input_layer, layer, node, ramp, sequential
from tfjs_build.convert.keras import open_model
from tfjs_build.errors import RefusedError, SourceError

Bound = dict[str, dict[str, NDArray[Any]]]


def bound(path: Path) -> Bound:
    """Return every layer's weights, those of children of wrappers included."""
    found: Bound = {}
    with open_model(path) as model:
        pending: list[Any] = list(model.graph.layers())
        while pending:
            item = pending.pop()
            if not hasattr(item, "class_name"):
                pending += item.layers()
                continue
            pending += item.children.values()
            weights = model.weights(item)
            if weights:
                found[item.name] = {r: np.concatenate(list(w.blocks())).reshape(w.shape) for r, w in weights.items()}
    return found


def same(found: Bound, expected: Bound) -> None:
    """Assert that two sets of weights are equal."""
    assert {k: sorted(v) for k, v in found.items()} == {k: sorted(v) for k, v in expected.items()}
    for name, roles in expected.items():
        for role, array in roles.items():
            np.testing.assert_array_equal(found[name][role], array, err_msg=f"{name} {role}")


KERNELS = [ramp(2, 2, start=i) for i in range(0, 60, 10)]
BIASES = [ramp(2, start=i) for i in range(5, 65, 10)]
FOURS = [ramp(2, start=100 + i) for i in range(0, 40, 10)]  # gamma, beta, mean, variance

NORM = layer("BatchNormalization", "norm", [node("two")], axis=-1)


def inner(**frozen: bool) -> files.Json:
    """Return a nested model: dense, dense, batch normalization; some of it frozen."""
    layers = [
        input_layer("in", 2),
        dense("one", 2, [node("in")]),
        dense("two", 2, [node("one")]),
        NORM,
    ]
    layers = [{**entry, "config": {**entry["config"], "trainable": not frozen.get(entry["name"])}} for entry in layers]
    return functional("inner", layers, ["in", 0, 0], ["norm", 0, 0], [node("x")])


def whole(nested: files.Json) -> files.Json:
    """Return a model that holds a nested one between an operation and a dense layer of the same name."""
    return functional(
        "net",
        [
            input_layer("x", 2),
            files.operation("Dense", "dense_operation", [files.tensor("x")]),
            nested,
            dense("one", 2, [node("inner")]),
        ],
        ["x", 0, 0],
        ["one", 0, 0],
    )


EXPECTED: Bound = {
    "inner/one": {"kernel": KERNELS[0], "bias": BIASES[0]},
    "inner/two": {"kernel": KERNELS[1], "bias": BIASES[1]},
    "inner/norm": dict(zip(("gamma", "beta", "moving_mean", "moving_variance"), FOURS, strict=True)),
    "one": {"kernel": KERNELS[2], "bias": BIASES[2]},
}


def in_archive(layers: str = "layers", step: int = 1) -> dict[str, NDArray[Any]]:
    """Return the arrays of the model by their paths; `step` numbers repeated classes."""
    top, below = layers, f"{layers}/functional/{layers}"
    second = f"dense_{step}"
    arrays = {
        f"{below}/dense/vars/0": KERNELS[0],
        f"{below}/dense/vars/1": BIASES[0],
        f"{below}/{second}/vars/0": KERNELS[1],
        f"{below}/{second}/vars/1": BIASES[1],
        f"{top}/dense/vars/0": KERNELS[2],
        f"{top}/dense/vars/1": BIASES[2],
        "optimizer/vars/0": ramp(9),
    }
    return arrays | {f"{below}/batch_normalization/vars/{i}": array for i, array in enumerate(FOURS)}


def test_archive(tmp_path: Path) -> None:
    same(bound(files.write_keras(tmp_path / "net.keras", whole(inner()), in_archive())), EXPECTED)


def test_archive_of_keras_2_13(tmp_path: Path) -> None:
    """Layers with weights are in its list twice, so the numbers of a class run on in steps of two."""
    arrays = in_archive("_layer_checkpoint_dependencies", step=2)
    config = sequential("net", [input_layer("x", 2), {**inner(), "inbound_nodes": []}, dense("one", 2)])
    config["config"]["layers"][1]["config"] = inner()["config"]
    same(bound(files.write_keras(tmp_path / "net.keras", config, arrays, version="2.13.1")), EXPECTED)


@pytest.mark.parametrize(
    ("frozen", "order"),
    [
        ({}, ["k0", "b0", "k1", "b1", "g", "b", "m", "v"]),
        ({"one": True}, ["k1", "b1", "g", "b", "k0", "b0", "m", "v"]),
        ({"norm": True}, ["k0", "b0", "k1", "b1", "g", "b", "m", "v"]),
        ({"one": True, "norm": True}, ["k1", "b1", "k0", "b0", "g", "b", "m", "v"]),
    ],
)
@pytest.mark.parametrize("version", ["2.15.0", "3.15.1"])
def test_hdf5_holds_what_can_be_trained_first(
    tmp_path: Path, version: str, frozen: dict[str, bool], order: list[str]
) -> None:
    stored = {"k0": KERNELS[0], "b0": BIASES[0], "k1": KERNELS[1], "b1": BIASES[1]} | dict(
        zip("gbmv", FOURS, strict=True)
    )
    groups = {
        "inner": [(f"w{i}", stored[key]) for i, key in enumerate(order)],
        "one": [("kernel", KERNELS[2]), ("bias", BIASES[2])],
    }
    same(bound(files.write_h5(tmp_path / "net.h5", whole(inner(**frozen)), groups, version=version)), EXPECTED)


@pytest.mark.parametrize("version", ["2.15.0", "3.15.1"])
def test_hdf5_of_a_frozen_model_is_in_the_order_of_creation(tmp_path: Path, version: str) -> None:
    nested = inner(one=True, two=True, norm=True)
    nested["config"]["trainable"] = False
    stored = [KERNELS[0], BIASES[0], KERNELS[1], BIASES[1], *FOURS]
    groups = {
        "inner": [(f"w{i}", array) for i, array in enumerate(stored)],
        "one": [("kernel", KERNELS[2]), ("bias", BIASES[2])],
    }
    same(bound(files.write_h5(tmp_path / "net.h5", whole(nested), groups, version=version)), EXPECTED)


CELL = [ramp(2, 8), ramp(2, 8, start=50), ramp(8, start=90)]
BACK = [array + np.float32(1000) for array in CELL]
ROLES = ("kernel", "recurrent_kernel", "bias")


def lstm(name: str, **config: Any) -> files.Json:
    """Return the entry of an LSTM layer."""
    functions = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True}
    return layer("LSTM", name, (), **{"units": 2, **functions, **config})


def test_wrappers_in_an_archive(tmp_path: Path) -> None:
    stack = {
        "class_name": "StackedRNNCells",
        "config": {"name": "cells", "cells": [layer("LSTMCell", "a", units=2), layer("LSTMCell", "b", units=2)]},
    }
    config = sequential(
        "net",
        [
            input_layer("x", 3, 2),
            layer("Bidirectional", "both", layer=lstm("forward_lstm"), merge_mode="sum"),
            layer("TimeDistributed", "steps", layer=sequential("inside", [input_layer("y", 2), dense("deep", 2)])),
            layer("RNN", "stack", cell=stack),
        ],
    )
    arrays: dict[str, NDArray[Any]] = {}
    for i in range(3):
        arrays[f"layers/bidirectional/forward_layer/cell/vars/{i}"] = CELL[i]
        arrays[f"layers/bidirectional/backward_layer/cell/vars/{i}"] = BACK[i]
        arrays[f"layers/rnn/cell/cells/lstm_cell/vars/{i}"] = CELL[i]
        arrays[f"layers/rnn/cell/cells/lstm_cell_1/vars/{i}"] = BACK[i]
    arrays["layers/time_distributed/layer/layers/dense/vars/0"] = KERNELS[0]
    arrays["layers/time_distributed/layer/layers/dense/vars/1"] = BIASES[0]
    found = bound(files.write_keras(tmp_path / "net.keras", config, arrays))
    same(
        found,
        {
            "both/forward_lstm": dict(zip(ROLES, CELL, strict=True)),
            "both/backward_forward_lstm": dict(zip(ROLES, BACK, strict=True)),
            "stack/cells/a": dict(zip(ROLES, CELL, strict=True)),
            "stack/cells/b": dict(zip(ROLES, BACK, strict=True)),
            "steps/inside/deep": {"kernel": KERNELS[0], "bias": BIASES[0]},
        },
    )


def test_wrappers_in_hdf5(tmp_path: Path) -> None:
    layers = [input_layer("x", 3, 2), layer("Bidirectional", "both", layer=lstm("lstm"), merge_mode="sum")]
    groups = {"both": [(f"forward/{i}", a) for i, a in enumerate(CELL)] + [(f"b/{i}", a) for i, a in enumerate(BACK)]}
    same(
        bound(files.write_h5(tmp_path / "net.h5", sequential("net", layers), groups)),
        {
            "both/lstm": dict(zip(ROLES, CELL, strict=True)),
            "both/backward_lstm": dict(zip(ROLES, BACK, strict=True)),
        },
    )


def test_layer_names_with_slashes_in_hdf5(tmp_path: Path) -> None:
    config = sequential("net", [input_layer("x", 2), dense("block/one", 2)])
    groups = {"block/one": [("block/one/kernel:0", KERNELS[0]), ("block/one/bias:0", BIASES[0])]}
    found = bound(files.write_h5(tmp_path / "net.h5", config, groups))
    same(found, {"block/one": {"kernel": KERNELS[0], "bias": BIASES[0]}})


def test_a_weight_that_is_missing(tmp_path: Path) -> None:
    arrays = in_archive()
    del arrays["layers/functional/layers/dense_1/vars/1"]
    path = files.write_keras(tmp_path / "net.keras", whole(inner()), arrays)
    with pytest.raises(SourceError) as caught:
        bound(path)
    assert str(caught.value) == (
        f"{path}: layer `inner/two` (Dense) should have 2 weights, and the file has 1 for it\n"
        "The file is incomplete, or its architecture and weights are not from one model. Save it again."
    )


def test_a_shared_layer_whose_weights_are_elsewhere(tmp_path: Path) -> None:
    arrays = in_archive()
    for index in "01":
        del arrays[f"layers/functional/layers/dense_1/vars/{index}"]
    path = files.write_keras(tmp_path / "net.keras", whole(inner()), arrays)
    with pytest.raises(SourceError, match="the file has 0 for it") as caught:
        bound(path)
    assert "If several models in it share the layer" in caught.value.hint


def test_hdf5_without_a_layer(tmp_path: Path) -> None:
    path = files.write_h5(tmp_path / "net.h5", whole(inner()), {"inner": []})
    with pytest.raises(SourceError, match=r"layer `one` \(Dense\) should have 2 weights, and the file has 0 for it"):
        bound(path)


def test_hdf5_that_lists_a_weight_which_it_has_not(tmp_path: Path) -> None:
    import h5py

    path = files.write_h5(tmp_path / "net.h5", sequential("net", [input_layer("x", 2), dense("one", 2)]), {"one": []})
    with h5py.File(path, "a") as file:
        file["model_weights/one"].attrs["weight_names"] = [b"one/kernel:0", b"one/bias:0"]
    with pytest.raises(SourceError, match=r"the weight `one/kernel:0` of layer `one` \(Dense\) is not in the file"):
        bound(path)


ATTENTION = sequential(
    "net",
    [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 5, 4], "dtype": "float32"}},
        layer("MultiHeadAttention", "att", num_heads=2, key_dim=3, use_bias=False),
    ],
)
PARTS = {"query_dense": (4, 2, 3), "key_dense": (4, 2, 3), "value_dense": (4, 2, 3), "output_dense": (2, 3, 4)}
INSIDE = r"`att` \(MultiHeadAttention\): the layers inside it are quantized, and nothing in the file says how"


def test_quantized_layers_inside_an_attention_are_refused_in_an_archive(tmp_path: Path) -> None:
    at = "layers/multi_head_attention"
    plain = {f"{at}/{part}/vars/0": ramp(*shape) for part, shape in PARTS.items()}
    assert bound(files.write_keras(tmp_path / "plain.keras", ATTENTION, plain)).keys() == {"att"}
    quantized = {**plain, **{f"{at}/{part}/vars/1": ramp(1, 1, 3) for part in PARTS}}
    with pytest.raises(RefusedError, match=INSIDE):
        bound(files.write_keras(tmp_path / "quantized.keras", ATTENTION, quantized))


def test_quantized_layers_inside_an_attention_are_refused_in_an_h5(tmp_path: Path) -> None:
    names = [(f"att/{part}/{role}", shape) for role in ("kernel", "kernel_scale") for part, shape in PARTS.items()]
    weights = [(name, ramp(*shape)) for name, shape in names]
    with pytest.raises(RefusedError, match=INSIDE):
        bound(files.write_h5(tmp_path / "net.h5", ATTENTION, {"att": weights}, version="3.15.1"))


def test_more_weights_than_a_layer_has_are_refused(tmp_path: Path) -> None:
    config = sequential("net", [input_layer("x", 2), dense("d", 2)])
    arrays = {f"layers/dense/vars/{index}": ramp(2, 2) for index in range(3)}
    with pytest.raises(SourceError, match="`d` \\(Dense\\) should have 2 weights, and the file has 3 for it"):
        bound(files.write_keras(tmp_path / "net.keras", config, arrays))


@pytest.mark.parametrize("method", ["gptq", "awq"])
def test_an_archive_without_zero_points_is_refused(tmp_path: Path, method: str) -> None:
    policy = {"class_name": "DTypePolicy", "config": {"mode": f"{method}/4/128", "source_name": "float32"}}
    config = sequential("net", [input_layer("x", 2), dense("d", 2, use_bias=False, dtype=policy)])
    arrays = {f"layers/dense/vars/{index}": ramp(2, 2) for index in range(3 if method == "gptq" else 4)}
    with pytest.raises(RefusedError) as caught:
        bound(files.write_keras(tmp_path / "net.keras", config, arrays))
    assert f"the zero points of its {method.upper()} weights are not in the file" in str(caught.value)
    assert caught.value.hint == "Save the model as .h5, which has them."
