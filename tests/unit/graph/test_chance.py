"""Random numbers that change no output are gone; those that do are refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.chance import settle_chance
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.errors import RefusedError


def built(make: Callable[[Builder, Value, Value], Value], op: str = "RandomUniform") -> Graph:
    """Return a graph of x [?, 3] and random numbers of its shape."""
    b = Builder()
    x = b.input("x", (None, 3), "float32")
    drawn = b.node(op, [b.Shape(x)], {"dtype": "float32"}, name="draw", given=[((None, 3), "float32")])[0]
    return Graph([Port("x", x)], [Port("y", make(b, x, drawn))])


def scaled(b: Builder, drawn: Value) -> Value:
    """As tf.random.uniform writes it: scaled and shifted by the range from 0 to 1."""
    return b.AddV2(b.Mul(drawn, b.const(1.0)), b.const(0.0))


def floored(keep: float) -> Callable[[Builder, Value, Value], Value]:
    return lambda b, x, drawn: b.Mul(b.RealDiv(x, b.const(keep)), b.Floor(b.AddV2(b.const(keep), scaled(b, drawn))))


def masked(rate: float) -> Callable[[Builder, Value, Value], Value]:
    return lambda b, x, drawn: b.SelectV2(b.GreaterEqual(scaled(b, drawn), b.const(rate)), x, b.const(0.0))


def multiplied(rate: float) -> Callable[[Builder, Value, Value], Value]:
    def make(b: Builder, x: Value, drawn: Value) -> Value:
        mask = b.Cast(b.GreaterEqual(drawn, b.const(rate)), DstT="float32")
        return b.Mul(b.Mul(x, b.const(2.0)), mask)

    return make


def noise(stddev: float) -> Callable[[Builder, Value, Value], Value]:
    return lambda b, x, drawn: b.AddV2(x, b.AddV2(b.Mul(drawn, b.const(stddev)), b.const(0.0)))


def ops(graph: Graph) -> list[str]:
    return [
        node["op"] for node in compile_graph(graph, generated_by="a test").topology["node"] if node["op"] != "Const"
    ]


@pytest.mark.parametrize(
    ("graph", "left"),
    [
        (built(floored(1.0)), ["Placeholder", "Identity"]),
        (built(masked(0.0)), ["Placeholder", "Identity"]),
        (built(multiplied(0.0)), ["Placeholder", "Mul"]),
        (built(noise(0.0), "RandomStandardNormal"), ["Placeholder", "Identity"]),
        (built(noise(0.0), "TruncatedNormal"), ["Placeholder", "Identity"]),
        (built(lambda b, x, drawn: b.SelectV2(b.Less(drawn, b.const(1.0)), b.Tanh(x), x)), ["Placeholder", "Tanh"]),
        (built(lambda b, x, drawn: b.SelectV2(b.Greater(b.const(0.0), drawn), x, b.Tanh(x))), ["Placeholder", "Tanh"]),
    ],
)
def test_what_changes_nothing_is_gone(graph: Graph, left: list[str]) -> None:
    assert ops(graph) == left


def test_a_mask_of_another_shape_stays_as_a_constant() -> None:
    """It may make the result larger."""
    b = Builder()
    x, y = b.input("x", (None, 3), "float32"), b.input("y", (None, 3), "float32")
    drawn = b.node("RandomUniform", [b.Shape(y)], {}, given=[((None, 3), "float32")])[0]
    kept = b.Mul(x, b.Floor(b.AddV2(drawn, b.const(1.0))))
    graph = settle_chance(Graph([Port("x", x), Port("y", y)], [Port("z", kept)]))
    assert [node.op for node in graph.nodes() if node.op != "Const"] == [
        "Placeholder",
        "Placeholder",
        "Shape",
        "Fill",
        "Mul",
    ]


@pytest.mark.parametrize(
    "graph",
    [
        built(floored(0.5)),
        built(floored(0.99999)),
        built(masked(0.25)),
        built(multiplied(1e-7)),
        built(noise(0.1), "RandomStandardNormal"),
        built(lambda b, x, drawn: b.Floor(b.AddV2(drawn, b.const(2.0)))),  # the largest sum is rounded up to 3
        built(lambda b, x, drawn: b.Mul(drawn, x)),
    ],
)
def test_what_may_change_something_is_refused(graph: Graph) -> None:
    with pytest.raises(RefusedError, match="it draws random numbers"):
        ops(graph)


def test_rounding_is_that_of_the_type() -> None:
    """The largest half that is drawn is 1 - 2^-10: with 1 it comes to less than 2."""
    b = Builder()
    drawn = b.node("RandomUniform", [b.const([4], "int32")], {}, given=[((4,), "float16")])[0]
    y = b.Floor(b.AddV2(drawn, b.const(np.float16(1.0), "float16")))
    graph = settle_chance(Graph([], [Port("y", y)]))
    constant = graph.outputs[0].value.constant
    assert constant is not None
    np.testing.assert_array_equal(constant.array(), [1, 1, 1, 1])
