"""How single layers are built where tfjs-layers has another name for them, or needs several layers instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.keras import files
from tests.unit.keras.convert import chain, config_of, convert, wiring
from tests.unit.keras.files import dense, functional, input_layer, layer, node, operation, sequential, tensor
from tfjs_build.convert.keras.description import Generation

Shape = tuple[int | None, ...]


def built(
    *layers: files.Json, shape: Shape = (4,), generation: Generation = 3, **shapes: Mapping[str, tuple[int, ...]]
) -> tuple[list[str], Shape | None]:
    """Return the wiring of a chain of layers on the input `x`, and the shape of its output."""
    artifacts = convert(chain(*layers, shape=shape), generation, shapes)
    return wiring(artifacts), artifacts.signature.outputs[0].shape


@pytest.mark.parametrize(
    ("activation", "generation", "expected"),
    [
        ("silu", 3, ["d=Dense(x)"]),
        ("hard_sigmoid", 2, ["d=Dense(x)"]),
        (
            "hard_sigmoid",
            3,
            [
                "d=Dense(x)",
                "d/activation_1=Rescaling(d)",
                "d/activation_2=ReLU(d/activation_1)",
                "d/activation_3=Rescaling(d/activation_2)",
            ],
        ),
        ("leaky_relu", 3, ["d=Dense(x)", "d/activation_1=LeakyReLU(d)"]),
        (
            files.layer("ReLU", "r", max_value=6.0, negative_slope=0.0, threshold=0.0),
            3,
            ["d=Dense(x)", "d/activation=ReLU(d)"],
        ),
    ],
)
def test_activations(activation: Any, generation: Generation, expected: list[str]) -> None:
    found, _ = built(dense("d", 2, activation=activation), generation=generation, d={"kernel": (4, 2), "bias": (2,)})
    assert found == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"max_value": 6.0}, {"max_value": 6.0}),
    ],
)
def test_relu(options: dict[str, float], expected: dict[str, float]) -> None:
    artifacts = convert(chain(layer("ReLU", "r", (), **options)))
    assert config_of(artifacts, "r") == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"negative_slope": 0.2}, ["r=LeakyReLU(x)"]),
        ({"threshold": 0.5}, ["r=ThresholdedReLU(x)"]),
        (
            {"negative_slope": 0.2, "max_value": 1.0},
            [
                "r=ReLU(x)",
                "r/negated=Rescaling(x)",
                "r/below=ReLU(r/negated)",
                "r/scaled=Rescaling(r/below)",
                "r/sum=Add(r, r/scaled)",
            ],
        ),
    ],
)
def test_relu_with_options_that_tfjs_has_not(options: dict[str, float], expected: list[str]) -> None:
    assert built(layer("ReLU", "r", (), **options))[0] == expected


def test_batch_normalization_along_another_axis() -> None:
    """tfjs's CPU kernel does not broadcast along any but the last axis."""
    weights = dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (3,))
    found = built(layer("BatchNormalization", "n", axis=1), shape=(3, 5), n=weights)
    assert found == (
        ["n/last_axis=Permute(x)", "n=BatchNormalization(n/last_axis)", "n/axes=Permute(n)"],
        (None, 3, 5),
    )


def test_causal_convolution() -> None:
    config = layer("Conv1D", "c", filters=2, kernel_size=[3], padding="causal", dilation_rate=[2], activation="relu")
    found = built(config, shape=(None, 4), c={"kernel": (3, 4, 2), "bias": (2,)})
    assert found == (
        [
            "c/causal_plane=Reshape(x)",
            "c/causal=ZeroPadding2D(c/causal_plane)",
            "c/causal_sequence=Reshape(c/causal)",
            "c=Conv1D(c/causal_sequence)",
        ],
        (None, None, 2),
    )


