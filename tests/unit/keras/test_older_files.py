"""Files of former versions of Keras: names, counts and places that are others today, and what an .h5 file loses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.keras.files import Json, dense, functional, input_layer, layer, ramp, sequential, write_h5
from tests.unit.keras.test_binding import bound, same
from tests.unit.keras.test_reading import calls, read
from tfjs_build.convert.keras import open_model
from tfjs_build.convert.keras.reading import read_model
from tfjs_build.errors import RefusedError, SourceError

KERNEL, BIAS = ramp(2, 2), ramp(2, start=9)
OWN = {"kernel": KERNEL, "bias": BIAS}


def message(path: Path) -> str:
    """Open a file and return the error, the path left out."""
    with pytest.raises((SourceError, RefusedError)) as caught, open_model(path):
        pass
    return str(caught.value).replace(str(path), "FILE")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("BatchNormalizationV1", "BatchNormalization"),
        ("BatchNormalizationV2", "BatchNormalization"),
        ("UnifiedLSTM", "LSTM"),
        ("CuDNNLSTM", "LSTM"),
        ("CuDNNGRU", "GRU"),
        ("MaxPool2D", "MaxPooling2D"),
        ("Convolution2D", "Conv2D"),
        ("Dense", "Dense"),
    ],
)
def test_former_names(written: str, read_as: str) -> None:
    graph, owner = read_model(sequential("net", [input_layer("x", 4), layer(written, "one")]), 2)
    assert [found.class_name for found in graph.layers()] == ["InputLayer", read_as]
    assert owner.children[-1].class_name == written  # by which its group in an archive is called


def test_options_of_cudnn_that_cannot_be_chosen() -> None:
    graph, _ = read_model(sequential("net", [input_layer("x", 4, 3), layer("CuDNNGRU", "one", units=2)]), 2)
    config = list(graph.layers())[-1].config
    assert (config.get("activation"), config.get("recurrent_activation")) == ("tanh", "sigmoid")
    assert config.boolean("reset_after") is True


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("with_input", [True, False])
def test_calls_of_a_nested_sequential_count_from_what_they_count_from(first: int, with_input: bool) -> None:
    layers = [input_layer("in", 4)] if with_input else []
    nested: Json = {
        "class_name": "Sequential",
        "name": "inner",
        "config": [
            *layers,
            {**dense("one", 4), "config": {**dense("one", 4)["config"], "batch_input_shape": [None, 4]}},
        ],
        "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]],
    }
    both = {
        **layer("Add", "sum"),
        "inbound_nodes": [[["inner", first, 0, {}], ["inner", first + 1, 0, {}]]],
    }
    whole = functional(
        "net", [input_layer("a", 4), input_layer("b", 4), nested, both], [["a", 0, 0], ["b", 0, 0]], [["sum", 0, 0]]
    )
    assert calls(read(whole, 2)) == ["a()", "b()", "inner/one(a)", "inner/one(b)", "sum(inner/one, inner/one)"]


def test_models_that_a_sequential_did_not_name_are_found_by_their_place(tmp_path: Path) -> None:
    inner: Json = {"class_name": "Sequential", "config": [input_layer("in", 2), dense("one", 2)]}
    net: Json = {"class_name": "Sequential", "config": [inner, dense("two", 2)]}
    groups = {
        "sequential_7": [("one/kernel:0", KERNEL), ("one/bias:0", BIAS)],
        "two": [("k", BIAS * KERNEL), ("b", BIAS)],
    }
    path = write_h5(tmp_path / "net.h5", net, groups, version="2.1.6")
    same(bound(path), {"sequential/one": OWN, "two": {"kernel": BIAS * KERNEL, "bias": BIAS}})


def _bare(entry: Json, **config: Any) -> Json:
    kept = {key: value for key, value in entry.items() if key not in ("module", "registered_name")}
    return {**kept, "config": {**entry["config"], **config}}


@pytest.mark.parametrize("kind", ["weights", "layers"])
def test_one_name_for_two(tmp_path: Path, kind: str) -> None:
    net = sequential("net", [input_layer("x", 2), dense("one", 2)])
    path = write_h5(tmp_path / "net.h5", net, {"one": [("w:0", KERNEL)]})
    import h5py
    import numpy as np

    with h5py.File(path, "r+") as file:
        group = file["model_weights"]
        if kind == "weights":
            group["one"].attrs["weight_names"] = np.array([b"w:0", b"w:0"])
        else:
            group.attrs["layer_names"] = np.array([b"one", b"one"])
    what = "two weights of the layer `one` are called `w:0`" if kind == "weights" else "two layers are called `one`"
    assert message(path) == (
        f"FILE: {what}, and the file has place for one of that name only\n"
        "Save the model as .keras (model.save('model.keras')), which keeps weights by their place, not by their name; "
        "or give the variables names of their own."
    )


def test_more_weights_than_keras_s_class_has(tmp_path: Path) -> None:
    net = sequential("net", [input_layer("x", 2), _bare(layer("Multiply", "one"))])
    path = write_h5(tmp_path / "net.h5", net, {"one": [("w:0", KERNEL)]})
    assert message(path) == (
        "layer `one` (Multiply): the file has 1 weights for it, and Keras's own Multiply has 0, so that it is a class "
        "of your own of that name: it needs Python code of your own, which is not in the file\n"
        "Export the model as a SavedModel (model.export('folder')) and list that folder instead, or replace the layer."
    )


def test_training_as_a_number_or_a_tensor() -> None:
    drop = {**layer("Dropout", "d"), "inbound_nodes": [[["x", 0, 0, {"training": 1}]]]}
    net = functional("net", [input_layer("x", 4), drop], [["x", 0, 0]], [["d", 0, 0]])
    [*_, call] = read(net, 2).calls
    assert call.kwargs["training"] is True
    drop["inbound_nodes"] = [[["x", 0, 0, {"training": ["x", 0, 0]}]]]
    with pytest.raises(
        RefusedError, match=r"layer `d` \(Dropout\): a tensor as the argument `training` is not supported"
    ):
        read(net, 2)


def test_an_attention_whose_scale_is_not_among_its_options(tmp_path: Path) -> None:
    net = sequential("net", [input_layer("x", 2), _bare(layer("Attention", "one"))])
    path = write_h5(tmp_path / "net.h5", net, {"one": [("scale:0", BIAS[0])]}, version="2.2.4-tf")
    with open_model(path) as model:
        assert list(model.graph.layers())[-1].config.boolean("use_scale", False) is True
