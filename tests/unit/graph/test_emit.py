"""The GraphDef as TensorFlow.js reads it: names, weights, attributes, functions."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from tfjs_build.convert.artifacts import TensorSpec
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.emit import Emitted, emit
from tfjs_build.convert.graph.ir import Array, Constant, Graph, Port, Value
from tfjs_build.convert.graph.names import Names, clean


def emitted(inputs: list[Value], outputs: dict[str, Value]) -> Emitted:
    ports = [Port(value.node.name, value) for value in inputs]
    return emit(Graph(ports, [Port(name, value) for name, value in outputs.items()]))


def nodes(result: Emitted) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in result.topology["node"]}


def variable(b: Builder, name: str, array: Array) -> Value:
    return b.const(Constant.of(array.astype(np.float32), "float32", name=name))


def test_a_small_model() -> None:
    b = Builder("dense")
    x = b.input("x", (None, 2), "float32")
    y = b.Relu(b.MatMul(x, variable(b, "dense/kernel", np.ones((2, 3))), transpose_b=False))
    result = emitted([x], {"probs": y})
    found = nodes(result)
    assert list(found) == ["x", "dense/kernel", "dense/MatMul", "probs"]
    assert found["x"]["attr"] == {
        "dtype": {"type": "DT_FLOAT"},
        "shape": {"shape": {"dim": [{"size": -1}, {"size": 2}]}},
    }
    assert found["dense/MatMul"]["input"] == ["x", "dense/kernel"]
    assert found["dense/MatMul"]["attr"] == {"transpose_a": {"b": False}, "transpose_b": {"b": False}}
    assert found["dense/kernel"]["attr"]["value"] == {
        "tensor": {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": 2}, {"size": 3}]}}
    }
    [weight] = result.weights
    assert (weight.name, weight.shape, weight.dtype) == ("dense/kernel", (2, 3), "float32")
    assert result.signature.inputs == (TensorSpec("x", "x", (None, 2), "float32"),)
    assert result.signature.outputs == (TensorSpec("probs", "probs", (None, 3), "float32"),)
    assert not result.asynchronous


def test_every_output_has_a_node_of_its_own() -> None:
    b = Builder()
    x = b.input("x", (None, 4), "float32")
    values, places = b.multi("TopKV2", x, 2)
    relu = b.Relu(x)
    result = emitted([x], {"a": values, "b": places, "c": relu, "d": relu, "passed": x, "fixed": b.const([1.0, 2.0])})
    found = nodes(result)
    spec = {spec.name: spec.node for spec in result.signature.outputs}
    assert found[spec["a"]]["op"] == "TopKV2"
    assert (found[spec["b"]]["op"], found[spec["b"]]["input"]) == ("Identity", [f"{spec['a']}:1"])
    assert found[spec["c"]]["op"] == "Relu"
    assert [found[spec[name]]["op"] for name in ("d", "passed", "fixed")] == ["Identity"] * 3
    assert len(set(spec.values())) == 6


def test_names_of_inputs_and_outputs_do_not_cross() -> None:
    b = Builder()
    first, second = b.input("a", (2,), "float32"), b.input("b", (2,), "float32")
    result = emitted([first, second], {"b": b.Relu(first), "a": b.Sqrt(second), "a_1": b.Exp(first)})
    assert [(spec.name, spec.node) for spec in result.signature.inputs] == [("a", "a"), ("b", "b")]
    outputs = {spec.name: spec.node for spec in result.signature.outputs}
    assert outputs["a_1"] == "a_1"
    assert not {outputs["a"], outputs["b"]} & {"a", "b", "a_1"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dense/MatMul", "dense/MatMul"),
        ("a:0", "a_0"),
        ("^x, y", "_x__y"),
        ("constructor", "constructor_"),
        ("__proto__", "__proto___"),
        ("größe", "größe"),
        ("///", "node"),
        ("<script>", "_script_"),
    ],
)
def test_clean_names(name: str, expected: str) -> None:
    assert clean(name) == expected


def test_each_name_is_given_once() -> None:
    names = Names(["taken"])
    assert [names.unique(name) for name in ("a", "a", "a_1", "a", "taken")] == ["a", "a_1", "a_1_1", "a_2", "taken_1"]
    assert names.exactly("taken") == "taken"
    assert names.exactly("taken") is None
    assert names.exactly("not:clean") is None


def test_equal_constants_are_one_weight() -> None:
    b = Builder()
    x = b.input("x", (None, 300), "float32")
    kernel = Constant((300, 300), "float32", lambda: np.eye(300, dtype=np.float32), name="k")
    y = b.MatMul(x * 2.0, b.const(kernel)) * 2.0
    z = b.MatMul(y, b.Transpose(b.const(kernel), [1, 0]))
    z = b.MatMul(z, b.Transpose(b.const(kernel), [1, 0]))
    result = emitted([x], {"y": z})
    assert [weight.name for weight in result.weights] == ["k", "k_1", "Const"]


def test_types_are_tensorflow_js_s() -> None:
    b = Builder()
    x = b.input("x", (None,), "int64")
    big = b.const(np.array([2**40, -(2**40), 7]), "int64")
    half = b.const(np.array([0.5, 1e30]), "float64")
    result = emitted([x], {"y": x + big, "z": half * b.Cast(x, DstT="float64")})
    found = nodes(result)
    assert found["x"]["attr"]["dtype"] == {"type": "DT_INT32"}
    assert found["Cast"]["attr"]["DstT"] == {"type": "DT_FLOAT"}
    data = {weight.dtype: np.concatenate(list(weight.blocks())) for weight in result.weights}
    np.testing.assert_array_equal(data["int32"], [2**31 - 1, -(2**31), 7])
    np.testing.assert_array_equal(data["float32"], np.array([0.5, 1e30], np.float32))


def test_attributes_that_a_file_left_out_are_tensorflows_defaults() -> None:
    b = Builder()
    x = b.input("x", (None, 5, 5, 1), "float32")
    y = b.Conv2D(x, np.ones((3, 3, 1, 1), np.float32), strides=[1, 1, 1, 1], padding="SAME")
    attrs = nodes(emitted([x], {"y": y}))["y"]["attr"]
    assert attrs["dilations"] == {"list": {"i": [1, 1, 1, 1]}}
    assert attrs["padding"] == {"s": base64.b64encode(b"SAME").decode()}


def test_the_number_of_joined_tensors_is_written() -> None:
    b = Builder()
    x = b.input("x", (None, 2), "float32")
    attrs = nodes(emitted([x], {"y": b.ConcatV2(x, x, x, 1)}))["y"]["attr"]
    assert attrs["N"] == {"i": 3}


def loop() -> tuple[list[Value], dict[str, Value]]:
    b = Builder("loop")
    x = b.input("x", (None, 3), "float32")
    inner = Builder("loop")
    i, y = inner.input("loop/i", (), "int32"), inner.input("loop/y", (None, 3), "float32")
    body = Graph([Port("i", i), Port("y", y)], [Port("i", i + 1), Port("y", y * 2.0)])
    cond_builder = Builder("loop")
    j, z = cond_builder.input("loop/i", (), "int32"), cond_builder.input("loop/y", (None, 3), "float32")
    cond = Graph([Port("i", j), Port("y", z)], [Port("go", cond_builder.Less(j, 3))])
    outputs = b.node(
        "StatelessWhile",
        [b.const(0), x],
        {"cond": cond, "body": body},
        name="loop",
        given=[((), "int32"), ((None, 3), "float32")],
    )
    return [x], {"y": outputs[1]}


def test_functions_are_in_the_library_with_names_that_nobody_else_has() -> None:
    result = emitted(*loop())
    assert result.asynchronous
    functions = {f["signature"]["name"]: f for f in result.topology["library"]["function"]}
    node = nodes(result)["loop"]
    assert node["attr"] == {"body": {"func": {"name": "loop_body"}}, "cond": {"func": {"name": "loop_cond"}}}
    body = functions["loop_body"]
    arguments = [argument["name"] for argument in body["signature"]["inputArg"]]
    assert [argument["type"] for argument in body["signature"]["inputArg"]] == ["DT_INT32", "DT_FLOAT"]
    assert len(body["ret"]) == 2
    names = list(nodes(result)) + arguments
    for function in functions.values():
        names += [n["name"] for n in function["nodeDef"] if n["op"] != "Const"]
    assert len(names) == len(set(names))
    weights = {weight.name for weight in result.weights}
    assert {n["name"] for n in body["nodeDef"] if n["op"] == "Const"} <= weights


def test_a_function_that_returns_a_constant_or_the_same_twice_copies_it() -> None:
    b = Builder("if")
    x = b.input("x", (2,), "float32")
    inner = Builder("if")
    arg = inner.input("if/x", (2,), "float32")
    fixed = inner.const([1.0, 2.0])
    then = Graph([Port("x", arg)], [Port("a", arg), Port("b", arg), Port("c", fixed)])
    outputs = b.node(
        "StatelessIf",
        [b.Less(b.Sum(x, [0]), 0.0), x],
        {"then_branch": then, "else_branch": then},
        given=[((2,), "float32")] * 3,
    )
    result = emitted([x], dict(zip("abc", outputs, strict=True)))
    [function, _] = result.topology["library"]["function"]
    returned = [reference.split(":")[0] for reference in function["ret"].values()]
    ops = {node["name"]: node["op"] for node in function["nodeDef"]}
    assert returned[0] == function["signature"]["inputArg"][0]["name"]
    assert [ops[name] for name in returned[1:]] == ["Identity", "Identity"]
