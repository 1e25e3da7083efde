"""Activation functions as formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.description import Layer
from tfjs_build.convert.keras.identity import is_own_module
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.user_code import own_activation

Function = Callable[[Builder, Value], Value]


def clip(b: Builder, x: Value, low: float, high: float) -> Value:
    """Return `x` held between two numbers."""
    return b.ClipByValue(x, low, high)


def celu(b: Builder, x: Value, alpha: float = 1.0) -> Value:
    """Return max(x, 0) + alpha · (exp(min(x, 0) / alpha) - 1)."""
    return b.Maximum(x, 0.0) + alpha * b.Expm1(b.Minimum(x, 0.0) / alpha)


def elu(b: Builder, x: Value, alpha: float = 1.0) -> Value:
    """Return x where it is positive, else alpha · (exp(x) - 1)."""
    y = b.Elu(x)
    return y if alpha == 1 else b.SelectV2(b.Greater(x, 0.0), y, alpha * y)


def gelu(b: Builder, x: Value, approximate: bool) -> Value:
    """Return x · Φ(x), Φ being the normal distribution or its approximation by tanh."""
    if approximate:
        return 0.5 * x * (1.0 + b.Tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))
    return 0.5 * x * (1.0 + b.Erf(x * math.sqrt(0.5)))


def glu(b: Builder, x: Value, axis: int = -1) -> Value:
    """Return the first half of an axis times the sigmoid of the second."""
    first, second = b.multi("Split", axis, x, num_split=2)
    return first * b.Sigmoid(second)


def hard_shrink(b: Builder, x: Value, threshold: float = 0.5) -> Value:
    """Return x where it is beyond the threshold, else 0."""
    return b.SelectV2(b.Greater(b.Abs(x), threshold), x, b.ZerosLike(x))


def hard_sigmoid(b: Builder, x: Value) -> Value:
    """Return Keras 3's piecewise linear sigmoid."""
    return b.Relu6(x + 3.0) / 6.0


def hard_silu(b: Builder, x: Value) -> Value:
    """Return x times its hard sigmoid."""
    return x * hard_sigmoid(b, x)


def leaky_relu(b: Builder, x: Value, slope: float = 0.2) -> Value:
    """Return x where it is positive, else slope · x."""
    return b.LeakyRelu(x, alpha=float(slope))


def mish(b: Builder, x: Value) -> Value:
    """Return x · tanh(softplus(x))."""
    return x * b.Tanh(b.Softplus(x))


def silu(b: Builder, x: Value) -> Value:
    """Return x times its sigmoid."""
    return x * b.Sigmoid(x)


def soft_shrink(b: Builder, x: Value, threshold: float = 0.5) -> Value:
    """Return x moved towards 0 by the threshold; NaN is nothing, as it is beyond no threshold."""
    below = b.SelectV2(b.Less(x, -threshold), x + threshold, b.ZerosLike(x))
    return b.SelectV2(b.Greater(x, threshold), x - threshold, below)


def softmax(b: Builder, x: Value, axes: Sequence[int] = (-1,), *, log: bool = False) -> Value:
    """Return exp(x) over its sum along axes, or the logarithm of that. TensorFlow.js has it for the last axis."""
    rank = x.rank or 1
    axes = [axis % rank for axis in axes]
    op = "LogSoftmax" if log else "Softmax"
    if axes == [rank - 1]:
        return b.node(op, [x], {})[0]
    if len(axes) == 1:
        order = list(range(rank))
        order[axes[0]], order[-1] = order[-1], order[axes[0]]  # its own inverse
        return b.Transpose(b.node(op, [b.Transpose(x, order)], {})[0], order)
    shifted = x - logsumexp(b, x, axes)
    return shifted if log else b.Exp(shifted)


def logsumexp(b: Builder, x: Value, axes: Sequence[int]) -> Value:
    """Return the logarithm of the sum of exp(x) along axes, which are kept. Where the largest is infinite, nothing is
    taken off before, as TensorFlow does: so infinities do not become NaN."""
    top = b.Max(x, axes, keep_dims=True)
    top = b.SelectV2(b.IsFinite(top), top, b.ZerosLike(top))
    return b.Log(b.Sum(b.Exp(x - top), axes, keep_dims=True)) + top


def sparse_plus(b: Builder, x: Value) -> Value:
    """Return 0 below -1, x above 1, and (x + 1)² / 4 between."""
    middle = 0.25 * b.Square(x + 1.0)
    return b.SelectV2(b.LessEqual(x, -1.0), b.ZerosLike(x), b.SelectV2(b.Less(x, 1.0), middle, x))


def sparsemax(b: Builder, x: Value, axis: int = -1) -> Value:
    """Return the nearest point of the probability simplex: what is above a threshold that is found by sorting."""
    rank = x.rank or 1
    order = list(range(rank))
    order[axis % rank], order[-1] = order[-1], order[axis % rank]
    last = b.Transpose(x, order)
    size = None if last.shape is None else last.shape[-1]
    count = b.const(size, "int32") if size is not None else b.GatherV2(b.Shape(last), rank - 1, 0)
    highest, _ = b.multi("TopKV2", last, count, sorted=True)
    total = b.Cumsum(highest, b.const(rank - 1, "int32"))
    place = b.Cast(b.Range(1, count + 1, 1), DstT="float32")
    support = b.Greater(highest - (total - 1.0) / place, 0.0)
    number = b.Sum(b.Cast(support, DstT="float32"), [-1], keep_dims=True)
    # The threshold is taken as Keras takes it: from the cumulated sums of the support, all added up.
    threshold = (b.Sum(b.SelectV2(support, total, b.ZerosLike(total)), [-1], keep_dims=True) - 1.0) / number
    return b.Transpose(b.Relu(last - threshold), order)


