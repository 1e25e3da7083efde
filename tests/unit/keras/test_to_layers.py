"""Conversion to tfjs-layers: topology, names, weights and signature."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.keras import files
from tests.unit.keras.convert import chain, config_of, convert, convert_file, layers_of, wiring
from tests.unit.keras.files import dense, functional, input_layer, layer, node, sequential, tensor
from tfjs_build.convert.artifacts import TensorSpec
from tfjs_build.errors import RefusedError, SourceError

DENSE_4_4 = {"kernel": (4, 4), "bias": (4,)}

ARRAYS = {
    "layers/dense/vars/0": files.ramp(3, 2),
    "layers/dense/vars/1": files.ramp(2),
    "layers/dense_1/vars/0": files.ramp(2, 1, start=9),
    "layers/dense_1/vars/1": files.ramp(1, start=20),
    "optimizer/vars/0": files.ramp(5),
}


@pytest.fixture
def two_layers() -> files.Json:
    """A sequential model of two dense layers."""
    return sequential("net", [input_layer("x", 3), dense("one", 2), dense("two", 1)])


def test_sequential_from_an_archive(tmp_path: Path, two_layers: files.Json) -> None:
    artifacts, weights = convert_file(files.write_keras(tmp_path / "net.keras", two_layers, ARRAYS))

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
    _, weights = convert_file(files.write_h5(tmp_path / "net.h5", two_layers, groups, chunks=chunks))

    assert list(weights) == ["one/kernel", "one/bias", "two/kernel", "two/bias"]
    np.testing.assert_array_equal(weights["one/bias"], ARRAYS["layers/dense/vars/1"])
    np.testing.assert_array_equal(weights["two/kernel"], ARRAYS["layers/dense_1/vars/0"])


def test_the_same_file_gives_the_same_artifacts(tmp_path: Path, two_layers: files.Json) -> None:
    path = files.write_keras(tmp_path / "net.keras", two_layers, ARRAYS)
    first, second = convert_file(path)[0], convert_file(path)[0]
    assert (first.topology, first.signature) == (second.topology, second.signature)


def test_names_that_tfjs_cannot_have() -> None:
    names = ["in put é", "constructor", "_private", "a b.c-d", "a_b.c-d", "été"]
    layers = [input_layer(names[0], 4)]
    for previous, name in pairwise(names):
        layers.append(dense(name, 4, [node(previous)]))
    config = functional("net", layers, [names[0], 0, 0], [names[-1], 0, 0])

    artifacts = convert(config, shapes=dict.fromkeys(names[1:], DENSE_4_4))

    emitted = ["in_put_", "layer_constructor", "layer_private", "a_b.c-d", "a_b.c-d_1", "layer_t_"]
    assert list(layers_of(artifacts)) == emitted
    assert artifacts.signature.inputs[0] == TensorSpec("in put é", "in_put_", (None, 4), "float32")
    assert artifacts.signature.outputs[0] == TensorSpec("été", "layer_t_", (None, 4), "float32")
    assert [weight.name for weight in artifacts.weights][::2] == [f"{name}/kernel" for name in emitted[1:]]


def test_no_two_weights_have_one_name() -> None:
    """A Bidirectional's weights are named below it, where a layer's name may lie too."""
    inner = layer("LSTM", "r", (), units=2, activation="tanh", recurrent_activation="sigmoid", return_sequences=True)
    config = chain(
        layer("Bidirectional", "both", layer=inner, merge_mode="sum"), dense("both/forward_r", 2), shape=(3, 2)
    )
    cell = {"kernel": (2, 8), "recurrent_kernel": (2, 8), "bias": (8,)}
    artifacts = convert(
        config,
        shapes={"both/r": cell, "both/backward_r": cell, "both/forward_r": {"kernel": (2, 2), "bias": (2,)}},
    )
    assert [weight.name for weight in artifacts.weights] == [
        "both/forward_r/kernel",
        "both/forward_r/recurrent_kernel",
        "both/forward_r/bias",
        "both/backward_r/kernel",
        "both/backward_r/recurrent_kernel",
        "both/backward_r/bias",
        "both/forward_r_1/kernel",
        "both/forward_r_1/bias",
    ]


def test_calls_of_a_shared_layer_are_listed_as_tfjs_will_make_them() -> None:
    """The second call on the input can be made at once, the first one only after the layers before it."""
    config = functional(
        "net",
        [
            input_layer("x", 4),
            dense("shared", 4, [node("x"), node("late"), node("early")]),
            dense("early", 4, [node("x")]),
            dense("later", 4, [node("early")]),
            dense("late", 4, [node("later")]),
            layer("Maximum", "out", [node([tensor("shared", 1), tensor("shared", 2)])]),
        ],
        ["x", 0, 0],
        [["out", 0, 0], ["shared", 0, 0]],
    )
    artifacts = convert(config, shapes=dict.fromkeys(["shared", "early", "later", "late"], DENSE_4_4))

    layers = layers_of(artifacts)
    listed = {name: entry["inbound_nodes"] for name, entry in layers.items()}
    assert made_by_tfjs(listed) == listed
    of_early, of_late = (listed["shared"].index([[source, 0, 0, {}]]) for source in ("early", "late"))
    assert listed["out"] == [[["shared", of_late, 0, {}], ["shared", of_early, 0, {}]]]


def made_by_tfjs(listed: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the calls of every layer in the order in which Container.fromConfig makes them."""
    made: dict[str, list[Any]] = {name: [] for name in listed}
    waiting = {name: list(calls) for name, calls in listed.items() if calls}
    inputs = listed.keys() - waiting.keys()
    while waiting:
        for name in listed:
            for call in waiting.pop(name, []):
                if all(key[0] in inputs or len(made[key[0]]) > key[1] for key in call):
                    made[name].append(call)
                else:
                    waiting.setdefault(name, []).append(call)
    return made


