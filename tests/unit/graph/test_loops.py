"""Loops and branches carry what is needed, keep list items alive, and write lists in order."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Node, Port, Value
from tfjs_build.convert.graph.loops import keep_items, prune_loops
from tfjs_build.errors import RefusedError


def function(outputs: dict[str, Value], *inputs: Value) -> Graph:
    return Graph([Port(value.node.name, value) for value in inputs], [Port(n, v) for n, v in outputs.items()])


def only(graph: Graph, op: str) -> Node:
    [node] = [node for node in graph.nodes() if node.op == op]
    return node


def counting() -> Graph:
    """A loop over (counter, unused, x, step): x grows by step; `unused` only by itself."""
    b = Builder("loop")
    x, step = b.input("x", (2,), "float32"), b.input("step", (2,), "float32")
    specs = [("i", (), "int32"), ("unused", (), "int32"), ("x", (2,), "float32"), ("step", (2,), "float32")]
    inner = Builder("loop")
    i, unused, y, s = (inner.input(f"loop/{name}", shape, dtype) for name, shape, dtype in specs)
    body = function({"i": i + 1, "unused": unused + 2, "x": y + s, "step": s}, i, unused, y, s)
    test = Builder("loop")
    j, other, z, t = (test.input(f"loop/{name}", shape, dtype) for name, shape, dtype in specs)
    cond = function({"go": test.Less(j, 3)}, j, other, z, t)
    given = [(shape, dtype) for _, shape, dtype in specs]
    outputs = b.node(
        "StatelessWhile", [b.const(0), b.const(0), x, step], {"cond": cond, "body": body}, name="loop", given=given
    )
    return function({"y": outputs[2]}, x, step)


def test_what_a_loop_carries_for_nothing_is_gone() -> None:
    graph = counting()
    pruned = prune_loops(graph)
    node = only(pruned, "StatelessWhile")
    assert len(node.inputs) == 3
    assert [len(inner.inputs) for _, inner in node.graphs] == [3, 3]
    feeds = {"x": [1.0, 2.0], "step": [0.5, 1.0]}
    np.testing.assert_array_equal(run(pruned, feeds)["y"], run(graph, feeds)["y"])


def test_what_a_branch_does_not_use_is_gone() -> None:
    b = Builder("if")
    x, y, go = b.input("x", (2,), "float32"), b.input("y", (2,), "float32"), b.input("go", (), "bool")
    branches = []
    for factor in (2.0, 3.0):
        inner = Builder("if")
        p, q = inner.input("if/x", (2,), "float32"), inner.input("if/y", (2,), "float32")
        branches.append(function({"a": p * factor, "b": q * factor}, p, q))
    attrs = {"then_branch": branches[0], "else_branch": branches[1]}
    outputs = b.node("StatelessIf", [go, x, y], attrs, name="if", given=[((2,), "float32")] * 2)
    graph = function({"b": outputs[1]}, x, y, go)
    pruned = prune_loops(graph)
    node = only(pruned, "StatelessIf")
    assert [value.node.name for value in node.inputs] == ["go", "y"]
    assert len(node.outputs) == 1
    for go_value in (True, False):
        feeds = {"x": [1.0, 2.0], "y": [3.0, 4.0], "go": go_value}
        np.testing.assert_array_equal(run(pruned, feeds)["b"], run(graph, feeds)["b"])


def writing(*, returned: bool = False, second_output: bool = False) -> Graph:
    """A loop that writes into a list; the item is returned by the loop as it is, or not."""
    b = Builder("loop")
    x = b.input("x", (2,), "float32")
    element = b.const([2], "int32")
    reserved = b.node("TensorListReserve", [element, b.const(3)], {"element_dtype": "float32"})[0]
    inner = Builder("loop")
    i, items, y = inner.input("i", (), "int32"), inner.input("list", (), "variant"), inner.input("y", (2,), "float32")
    item = inner.multi("TopKV2", y, 2)[0 if not second_output else 1] if second_output else inner.Tanh(y)
    item = inner.Cast(item, DstT="float32") if second_output else item
    value = inner.multi("Split", 0, y, num_split=1)[0] if second_output else item
    written = inner.node("TensorListSetItem", [items, i, value], {"element_dtype": "float32"}, name="write")[0]
    body = function({"i": i + 1, "list": written, "y": item if returned else y * 2.0}, i, items, y)
    test = Builder("loop")
    j, others, z = test.input("i", (), "int32"), test.input("list", (), "variant"), test.input("y", (2,), "float32")
    cond = function({"go": test.Less(j, 3)}, j, others, z)
    given = [((), "int32"), ((), "variant"), ((2,), "float32")]
    attrs = {"cond": cond, "body": body}
    outputs = b.node("StatelessWhile", [b.const(0), reserved, x], attrs, name="loop", given=given)
    stacked = b.node("TensorListStack", [outputs[1], element], {"element_dtype": "float32"})[0]
    return function({"y": stacked}, x)


def test_an_item_is_returned_by_the_loop_that_writes_it() -> None:
    node = only(keep_items(writing()), "StatelessWhile")
    body, cond = node.attrs["body"], node.attrs["cond"]
    assert len(node.inputs) == len(body.inputs) == len(cond.inputs) == len(body.outputs) == 4
    write = only(body, "TensorListSetItem")
    assert body.outputs[3].value is write.inputs[2]
    assert node.inputs[3].constant is not None


def test_an_item_that_is_returned_anyway_is_not_returned_twice() -> None:
    node = only(keep_items(writing(returned=True)), "StatelessWhile")
    assert len(node.inputs) == 3
    body = node.attrs["body"]
    assert body.outputs[2].value is only(body, "TensorListSetItem").inputs[2]


def two_lists(read_after: bool) -> Graph:
    b = Builder()
    x = b.input("x", (2, 3), "float32")
    element = b.const([3], "int32")
    attrs = {"element_dtype": "float32"}
    made = b.node("TensorListFromTensor", [x, element], attrs, name="made")[0]
    zero = b.const(0)
    if read_after:
        written = b.node("TensorListSetItem", [made, zero, b.GatherV2(x, 1, 0)], attrs, name="write")[0]
        again = b.node("TensorListGetItem", [written, zero, element], attrs)[0]
        index = b.Cast(b.Sum(again, [0]), DstT="int32")
        old = b.node("TensorListGetItem", [made, index, element], attrs, name="read")[0]
        return function({"old": old}, x)
    old = b.node("TensorListGetItem", [made, zero, element], attrs, name="read")[0]
    written = b.node("TensorListSetItem", [made, zero, b.GatherV2(x, 1, 0)], attrs, name="write")[0]
    return function({"new": b.node("TensorListStack", [written, element], attrs)[0], "old": old}, x)


def test_a_write_waits_for_what_reads_the_old_state() -> None:
    graph = keep_items(two_lists(read_after=False))
    write, read = only(graph, "TensorListSetItem"), only(graph, "TensorListGetItem")
    assert write.inputs[3] is read.outputs[0]


def test_an_old_state_that_is_needed_after_the_write_is_refused() -> None:
    with pytest.raises(RefusedError, match="The tensor list made is read in two states"):
        keep_items(two_lists(read_after=True))


def test_two_writes_to_one_state_are_refused() -> None:
    b = Builder()
    x = b.input("x", (3,), "float32")
    attrs = {"element_dtype": "float32"}
    made = b.node("EmptyTensorList", [b.const([3], "int32"), b.const(-1)], attrs, name="made")[0]
    pushed = [b.node("TensorListPushBack", [made, x], attrs, name=f"push_{i}")[0] for i in range(2)]
    stacks = [b.node("TensorListStack", [each, b.const([3], "int32")], attrs)[0] for each in pushed]
    with pytest.raises(RefusedError, match="push_0 and push_1 both write it"):
        keep_items(function({"a": stacks[0], "b": stacks[1]}, x))
