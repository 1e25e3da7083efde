"""Windows over images: every entry in its place, whatever stands beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG
from tests.unit.graph.running import run
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Array, Dims, Graph, Port

IMAGES = RNG.integers(2**24, 2**30, (2, 7, 6, 3)).astype(np.int32)
ENDLESS = np.where(RNG.random((2, 7, 6, 3)) < 0.1, np.inf, RNG.normal(size=(2, 7, 6, 3))).astype(np.float32)


def built(op: str, x: Array, shape: Dims, attrs: dict[str, Any]) -> Array:
    b = Lowering()
    value = b.input("x", shape, x.dtype.name)
    y = b.node(op, [value], attrs, name="op", given=[(None, x.dtype.name)])[0]
    return run(Graph([Port("x", value)], [Port("y", y)]), {"x": x})["y"]


def windows(x: Array, sizes: list[int], strides: list[int], rates: list[int], same: bool, fill: float) -> Array:
    """Return windows as [image, row, column, place, channel]."""
    reach = [(size - 1) * rate + 1 for size, rate in zip(sizes, rates, strict=True)]
    pads = [(0, 0)]
    for axis in range(2):
        count = -(-x.shape[axis + 1] // strides[axis])
        total = max((count - 1) * strides[axis] + reach[axis] - x.shape[axis + 1], 0) if same else 0
        pads.append((total // 2, total - total // 2))
    x = np.pad(x, [*pads, (0, 0)], constant_values=fill)
    slid = np.lib.stride_tricks.sliding_window_view(x, reach, (1, 2))[:, :: strides[0], :: strides[1]]
    entries = slid[..., :: rates[0], :: rates[1]]
    return np.moveaxis(entries.reshape(*entries.shape[:4], -1), 3, 4)


@pytest.mark.parametrize("x", [IMAGES, ENDLESS], ids=["integers", "infinite"])
@pytest.mark.parametrize("shape", [(2, 7, 6, 3), (None, None, None, 3), (None, None, None, None)])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("sizes", "strides", "rates"),
    [([3, 2], [2, 1], [1, 1]), ([2, 2], [2, 2], [1, 1]), ([2, 3], [1, 1], [2, 2]), ([1, 1], [3, 2], [1, 1])],
)
def test_patches(x: Array, shape: Dims, padding: str, sizes: list[int], strides: list[int], rates: list[int]) -> None:
    attrs = {"ksizes": [1, *sizes, 1], "strides": [1, *strides, 1], "rates": [1, *rates, 1], "padding": padding}
    expected = windows(x, sizes, strides, rates, padding == "SAME", 0)
    np.testing.assert_array_equal(
        built("ExtractImagePatches", x, shape, attrs), expected.reshape(*expected.shape[:3], -1)
    )


@pytest.mark.parametrize("shape", [(2, 7, 6, 3), (None, None, None, 3)])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_the_largest_of_integers(shape: Dims, padding: str) -> None:
    x = IMAGES - 2**29
    attrs = {"ksize": [1, 3, 2, 1], "strides": [1, 2, 2, 1], "padding": padding}
    expected = windows(x, [3, 2], [2, 2], [1, 1], padding == "SAME", -(2**31)).max(3)
    np.testing.assert_array_equal(built("MaxPool", x, shape, attrs), expected)
