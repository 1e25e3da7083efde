"""Operators that make fewer numbers of many, or weigh numbers by their neighbours."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import rule

_REDUCTIONS: Final = {
    "MEAN": "Mean",
    "REDUCE_ALL": "All",
    "REDUCE_ANY": "Any",
    "REDUCE_MAX": "Max",
    "REDUCE_MIN": "Min",
    "REDUCE_PROD": "Prod",
    "SUM": "Sum",
}
_EPSILON: Final = 1e-6
"""The smallest norm (`L2Normalization` in tensorflow/lite/kernels/internal/reference/l2normalization.h)."""


@rule(*_REDUCTIONS)
def reduction(c: Call) -> Value:
    """Over the axes that the second input names."""
    return c.b.node(_REDUCTIONS[c.operator.name], c.all(), {"keep_dims": bool(c.option("keep_dims"))})[0]


@rule("SOFTMAX")
def softmax(c: Call) -> Value:
    """Over the last axis, of numbers that are multiplied by `beta` first."""
    beta = c.option("beta", 1.0)
    return c.b.Softmax(c.x if beta == 1 else c.x * beta)


@rule("LOG_SOFTMAX")
def log_softmax(c: Call) -> Value:
    """Over the last axis."""
    return c.b.LogSoftmax(c.x)


@rule("L2_NORMALIZATION")
def l2_normalization(c: Call) -> Value:
    """Vectors along the last axis, brought to a length of 1."""
    norm = c.b.Sqrt(c.b.Sum(c.b.Square(c.x), c.b.const([-1], "int32"), keep_dims=True))
    return c.x / c.b.Maximum(norm, _EPSILON)


@rule("LOCAL_RESPONSE_NORMALIZATION")
def local_response(c: Call) -> Value:
    """Numbers divided by those of the channels around them."""
    return c.b.LRN(
        c.x,
        depth_radius=c.option("radius"),
        bias=c.option("bias", 0.0),
        alpha=c.option("alpha", 0.0),
        beta=c.option("beta", 0.0),
    )
