"""What webgl and webgpu do otherwise with some of what they are fed: large whole numbers, nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import Caution
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.fed import fed_cautions
from tfjs_build.convert.graph.ir import Dims, Graph, Port, Value

Build = Callable[[Builder, Value], Value]


def cautions(build: Build, shape: Dims = (None, 3), dtype: str = "int32") -> list[Caution]:
    """Return what is said of a graph of one input."""
    b = Builder("net")
    x = b.input("x", shape, dtype)
    return fed_cautions(Graph([Port("x", x)], [Port("y", build(b, x))]))


TABLE = np.zeros((9, 2), np.float32)


@pytest.mark.parametrize(
    ("build", "place"),
    [
        (lambda b, x: x + 1, "AddV2 (net/AddV2)"),
        (lambda b, x: b.Cast(x - 1, DstT="float32"), "Sub (net/Sub)"),
        (lambda b, x: b.Relu(x), "Relu (net/Relu)"),
        (lambda b, x: b.Transpose(x, [1, 0]), "Transpose (net/Transpose)"),
        (lambda b, x: b.Sum(x, [1]), "Sum (net/Sum)"),
        (lambda b, x: b.GatherV2(b.const(TABLE), b.FloorMod(x, 9), 0), "FloorMod (net/FloorMod)"),
        (lambda b, x: b.Equal(x, b.Transpose(x, [1, 0])), "Equal (net/Equal)"),
        (lambda b, x: b.Prod(b.ClipByValue(x, 0, 255), [0]), "Prod (net/Prod)"),
    ],
)
def test_large_whole_numbers_are_told_with_the_op(build: Build, place: str) -> None:
    [caution] = cautions(build)
    assert caution.backends == ("webgl", "webgpu")
    assert caution.text == (
        f"whole numbers beyond 16,777,216 lose their last digits in {place}."
        " Use the wasm or cpu backend if there are such numbers."
    )


@pytest.mark.parametrize(
    "build",
    [
        lambda b, x: x,
        lambda b, x: b.Reshape(x, [-1]),
        lambda b, x: b.GatherV2(b.const(TABLE), b.Maximum(x, 0) + 1, 0),
        lambda b, x: b.OneHot(x + 1, 9, 1.0, 0.0),
        lambda b, x: b.Greater(x, 5),
        lambda b, x: b.Cast(b.Transpose(x, [1, 0]), DstT="float32"),  # as exact as the cast
        lambda b, x: b.ClipByValue(x, 0, 255) * 3 + 1,
        lambda b, x: b.Shape(x) * 4,
    ],
)
def test_places_small_numbers_and_sizes_are_none(build: Build) -> None:
    assert cautions(build) == []
    assert cautions(lambda b, x: x + 1, dtype="uint8") == []


@pytest.mark.parametrize(
    ("build", "shape", "place", "backends"),
    [
        (lambda b, x: b.Softmax(x), (2, None), "Softmax (net/Softmax)", ("webgl", "webgpu")),
        (lambda b, x: b.Mean(x, [1]), (2, None, 3), "Mean (net/Mean)", ("webgl", "webgpu")),
        (lambda b, x: b.MatMul(x, x, transpose_a=True), (None, 3), "MatMul (net/MatMul)", ("webgl",)),
    ],
)
def test_nothing_along_a_free_axis_is_told(build: Build, shape: Dims, place: str, backends: tuple[str, ...]) -> None:
    [caution] = cautions(build, shape, "float32")
    assert caution.backends == backends
    assert caution.text == (
        f"{place} cannot run where there is nothing along an axis of free size: feed at least one entry."
    )


@pytest.mark.parametrize(
    ("build", "shape"),
    [
        (lambda b, x: b.Softmax(x), (None, 3)),
        (lambda b, x: b.Mean(x, [1]), (None, 4, 3)),
        (lambda b, x: b.Mean(x, [1, 2]), (None, None, None, 3)),  # no page shows an image of no pixels
        (lambda b, x: b.Sum(x, [1]), (2, None, 3)),  # spelled right
        (lambda b, x: b.MatMul(x, b.const(np.zeros((3, 4), np.float32))), (None, 3)),
        (lambda b, x: b.BatchMatMulV2(x, x), (2, None, None)),  # no rows either
    ],
)
def test_known_sizes_are_none(build: Build, shape: Dims) -> None:
    assert cautions(build, shape, "float32") == []


KERNEL, PIXEL = np.zeros((3, 3, 3, 4), np.float32), np.zeros((1, 1, 3, 4), np.float32)


@pytest.mark.parametrize(
    ("build", "text", "backends"),
    [
        (lambda b, x: convolved(b, x, KERNEL), "a batch of no images is an error in Conv2D (net/Conv2D).", ("webgpu",)),
        (
            lambda b, x: convolved(b, x, PIXEL),
            "a batch of no images is an error in Conv2D (net/Conv2D).",
            ("webgl", "webgpu"),
        ),
        (
            lambda b, x: b.Log(x),
            "Log (net/Log) may give about −88 where −∞ is right, as software rendering does: shaders define no"
            " logarithm of 0.",
            ("webgl", "webgpu"),
        ),
    ],
)
def test_what_hardly_any_page_feeds_is_rare(build: Build, text: str, backends: tuple[str, ...]) -> None:
    assert cautions(build, (None, 8, 8, 3), "float32") == [Caution(backends, text, rare=True)]


def test_a_known_batch_has_images() -> None:
    assert cautions(lambda b, x: convolved(b, x, KERNEL), (1, 8, 8, 3), "float32") == []


def convolved(b: Builder, x: Value, kernel: NDArray[np.float32]) -> Value:
    """Return a convolution that keeps the size of images."""
    return b.Conv2D(x, b.const(kernel), strides=[1, 1, 1, 1], padding="SAME")


def test_it_is_said_of_the_model() -> None:
    b = Builder("net")
    x = b.input("x", (None, 3), "int32")
    artifacts = compile_graph(Graph([Port("x", x)], [Port("y", x * 5)]), generated_by="test")
    assert [caution.text.split(" lose")[0] for caution in artifacts.cautions] == ["whole numbers beyond 16,777,216"]
