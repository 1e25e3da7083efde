"""Small graphs that half-float textures got wrong: NaN, infinities, or other rows, where the source has numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Graph, Port, Value

RNG = np.random.default_rng(11)


@dataclass(frozen=True)
class Case:
    """A graph as its source writes it, and what it is fed with: enough numbers that webgl does not leave them to the
    CPU, and enough rows that are hard."""

    build: Callable[..., Value]
    feeds: Mapping[str, Array]

    def graph(self) -> Graph:
        """Return the graph, as yet in the source's ops."""
        b = Builder()
        ports = [Port(name, b.input(name, array.shape, array.dtype.name)) for name, array in self.feeds.items()]
        return Graph(ports, [Port("y", self.build(b, *(port.value for port in ports)))])


def _rows(*rows: list[float]) -> Array:
    hard = np.array(rows, np.float32)
    return np.concatenate([hard, RNG.normal(size=(60, hard.shape[1])).astype(np.float32)])


_SCORES = RNG.normal(size=(3, 7, 40)).astype(np.float32)
_KEPT = np.array([[1] * 20 + [0] * 20, [1] * 40, [0] * 40], np.int32)
_HIDDEN = _rows([1, 2, -1, 4], [-1, -2, -3, -4])
_VECTORS = _rows([0, 0, 0], [1e-4, 1e-4, 0], [300, 400, 0], [3e4, 4e4, 0])
_TRIANGLE = np.triu(np.ones((16, 16), np.float32), 1)
_TABLE = (np.arange(10000) % 2039 / 4).astype(np.float32).reshape(5000, 2)
_PLACES = [0, 2047, 2049, 4097, 4999]
_IMAGE = RNG.integers(-900, 900, size=(2, 60, 70, 1)).astype(np.float32)
_TURN = np.array([[0, 1, 0, 1, 0, 0, 0, 0]] * 2, np.float32)


def _squares(b: Builder, x: Value) -> Value:
    return b.Sum(b.Square(x), [-1], keep_dims=True)


def _normalized(epsilon: float) -> Callable[[Builder, Value], Value]:
    def build(b: Builder, x: Value) -> Value:
        centred = x - b.Mean(x, [-1], keep_dims=True)
        return centred * b.Rsqrt(b.Mean(b.Square(centred), [-1], keep_dims=True) + epsilon)

    return build


def _turned(b: Builder, x: Value, transforms: Value) -> Value:
    shape = b.const([70, 60], "int32")
    return b.ImageProjectiveTransformV3(
        x, transforms, shape, b.const(0.0), interpolation="NEAREST", fill_mode="CONSTANT"
    )


