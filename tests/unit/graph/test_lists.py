"""Tensor lists that grow, or of which not all is written: TensorFlow gives zeros, TensorFlow.js what is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.errors import RefusedError

SETTINGS: dict[str, Any] = {"element_dtype": "float32"}
GROWING = {**SETTINGS, "resize_if_index_out_of_bounds": True}


def reserved(b: Builder, count: int | Value) -> Value:
    size = count if isinstance(count, Value) else b.const(count, "int32")
    return b.TensorListReserve(b.const([3], "int32"), size, **SETTINGS)


def stacked(b: Builder, filled: Value, num_elements: int = -1) -> Value:
    return b.TensorListStack(filled, b.const([3], "int32"), num_elements=num_elements, **SETTINGS)


def looping(
    b: Builder,
    start: Value,
    turns: Value,
    first: int = 0,
    step: int = 1,
    write: Callable[[Builder, Value, Value, Value], Value] | None = None,
    growing: bool = False,
) -> Value:
    """Return the list after a loop over i, as long as i < `turns`, which writes a row at i."""
    given = [b.const(first, "int32"), start, turns]
    x = b.const([1.0, 2.0, 3.0])

    def arguments(inner: Builder) -> list[Value]:
        return [inner.input(f"arg_{at}", value.shape, value.dtype) for at, value in enumerate(given)]

    inner = Builder("cond")
    i, filled, most = arguments(inner)
    cond = Graph([Port(v.node.name, v) for v in (i, filled, most)], [Port("go", inner.Less(i, most))])
    inner = Builder("body")
    i, filled, most = arguments(inner)
    row = inner.Mul(x, inner.Cast(i, DstT="float32"))
    if write is None:
        after = inner.TensorListSetItem(filled, i, row, **(GROWING if growing else SETTINGS))
    else:
        after = write(inner, filled, i, row)
    outputs = [inner.AddV2(i, inner.const(step, "int32")), after, most]
    body = Graph(
        [Port(v.node.name, v) for v in (i, filled, most)], [Port(f"output_{at}", v) for at, v in enumerate(outputs)]
    )
    specs = [(value.shape, value.dtype) for value in given]
    return b.node("StatelessWhile", given, {"cond": cond, "body": body}, name="loop", given=specs)[1]


def ops(make: Callable[[Builder, Value, Value], Value]) -> list[str]:
    """Return the ops that are published for what `make` makes of x [4, 3] and a number."""
    b = Builder()
    x, n = b.input("x", (4, 3), "float32"), b.input("n", (), "int32")
    graph = Graph([Port("x", x), Port("n", n)], [Port("y", make(b, x, n))])
    topology = compile_graph(graph, generated_by="a test").topology
    return [node["op"] for node in topology["node"] if node["op"] not in ("Const", "Placeholder")]


def test_a_loop_that_writes_every_element_needs_no_zeros() -> None:
    assert ops(lambda b, x, n: stacked(b, looping(b, reserved(b, n), n))) == [
        "TensorListReserve",
        "StatelessWhile",
        "TensorListStack",
    ]


@pytest.mark.parametrize(("first", "step"), [(1, 1), (0, 2)], ids=["begins at 1", "by twos"])
def test_a_loop_that_may_leave_elements_out_is_padded(first: int, step: int) -> None:
    found = ops(lambda b, x, n: stacked(b, looping(b, reserved(b, n), n, first, step)))
    assert found[:3] == ["TensorListReserve", "StatelessWhile", "TensorListStack"]
    assert "TensorListLength" in found
    assert "PadV2" in found or "Pad" in found


def test_a_loop_to_a_number_that_is_not_the_length_is_padded() -> None:
    assert {"Pad", "PadV2"} & set(ops(lambda b, x, n: stacked(b, looping(b, reserved(b, 5), n))))


def test_a_list_that_grows_from_nothing_is_whole() -> None:
    found = ops(lambda b, x, n: stacked(b, looping(b, reserved(b, 0), n, growing=True)))
    assert found == ["TensorListReserve", "StatelessWhile", "TensorListStack"]


def test_a_list_that_grows_from_a_size_is_as_long_as_the_larger() -> None:
    found = ops(lambda b, x, n: stacked(b, looping(b, reserved(b, 2), n, growing=True)))
    assert {"Maximum", "TensorListLength"} <= set(found)


def test_the_length_of_a_list_is_not_what_is_written() -> None:
    assert "TensorListLength" not in ops(lambda b, x, n: b.Mul(n, b.TensorListLength(looping(b, reserved(b, 5), n))))


def written(b: Builder, x: Value, count: int, *rows: int, growing: bool = False) -> Value:
    filled = reserved(b, count)
    for row in rows:
        item = b.GatherV2(x, b.const(row % 4, "int32"), b.const(0, "int32"), batch_dims=0)
        filled = b.TensorListSetItem(filled, b.const(row, "int32"), item, **(GROWING if growing else SETTINGS))
    return filled


@pytest.mark.parametrize(("count", "rows", "parts"), [(3, (0, 1, 2), 3), (4, (1, 3), 4), (0, (0, 1), 2), (2, (4,), 5)])
def test_what_is_written_at_known_places_is_packed(count: int, rows: tuple[int, ...], parts: int) -> None:
    """With zeros for what is not written; as long as it has grown."""
    b = Builder()
    x = b.input("x", (4, 3), "float32")
    filled = written(b, x, count, *rows, growing=count < max(rows) + 1)
    graph = Graph([Port("x", x)], [Port("y", stacked(b, filled))])
    artifacts = compile_graph(graph, generated_by="a test")
    assert artifacts.signature.outputs[0].shape == (parts, 3)
    assert not [node for node in artifacts.topology["node"] if node["op"].startswith("TensorList")]


def test_more_indices_than_elements() -> None:
    """TensorFlow.js's gather takes no more indices than there are elements."""
    found = ops(
        lambda b, x, n: b.TensorListGather(
            b.TensorListFromTensor(x, b.const([3], "int32"), **SETTINGS),
            b.const([0, 2, 2, 1, 3, 3], "int32"),
            b.const([3], "int32"),
            **SETTINGS,
        )
    )
    assert "TensorListGather" not in found
    assert found[-1] == "GatherV2"


def test_a_push_goes_behind_what_is_reserved() -> None:
    found = ops(lambda b, x, n: stacked(b, b.TensorListPushBack(reserved(b, 2), b.const([1.0, 2.0, 3.0]), **SETTINGS)))
    assert "TensorListPushBack" not in found


def read_inside(size: int) -> list[str]:
    def write(inner: Builder, filled: Value, i: Value, row: Value) -> Value:
        after = inner.TensorListSetItem(filled, i, row, **GROWING)
        total = inner.Sum(stacked(inner, after), inner.const([0], "int32"))
        return inner.TensorListSetItem(after, i, total, **GROWING)

    return ops(lambda b, x, n: stacked(b, looping(b, reserved(b, size), n, write=write)))


def test_a_list_that_is_read_while_a_loop_fills_it() -> None:
    """What grows from nothing is known to TensorFlow.js; of what is reserved it knows a part."""
    assert "StatelessWhile" in read_inside(0)
    with pytest.raises(RefusedError) as caught:
        read_inside(5)
    assert caught.value.message == (
        "TensorListStack (body/TensorListStack) reads a list that may have room for more than is written by then:"
        " TensorFlow counts such elements as zeros, TensorFlow.js does not know of them."
    )
    assert caught.value.hint == (
        "Make the TensorArray with `size=0, dynamic_size=True`, or read it after the loop that fills it."
    )
