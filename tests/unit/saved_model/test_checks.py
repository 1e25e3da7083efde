"""Nodes that are none of their op are told with op, node and what is wrong; what is unforeseen is ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.saved_model.making import Model, Type
from tests.unit.saved_model.test_reader import converted, refusal
from tfjs_build.convert.saved_model import trace
from tfjs_build.convert.saved_model.source import Function
from tfjs_build.errors import MisfitError, SourceError, UnforeseenError


def model(op: str, inputs: list[str], **attrs: Any) -> Model:
    """Return a model of one node on an input of two columns."""
    made = Model()
    made.placeholder("x", (None, 2))
    made.node(op, "net/node", inputs, **attrs)
    made.signature({"x": "x:0"}, {"y": "net/node:0"})
    return made


FLOAT = Type("float32")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: model("AddV2", ["x"], T=FLOAT), "AddV2 (net/node) expects 2 inputs, got 1."),
        (lambda: model("Relu", ["x", "x"], T=FLOAT), "Relu (net/node) expects 1 input, got 2."),
        (lambda: model("AddN", ["x", "x"], T=FLOAT, N=3), "AddN (net/node) expects 3 inputs, got 2."),
        (
            lambda: model("AddN", ["x", "x"], T=FLOAT, N=-2),
            "AddN (net/node): expects N from 0 to 65536, got -2.",
        ),
        (lambda: model("Cast", ["x"], SrcT=FLOAT), "Cast (net/node) lacks the attribute DstT."),
        (
            lambda: model("MatMul", ["x", "x"], T=FLOAT, transpose_b=7),
            "MatMul (net/node): expects bool as the attribute transpose_b, got 7.",
        ),
        (
            lambda: model("LeakyRelu", ["x"], T=FLOAT, alpha="steep"),
            "LeakyRelu (net/node): expects float as the attribute alpha, got 'steep'.",
        ),
        (
            lambda: model("MaxPool", ["x"], T=FLOAT, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="HALF"),
            "MaxPool (net/node): padding='HALF' is not supported, only SAME, VALID, EXPLICIT are.",
        ),
        (
            lambda: model("MaxPool", ["x"], T=FLOAT, ksize=[FLOAT, FLOAT], strides=[1, 2, 2, 1], padding="SAME"),
            "MaxPool (net/node): expects list(int) as the attribute ksize, got ['float32', 'float32'].",
        ),
    ],
)
def test_what_is_wrong_with_a_node_is_told(made: Callable[[], Model], message: str, tmp_path: Path) -> None:
    error = refusal(made(), tmp_path)
    assert isinstance(error, SourceError)
    assert error.message == message


def test_inputs_that_do_not_go_with_each_other(tmp_path: Path) -> None:
    made = Model()
    made.placeholder("x", (3,))
    made.node("MatMul", "net/node", ["x", "x"], T=FLOAT)
    made.signature({"x": "x:0"}, {"y": "net/node:0"})
    error = refusal(made, tmp_path)
    assert isinstance(error, MisfitError)
    assert error.message == "MatMul (net/node) cannot be applied to float32[3], float32[3]."
    assert error.hint == "If the source runs where it was made, this is a bug in tfjs-build: please report it."


def test_an_attribute_of_a_newer_tensorflow_passes(tmp_path: Path) -> None:
    made = model("Relu", ["x"], T=FLOAT, of_tomorrow=3)
    assert [node["op"] for node in converted(made, tmp_path).topology["node"]] == ["Placeholder", "Relu"]


def test_a_bug_names_op_and_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(frame: trace.Frame, node: Any) -> Any:
        return node.no_such_thing

    monkeypatch.setitem(trace.HANDLERS, "Relu", broken)
    with pytest.raises(UnforeseenError, match=r"^Relu \(net/node\): AttributeError: .*no_such_thing"):
        converted(model("Relu", ["x"], T=FLOAT), tmp_path)


def test_a_function_s_nodes_are_checked_too(tmp_path: Path) -> None:
    made = Model()
    made.placeholder("x", (None, 2))
    nodes = made.function("f", {"x": "float32"}, {"y": "inner:y:0"})
    node = nodes.add()
    node.name, node.op = "inner", "Tanh"
    made.node("PartitionedCall", "call", ["x"], f=Function("f"), Tin=[FLOAT], Tout=[FLOAT])
    made.signature({"x": "x:0"}, {"y": "call:0"})
    assert refusal(made, tmp_path).message == "Tanh (inner) expects 1 input, got 0."
