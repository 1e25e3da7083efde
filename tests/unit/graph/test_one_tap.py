"""What is scaled and moved for each channel is one depthwise convolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.running import left
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.fuse import fuse
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.simplify import simplify

RNG = np.random.default_rng(17)
SCALE, SHIFT, MEAN = (RNG.normal(size=6).astype(np.float32) for _ in range(3))
VARIANCE = RNG.uniform(0.5, 1.5, 6).astype(np.float32)
IMAGE = (None, 3, 4, 6)
TAP = "FusedDepthwiseConv2dNative"


def norm(b: Builder, x: Value) -> Value:
    return b.multi("FusedBatchNormV3", b.Tanh(x), SCALE, SHIFT, MEAN, VARIANCE, epsilon=0.01, is_training=False)[0]


@pytest.mark.parametrize(
    ("make", "shape", "ops"),
    [
        (norm, IMAGE, ["Tanh", TAP]),
        (lambda b, x: b.Relu(norm(b, x)), IMAGE, ["Tanh", TAP]),
        (lambda b, x: b.Relu6(b.Tanh(x) * SCALE + SHIFT), IMAGE, ["Tanh", TAP]),
        (lambda b, x: SHIFT + SCALE * b.Tanh(x), IMAGE, ["Tanh", TAP]),
        (lambda b, x: b.Tanh(x) * SCALE + SHIFT, (None, 6), ["Tanh", "Reshape", TAP, "Reshape"]),
        (lambda b, x: b.Relu(b.Tanh(x) * SCALE + SHIFT), (None, 3, 6), ["Tanh", "Reshape", TAP, "Reshape"]),
        (lambda b, x: b.Tanh(x) * SCALE + SHIFT, (1, None, 6), ["Tanh", "Reshape", TAP, "Reshape"]),
    ],
)
def test_one_tap(make: Callable[[Builder, Value], Value], shape: tuple[int | None, ...], ops: list[str]) -> None:
    assert left([fuse, simplify], make, shape) == ops


@pytest.mark.parametrize(
    ("make", "shape", "ops"),
    [
        (lambda b, x: b.Relu(b.Tanh(x) * SCALE), IMAGE, ["Tanh", "Mul", "Relu"]),
        (lambda b, x: b.Tanh(x) * SCALE + np.float32(2.0), IMAGE, ["Tanh", "Mul", "AddV2"]),
        (lambda b, x: b.Tanh(x) * SCALE + SHIFT, (None, None, 6), ["Tanh", "Mul", "AddV2"]),
        (lambda b, x: b.Tanh(x) * SCALE + SHIFT, (None, 2, 3, 4, 6), ["Tanh", "Mul", "AddV2"]),
        (
            lambda b, x: (lambda y: b.Maximum(y, y + SHIFT))(b.Tanh(x) * SCALE),
            IMAGE,
            ["Tanh", "Mul", "AddV2", "Maximum"],
        ),
        (lambda b, x: b.Sum(x, [0]) * SCALE + SHIFT, (6,), ["Sum", "Mul", "AddV2"]),
        # What a model does first with its input tells in which range that is.
        (lambda b, x: b.Relu(x * SCALE + SHIFT), IMAGE, ["Mul", "AddV2", "Relu"]),
    ],
)
def test_what_stays(make: Callable[[Builder, Value], Value], shape: tuple[int | None, ...], ops: list[str]) -> None:
    assert left([fuse, simplify], make, shape) == ops
