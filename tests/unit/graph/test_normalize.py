"""Normalizations in one way, however they are written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.running import left
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.equal import sharing
from tfjs_build.convert.graph.ir import Graph, Value
from tfjs_build.convert.graph.normalize import normalize
from tfjs_build.convert.graph.programs import fewer_programs
from tfjs_build.convert.graph.rewrite import rewrite
from tfjs_build.convert.graph.simplify import simplify

RNG = np.random.default_rng(11)
GAMMA, BETA = RNG.uniform(0.5, 1.5, 6).astype(np.float32), RNG.normal(size=6).astype(np.float32)
ROWS = ["Mean", "Sub", "Mul", "Mean", "AddV2", "Rsqrt", "Mul"]
STACK = (None, 3, 6)


def merge_equal(graph: Graph) -> Graph:
    return rewrite(graph, [sharing()])


def moments(b: Builder, x: Value, axes: list[int]) -> tuple[Value, Value]:
    mean = b.Mean(x, axes, keep_dims=True)
    return mean, b.Mean(b.SquaredDifference(x, mean), axes, keep_dims=True)


def of_tf_nn(b: Builder, x: Value) -> Value:
    """tf.nn.batch_normalization with moments along the last axis."""
    mean, variance = moments(b, x, [-1])
    inverse = b.Rsqrt(variance + 1e-6) * GAMMA
    return x * inverse + (BETA - mean * inverse)


def of_keras_3(b: Builder, x: Value) -> Value:
    """`batch_normalization` of Keras 3's TensorFlow backend."""
    mean, variance = moments(b, x, [-1])
    inverse = b.Mul(b.Rsqrt(variance + 1e-6), GAMMA)
    return b.AddV2(b.AddV2(b.Mul(b.Neg(mean), inverse), BETA), b.Mul(x, inverse))


def without_beta(b: Builder, x: Value) -> Value:
    mean, variance = moments(b, x, [-1])
    inverse = b.Rsqrt(variance + 1e-6)
    return x * inverse - mean * inverse


def ours(b: Builder, x: Value) -> Value:
    centred = x - b.Mean(x, [-1], keep_dims=True)
    return centred * b.Rsqrt(b.Mean(b.Square(centred), [-1], keep_dims=True) + 1e-6)


def root_mean_square(b: Builder, x: Value) -> Value:
    return x * b.Rsqrt(b.Mean(b.Square(x), [-1], keep_dims=True) + 1e-6)


@pytest.mark.parametrize(
    ("make", "behind"),
    [(of_tf_nn, ["Mul", "AddV2"]), (of_keras_3, ["Mul", "AddV2"]), (without_beta, []), (ours, [])],
)
def test_one_way(make: Callable[[Builder, Value], Value], behind: list[str]) -> None:
    passes = (normalize, merge_equal, simplify)
    assert left(passes, make, STACK, tolerance=1e-4) == ["Reshape", *ROWS, "Reshape", *behind]
    assert left(passes, make, (None, 6), tolerance=1e-4) == [*ROWS, *behind]


def test_without_a_mean() -> None:
    ops = ["Mul", "Mean", "AddV2", "Rsqrt", "Mul"]
    assert left((normalize, simplify), root_mean_square, (None, 6)) == ops


def test_programs_of_a_normalization() -> None:
    passes = (normalize, merge_equal, simplify, fewer_programs, simplify)
    ops = ["MatMul", "Sub", "Mul", "_FusedMatMul", "Sqrt", "RealDiv"]
    assert left(passes, ours, (None, 6)) == ops
    assert left(passes, ours, STACK) == ["Reshape", *ops, "Reshape"]


def test_what_is_none_stays() -> None:
    def of_another(b: Builder, x: Value) -> Value:
        mean, variance = moments(b, b.Tanh(x), [-1])
        inverse = b.Rsqrt(variance + 1e-6)
        return x * inverse - mean * inverse

    def along_the_first(b: Builder, x: Value) -> Value:
        centred = x - b.Mean(x, [1], keep_dims=True)
        return centred * b.Rsqrt(b.Mean(b.Square(centred), [1], keep_dims=True) + 1e-6)

    assert left((normalize,), of_another, STACK).count("Mul") == 3 - 1
    assert "Reshape" not in left((normalize,), along_the_first, STACK)
