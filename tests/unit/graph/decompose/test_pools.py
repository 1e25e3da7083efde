"""Decompositions of pools."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG, lowered
from tfjs_build.convert.graph.ir import Array


def _highest_of_volumes(x: Array, ksize: tuple[int, ...], strides: tuple[int, ...], padding: str) -> Array:
    if padding == "SAME":
        pads = [
            max((-(-size // stride) - 1) * stride + length - size, 0)
            for size, stride, length in zip(x.shape[1:4], strides, ksize, strict=True)
        ]
        x = np.pad(x, [(0, 0), *((pad // 2, pad - pad // 2) for pad in pads), (0, 0)], constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, ksize, (1, 2, 3))
    down, across, along = strides
    return np.asarray(windows[:, ::down, ::across, ::along].max((-1, -2, -3)))


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("ksize", "strides"), [((2, 2, 2), (2, 2, 2)), ((3, 2, 1), (1, 2, 3)), ((1, 2, 2), (1, 1, 2))])
def test_the_highest_of_volumes(ksize: tuple[int, ...], strides: tuple[int, ...], padding: str) -> None:
    """Also of those below zero, beside numbers so far below that others are lost when these are taken off, and beside
    infinities."""
    x = RNG.normal(size=(2, 5, 6, 7, 3)).astype(np.float32) - 5
    x[0, 0, 0, 0], x[0, 4, 5, 6], x[1, 2, 2, 2] = -1e30, -np.inf, np.inf
    attrs = {"ksize": [1, *ksize, 1], "strides": [1, *strides, 1], "padding": padding}
    highest = lowered("MaxPool3D", [x], ["float32"], attrs)[0]
    np.testing.assert_array_equal(highest, _highest_of_volumes(x, ksize, strides, padding))