def test_outputs_that_are_one_tensor_or_an_input_become_tensors_of_their_own() -> None:
    layers = [
        input_layer("x", 4),
        dense("one", 4, [node("x")]),
        layer("Dropout", "drop", [node("one")], rate=0.5),
        layer("Dropout", "drop_x", [node("x")], rate=0.5),
    ]
    config = functional("net", layers, ["x", 0, 0], [["one", 0, 0], ["drop", 0, 0], ["drop_x", 0, 0]])
    artifacts = convert(config, shapes={"one": DENSE_4_4})
    assert wiring(artifacts) == ["one=Dense(x)", "drop=Activation(one)", "drop_x=Activation(x)"]
    assert [(spec.name, spec.node) for spec in artifacts.signature.outputs] == [
        ("one", "one"),
        ("drop", "drop"),
        ("drop_x", "drop_x"),
    ]


def test_a_tensor_given_twice_to_one_layer_is_copied() -> None:
    """tfjs-layers would dispose of it while others still need it."""
    square = layer("Multiply", "square", [node([tensor("x"), tensor("x")])])
    config = functional("net", [input_layer("x", 4), square], ["x", 0, 0], ["square", 0, 0])
    assert wiring(convert(config)) == ["x/again=Activation(x)", "square=Multiply(x, x/again)"]


def test_frozen_layers_stay_frozen() -> None:
    artifacts = convert(chain(dense("one", 4, trainable=False)), shapes={"one": DENSE_4_4})
    assert config_of(artifacts, "one")["trainable"] is False


def test_dtypes_of_inputs_and_outputs() -> None:
    layers = [
        input_layer("ids", 3, dtype="int64"),
        layer("Flatten", "flat", [node("ids")]),
        layer("Rescaling", "scaled", [node("flat")], scale=0.5, offset=0.0),
    ]
    artifacts = convert(functional("net", layers, ["ids", 0, 0], [["flat", 0, 0], ["scaled", 0, 0]]))
    assert artifacts.signature.inputs[0].dtype == "int32"
    assert [spec.dtype for spec in artifacts.signature.outputs] == ["int32", "float32"]
    assert layers_of(artifacts)["ids"]["config"]["dtype"] == "int32"


def test_computing_in_another_precision_is_told() -> None:
    artifacts = convert(chain(dense("one", 4, dtype=files.policy("mixed_float16"))), shapes={"one": DENSE_4_4})
    assert artifacts.notes == ["computes in float32 where the source says mixed_float16"]


def test_a_wrong_shape_is_told_with_the_layer() -> None:
    with pytest.raises(SourceError) as caught:
        convert(chain(dense("one", 4)), shapes={"one": {"kernel": (3, 4), "bias": (4,)}})
    assert str(caught.value) == (
        "layer `one` (Dense): its weight `kernel` should have the shape [4, 4] by its configuration, but has [3, 4]\n"
        "The file's architecture and weights are not from one model. Save it again."
    )


