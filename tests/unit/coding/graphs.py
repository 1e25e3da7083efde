"""Small graphs with weights, as a converter gives them: what the tests of codings are tried on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import ModelArtifacts, Weight
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.ir import Constant, Graph, Port, Value

Array = NDArray[Any]


def weight(name: str, numbers: Array, integers: tuple[int, int] | None = None) -> Weight:
    """Return a weight that holds numbers, in three blocks."""
    flat = numbers.reshape(-1)
    return Weight(name, numbers.shape, numbers.dtype.name, lambda: iter(np.array_split(flat, 3)), integers)


def variable(b: Builder, name: str, numbers: Array) -> Value:
    """Return a variable of a graph."""
    constant = Constant.of(numbers.astype(np.float32), "float32", name=name)
    return b.node("Const", [], {"value": constant}, name=name)[0]


def classifier(seed: int = 0, activation: str = "Relu", spread: float = 0.0) -> ModelArtifacts:
    """Return a small network of pictures: two convolutions, the second of each channel alone, and a dense layer. With
    `spread`, channels of the first are of sizes that are so many powers of two apart, and the second makes up for it.
    """
    rng = np.random.default_rng(seed)
    b = Builder()
    image = b.node("Placeholder", [], {}, name="image", given=[((None, 16, 16, 3), "float32")])[0]
    sizes = np.exp2(np.linspace(-spread / 2, spread / 2, 48))
    first = variable(b, "first/kernel", rng.standard_normal((3, 3, 3, 48)) / 5 * sizes)
    depth = variable(b, "depth/kernel", rng.standard_normal((3, 3, 48, 1)) / 3 / sizes[:, None])
    dense = variable(b, "dense/kernel", rng.standard_normal((48 * 16, 10)) / 20)
    bias = variable(b, "dense/bias", rng.standard_normal(10))
    window: Mapping[str, Any] = {"strides": [1, 2, 2, 1], "dilations": [1, 1, 1, 1], "padding": "SAME"}
    x = b.node(activation, [b.node("Conv2D", [image, first], {**window, "data_format": "NHWC"})[0]], {})[0]
    x = b.Relu(b.node("DepthwiseConv2dNative", [x, depth], {**window, "data_format": "NHWC"})[0])
    scores = b.Softmax(b.BiasAdd(b.MatMul(b.Reshape(x, [-1, 48 * 16]), dense), bias))
    return compile_graph(Graph([Port("image", image)], [Port("scores", scores)]), generated_by="a test")


def pictures(count: int = 4) -> list[dict[str, Array]]:
    """Return samples."""
    rng = np.random.default_rng(1)
    return [{"image": rng.uniform(0, 1, (1, 16, 16, 3)).astype(np.float32)} for _ in range(count)]
