"""Decompositions run in NumPy: each must give the numbers of the op that it stands for, in ops of TensorFlow.js."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import Lowering, decompose
from tfjs_build.convert.graph.ir import Array, Graph, Node, Port, Value
from tfjs_build.convert.graph.ops import tfjs_op

RNG = np.random.default_rng(7)
X = RNG.normal(size=(3, 4)).astype(np.float32)
POSITIVE = np.abs(X) + np.float32(0.1)


def lowered(
    op: str, arrays: Sequence[Any], dtypes: Sequence[str], attrs: dict[str, Any], outputs: int = 1
) -> list[Any]:
    """Return what the decomposition of `op` computes, run on inputs of free batch size."""
    b = Lowering()
    inputs = []
    feeds = {}
    for i, (array, dtype) in enumerate(zip(arrays, dtypes, strict=True)):
        array = np.asarray(array)
        if dtype.startswith("const "):
            inputs.append(b.const(array, dtype.removeprefix("const ")))
        else:
            shape = (None, *array.shape[1:]) if array.ndim else ()
            inputs.append(b.input(f"x{i}", shape, dtype))
            feeds[f"x{i}"] = array
    made = b.node(op, inputs, attrs, name="layer/op")
    ports = [Port(value.node.name, value) for value in inputs if value.node.op == "Placeholder"]
    graph = decompose(Graph(ports, [Port(f"y{i}", made[i]) for i in range(outputs)]))
    unknown = [node.op for node in graph.nodes() if tfjs_op(node.op) is None]
    assert unknown == []
    results = run(graph, feeds)
    return [results[f"y{i}"] for i in range(outputs)]


def one(op: str, arrays: Sequence[Any], dtype: str = "float32", **attrs: Any) -> Array:
    return np.asarray(lowered(op, arrays, [dtype] * len(arrays), attrs)[0])


def nodes_of(build: Callable[[Builder, Value], Value], shape: tuple[int | None, ...] | None, dtype: str) -> list[Node]:
    b = Builder()
    x = b.input("x", shape, dtype)
    return [n for n in decompose(Graph([Port("x", x)], [Port("y", build(b, x))])).nodes() if n.op != "Const"][1:]
