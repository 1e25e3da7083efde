"""Masks and states: what tfjs-layers' executor will hand to whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.keras import files
from tests.unit.keras.convert import Shapes, config_of, convert, wiring
from tests.unit.keras.files import dense, functional, input_layer, layer, node, operation, tensor
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.errors import RefusedError

CELL: dict[str, tuple[int, ...]] = {"kernel": (3, 8), "recurrent_kernel": (2, 8), "bias": (8,)}
SHAPES: Shapes = {
    "embed": {"embeddings": (9, 3)},
    "dense": {"kernel": (3, 3), "bias": (3,)},
    "first": CELL,
    "second": CELL,
    "third": {**CELL, "kernel": (2, 8)},
}


def lstm(name: str, nodes: list[Any], **options: Any) -> files.Json:
    """Return the entry of an LSTM layer of two units."""
    return layer(
        "LSTM", name, nodes, **{"units": 2, "activation": "tanh", "recurrent_activation": "sigmoid", **options}
    )


def embed(source: str, *, mask_zero: bool = True) -> files.Json:
    """Return the entry of an Embedding."""
    return layer("Embedding", "embed", [node(source)], input_dim=9, output_dim=3, mask_zero=mask_zero)


IDS = input_layer("ids", 5, dtype="int32")
PLAIN = input_layer("plain", 5, 3)
NOT_ZERO = operation("NotEqual", "mask", [tensor("ids"), 0])
INPUTS = [["ids", 0, 0], ["plain", 0, 0]]


def build(layers: list[files.Json], inputs: Any, outputs: Any, generation: Any = 3) -> ModelArtifacts:
    """Convert a functional model."""
    return convert(functional("net", layers, inputs, outputs), generation, SHAPES)


def test_masks_that_keras_3_writes_out_are_those_that_tfjs_computes() -> None:
    layers = [IDS, embed("ids"), NOT_ZERO, lstm("first", [node("embed", mask=tensor("mask"))])]
    artifacts = build(layers, ["ids", 0, 0], ["first", 0, 0])
    assert wiring(artifacts) == ["embed=Embedding(ids)", "first=LSTM(embed)"]
    assert config_of(artifacts, "embed")["mask_zero"] is True


def test_masks_of_a_masking_layer() -> None:
    layers = [
        PLAIN,
        layer("Masking", "masking", [node("plain")], mask_value=0.0),
        operation("NotEqual", "unequal", [tensor("plain"), 0.0]),
        {**operation("Any", "mask", [tensor("unequal")]), "config": {"name": "mask", "axis": -1, "keepdims": False}},
        lstm("first", [node("masking", mask=tensor("mask"))]),
    ]
    assert wiring(build(layers, ["plain", 0, 0], ["first", 0, 0])) == ["masking=Masking(plain)", "first=LSTM(masking)"]


def test_masks_in_keras_2_follow_the_tensors() -> None:
    layers = [
        IDS,
        {**embed("ids"), "inbound_nodes": [[["ids", 0, 0, {}]]]},
        dense("dense", 3, [[["embed", 0, 0, {}]]]),
        lstm("first", [[["dense", 0, 0, {}]]]),
    ]
    artifacts = build(layers, INPUTS[:1], [["first", 0, 0]], generation=2)
    assert wiring(artifacts) == ["embed=Embedding(ids)", "dense=Dense(embed)", "first=LSTM(dense)"]


def test_a_mask_that_nothing_computes_with_is_not_made() -> None:
    layers = [IDS, embed("ids"), layer("Flatten", "flat", [node("embed")])]
    assert config_of(build(layers, ["ids", 0, 0], ["flat", 0, 0]), "embed")["mask_zero"] is False


def test_a_layer_without_a_mask_beside_masked_ones_is_refused() -> None:
    """tfjs-layers may hand it the mask that another layer was given before."""
    layers = [
        IDS,
        PLAIN,
        embed("ids"),
        NOT_ZERO,
        lstm("first", [node("embed", mask=tensor("mask"))]),
        lstm("second", [node("plain")]),
    ]
    with pytest.raises(RefusedError) as caught:
        build(layers, INPUTS, [["first", 0, 0], ["second", 0, 0]])
    assert caught.value.message == (
        "layer `second` (LSTM): TensorFlow.js would compute it with another mask than Keras does"
    )


def test_a_mask_through_a_sum_is_refused() -> None:
    """tfjs-layers' merges make masks of a rank that recurrent layers do not take."""
    layers = [
        IDS,
        embed("ids"),
        dense("dense", 3, [node("embed")]),
        NOT_ZERO,
        layer("Add", "add", [node([tensor("embed"), tensor("dense")])]),
        operation("LogicalOr", "either", [tensor("mask"), tensor("mask")]),
        lstm("first", [node("add", mask=tensor("either"))]),
    ]
    with pytest.raises(RefusedError) as caught:
        build(layers, ["ids", 0, 0], ["first", 0, 0])
    assert (
        caught.value.message == "layer `first` (LSTM): TensorFlow.js would compute it with another mask than Keras does"
    )