def squareplus(b: Builder, x: Value, width: float = 4.0) -> Value:
    """Return (x + √(x² + width)) / 2."""
    return (x + b.Sqrt(b.Square(x) + width)) / 2.0


def threshold(b: Builder, x: Value, limit: float, default: float) -> Value:
    """Return x where it is above a limit, else a default."""
    return b.SelectV2(b.Greater(x, limit), x, b.ZerosLike(x) + default)


FUNCTIONS: dict[str, Function] = {
    "celu": celu,
    "elu": elu,
    "exponential": lambda b, x: b.Exp(x),
    "gelu": lambda b, x: gelu(b, x, False),
    "glu": glu,
    "hard_shrink": hard_shrink,
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": hard_silu,
    "hard_swish": hard_silu,
    "hard_tanh": lambda b, x: clip(b, x, -1.0, 1.0),
    "leaky_relu": leaky_relu,
    "linear": lambda _, x: x,
    "log_sigmoid": lambda b, x: -b.Softplus(-x),
    "log_softmax": lambda b, x: softmax(b, x, log=True),
    "mish": mish,
    "relu": lambda b, x: b.Relu(x),
    "relu6": lambda b, x: b.Relu6(x),
    "selu": lambda b, x: b.Selu(x),
    "sigmoid": lambda b, x: b.Sigmoid(x),
    "silu": silu,
    "soft_shrink": soft_shrink,
    "softmax": softmax,
    "softplus": lambda b, x: b.Softplus(x),
    "softsign": lambda b, x: b.Softsign(x),
    "sparse_plus": sparse_plus,
    "sparse_sigmoid": lambda b, x: clip(b, 0.5 * (x + 1.0), 0.0, 1.0),
    "sparsemax": sparsemax,
    "squareplus": squareplus,
    "swish": silu,
    "tanh": lambda b, x: b.Tanh(x),
    "tanh_shrink": lambda b, x: x - b.Tanh(x),
}
"""Keras 3's functions, by name, with their default parameters."""

_KERAS_2_ONLY: dict[str, Function] = {"hard_sigmoid": lambda b, x: clip(b, 0.2 * x + 0.5, 0.0, 1.0)}

_KERAS_2 = frozenset(
    [
        "elu",
        "exponential",
        "gelu",
        "hard_sigmoid",
        "leaky_relu",
        "linear",
        "log_softmax",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "softmax",
        "softplus",
        "softsign",
        "swish",
        "tanh",
    ]
)

_TENSORFLOW: dict[str, str] = {
    **{name: name for name in ("elu", "gelu", "leaky_relu", "log_sigmoid", "log_softmax", "relu", "relu6", "selu")},
    **{name: name for name in ("sigmoid", "silu", "softmax", "softplus", "softsign", "swish", "tanh")},
    "exp": "exponential",
    "log_softmax_v2": "log_softmax",
    "softmax_v2": "softmax",
}
"""Functions of tf.nn and tf.math by Keras's name for what they do."""

_NOBODY_ELSES = frozenset(["log_softmax_v2", "softmax_v2"])
"""Names that only TensorFlow's functions have, so that a file need not tell their module."""


def activation(c: Context, key: str = "activation") -> Function:
    """Return the activation that the layer's configuration has under `key`."""
    value = c.config.get(key)
    if value is None:
        return FUNCTIONS["linear"]
    if isinstance(value, Mapping):
        if value.get("class_name") != "function":
            inner = _layer(c, key, value)
            return lambda _, x: c.call(inner, x)[0]
        name, module = str(value.get("config")), str(value.get("module") or "")
        if name in _TENSORFLOW and (module.split(".")[0] == "tensorflow" or name in _NOBODY_ELSES):
            return FUNCTIONS[_TENSORFLOW[name]]
        if module == "builtins" and name == "swish" and c.generation == 3:
            # So Keras 3 writes tf.nn.silu, whose own name this is, and any function of that name.
            c.host.note(f"{c.layer.label}: the activation `swish` is taken for tf.nn.silu, the file has only its name")
            return FUNCTIONS["silu"]
        value = name if is_own_module(module) else value
    if isinstance(value, str):
        if c.generation == 2 and value in _KERAS_2:
            return _KERAS_2_ONLY.get(value, FUNCTIONS[value])
        if c.generation == 3 and value in FUNCTIONS:
            return FUNCTIONS[value]
    raise own_activation(c.layer, value)


def activate(c: Context, x: Value, key: str = "activation") -> Value:
    """Apply the activation under `key`."""
    return activation(c, key)(c.b, x)


def _layer(c: Context, key: str, value: Mapping[str, Any]) -> Layer:
    """Return an activation that is a layer."""
    found = c.layer.children.get(key)
    if isinstance(found, Layer) and found.code is None:
        return found
    raise own_activation(c.layer, value)
