"""Equal nodes are one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.running import left
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.equal import sharing
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.convert.graph.rewrite import rewrite

ROWS = (None, 4)


def merge_equal(graph: Graph) -> Graph:
    return rewrite(graph, [sharing()])


@pytest.mark.parametrize(
    ("make", "ops"),
    [
        (lambda b, x: b.Tanh(x) + b.Tanh(x), ["Tanh", "AddV2"]),
        (lambda b, x: b.Exp(b.Tanh(x)) + b.Exp(b.Tanh(x)), ["Tanh", "Exp", "AddV2"]),
        (lambda b, x: (x * 2.0) + (x * 2.0), ["Mul", "AddV2"]),
        (lambda b, x: (x * 2.0) + (x * 3.0), ["Mul", "Mul", "AddV2"]),
        (lambda b, x: b.LeakyRelu(x, alpha=0.1) + b.LeakyRelu(x, alpha=0.2), ["LeakyRelu", "LeakyRelu", "AddV2"]),
        (lambda b, x: (x - b.Neg(x)) + (b.Neg(x) - x), ["Neg", "Sub", "Sub", "AddV2"]),
    ],
)
def test_equal_nodes(make: Callable[[Builder, Value], Value], ops: list[str]) -> None:
    assert left([merge_equal], make, ROWS) == ops


def test_random_numbers_are_drawn_as_often_as_they_are() -> None:
    b = Builder()
    shape = b.const(np.array([2, 2]), "int32")
    drawn = [b.node("RandomUniform", [shape], {"dtype": "float32"}, given=[((2, 2), "float32")])[0] for _ in range(2)]
    graph = merge_equal(Graph([], [Port("y", b.AddV2(*drawn))]))
    assert [node.op for node in graph.nodes()].count("RandomUniform") == 2
