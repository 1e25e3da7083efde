"""Ops that compute each element by itself, with broadcasting."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op


def one(function: Callable[[Array], Any]) -> Op:
    """Return an op of one input that keeps its dtype."""
    return lambda arrays, _attrs: np.asarray(function(arrays[0]), arrays[0].dtype)


def truth(function: Callable[..., Any]) -> Op:
    """Return an op that says true or false."""
    return lambda arrays, _attrs: np.asarray(function(*arrays), bool)


def two(function: Callable[[Array, Array], Any]) -> Op:
    """Return an op of two inputs of one dtype, which it keeps."""

    def op(arrays: Arrays, _attrs: Attrs) -> Array:
        a, b = arrays
        assert a.dtype == b.dtype, f"{a.dtype} beside {b.dtype}"
        return np.asarray(function(a, b), a.dtype)

    return op


def activate(name: str, x: Array, alpha: float = 0.2) -> Array:
    """Return what an activation makes of floats; `alpha` is the slope of LeakyRelu below zero."""
    negative = np.minimum(x, 0)
    made: dict[str, Callable[[], Any]] = {
        "Relu": lambda: np.where(x > 0, x, np.where(np.isnan(x), x, 0)),
        "Relu6": lambda: np.clip(x, 0, 6),
        "Elu": lambda: np.where(x > 0, x, np.exp(negative.astype(np.float64)) - 1),
        "Sigmoid": lambda: 0.5 + 0.5 * np.tanh(0.5 * x.astype(np.float64)),
        "LeakyRelu": lambda: np.where(x > 0, x, alpha * x),
    }
    return np.asarray(made[name](), x.dtype)


def _exactly(function: Callable[[float], float]) -> Op:
    """Return an op that computes every element in double precision, and rounds once."""
    return one(lambda x: np.array([function(float(number)) for number in x.ravel()]).reshape(x.shape))


def _round(x: Array) -> Array:
    """To the nearest whole number, halves to the even one."""
    below = np.floor(x)
    rest = x - below
    up = (rest > 0.5) | ((rest == 0.5) & (below % 2 == 1))
    return np.where(np.isfinite(x), below + up, x)


def _towards_zero(a: Array, b: Array) -> Array:
    if a.dtype.kind == "f":
        return np.asarray(a / b)
    quotient = [math.trunc(int(x) / int(y)) for x, y in np.nditer([a, b], flags=["zerosize_ok"])]
    return np.asarray(quotient, a.dtype).reshape(np.broadcast_shapes(a.shape, b.shape))


def _floor_div(a: Array, b: Array) -> Array:
    return np.asarray(np.floor(a / b) if a.dtype.kind == "f" else (a - a % b) // b)


def _floor_mod(a: Array, b: Array) -> Array:
    """The remainder that has the sign of the divisor."""
    rest = np.fmod(a, b)
    return np.where((rest != 0) & ((rest < 0) != (b < 0)), rest + b, rest)


def _no_nan(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b))


def _larger(a: Array, b: Array) -> Array:
    """NaN beside anything is NaN."""
    return np.where(np.isnan(a) | (a > b), a, b) if a.dtype.kind == "f" else np.where(a > b, a, b)


def _smaller(a: Array, b: Array) -> Array:
    return np.where(np.isnan(a) | (a < b), a, b) if a.dtype.kind == "f" else np.where(a < b, a, b)


def _cast(arrays: Arrays, attrs: Attrs) -> Array:
    (x,), target = arrays, np.dtype(attrs["DstT"])
    if target.kind == "b":
        return np.asarray(x != 0)
    if x.dtype.kind == "c" and target.kind != "c":
        x = np.real(x)
    if x.dtype.kind == "f" and target.kind in "iu":
        x = np.where(x < 0, np.ceil(x), np.floor(x))  # what is behind the point goes
    return np.asarray(x).astype(target)


def _sum(arrays: Arrays, _attrs: Attrs) -> Array:
    total = np.zeros_like(arrays[0])
    for each in arrays:
        total = total + each
    return np.asarray(total, arrays[0].dtype)


def _bias(arrays: Arrays, attrs: Attrs) -> Array:
    x, bias = arrays
    if str(attrs.get("data_format", "NHWC")).startswith("NC"):
        return np.moveaxis(np.moveaxis(x, 1, -1) + bias, -1, 1)
    return np.asarray(x + bias)


def _select(arrays: Arrays, _attrs: Attrs) -> Array:
    condition, a, b = arrays
    assert condition.dtype.kind == "b"
    assert a.dtype == b.dtype
    shape = np.broadcast_shapes(condition.shape, a.shape, b.shape)
    result = np.array(np.broadcast_to(b, shape))
    chosen = np.broadcast_to(condition, shape)
    result[chosen] = np.broadcast_to(a, shape)[chosen]
    return result


def _select_rows(arrays: Arrays, attrs: Attrs) -> Array:
    """The old op: a vector of conditions chooses whole rows."""
    condition, a, b = arrays
    if condition.shape == a.shape or not condition.ndim:
        return _select(arrays, attrs)
    return np.stack([a[i] if chosen else b[i] for i, chosen in enumerate(condition)])


ELEMENTWISE: Final[dict[str, Op]] = {
    **{op: one(lambda x: x) for op in ("Identity", "Snapshot", "StopGradient")},
    "Abs": lambda arrays, _attrs: np.abs(arrays[0]),
    "Neg": one(lambda x: 0 - x if x.dtype.kind != "f" else -1 * x),
    "Sign": one(lambda x: np.where(np.isnan(x), x, (x > 0) * 1 - (x < 0) * 1) if x.dtype.kind == "f" else np.sign(x)),
    "Ceil": one(lambda x: -np.floor(-x)),
    "Floor": one(np.floor),
    "Round": one(_round),
    "Rint": one(_round),
    "Exp": one(np.exp),
    "Expm1": one(lambda x: np.expm1(x)),
    "Log": one(np.log),
    "Log1p": one(np.log1p),
    "Sqrt": one(np.sqrt),
    "Rsqrt": one(lambda x: x.dtype.type(1) / np.sqrt(x)),
    "Square": one(lambda x: x * x),
    "Inv": one(lambda x: x.dtype.type(1) / x),
    "Reciprocal": one(lambda x: x.dtype.type(1) / x),
    "Sin": one(np.sin),
    "Cos": one(np.cos),
    "Tanh": one(np.tanh),
    "Erf": _exactly(math.erf),
    "Erfc": _exactly(math.erfc),
    "Sigmoid": lambda arrays, _attrs: activate("Sigmoid", arrays[0]),
    "Softplus": one(lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))),
    "Relu": lambda arrays, _attrs: activate("Relu", arrays[0]) if arrays[0].dtype.kind == "f" else arrays[0].clip(0),
    "Relu6": lambda arrays, _attrs: activate("Relu6", arrays[0]),
    "Elu": lambda arrays, _attrs: activate("Elu", arrays[0]),
    "LeakyRelu": lambda arrays, attrs: activate("LeakyRelu", arrays[0], attrs["alpha"]),
    "Prelu": two(lambda x, slope: np.where(x > 0, x, x * slope)),
    "ClipByValue": lambda arrays, _attrs: _smaller(_larger(arrays[0], arrays[1]), arrays[2]),
    "OnesLike": one(lambda x: np.full(x.shape, 1)),
    "ZerosLike": one(lambda x: np.full(x.shape, 0)),
    "Add": two(lambda a, b: a + b),
    "AddV2": two(lambda a, b: a + b),
    "AddN": _sum,
    "BiasAdd": _bias,
    "Sub": two(lambda a, b: a - b),
    "Mul": two(lambda a, b: a * b),
    "Div": two(_towards_zero),
    "TruncateDiv": two(_towards_zero),
    "RealDiv": two(lambda a, b: a / b),
    "DivNoNan": two(_no_nan),
    "FloorDiv": two(_floor_div),
    "FloorMod": two(_floor_mod),
    "Maximum": two(_larger),
    "Minimum": two(_smaller),
    "Pow": two(lambda a, b: a**b),
    "SquaredDifference": two(lambda a, b: (a - b) * (a - b)),
    "BitwiseAnd": two(lambda a, b: a & b),
    "Equal": truth(lambda a, b: a == b),
    "NotEqual": truth(lambda a, b: a != b),
    "Greater": truth(lambda a, b: a > b),
    "GreaterEqual": truth(lambda a, b: a >= b),
    "Less": truth(lambda a, b: a < b),
    "LessEqual": truth(lambda a, b: a <= b),
    "LogicalAnd": truth(lambda a, b: a & b),
    "LogicalOr": truth(lambda a, b: a | b),
    "LogicalNot": truth(lambda x: x ^ True),
    "IsNan": truth(lambda x: x != x),
    "IsInf": truth(lambda x: (x == np.inf) | (x == -np.inf)),
    "IsFinite": truth(lambda x: np.abs(x) < np.inf),
    "Select": _select_rows,
    "SelectV2": _select,
    "Cast": _cast,
}
