"""Computing in half precision is told; storing in it is not."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.graph.precision import precision_notes


def test_arithmetic_in_half_precision_is_a_note() -> None:
    b = Builder("layer")
    x = b.input("x", (2,), "float16")
    [note] = precision_notes(Graph([Port("x", x)], [Port("y", x * x)]))
    assert note.startswith("The source computes in float16 (layer/Mul), TensorFlow.js in float32")


def test_numbers_that_are_only_kept_in_half_precision_are_not() -> None:
    b = Builder()
    x, w = b.input("x", (2,), "float32"), b.input("w", (2,), "bfloat16")
    y = x * b.Cast(b.Reshape(w, [2]), DstT="float32")
    assert precision_notes(Graph([Port("x", x), Port("w", w)], [Port("y", y)])) == []