def test_a_convolution_with_one_group_per_channel_is_depthwise() -> None:
    config = layer("Conv2D", "c", filters=6, kernel_size=[3, 3], groups=3)
    artifacts = convert(chain(config, shape=(8, 8, 3)), shapes={"c": {"kernel": (3, 3, 1, 6), "bias": (6,)}})
    assert wiring(artifacts) == ["c=DepthwiseConv2D(x)"]
    assert [(w.name, w.shape) for w in artifacts.weights] == [
        ("c/depthwise_kernel", (3, 3, 3, 2)),
        ("c/bias", (6,)),
    ]


@pytest.mark.parametrize(
    ("sizes", "stride", "padding"), [((7, 7, 7), 2, "same"), ((6, 6, 6), 3, "valid"), ((4, 4, 4), 3, "same")]
)
def test_padding_of_volumes(sizes: Shape, stride: int, padding: str) -> None:
    """Where nothing is to be padded tfjs pads a negative amount, so `same` becomes `valid` there."""
    config = layer("MaxPooling3D", "p", pool_size=[2, 2, 2], strides=[stride] * 3, padding="same")
    assert config_of(convert(chain(config, shape=(*sizes, 1))), "p")["padding"] == padding


@pytest.mark.parametrize(
    ("name", "options", "shape", "expected"),
    [
        ("GlobalMaxPooling2D", {"keepdims": True}, (4, 5, 3), (None, 1, 1, 3)),
        ("GlobalAveragePooling3D", {"keepdims": False}, (4, 5, 2, 3), (None, 3)),
        ("ZeroPadding1D", {"padding": [1, 2]}, (5, 3), (None, 8, 3)),
        ("ZeroPadding3D", {"padding": [[1, 0], [0, 2], [1, 1]]}, (3, 4, 2, 3), (None, 4, 6, 4, 3)),
        ("Cropping1D", {"cropping": [1, 2]}, (None, 3), (None, None, 3)),
        ("UpSampling1D", {"size": 3}, (4, 2), (None, 12, 2)),
        ("UpSampling3D", {"size": [2, 1, 3]}, (2, 3, 4, 2), (None, 4, 3, 12, 2)),
        ("CenterCrop", {"height": 4, "width": 5}, (9, 8, 3), (None, 4, 5, 3)),
        ("Flatten", {}, (None, 4), (None, None)),
        ("Reshape", {"target_shape": [-1, 2]}, (4, 3), (None, 6, 2)),
        ("Softmax", {"axis": 1}, (4, 3), (None, 4, 3)),
        ("RepeatVector", {"n": 3}, (4,), (None, 3, 4)),
        ("CategoryEncoding", {"num_tokens": 5, "output_mode": "multi_hot"}, (3,), (None, 5)),
    ],
)
def test_shapes(name: str, options: dict[str, Any], shape: Shape, expected: Shape) -> None:
    assert built(layer(name, "l", (), **options), shape=shape)[1] == expected


def test_merges_of_different_ranks() -> None:
    layers = [
        input_layer("a", 4, 3),
        input_layer("b", 3),
        layer("Maximum", "m", [node([tensor("a"), tensor("b")])]),
    ]
    artifacts = convert(functional("net", layers, [["a", 0, 0], ["b", 0, 0]], ["m", 0, 0]))
    assert artifacts.signature.outputs[0].shape == (None, 4, 3)


def test_negative_axes_of_a_concatenation() -> None:
    """tfjs-layers takes any negative axis for the last one."""
    layers = [input_layer("a", 4, 3), layer("Concatenate", "c", [node([tensor("a"), tensor("a")])], axis=-2)]
    artifacts = convert(functional("net", layers, ["a", 0, 0], ["c", 0, 0]))
    assert config_of(artifacts, "c") == {"axis": 1}
    assert artifacts.signature.outputs[0].shape == (None, 8, 3)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("Add", ["x", 1.5], {"scale": 1.0, "offset": 1.5}),
        ("Subtract", [2, "x"], {"scale": -1.0, "offset": 2}),
        ("Multiply", [3, "x"], {"scale": 3, "offset": 0.0}),
        ("TrueDivide", ["x", 4], {"scale": 0.25, "offset": 0.0}),
        ("Negative", ["x"], {"scale": -1.0, "offset": 0.0}),
    ],
)
def test_operations_with_constants(name: str, args: list[Any], expected: dict[str, float]) -> None:
    given = [tensor(a) if isinstance(a, str) else a for a in args]
    config = functional("net", [input_layer("x", 4), operation(name, "o", given)], ["x", 0, 0], ["o", 0, 0])
    artifacts = convert(config)
    assert (wiring(artifacts), config_of(artifacts, "o")) == (["o=Rescaling(x)"], expected)


