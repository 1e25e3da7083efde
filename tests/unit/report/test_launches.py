"""Estimates of what a prediction asks of a GPU, op by op."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.report.facts import Launches
from tfjs_build.report.launches import launches

STRIDES = {"strides": {"list": {"i": ["1", "2", "2", "1"]}}}
ONES = {"strides": {"list": {"i": ["1", "1", "1", "1"]}}}


def node(op: str, *inputs: str, name: str = "", attr: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a node as model.json has it."""
    return {"name": name or op, "op": op, "input": list(inputs), "attr": dict(attr or {})}


def counted(*nodes: Mapping[str, Any], functions: Mapping[str, Any] | None = None) -> dict[str, tuple[int, int]]:
    """Return the estimates for a graph, once and in a turn, by backend."""
    library = {"function": [{"signature": {"name": name}, "nodeDef": each} for name, each in (functions or {}).items()]}
    shapes = {"pixel": [1, 1, 8, 8], "window": [3, 3, 8, 8]}
    found = launches({"node": list(nodes), "library": library}, shapes)
    return {each.backend: (each.once, each.turn) for each in found}


def test_what_launches_nothing() -> None:
    nodes = [node(op) for op in ("Const", "Placeholder", "Identity", "Reshape", "Shape")]
    assert counted(*nodes) == {"webgl": (0, 0), "webgpu": (0, 0)}
    assert launches({}, {}) == [Launches("webgl", 0, 0), Launches("webgpu", 0, 0)]


def test_ops() -> None:
    assert counted(node("AddV2"), node("Relu")) == {"webgl": (2, 0), "webgpu": (2, 0)}
    assert counted(node("Softmax")) == {"webgl": (12, 0), "webgpu": (1, 0)}
    assert counted(node("MaxPool")) == {"webgl": (3, 0), "webgpu": (1, 0)}
    assert counted(node("Max")) == {"webgl": (5, 0), "webgpu": (3, 0)}


def test_a_convolution_of_single_pixels_is_one_product() -> None:
    assert counted(node("_FusedConv2D", "x", "pixel", attr=ONES))["webgl"] == (1, 0)
    assert counted(node("_FusedConv2D", "x", "window:0", attr=ONES))["webgl"] == (2, 0)
    assert counted(node("Conv2D", "x", "pixel", attr=STRIDES))["webgl"] == (2, 0)
    assert counted(node("Conv2D", "x", "computed", attr=ONES))["webgl"] == (1, 0)
    assert counted(node("Conv2D", "x", "window", attr=ONES))["webgpu"] == (1, 0)


def test_a_split_is_a_slice_for_each_part_that_is_read() -> None:
    split = node("Split", "axis", "x", name="parts")
    assert counted(split, node("Relu", "parts"), node("Tanh", "parts:2"))["webgpu"] == (4, 0)


def test_loops_and_branches() -> None:
    functions = {"body": [node("AddV2"), node("Relu")], "test": [node("Less")], "other": [node("Neg")]}
    loop = node("StatelessWhile", attr={"body": {"func": {"name": "body"}}, "cond": {"func": {"name": "test"}}})
    branch = node("If", attr={"then_branch": {"func": {"name": "body"}}, "else_branch": {"func": {"name": "other"}}})
    assert counted(loop, node("Relu"), functions=functions)["webgpu"] == (1, 3)
    assert counted(branch, functions=functions)["webgpu"] == (2, 0)


def test_a_function_that_calls_itself() -> None:
    call = node("If", attr={"then_branch": {"func": {"name": "self"}}})
    assert counted(call, functions={"self": [node("Relu"), call]})["webgpu"] == (1, 0)
