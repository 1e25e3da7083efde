"""Graphs that are at odds with themselves, as a fuzzer makes them: told in a line, and never looked at without end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.saved_model.making import Model, Type, add_node
from tests.unit.saved_model.test_reader import refusal
from tfjs_build.convert.saved_model.signatures import natural
from tfjs_build.convert.saved_model.source import Function, OpDefs, main_body
from tfjs_build.errors import SourceError

FLOAT, BOOL = Type("float32"), Type("bool")


def model() -> Model:
    """Return a model with an input of two columns."""
    made = Model()
    made.placeholder("x", (None, 2))
    return made


def refused(made: Model, output: str, folder: Path) -> str:
    """Return why a model with that output is refused."""
    made.signature({"x": "x:0"}, {"y": output})
    return refusal(made, folder).message


def test_identities_in_a_circle() -> None:
    made = model()
    for one, other in (("a", "b"), ("b", "a")):
        made.node("Identity", one, [other], T=FLOAT)
    body = main_body(made.graph, OpDefs())
    with pytest.raises(SourceError, match="depends on itself"):
        body.behind_identities("a")
    made.node("Identity", "c", ["x"], T=FLOAT)
    assert main_body(made.graph, OpDefs()).behind_identities("c") == ("x", 0)


def test_a_loop_whose_body_hands_through_a_circle(tmp_path: Path) -> None:
    made = model()
    body = made.function("body", {"value": "float32"}, {"value": "a:output:0"})
    add_node(body, "Identity", "a", ["b:output:0"], T=FLOAT)
    add_node(body, "Identity", "b", ["a:output:0"], T=FLOAT)
    made.function("cond", {"value": "float32"}, {"go": "value"}, result_types={"go": "bool"})
    made.node("While", "w", ["x"], T=[FLOAT], cond=Function("cond"), body=Function("body"))
    assert "depends on itself" in refused(made, "w:0", tmp_path)


def test_a_loop_whose_functions_take_and_give_other_numbers(tmp_path: Path) -> None:
    made = model()
    made.function("body", {"one": "float32", "two": "float32"}, {"one": "one"})
    made.function("cond", {"value": "float32"}, {"go": "value"}, result_types={"go": "bool"})
    made.node("While", "w", ["x"], T=[FLOAT], cond=Function("cond"), body=Function("body"))
    assert "which has 2 arguments and 1 results" in refused(made, "w:0", tmp_path)


def test_branches_that_return_other_numbers(tmp_path: Path) -> None:
    made = model()
    made.placeholder("p", (), "bool")
    made.function("yes", {"x": "float32"}, {"y": "x"})
    made.function("no", {"x": "float32"}, {"y": "x", "z": "x"})
    functions = {"then_branch": Function("yes"), "else_branch": Function("no")}
    made.node("If", "if", ["p", "x"], Tcond=BOOL, Tin=[FLOAT], Tout=[FLOAT], **functions)
    made.signature({"x": "x:0", "p": "p:0"}, {"y": "if:0"})
    assert "return 1 and 2 tensors" in refusal(made, tmp_path).message


def test_a_merge_of_what_is_not_there(tmp_path: Path) -> None:
    made = model()
    made.node("Enter", "enter", ["x"], T=FLOAT, frame_name="loop")
    made.node("Merge", "merge", ["enter", "nowhere"], T=FLOAT, N=2)
    made.node("LoopCond", "go", ["merge"])
    made.node("Switch", "switch", ["merge", "go"], T=FLOAT)
    made.node("Exit", "exit", ["switch"], T=FLOAT)
    assert "no NextIteration leads to merge" in refused(made, "exit:0", tmp_path)


@pytest.mark.parametrize(
    ("op", "inputs", "attributes", "message"),
    [
        ("Pack", ["x", "x"], {"T": Type("resource"), "N": 2, "axis": 1.5}, "expects int as the attribute axis"),
        ("Conv2D", ["x", "x"], {"T": FLOAT, "strides": [1], "padding": "SAME", "data_format": 3}, "data_format"),
        ("_FusedMatMul", ["x", "w"], {"T": FLOAT, "num_args": 0, "fused_ops": ["BiasAdd"]}, "BiasAdd, fused,"),
        ("_FusedMatMul", ["x", "w"], {"T": FLOAT, "num_args": 0, "fused_ops": ["Fold"]}, "Fold (fused_ops)"),
        ("_FusedMatMul", ["x", "w"], {"T": FLOAT, "num_args": 0, "fused_ops": [1, 2]}, "list(string)"),
        ("Cast", ["x"], {"SrcT": FLOAT, "DstT": Type("variant")}, "the output y has the dtype variant"),
    ],
)
def test_attributes_that_cannot_be(
    op: str, inputs: list[str], attributes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    made = model()
    made.const("w", np.ones((2, 3), np.float32))
    made.node(op, "node", inputs, **attributes)
    assert message in refused(made, "node:0", tmp_path)


def test_what_the_file_says_of_an_op_is_looked_at(tmp_path: Path) -> None:
    made = model()
    described = made.meta.meta_info_def.stripped_op_list.op.add(name="LeakyRelu")
    described.output_arg.add(name="activations", type_attr="alpha")
    described.attr.add(name="alpha").default_value.s = b"steep"
    made.node("LeakyRelu", "node", ["x"], T=FLOAT)
    assert "LeakyRelu (the file's list of ops): expects float" in refused(made, "node:0", tmp_path)


def test_an_input_that_is_no_tensor(tmp_path: Path) -> None:
    made = Model()
    made.placeholder("x", (None, 2), "variant")
    made.node("Relu", "node", ["x"], T=FLOAT)
    assert refused(made, "node:0", tmp_path) == "input `x` has the dtype variant, which TensorFlow.js lacks"


def test_digits_that_are_not_those_of_numbers() -> None:
    assert natural(["²", "x10", "x9", "٣"]) == ["x9", "x10", "²", "٣"]
    assert natural(["9" * 5000, "1"]) == ["1", "9" * 5000]
    with pytest.raises(SourceError, match="has no output named ²"):
        main_body(model().graph, OpDefs()).resolve("x:²")
