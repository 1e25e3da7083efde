"""Transposed convolutions as plain ones whose results go to their places."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.running import left
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.optimizing import optimized_for, unoptimized
from tfjs_build.convert.graph.simplify import simplify

RNG = np.random.default_rng(19)
ROWS, COLUMNS = 4, 5


def transposed(
    kernel: tuple[int, int], strides: tuple[int, int], padding: str, extra: int
) -> Callable[[Builder, Value], Value]:
    """Return a transposed convolution of [batch, 4, 5, 3] to 2 channels; `extra` rows and columns are asked for."""
    weights = RNG.normal(size=(*kernel, 2, 3)).astype(np.float32)
    sizes = [
        n * s if padding == "SAME" else n * s + max(k - s, 0)
        for n, s, k in zip((ROWS, COLUMNS), strides, kernel, strict=True)
    ]

    def make(b: Builder, x: Value) -> Value:
        target = b.const([2, *(size + extra for size in sizes), 2], "int32")
        return b.Conv2DBackpropInput(target, weights, x, strides=[1, *strides, 1], padding=padding, dilations=[1] * 4)

    return make


def ops(kernel: tuple[int, int], strides: tuple[int, int], padding: str, extra: int = 0) -> list[str]:
    make = transposed(kernel, strides, padding, extra)
    return left([decompose, simplify], make, (2, ROWS, COLUMNS, 3), tolerance=1e-5)


SHUFFLED = ["Conv2D", "Reshape", "Transpose", "Reshape"]


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("strides", [(2, 2), (3, 2)])
def test_kernels_of_the_strides(strides: tuple[int, int], padding: str) -> None:
    assert ops(strides, strides, padding) == SHUFFLED


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("kernel", "strides"), [((3, 3), (2, 2)), ((4, 4), (2, 2)), ((5, 3), (2, 2)), ((4, 3), (3, 2))]
)
def test_larger_kernels(kernel: tuple[int, int], strides: tuple[int, int], padding: str) -> None:
    assert ops(kernel, strides, padding) in ([*SHUFFLED, "Slice"], SHUFFLED)


def test_what_stays() -> None:
    assert ops((3, 3), (1, 1), "SAME") == ["Conv2DBackpropInput"]
    assert ops((1, 1), (2, 2), "SAME") == ["Conv2DBackpropInput"]  # four times as many entries


def test_more_than_the_convolution_gives_stays() -> None:
    assert ops((2, 2), (2, 2), "VALID", extra=1) == ["Conv2DBackpropInput"]


def test_only_for_wasm() -> None:
    with optimized_for(["webgl", "webgpu"]):
        assert ops((2, 2), (2, 2), "SAME") == ["Conv2DBackpropInput"]
    with unoptimized():
        assert ops((2, 2), (2, 2), "SAME") == ["Conv2DBackpropInput"]