def test_an_input_of_unknown_shape() -> None:
    with pytest.raises(SourceError) as caught:
        convert(sequential("net", [dense("one", 4)]))
    assert str(caught.value) == (
        "model `net`: the shape of its input `one_input` is not in the file\n"
        "Build the model before saving it: give its first layer an input_shape, or call it once. (Keras before 2.4 "
        "leaves a Sequential's InputLayer out of the file, and cannot load it either.)"
    )


GRAPH = "Use `format: graph`, or leave `format` out: graphs have ops for much that TensorFlow.js's layers lack."
OTHERWISE = (
    "Export the model as a SavedModel (model.export('folder')) and list that folder instead, or replace the layer."
)
OF_A_FUNCTION = (
    "Use one of Keras's activations, or export the model as a SavedModel (model.export('folder')) and list that "
    "folder: it has what the function computes."
)


@pytest.mark.parametrize(
    ("config", "shape", "message"),
    [
        (
            layer("GroupNormalization", "gn", groups=2),
            (4,),
            "layer `gn` (GroupNormalization): TensorFlow.js has no layer of the same meaning",
        ),
        (
            layer("Lambda", "twice", function={"class_name": "__lambda__"}),
            (4,),
            "layer `twice` (Lambda): it needs Python code of your own, which is not in the file",
        ),
        (
            {**layer("Mine", "mine"), "module": "my.layers", "registered_name": "mine>Mine"},
            (4,),
            "layer `mine` (mine>Mine): it needs Python code of your own, which is not in the file",
        ),
        (
            dense("one", 4, activation="exponential"),
            (4,),
            "layer `one` (Dense): activation='exponential' is not supported by TensorFlow.js's layers",
        ),
        (
            dense("one", 4, activation={"class_name": "function", "config": "mine", "module": "my"}),
            (4,),
            "layer `one` (Dense): the activation `mine` is not one of keras.activations, and the file has only "
            "its name",
        ),
        (
            layer("GRU", "gru", units=4, activation="tanh", recurrent_activation="sigmoid", reset_after=True),
            (3, 4),
            "layer `gru` (GRU): reset_after=True, which is Keras's default, is not supported by TensorFlow.js's layers",
        ),
        (
            layer("UpSampling2D", "up", size=[2, 2], interpolation="bilinear"),
            (4, 4, 1),
            "layer `up` (UpSampling2D): interpolation='bilinear' is not supported by TensorFlow.js's layers",
        ),
        (
            layer("LSTM", "lstm", units=1, activation="tanh", recurrent_activation="hard_sigmoid"),
            (3, 4),
            "layer `lstm` (LSTM): recurrent_activation='hard_sigmoid' is not supported by TensorFlow.js's layers",
        ),
        (
            layer("DepthwiseConv2D", "dw", kernel_size=[3, 3], dilation_rate=[2, 2]),
            (8, 8, 2),
            "layer `dw` (DepthwiseConv2D): dilation_rate=[2, 2] is not supported by TensorFlow.js's layers",
        ),
        (
            layer("ReLU", "relu", max_value=1.0, negative_slope=0.1, threshold=0.2),
            (4,),
            "layer `relu` (ReLU): max_value=1, negative_slope=0.1, threshold=0.2 at once is not supported by "
            "TensorFlow.js's layers",
        ),
    ],
)
def test_refusals(config: files.Json, shape: tuple[int, ...], message: str) -> None:
    cells = dict.fromkeys(("kernel", "recurrent_kernel"), (4, 4)) | {"bias": (4,)}
    with pytest.raises(RefusedError) as caught:
        convert(chain(config, shape=shape), shapes={config["name"]: {"kernel": (4, 4), "bias": (4,)} | cells})
    hints = {"which is not in the file": OTHERWISE, "the activation `mine`": OF_A_FUNCTION}
    hint = next((hint for part, hint in hints.items() if part in message), GRAPH)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_all_layers_that_stand_in_the_way_are_counted() -> None:
    config = chain(layer("GroupNormalization", "a"), layer("UnitNormalization", "b"), layer("Mine", "c"))
    with pytest.raises(RefusedError) as caught:
        convert(config)
    assert caught.value.message == (
        "layer `a` (GroupNormalization): TensorFlow.js has no layer of the same meaning (and 2 more of its layers)"
    )