def test_a_constant_per_feature_is_a_batch_normalization() -> None:
    constant = {"class_name": "__numpy__", "config": {"value": [1.0, 2.0, 3.0, 4.0], "dtype": "float32"}}
    plus = operation("Add", "o", [tensor("x"), constant])
    artifacts = convert(functional("net", [input_layer("x", 4), plus], ["x", 0, 0], ["o", 0, 0]))
    assert wiring(artifacts) == ["o=BatchNormalization(x)"]
    assert config_of(artifacts, "o") == {"axis": -1, "epsilon": 0, "center": True, "scale": True}
    values = {weight.name: [float(v) for block in weight.blocks() for v in block] for weight in artifacts.weights}
    assert values == {
        "o/gamma": [1, 1, 1, 1],
        "o/beta": [1, 2, 3, 4],
        "o/moving_mean": [0, 0, 0, 0],
        "o/moving_variance": [1, 1, 1, 1],
    }


def test_integers_become_floats_where_keras_computes_with_floats() -> None:
    config = chain(layer("AveragePooling1D", "p", pool_size=[2]), shape=(4, 3), dtype="uint8")
    assert wiring(convert(config)) == ["p/float=Rescaling(x)", "p=AveragePooling1D(p/float)"]


def test_time_distributed_holds_a_layer_or_a_model() -> None:
    inside = sequential("inside", [input_layer("y", 4), dense("deep", 2, activation="leaky_relu")])
    config = chain(
        layer("TimeDistributed", "one", layer=dense("inner", 4)),
        layer("TimeDistributed", "many", layer=inside),
        shape=(3, 4),
    )
    shapes = {
        "one/inner": {"kernel": (4, 4), "bias": (4,)},
        "many/inside/deep": {"kernel": (4, 2), "bias": (2,)},
    }
    artifacts = convert(config, shapes=shapes)
    held = config_of(artifacts, "one")["layer"]
    assert (held["class_name"], held["config"]["units"]) == ("Dense", 4)
    model = config_of(artifacts, "many")["layer"]
    assert model["class_name"] == "Functional"
    assert [entry["class_name"] for entry in model["config"]["layers"]] == ["InputLayer", "Dense", "LeakyReLU"]
    assert [weight.name for weight in artifacts.weights] == [
        "one/kernel",
        "one/bias",
        "many/inside/deep/kernel",
        "many/inside/deep/bias",
    ]
    assert artifacts.signature.outputs[0].shape == (None, 3, 2)


def test_cells_of_a_stack() -> None:
    functions = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    cells = [
        layer("LSTMCell", "a", (), units=3, **functions),
        layer("SimpleRNNCell", "b", (), units=2, activation="relu"),
    ]
    stack = {"class_name": "StackedRNNCells", "config": {"name": "s", "cells": cells}}
    shapes = {
        "r/s/a": {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (12,)},
        "r/s/b": {"kernel": (3, 2), "recurrent_kernel": (2, 2), "bias": (2,)},
    }
    artifacts = convert(chain(layer("RNN", "r", cell=stack), shape=(5, 4)), shapes=shapes)
    assert [weight.name for weight in artifacts.weights][::3] == ["r/RNNCell_0/kernel", "r/RNNCell_1/kernel"]
    assert artifacts.signature.outputs[0].shape == (None, 2)
