"""How single layers are built where tfjs-layers has another name for them, and what it lacks and is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.keras import files
from tests.unit.keras.convert import chain, config_of, convert, wiring
from tests.unit.keras.files import dense, functional, input_layer, layer, node, operation, sequential, tensor
from tfjs_build.convert.keras.description import Generation
from tfjs_build.errors import RefusedError

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
        (None, 3, "linear"),
        ("silu", 3, "swish"),
        ("mish", 3, "mish"),
        ("hard_sigmoid", 2, "hard_sigmoid"),
        ({"class_name": "function", "config": "silu", "module": "keras.activations"}, 3, "swish"),
        ({"class_name": "function", "config": "relu6", "module": "tensorflow.python.ops.nn"}, 2, "relu6"),
    ],
)
def test_activations(activation: Any, generation: Generation, expected: str) -> None:
    shapes = {"d": {"kernel": (4, 2), "bias": (2,)}}
    artifacts = convert(chain(dense("d", 2, activation=activation)), generation, shapes)
    assert wiring(artifacts) == ["d=Dense(x)"]
    assert config_of(artifacts, "d")["activation"] == expected


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("ReLU", {"max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0}, "ReLU"),
        ("LeakyReLU", {"negative_slope": 0.1}, "LeakyReLU"),
        ("Softmax", {"axis": -1}, "Activation"),
    ],
)
def test_an_activation_that_is_a_layer_comes_behind(name: str, options: dict[str, float], expected: str) -> None:
    inner = layer(name, "inner", (), **options)
    dense_layer = dense("d", 2, activation=inner)
    found, _ = built(dense_layer, layer("Activation", "a", activation=inner), d={"kernel": (4, 2), "bias": (2,)})
    behind = [f"d/activation={expected}(d)", f"a/activation={expected}(d/activation)"]
    assert found == ["d=Dense(x)", *behind]


@pytest.mark.parametrize(
    ("options", "class_name", "expected"),
    [
        ({}, "ReLU", {}),
        ({"max_value": 6.0}, "ReLU", {"max_value": 6.0}),
        ({"max_value": 0.0}, "ReLU", {"max_value": 0.0}),
        ({"negative_slope": 0.2, "threshold": 0.0, "max_value": None}, "LeakyReLU", {"alpha": 0.2}),
        ({"threshold": 0.5}, "ThresholdedReLU", {"theta": 0.5}),
    ],
)
def test_relu(options: dict[str, float], class_name: str, expected: dict[str, float]) -> None:
    artifacts = convert(chain(layer("ReLU", "r", (), **options)))
    assert (wiring(artifacts), config_of(artifacts, "r")) == ([f"r={class_name}(x)"], expected)


NOT_SUPPORTED = "is not supported by TensorFlow.js's layers"
NO_LAYER = "TensorFlow.js has no layer of the same meaning"


CONV = {"filters": 4, "kernel_size": 3}


@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("ELU", {"alpha": 0.5}, (4,)),
        ("ReLU", {"threshold": -1}, (4,)),
        ("Softmax", {"axis": 1}, (3, 4)),
        ("Softmax", {"axis": [1, 2]}, (3, 4)),
        ("BatchNormalization", {"axis": 1}, (3, 4)),
        ("BatchNormalization", {"axis": [1]}, (3, 4)),
        ("LayerNormalization", {"rms_scaling": True}, (3,)),
        ("Conv1D", {"padding": "causal", **CONV}, (9, 4)),
        ("Conv1D", {"data_format": "channels_first", **CONV}, (9, 4)),
        ("Conv2D", {"groups": 2, **CONV}, (9, 9, 4)),
        ("Conv2DTranspose", {"output_padding": 1, **CONV}, (9, 9, 4)),
        ("Conv2DTranspose", {"dilation_rate": [1, 2], **CONV}, (9, 9, 4)),
        ("DepthwiseConv2D", {"dilation_rate": 2, "kernel_size": 3}, (9, 9, 4)),
        ("MaxPooling1D", {"data_format": "channels_first"}, (9, 4)),
        ("UpSampling2D", {"interpolation": "bilinear"}, (4, 4, 1)),
        ("Rescaling", {"scale": [1.0, 2.0]}, (4,)),
        ("CategoryEncoding", {"sparse": True, "num_tokens": 3}, (3,)),
        ("CategoryEncoding", {"output_mode": "int", "num_tokens": 3}, (3,)),
        ("LSTM", {"stateful": True, "units": 3}, (3, 4)),
    ],
)
def test_options_that_tfjs_has_not(name: str, options: dict[str, Any], shape: Shape) -> None:
    with pytest.raises(RefusedError) as caught:
        convert(chain(layer(name, "culprit", (), **options), shape=shape))
    key, value = next(iter(options.items()))
    assert caught.value.message == f"layer `culprit` ({name}): {key}={value!r} {NOT_SUPPORTED}"
    assert str(caught.value.hint).startswith("Use `format: graph`")


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"negative_slope": 0.2, "max_value": 1.0}, "max_value=1, negative_slope=0.2"),
        ({"negative_slope": 0.2, "threshold": 1.0}, "negative_slope=0.2, threshold=1"),
        ({"max_value": 0.0, "threshold": -1.0}, "max_value=0, threshold=-1"),
    ],
)
def test_options_of_relu_at_once(options: dict[str, float], shown: str) -> None:
    with pytest.raises(RefusedError) as caught:
        convert(chain(layer("ReLU", "culprit", (), **options)))
    assert caught.value.message == f"layer `culprit` (ReLU): {shown} at once {NOT_SUPPORTED}"


@pytest.mark.parametrize("name", ["BatchNormalization", "LayerNormalization"])
def test_normalizations_of_volumes(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        convert(chain(layer(name, "culprit", ()), shape=(2, 2, 2, 3)))
    assert caught.value.message == (
        f"layer `culprit` ({name}): TensorFlow.js's layer expects an input of rank 2, 3 or 4, got rank 5"
    )


_VOLUMES = ("Cropping3D", "GlobalAveragePooling3D", "GlobalMaxPooling3D", "UpSampling3D", "ZeroPadding3D")
_SEQUENCES = ("Conv1DTranspose", "Cropping1D", "DepthwiseConv1D", "SeparableConv1D", "UpSampling1D", "ZeroPadding1D")


@pytest.mark.parametrize("name", [*_VOLUMES, *_SEQUENCES, "Normalization", "Resizing", "Subtract", "UnitNormalization"])
def test_layers_that_tfjs_has_not(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        convert(chain(layer(name, "culprit", ())))
    assert caught.value.message == f"layer `culprit` ({name}): {NO_LAYER}"
    assert str(caught.value.hint).startswith("Use `format: graph`")


_LACKING = [
    *("celu", "exponential", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh"),
    *("leaky_relu", "log_sigmoid", "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus"),
    *("tanh_shrink", "threshold"),
]


@pytest.mark.parametrize("name", _LACKING)
def test_activations_of_keras_3_that_tfjs_has_not(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        built(dense("d", 2, activation=name), d={"kernel": (4, 2), "bias": (2,)})
    assert caught.value.message == f"layer `d` (Dense): activation={name!r} {NOT_SUPPORTED}"
    assert str(caught.value.hint).startswith("Use `format: graph`")


@pytest.mark.parametrize("name", ["Add", "Subtract", "Multiply", "Clip", "Relu", "Reshape", "GetItem", "Mean", "Cast"])
def test_operations_on_tensors_are_refused(name: str) -> None:
    config = functional("net", [input_layer("x", 4), operation(name, "o", [tensor("x"), 2])], ["x", 0, 0], ["o", 0, 0])
    with pytest.raises(RefusedError) as caught:
        convert(config)
    assert caught.value.message == (
        f"operation `o` ({name}): TensorFlow.js's layers have no operations on tensors, such as `{name}`"
    )
    assert str(caught.value.hint).startswith("Use `format: graph`")


def test_functions_of_tensorflow_are_refused() -> None:
    call = layer("TFOpLambda", "o", [[["x", 0, 0, {}]]], function="math.exp")
    config = functional("net", [input_layer("x", 4), call], [["x", 0, 0]], [["o", 0, 0]])
    with pytest.raises(RefusedError, match=r"layer `o` \(TFOpLambda\): .* operations on tensors, such as `math.exp`"):
        convert(config, 2)


def test_differences_and_layers_of_applications_are_refused() -> None:
    difference = layer("Subtract", "culprit", [node([tensor("x"), tensor("x")])])
    scale = layer("LayerScale", "scale", [node("culprit")], init_values=0.1)
    scale |= {"module": "keras.src.applications.convnext", "registered_name": "LayerScale"}
    config = functional("net", [input_layer("x", 4), difference, scale], ["x", 0, 0], ["scale", 0, 0])
    with pytest.raises(RefusedError) as caught:
        convert(config)
    assert caught.value.message == f"layer `culprit` (Subtract): {NO_LAYER} (and 1 more of its layers)"


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
        ("ZeroPadding2D", {"padding": [[1, 0], [0, 2]]}, (3, 4, 2), (None, 4, 6, 2)),
        ("Cropping2D", {"cropping": 1}, (None, 4, 2), (None, None, 2, 2)),
        ("UpSampling2D", {"size": [2, 3], "data_format": "channels_first"}, (2, 4, 5), (None, 2, 8, 15)),
        ("MaxPooling2D", {"pool_size": 2, "padding": "same"}, (5, 4, 2), (None, 3, 2, 2)),
        ("CenterCrop", {"height": 4, "width": 5}, (9, 8, 3), (None, 4, 5, 3)),
        ("Flatten", {}, (None, 4), (None, None)),
        ("Reshape", {"target_shape": [-1, 2]}, (4, 3), (None, 6, 2)),
        ("Softmax", {"axis": 2}, (4, 3), (None, 4, 3)),
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


@pytest.mark.parametrize("scale", [[1.0, 2.0, 3.0], [[[1.0, 2.0, 3.0]]]])
def test_rescaling_by_a_number_for_each_channel(scale: list[Any]) -> None:
    artifacts = convert(chain(layer("Rescaling", "r", scale=scale, offset=[[0.5]]), shape=(4, 4, 3)))
    assert (wiring(artifacts), config_of(artifacts, "r")) == (
        ["r=Rescaling(x)"],
        {"scale": [1.0, 2.0, 3.0], "offset": 0.5},
    )


def test_dense_layers_cast_integers_by_themselves() -> None:
    config = chain(layer("TimeDistributed", "t", layer=dense("inner", 2)), shape=(3, 4), dtype="int64")
    shapes = {"t/inner": {"kernel": (4, 2), "bias": (2,)}}
    artifacts = convert(config, shapes=shapes)
    assert wiring(artifacts) == ["t=TimeDistributed(x)"]
    assert artifacts.signature.outputs[0].dtype == "float32"


@pytest.mark.parametrize("dtype", ["uint8", "bool", "string"])
def test_other_layers_are_given_floats(dtype: str) -> None:
    found = {"uint8": "int32"}.get(dtype, dtype)
    with pytest.raises(RefusedError) as caught:
        convert(chain(layer("AveragePooling1D", "p", pool_size=[2]), shape=(4, 3), dtype=dtype))
    assert caught.value.message == (f"layer `p` (AveragePooling1D): TensorFlow.js's layer expects float32, got {found}")


def test_inputs_of_a_concatenation_are_of_one_dtype() -> None:
    layers = [input_layer("a", 3), input_layer("b", 3, dtype="int32")]
    layers.append(layer("Concatenate", "c", [node([tensor("a"), tensor("b")])], axis=-1))
    with pytest.raises(RefusedError, match="expects inputs of one dtype"):
        convert(functional("net", layers, [["a", 0, 0], ["b", 0, 0]], ["c", 0, 0]))


@pytest.mark.parametrize("other", [{"units": 2}, {"return_sequences": True}, {"activation": "relu"}])
def test_directions_that_are_unlike(other: dict[str, Any]) -> None:
    functions = {"units": 3, "activation": "tanh", "recurrent_activation": "sigmoid"}
    ahead = layer("LSTM", "ahead", (), **functions)
    back = layer("LSTM", "back", (), **{**functions, "go_backwards": True, **other})
    units = other.get("units", 3)
    shapes: dict[str, Mapping[str, tuple[int, ...]]] = {
        "b/ahead": {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (12,)},
        "b/back": {"kernel": (4, 4 * units), "recurrent_kernel": (units, 4 * units), "bias": (4 * units,)},
    }
    config = layer("Bidirectional", "b", layer=ahead, backward_layer=back, merge_mode="concat")
    with pytest.raises(RefusedError, match=r"TensorFlow.js runs the same layer in both directions only"):
        convert(chain(config, shape=(5, 4)), shapes=shapes)


def test_time_distributed_holds_a_layer_or_a_model() -> None:
    inside = sequential(
        "inside", [input_layer("y", 4), dense("deep", 2, activation=layer("LeakyReLU", "leaky", (), alpha=0.2))]
    )
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


def test_what_a_time_distributed_wraps_says_what_it_takes() -> None:
    inside = sequential("inside", [input_layer("y", 4), layer("Flatten", "flat", ())])
    config = chain(layer("TimeDistributed", "t", layer=inside), shape=(3, 4), dtype="int32")
    with pytest.raises(RefusedError) as caught:
        convert(config)
    assert caught.value.message == "layer `t` (TimeDistributed): TensorFlow.js's layer expects float32, got int32"


@pytest.mark.parametrize("key", ["activation", "recurrent_activation"])
def test_recurrent_layers_with_activations_that_are_layers(key: str) -> None:
    functions = {"activation": "tanh", "recurrent_activation": "sigmoid", key: layer("LeakyReLU", "leaky", ())}
    with pytest.raises(RefusedError) as caught:
        built(layer("LSTM", "culprit", (), units=3, **functions), shape=(5, 4))
    assert caught.value.message == f"layer `culprit` (LSTM): {key}='LeakyReLU' {NOT_SUPPORTED}"