def test_a_mask_that_is_no_mask_of_keras_s_own_is_refused() -> None:
    layers = [
        IDS,
        embed("ids"),
        operation("NotEqual", "mask", [tensor("ids"), 3]),
        lstm("first", [node("embed", mask=tensor("mask"))]),
    ]
    with pytest.raises(RefusedError, match="another mask than Keras does"):
        build(layers, ["ids", 0, 0], ["first", 0, 0])


def test_a_mask_that_is_used_as_data_is_an_operation() -> None:
    layers = [IDS, embed("ids"), NOT_ZERO, lstm("first", [node("embed", mask=tensor("mask"))])]
    with pytest.raises(RefusedError, match=r"operation `mask` \(NotEqual\): TensorFlow.js's layers have no operation"):
        build(layers, ["ids", 0, 0], [["first", 0, 0], ["mask", 0, 0]])


def test_initial_states_are_further_inputs() -> None:
    layers = [
        PLAIN,
        lstm("first", [node("plain")], return_state=True),
        lstm("second", [node("plain", initial_state=[tensor("first", 0, 1), tensor("first", 0, 2)])]),
    ]
    assert wiring(build(layers, ["plain", 0, 0], ["second", 0, 0])) == [
        "first=LSTM(plain)",
        "second=LSTM(plain, first.1, first.2)",
    ]


def test_initial_states_of_keras_2_stand_behind_the_sequence() -> None:
    layers = [
        PLAIN,
        lstm("first", [[["plain", 0, 0, {}]]], return_state=True),
        lstm("second", [[["plain", 0, 0, {}], ["first", 0, 1, {}], ["first", 0, 2, {}]]]),
    ]
    assert wiring(build(layers, INPUTS[1:], [["second", 0, 0]], generation=2))[-1] == (
        "second=LSTM(plain, first.1, first.2)"
    )


def test_an_initial_state_beside_a_mask_is_refused() -> None:
    """With a mask in the model its layers share their arguments, and a second initial state makes tfjs-layers throw."""
    states = [tensor("first", 0, 1), tensor("first", 0, 2)]
    layers = [
        IDS,
        PLAIN,
        embed("ids"),
        NOT_ZERO,
        lstm("first", [node("embed", mask=tensor("mask"))], return_state=True),
        lstm("second", [node("plain", initial_state=states)]),
    ]
    with pytest.raises(RefusedError, match=r"layer `second` .*another mask than Keras does"):
        build(layers, INPUTS, ["second", 0, 0])


def _in_every_step(inner: list[files.Json], output: str, shape: tuple[int, ...]) -> files.Json:
    model = functional("step", [input_layer("inside", *shape[1:]), *inner], ["inside", 0, 0], [output, 0, 0])
    return files.sequential("net", [input_layer("x", *shape), layer("TimeDistributed", "each", (), layer=model)])


