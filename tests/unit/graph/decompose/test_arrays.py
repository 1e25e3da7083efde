"""Decompositions that move numbers within arrays."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG, X, lowered
from tests.unit.graph.running import run
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Graph, Port


def test_reverse_sequence() -> None:
    result = lowered("ReverseSequence", [X, [1, 3, 4]], ["float32", "int32"], {"seq_dim": 1, "batch_dim": 0})[0]
    expected = [X[0], [*X[1][2::-1], X[1][3]], X[2][::-1]]
    np.testing.assert_array_equal(result, np.array(expected))


@pytest.mark.parametrize("shift", [1, -1, 5])
def test_roll(shift: int) -> None:
    for kinds in (["float32", "const int32", "const int32"], ["float32", "int32", "const int32"]):
        np.testing.assert_array_equal(lowered("Roll", [X, shift, 1], kinds, {})[0], np.roll(X, shift, 1))


@pytest.mark.parametrize(
    ("first", "second", "repeated"),
    [
        ((2, 3, 2, 4), (2, 3, 4, 2), False),
        ((2, 3, 2, 4), (3, 4, 2), False),
        ((1, 2, 4), (5, 4, 2), False),
        ((1, 3, 2, 4), (2, 3, 4, 2), False),
        ((2, 1, 2, 4), (1, 3, 4, 2), True),
        ((2, 3, 2, 4), (2, 1, 4, 2), True),
    ],
)
def test_stacks_are_repeated_where_their_numbers_would_mix(
    first: tuple[int, ...], second: tuple[int, ...], repeated: bool
) -> None:
    b = Lowering()
    x, y = b.input("x", first, "float32"), b.input("y", second, "float32")
    product = b.BatchMatMulV2(x, y)
    assert ("BroadcastTo" in [node.op for node in Graph([], [Port("z", product)]).nodes()]) == repeated
    a, c = RNG.normal(size=first).astype(np.float32), RNG.normal(size=second).astype(np.float32)
    result = run(Graph([Port("x", x), Port("y", y)], [Port("z", product)]), {"x": a, "y": c})["z"]
    np.testing.assert_allclose(result, a @ c, rtol=1e-5, atol=1e-6)


def test_complex_numbers_move_by_their_parts() -> None:
    b = Lowering()
    x, y = b.input("x", (2, 3), "float32"), b.input("y", (2, 3), "float32")
    turned = b.Transpose(b.Exp(b.Complex(x, y)) / b.Complex(b.const(2.0), b.const(1.0)), [1, 0])
    graph = Graph([Port("x", x), Port("y", y)], [Port("real", b.Real(turned)), Port("imaginary", b.Imag(turned))])
    moved = [node for node in graph.nodes() if node.op in ("Transpose", "Exp", "RealDiv")]
    assert moved and all(value.dtype == "float32" for node in moved for value in node.inputs[:1])
    first, second = RNG.normal(size=(2, 2, 3)).astype(np.float32)
    result = run(graph, {"x": first, "y": second})
    expected = (np.exp(first + 1j * second) / (2 + 1j)).T
    np.testing.assert_allclose(result["real"] + 1j * result["imaginary"], expected, rtol=1e-5)