CASES: Mapping[str, Case] = {
    "mask chosen": Case(lambda b, x: b.Softmax(b.SelectV2(b.Greater(x, 0.0), x, -1e9)), {"x": _HIDDEN}),
    "mask chosen, the lowest float": Case(
        lambda b, x: b.Softmax(b.SelectV2(b.Greater(x, 0.0), x, -3.4028235e38)), {"x": _HIDDEN}
    ),
    "mask chosen, infinite": Case(
        lambda b, x: b.Softmax(b.SelectV2(b.Greater(x, -3.0), x, float("-inf"))), {"x": _rows([1, 2, -4, 4])}
    ),
    "mask chosen, less a constant": Case(
        lambda b, x: b.Softmax(b.SelectV2(b.Greater(x, 0.0), x, x - 1e9)), {"x": _HIDDEN}
    ),
    "mask added, of a condition": Case(
        lambda b, x: b.Softmax(x + (1.0 - b.Cast(b.Greater(x, 0.0), DstT="float32")) * -1e9), {"x": _HIDDEN}
    ),
    "mask added, of integers": Case(
        lambda b, x, m: b.Softmax(x + b.ExpandDims((1.0 - b.Cast(m, DstT="float32")) * -1e9, 1)),
        {"x": _SCORES, "m": _KEPT},
    ),
    "mask added, of floats": Case(
        lambda b, x, m: b.Softmax(x + b.ExpandDims((1.0 - m) * -3.4028235e38, 1)),
        {"x": _SCORES, "m": _KEPT.astype(np.float32)},
    ),
    "mask added, product less a constant": Case(
        lambda b, x, m: b.Softmax(x + b.ExpandDims(m * 1e9 - 1e9, 1)), {"x": _SCORES, "m": _KEPT.astype(np.float32)}
    ),
    "mask taken off": Case(
        lambda b, x, m: b.Softmax(x - b.ExpandDims((1.0 - m) * 1e9, 1)), {"x": _SCORES, "m": _KEPT.astype(np.float32)}
    ),
    "mask along two axes": Case(
        lambda b, x: _over_all(b, b.SelectV2(b.Greater(x, 0.0), x, -1e9)),
        {"x": RNG.normal(size=(4, 8, 8)).astype(np.float32)},
    ),
    "constant mask": Case(
        lambda b, x: b.Softmax(x + b.const(_TRIANGLE * -1e9)), {"x": _SCORES[:, :1, :16] + _TRIANGLE}
    ),
    "largest of what is kept": Case(
        lambda b, x: b.Max(b.SelectV2(b.Greater(x, -3.0), x, -1e9), [-1]), {"x": _rows([1, 2, -4, 4])}
    ),
    "limits": Case(lambda b, x: b.Maximum(b.Minimum(x, 1e9), -1e9), {"x": _HIDDEN}),
    "compared with a large number": Case(lambda b, x: b.Cast(b.Less(x, 1e9), DstT="float32"), {"x": _HIDDEN}),
    "padded for the largest": Case(
        lambda b, x: b.Max(b.PadV2(x, [[0, 0], [1, 1], [0, 0], [0, 0]], -3.4028235e38), [1]),
        {"x": RNG.normal(size=(1, 16, 16, 2)).astype(np.float32)},
    ),
    "unit vectors": Case(lambda b, x: x * b.Rsqrt(b.Maximum(_squares(b, x), 1e-12)), {"x": _VECTORS}),
    "unit vectors, limited after": Case(lambda b, x: x * b.Minimum(b.Rsqrt(_squares(b, x)), 1e12), {"x": _VECTORS}),
    "unit vectors by division": Case(lambda b, x: x / (b.Sqrt(_squares(b, x)) + 1e-12), {"x": _VECTORS}),
    "lengths": Case(lambda b, x: b.Sqrt(b.Sum(b.Square(x), [-1])), {"x": _VECTORS}),
    "distances": Case(
        lambda b, x: b.Sqrt(b.Maximum(b.Sum(b.SquaredDifference(x, 1.0), [-1], keep_dims=True), 1e-7)), {"x": _VECTORS}
    ),
    "normalized, equal rows": Case(_normalized(1e-12), {"x": _rows([3, 3, 3, 3], [0, 0, 0, 0])}),
    "divided by a sum with epsilon": Case(lambda b, x: x / (b.Abs(x) + 1e-12), {"x": _rows([0, 0, 1, 2])}),
    "logarithm with epsilon": Case(lambda b, x: b.Log(b.Abs(x) + 1e-12), {"x": _rows([0, 0, 1, 2])}),
    "logarithm with a limit": Case(lambda b, x: b.Log(b.Maximum(b.Abs(x), 1e-10)), {"x": _rows([0, 0, 1, 2])}),
    "large factor": Case(lambda b, x: x * 1e6, {"x": np.tile(np.array([0, 1e-3, 1e-2, 2e-3], np.float32), (60, 1))}),
    "small factor": Case(lambda b, x: x * 1e-7, {"x": np.tile(np.array([0, 1e3, 1e2, 2e4], np.float32), (60, 1))}),
    "large divisor": Case(lambda b, x: x / 1e6, {"x": np.tile(np.array([0, 1e3, 1e2, 2e4], np.float32), (60, 1))}),
    "constant places": Case(lambda b, x: b.GatherV2(x, b.const(_PLACES, "int32"), 0), {"x": _TABLE}),
    "constant places along the last axis": Case(
        lambda b, x: b.GatherV2(x, b.const(_PLACES, "int32"), 1), {"x": np.ascontiguousarray(_TABLE.T)}
    ),
    "places in batches": Case(
        lambda b, x, i: b.GatherV2(x, i, b.const(1, "int32"), batch_dims=1),
        {"x": _TABLE[:4800].reshape(8, 600, 2), "i": RNG.integers(0, 600, size=(8, 40)).astype(np.int32)},
    ),
    "pixels moved": Case(_turned, {"x": _IMAGE, "t": _TURN}),
}


def _over_all(b: Builder, x: Value) -> Value:
    shifted = x - b.Max(x, [1, 2], keep_dims=True)
    return b.Exp(shifted) / b.Sum(b.Exp(shifted), [1, 2], keep_dims=True)
