"""Diagonals of matrices and tensors, entry by entry; nothing is multiplied."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG
from tests.unit.graph.running import run
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Array, Graph, Port
from tfjs_build.errors import RefusedError

BANDS = [(0, 0), (1, 1), (-2, -2), (-1, 1), (0, 2), (-2, 0), (1, 2), (-2, -1)]
ALIGNS = ["LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"]
MATRICES = np.where(RNG.random((2, 4, 5)) < 0.3, np.inf, RNG.normal(size=(2, 4, 5))).astype(np.float32)


def built(op: str, arrays: list[Array], *more: Any, free: bool = False, **attrs: Any) -> Array:
    """Return what a decomposition gives; `more` are constants."""
    b = Lowering()
    inputs = [
        b.input(f"x{i}", (None,) * array.ndim if free else array.shape, array.dtype.name)
        for i, array in enumerate(arrays)
    ]
    constants = [b.const(each) for each in more]
    y = b.node(op, [*inputs, *constants], attrs, name="op")[0]
    ports = [Port(value.node.name, value) for value in inputs]
    return run(Graph(ports, [Port("y", y)]), {f"x{i}": array for i, array in enumerate(arrays)})["y"]


def begin(offset: int, length: int, longest: int, align: str) -> int:
    """Return where a diagonal begins in a row as long as the longest."""
    above, below = align.split("_")
    left = (offset >= 0 and above == "LEFT") or (offset <= 0 and below == "LEFT")
    return 0 if left else longest - length


def diagonals(x: Array, low: int, high: int, align: str, fill: float) -> Array:
    """Return the diagonals of matrices, the highest first."""
    found = {k: np.diagonal(x, k, -2, -1) for k in range(high, low - 1, -1)}
    longest = max(each.shape[-1] for each in found.values())
    result = np.full((*x.shape[:-2], len(found), longest), fill, x.dtype)
    for row, (k, each) in enumerate(found.items()):
        start = begin(k, each.shape[-1], longest, align)
        result[..., row, start : start + each.shape[-1]] = each
    return result if low < high else np.asarray(result[..., 0, :])


def spread(given: Array, low: int, high: int, align: str, into: Array) -> Array:
    """Return matrices with diagonals put in."""
    rows = given if low < high else given[..., None, :]
    result = into.copy()
    height, width = into.shape[-2:]
    for row, k in enumerate(range(high, low - 1, -1)):
        length = min(height + min(k, 0), width - max(k, 0))
        start = begin(k, length, given.shape[-1], align)
        for n in range(length):
            result[..., n - min(k, 0), n + max(k, 0)] = rows[..., row, start + n]
    return np.asarray(result)


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("align", ALIGNS)
@pytest.mark.parametrize(("low", "high"), BANDS)
def test_diagonals_taken_and_put_in(low: int, high: int, align: str, free: bool) -> None:
    taken = built("MatrixDiagPartV3", [MATRICES], [low, high], 7.0, free=free, align=align)
    np.testing.assert_array_equal(taken, diagonals(MATRICES, low, high, align, 7))
    zeros = np.zeros((2, 4, 5), np.float32)
    put = built("MatrixSetDiagV3", [zeros, taken], [low, high], free=free, align=align)
    np.testing.assert_array_equal(put, spread(taken, low, high, align, zeros))
    made = built("MatrixDiagV3", [taken], [low, high], 4, 5, 9.0, free=free, align=align)
    np.testing.assert_array_equal(made, spread(taken, low, high, align, np.full_like(zeros, 9)))


@pytest.mark.parametrize(
    ("low", "high", "given", "shape"),
    [
        (0, 0, (-1, -1), (3, 3)),
        (2, 2, (-1, -1), (5, 5)),
        (-1, -1, (-1, -1), (4, 4)),
        (-1, -1, (-1, 3), (4, 3)),
        (1, 1, (3, -1), (3, 4)),
        (0, 0, (-1, 6), (3, 6)),
        (-1, 1, (-1, -1), (3, 3)),
    ],
)
def test_sizes_follow_from_the_diagonals(low: int, high: int, given: tuple[int, int], shape: tuple[int, int]) -> None:
    x = RNG.normal(size=(2, 3) if low == high else (2, 3, 3)).astype(np.float32)
    for free in (False, True):
        made = built("MatrixDiagV3", [x], [low, high], *given, 0.0, free=free, align="LEFT_LEFT")
        np.testing.assert_array_equal(made, spread(x, low, high, "LEFT_LEFT", np.zeros((2, *shape), np.float32)))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 3)])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_tensors_of_twice_the_rank(shape: tuple[int, ...], dtype: str) -> None:
    x = (np.arange(np.prod(shape)).reshape(shape) + 1).astype(dtype)
    x = np.where(x == 2, np.inf, x).astype(np.float32) if dtype == "float32" else x + 2**30
    expected = np.zeros((*shape, *shape), dtype)
    for place in np.ndindex(*shape):
        expected[place + place] = x[place]
    for free in (False, True):
        np.testing.assert_array_equal(built("Diag", [x], free=free), expected)
        np.testing.assert_array_equal(built("DiagPart", [expected], free=free), x)


def test_which_diagonals_must_be_known() -> None:
    b = Lowering("layer")
    x, k = b.input("x", (2, 3), "float32"), b.input("k", (), "int32")
    with pytest.raises(RefusedError, match=r"which diagonals it means is not known when converting \(k\)"):
        b.node("MatrixDiagV3", [x, k, b.const(-1), b.const(-1), b.const(0.0)], {}, name="layer/diag")
