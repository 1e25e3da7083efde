"""Whole models as graphs: names, order, masks between layers, refusals, and the choice of the format."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from tests.unit.graph.running import run
from tests.unit.keras.files import dense, functional, layer, node, sequential
from tests.unit.keras.to_graph.making import chain, converted, described, numbers, predicted
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.keras.choice import convert
from tfjs_build.convert.keras.to_graph.convert import Converter
from tfjs_build.errors import RefusedError, SourceError

KERNEL = {"kernel": numbers(3, 3), "bias": numbers(3)}


def _two_outputs() -> dict[str, Any]:
    inner = sequential("inner", [dense("dense", 3)], [node("x")])
    return functional(
        "net",
        [layer("InputLayer", "x", batch_shape=[None, 3]), inner, dense("dense", 3, [node("inner")])],
        {"pixels": ["x", 0, 0]},
        {"zoo": ["dense", 0, 0], "ant": ["inner", 0, 0]},
    )


def test_inputs_outputs_and_weights_are_called_as_in_the_source() -> None:
    artifacts = converted(_two_outputs(), {"inner/dense": KERNEL, "dense": KERNEL})
    assert [(spec.name, spec.shape) for spec in artifacts.signature.inputs] == [("pixels", (None, 3))]
    assert [spec.name for spec in artifacts.signature.outputs] == ["zoo", "ant"]
    assert [weight.name for weight in artifacts.weights] == [
        "inner/dense/kernel",
        "inner/dense/bias",
        "dense/kernel",
        "dense/bias",
    ]
    assert (artifacts.format, artifacts.generated_by) == ("graph", "Keras 3.15.1")


def test_bias_and_activation_are_fused() -> None:
    model = chain(dense("dense", 3, activation="relu"), shape=(3,))
    ops = [entry["op"] for entry in converted(model, {"dense": KERNEL}).topology["node"]]
    assert sorted(ops) == ["Const", "Const", "Placeholder", "_FusedMatMul"]


@pytest.mark.parametrize(("generation", "expected"), [(2, [[0, 1, 0]]), (3, [[1, 1, 1]])])
def test_merged_masks_differ_between_the_generations(generation: Any, expected: list[list[int]]) -> None:
    left, right = np.array([[[1.0], [1.0], [0.0]]]), np.array([[[0.0], [1.0], [1.0]]])
    masked = [layer("Masking", f"m{n}", [node(n)], mask_value=0.0) for n in "ab"]
    both = {"args": [[node("ma")["args"][0], node("mb")["args"][0]]], "kwargs": {}}
    model = functional(
        "net",
        [*(layer("InputLayer", n, batch_shape=[None, 3, 1]) for n in "ab"), *masked, layer("Add", "sum", [both])],
        [["a", 0, 0], ["b", 0, 0]],
        ["sum", 0, 0],
    )
    converter = Converter(replace(described(model, {}), generation=generation))
    graph = converter.convert()
    mask = converter.masks[graph.outputs[0].value]
    assert mask is not None
    found = run(Graph(graph.inputs, [Port("mask", mask)]), {"a": left, "b": right})["mask"]
    np.testing.assert_array_equal(found.astype(int), expected)


def test_weights_of_another_shape_are_the_file_s_fault() -> None:
    with pytest.raises(SourceError, match=r"expects the weight `kernel` to have the shape \[3, 4\], got \[3, 3\]"):
        converted(chain(dense("dense", 4), shape=(3,)), {"dense": KERNEL})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            layer("HashedCrossing", "culprit", num_bins=3),
            "layer `culprit` (HashedCrossing): TensorFlow.js has no op that crosses several features",
        ),
        (
            layer("Lambda", "culprit", function={"class_name": "__lambda__"}),
            "layer `culprit` (Lambda): it needs Python code of your own, which is not in the file",
        ),
        (
            layer("Activation", "culprit", activation="mine"),
            "layer `culprit` (Activation): the activation `mine` is not one of keras.activations, and the file "
            "has only its name",
        ),
    ],
)
def test_refusals_name_the_layer(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        converted(chain(entry, shape=(3,)))
    assert caught.value.message == message
    assert "SavedModel" in caught.value.hint


def test_auto_is_a_graph() -> None:
    model = described(chain(dense("dense", 3), shape=(3,)), {"dense": KERNEL})
    assert [convert(model, format).format for format in ("auto", "graph", "layers")] == ["graph", "graph", "layers"]


@pytest.mark.parametrize("format", ["auto", "graph"])
def test_what_a_graph_cannot_hold_is_refused_for_its_reason(format: Literal["auto", "graph"]) -> None:
    model = described(chain(layer("HashedCrossing", "culprit", num_bins=3), shape=(3,)), {})
    with pytest.raises(RefusedError) as caught:
        convert(model, format)
    assert caught.value.message == (
        "layer `culprit` (HashedCrossing): TensorFlow.js has no op that crosses several features"
    )


def test_a_call_for_training_is_refused() -> None:
    entries = [layer("InputLayer", "x", batch_shape=[None, 3]), layer("Dropout", "d", [node("x", training=True)])]
    with pytest.raises(RefusedError, match="training=True"):
        predicted(functional("net", entries, ["x", 0, 0], ["d", 0, 0]), {"x": numbers(1, 3)}, generation=2)


def test_a_tensor_that_a_layer_does_not_take_is_refused() -> None:
    entries = [
        layer("InputLayer", "x", batch_shape=[None, 3]),
        layer("Dense", "d", [node("x", other=node("x")["args"][0])], units=3),
    ]
    with pytest.raises(RefusedError, match="a tensor as the argument `other` is not supported"):
        predicted(functional("net", entries, ["x", 0, 0], ["d", 0, 0]), {"x": numbers(1, 3)}, {"d": KERNEL})


def test_a_mask_may_stand_behind_the_input() -> None:
    entries = [
        layer("InputLayer", "x", batch_shape=[None, 3, 1]),
        layer("InputLayer", "m", batch_shape=[None, 3], dtype="bool"),
        layer("GlobalAveragePooling1D", "s", [node("x", "m")]),
    ]
    model = functional("net", entries, [["x", 0, 0], ["m", 0, 0]], ["s", 0, 0])
    [y] = predicted(model, {"x": [[[1.0], [5.0], [3.0]]], "m": [[True, False, True]]})
    np.testing.assert_allclose(y, [[2.0]], atol=1e-6)
