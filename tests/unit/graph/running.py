"""Runs a graph in NumPy, to see what it computes and that a pass keeps it: without the converter's own folding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tests.support.numpy_ops import evaluate
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.ir import Array, Graph, Node, Port, Value


def run(graph: Graph, feeds: Mapping[str, Any]) -> dict[str, Array]:
    """Return the outputs of a graph by name."""
    values: dict[Value, Any] = {}
    for port in graph.inputs:
        fed, dtype = feeds[port.name], port.value.dtype
        values[port.value] = fed if dtype == "variant" else np.asarray(fed, numpy_dtype(dtype))
    for node in graph.nodes():
        if node.op == "Const":
            values[node.outputs[0]] = node.attrs["value"].array()
        elif node.op != "Placeholder":
            results = _run_node(node, [values[value] for value in node.inputs])
            values.update(zip(node.outputs, results, strict=False))
    return {port.name: values[port.value] for port in graph.outputs}


def _run_node(node: Node, arrays: Sequence[Any]) -> Sequence[Any]:
    if node.op == "StatelessIf":
        branch = node.attrs["then_branch" if bool(arrays[0]) else "else_branch"]
        return _call(branch, arrays[1:])
    if node.op == "StatelessWhile":
        state = list(arrays)
        while bool(_call(node.attrs["cond"], state)[0]):
            state = _call(node.attrs["body"], state)
        return state
    if node.op in _LISTS:
        return [_LISTS[node.op](*arrays)]
    return evaluate(node.op, arrays, node.attrs, [numpy_dtype(value.dtype) for value in node.outputs])


def _written(items: Sequence[Any], index: Any, item: Any, *_: Any) -> list[Any]:
    return [*items[: int(index)], item, *items[int(index) + 1 :]]


# Tensor lists, as lists of arrays in which None is an element that nobody has written.
_LISTS: dict[str, Callable[..., Any]] = {
    "TensorListReserve": lambda _shape, count: [None] * int(count),
    "TensorListFromTensor": lambda rows, _shape: list(rows),
    "TensorListSetItem": _written,
    "TensorListGetItem": lambda items, index, _shape: items[int(index)],
    "TensorListLength": lambda items: np.int32(len(items)),
    "TensorListStack": lambda items, _shape: np.stack(items),
}


def _call(graph: Graph, arrays: Sequence[Any]) -> list[Any]:
    feeds = {port.name: array for port, array in zip(graph.inputs, arrays, strict=True)}
    results = run(graph, feeds)
    return [results[port.name] for port in graph.outputs]


def left(
    passes: Sequence[Callable[[Graph], Graph]],
    make: Callable[[Builder, Value], Value | Sequence[Value]],
    shape: Sequence[int | None],
    *,
    tolerance: float = 1e-5,
) -> list[str]:
    """Return the ops that are left of what is made of an input `x` after some passes; AssertionError where they change
    the numbers by more than so much of the largest. A free size is 2."""
    b = Builder()
    x = b.input("x", tuple(shape), "float32")
    made = make(b, x)
    outputs = [made] if isinstance(made, Value) else list(made)
    graph = Graph([Port("x", x)], [Port(f"y{i}", y) for i, y in enumerate(outputs)])
    changed = graph
    for each in passes:
        changed = each(changed)
    feed = {"x": np.random.default_rng(5).normal(size=[2 if size is None else size for size in shape])}
    before, after = run(graph, feed), run(changed, feed)
    for name, expected in before.items():
        assert expected.shape == after[name].shape
        np.testing.assert_allclose(after[name], expected, rtol=0, atol=tolerance * max(1e-3, np.abs(expected).max()))
    return [node.op for node in changed.nodes() if node.op not in ("Const", "Placeholder")]
