"""Layers of TensorFlow 2.0 to 2.3 that hold an op's NodeDef."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.keras.files import functional, input_layer, layer
from tests.unit.keras.to_graph.making import converted, numbers, predicted
from tfjs_build.errors import RefusedError, SourceError

X = numbers(2, 4)
FLOAT = {"T": {"type": "DT_FLOAT"}}


def model(
    op: str, attrs: dict[str, Any], constants: dict[str, Any], *inputs: str, node_def: Any = None
) -> dict[str, Any]:
    """Return a model of one such layer on its inputs `x` (and again `x`)."""
    names = [f"input_{i}" for i in range(len(inputs or "x") + len(constants))]
    node = {"name": op, "op": op, "input": names, "attr": attrs} if node_def is None else node_def
    entry = layer("TensorFlowOpLayer", f"tf_op_layer_{op}", node_def=node, constants=constants)
    entry["inbound_nodes"] = [[[name, 0, 0, {}] for name in inputs or ("x",)]]
    return functional("net", [input_layer("x", 4), entry], [["x", 0, 0]], [[entry["name"], 0, 0]])


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (model("Mul", FLOAT, {"1": 2.5}), X * 2.5),
        (model("Sub", FLOAT, {"0": 1.0}), 1.0 - X),
        (model("AddV2", FLOAT, {}, "x", "x"), X + X),
        (model("Mean", FLOAT | {"keep_dims": {"b": True}}, {"1": [1]}), X.mean(1, keepdims=True)),
        (model("Reshape", FLOAT, {"1": [-1, 2, 2]}), X.reshape(-1, 2, 2)),
        (model("Transpose", FLOAT, {"1": [1, 0]}), X.T),
        (model("ConcatV2", FLOAT | {"N": {"i": "2"}}, {"2": 1}, "x", "x"), np.concatenate([X, X], 1)),
        (model("Cast", {"SrcT": {"type": "DT_FLOAT"}, "DstT": {"type": "DT_INT64"}}, {}), X.astype(np.int32)),
        (model("Identity", FLOAT, {}), X),
    ],
)
def test_numbers(net: dict[str, Any], expected: Any) -> None:
    [found] = predicted(net, {"x": X}, generation=2)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.shape == expected.shape


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (
            model("Cast", {"SrcT": {"type": "DT_FLOAT"}, "DstT": {"type": "DT_UINT8"}}, {}),
            "layer `tf_op_layer_Cast` (TensorFlowOpLayer): the op Cast with DstT=uint8 is not supported: "
            "TensorFlow.js lacks the dtype",
        ),
        (
            model("ReadVariableOp", {"dtype": {"type": "DT_FLOAT"}}, {}),
            "layer `tf_op_layer_ReadVariableOp` (TensorFlowOpLayer): the op ReadVariableOp is not supported in a "
            "TensorFlowOpLayer",
        ),
        (model("Digamma", FLOAT, {}), "Digamma"),
    ],
)
def test_refusals(net: dict[str, Any], message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        converted(net, generation=2)
    assert message in caught.value.message


@pytest.mark.parametrize("node_def", [{"op": 3}, {"attr": {"T": {"type": "DT_NONE"}}}, "\x07nonsense"])
def test_a_node_that_cannot_be_read(node_def: Any) -> None:
    with pytest.raises(SourceError):
        converted(model("Mul", {}, {}, node_def=node_def), generation=2)