def test_an_initial_state_inside_a_time_distributed_is_refused() -> None:
    """The next step finds what one step has left, and tfjs-layers throws."""
    inner = [
        lstm("first", [node("inside")], return_state=True),
        lstm("second", [node("inside", initial_state=[tensor("first", 0, 1), tensor("first", 0, 2)])]),
    ]
    shapes = {f"each/step/{name}": CELL for name in ("first", "second")}
    with pytest.raises(RefusedError) as caught:
        convert(_in_every_step(inner, "second", (2, 5, 3)), 3, shapes)
    assert caught.value.message == (
        "layer `each/step/second` (LSTM): TensorFlow.js cannot run it with an `initial_state` at every step"
    )


def test_a_mask_beside_a_time_distributed_reaches_what_is_inside() -> None:
    inner = layer("TimeDistributed", "each", [node("video")], layer=lstm("first", []))
    layers = [IDS, input_layer("video", 2, 5, 3), embed("ids"), NOT_ZERO, inner]
    layers.append(lstm("second", [node("embed", mask=tensor("mask"))]))
    inputs, outputs = [["ids", 0, 0], ["video", 0, 0]], [["second", 0, 0], ["each", 0, 0]]
    with pytest.raises(RefusedError, match=r"layer `each/first` .*another mask than Keras does"):
        convert(functional("net", layers, inputs, outputs), 3, {**SHAPES, "each/first": CELL})


def test_a_sequential_model_of_keras_3_has_masks_that_are_not_written() -> None:
    config = files.sequential("net", [IDS, embed("ids"), dense("dense", 3), lstm("first", [])])
    artifacts = convert(config, 3, SHAPES)
    assert config_of(artifacts, "embed")["mask_zero"] is True
    assert wiring(artifacts)[-1] == "first=LSTM(dense)"


def nested(name: str, nodes: list[Any]) -> files.Json:
    """Return a nested model of one LSTM, `first`."""
    layers = [input_layer("inside", 5, 3), lstm("first", [node("inside", mask=None)])]
    return functional(name, layers, ["inside", 0, 0], ["first", 0, 0], nodes)


def test_a_mask_goes_into_a_nested_model_with_its_tensor() -> None:
    layers = [IDS, embed("ids"), NOT_ZERO, nested("inner", [node("embed", mask=tensor("mask"))])]
    shapes = {**SHAPES, "inner/first": CELL}
    artifacts = convert(functional("net", layers, ["ids", 0, 0], ["inner", 1, 0]), 3, shapes)
    assert wiring(artifacts) == ["embed=Embedding(ids)", "inner/first=LSTM(embed)"]
    assert config_of(artifacts, "embed")["mask_zero"] is True


def test_another_mask_for_a_nested_model_is_refused() -> None:
    other = operation("NotEqual", "mask", [tensor("ids"), 7])
    layers = [IDS, embed("ids"), other, nested("inner", [node("embed", mask=tensor("mask"))])]
    with pytest.raises(RefusedError) as caught:
        convert(functional("net", layers, ["ids", 0, 0], ["inner", 1, 0]), 3, {**SHAPES, "inner/first": CELL})
    assert caught.value.message == "layer `embed` (Embedding): a nested model is given another mask for it"


def test_a_merged_mask_that_keras_3_did_not_write_is_not_guessed() -> None:
    layers = [
        IDS,
        embed("ids"),
        dense("dense", 3, [node("embed")]),
        layer("Maximum", "merge", [node([tensor("embed"), tensor("dense")])]),
        lstm("first", [node("merge", mask=None)]),
    ]
    with pytest.raises(RefusedError, match="another mask than Keras does"):
        build(layers, ["ids", 0, 0], ["first", 0, 0])


def test_keras_3_gives_no_mask_beside_an_initial_state() -> None:
    states = [tensor("second", 0, 1), tensor("second", 0, 2)]
    layers = [
        IDS,
        PLAIN,
        embed("ids"),
        lstm("second", [node("plain")], return_state=True),
        lstm("first", [node("embed", initial_state=states)]),
    ]
    artifacts = build(layers, INPUTS, ["first", 0, 0])
    assert config_of(artifacts, "embed")["mask_zero"] is False
    assert wiring(artifacts)[-1] == "first=LSTM(embed, second.1, second.2)"
