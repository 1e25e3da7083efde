"""Operations along axes: sums, extremes, statistics, orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph import activations
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import as_dtype
from tfjs_build.convert.keras.to_graph.operands import axes, integers, keeps, real, single, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.ops_arithmetic import finite


def _reduce(c: Context, op: str, x: Value) -> Value:
    return c.b.node(op, [x, c.ints(axes(c, x))], {"keep_dims": keeps(c)})[0]


def _enter(names: str, op: str, prepare: Callable[[Context], Value]) -> None:
    @operation(*names.split())
    def build(c: Context) -> Value:
        return _reduce(c, op, prepare(c))


def _counted(c: Context) -> Value:
    """Return bools as integers: sums and products count them."""
    x = tensor(c)
    return c.as_int(x) if x.dtype == "bool" else x


def _as_bool(c: Context) -> Value:
    return as_dtype(c, tensor(c), "bool")


def _without_nan(number: float) -> Callable[[Context], Value]:
    def prepare(c: Context) -> Value:
        x = real(c)
        return c.b.SelectV2(c.b.IsNan(x), c.constant(number), x)

    return prepare


_enter("Sum math.reduce_sum", "Sum", _counted)
_enter("Prod math.reduce_prod", "Prod", _counted)
_enter("Mean math.reduce_mean", "Mean", real)
_enter("All math.reduce_all", "All", _as_bool)
_enter("Any math.reduce_any", "Any", _as_bool)
_enter("Nansum", "Sum", _without_nan(0.0))
_enter("Nanprod", "Prod", _without_nan(1.0))


def _extreme(c: Context, op: str, x: Value) -> Value:
    y = _reduce(c, op, x)
    initial = c.argument(9, "initial", default=None)
    if initial is None:
        return y
    return c.b.node(op + "imum", [y, as_dtype(c, initial, y.dtype)], {})[0]


@operation("Max", "Amax", "math.reduce_max")
def max_(c: Context) -> Value:
    """The largest entries."""
    return _extreme(c, "Max", _counted(c))


@operation("Min", "Amin", "math.reduce_min")
def min_(c: Context) -> Value:
    """The smallest entries."""
    return _extreme(c, "Min", _counted(c))


@operation("Nanmax")
def nanmax(c: Context) -> Value:
    """The largest entries, NaN left out."""
    return _reduce(c, "Max", _without_nan(float("-inf"))(c))


@operation("Nanmin")
def nanmin(c: Context) -> Value:
    """The smallest entries, NaN left out."""
    return _reduce(c, "Min", _without_nan(float("inf"))(c))


def _nan_statistics(c: Context, keep: bool) -> tuple[Value, Value, Value]:
    """Return where there are numbers, how many, and their mean (with the axes kept)."""
    b, x = c.b, real(c)
    along = axes(c, x)
    there = b.LogicalNot(b.IsNan(x))
    count = b.Sum(b.Cast(there, DstT="float32"), along, keep_dims=keep)
    total = b.Sum(b.SelectV2(there, x, 0.0), along, keep_dims=keep)
    return there, count, total / count


@operation("Nanmean")
def nanmean(c: Context) -> Value:
    """The mean, NaN left out."""
    return _nan_statistics(c, keeps(c))[2]


@operation("Nanvar", "Nanstd")
def nanvar(c: Context) -> Value:
    """The variance or its root, NaN left out."""
    b, x = c.b, real(c)
    there, _, mean = _nan_statistics(c, True)
    squares = b.SelectV2(there, b.Square(x - mean), 0.0)
    along = axes(c, x)
    count = b.Sum(b.Cast(there, DstT="float32"), along, keep_dims=keeps(c))
    variance = b.Sum(squares, along, keep_dims=keeps(c)) / count
    return variance if c.layer.class_name == "Nanvar" else b.Sqrt(variance)


@operation("Ptp")
def ptp(c: Context) -> Value:
    """The largest less the smallest."""
    x = tensor(c)
    return _reduce(c, "Max", x) - _reduce(c, "Min", x)


@operation("Average")
def average(c: Context) -> Value:
    """The mean, with weights."""
    b, x = c.b, real(c)
    given = c.argument(1, "weights", default=None)
    where = c.argument(9, "axis", default=None)
    along = list(range(c.rank(x))) if where is None else [c.axis(x, each) for each in integers(c, where)]
    if given is None:
        return b.Mean(x, along)
    weights = c.as_float(given) if isinstance(given, Value) else c.constant(given)
    if c.rank(weights) != c.rank(x):
        c.require(
            len(along) == 1 and c.rank(weights) == 1,
            f"expects `weights` of rank {c.rank(x)}, or of rank 1 along one axis, got rank {c.rank(weights)}",
        )
        weights = b.Reshape(weights, [-1] + [1] * (c.rank(x) - 1 - along[0]))
    total = b.Sum(b.OnesLike(x) * weights, along)
    return b.Sum(x * weights, along) / total


def variance(b: Builder, x: Value, along: list[int], keep: bool) -> Value:
    """Return the mean of squared distances from the mean."""
    return b.Mean(b.Square(x - b.Mean(x, along, keep_dims=True)), along, keep_dims=keep)


@operation("Var", "math.reduce_variance")
def var(c: Context) -> Value:
    """The variance."""
    x = real(c)
    return variance(c.b, x, axes(c, x), keeps(c))


@operation("Std", "math.reduce_std")
def std(c: Context) -> Value:
    """The root of the variance."""
    return c.b.Sqrt(var(c))


@operation("Moments", "nn.moments")
def moments(c: Context) -> list[Value]:
    """Mean and variance."""
    x = real(c)
    along = axes(c, x, ("axes", "axis"))
    keep = keeps(c, 3)
    return [c.b.Mean(x, along, keep_dims=keep), variance(c.b, x, along, keep)]


@operation("CountNonzero", "math.count_nonzero")
def count_nonzero(c: Context) -> Value:
    """How many entries are not 0."""
    x = tensor(c)
    there = x if x.dtype == "bool" else c.b.NotEqual(x, c.constant(0, x.dtype))
    return c.b.Sum(c.as_int(there), axes(c, x), keep_dims=keeps(c))


@operation("Logsumexp", "math.reduce_logsumexp")
def logsumexp(c: Context) -> Value:
    """The logarithm of the sum of exp(x)."""
    b, x = c.b, real(c)
    along = axes(c, x)
    y = activations.logsumexp(b, x, along)
    return y if keeps(c) else b.Squeeze(y, squeeze_dims=along) if along else y


@operation("Argmax", "Argmin", "math.argmax", "math.argmin")
def arg_extreme(c: Context) -> Value:
    """The place of the largest or smallest entry."""
    x = tensor(c)
    x = c.as_int(x) if x.dtype == "bool" else x
    given = c.argument(1, "axis", default=None)
    name = str(c.config.get("function", c.layer.class_name))
    op = "ArgMin" if name.lower().endswith("min") else "ArgMax"
    if given is None and c.generation == 3:
        flat, along = c.b.Reshape(x, [-1]), 0
    else:
        flat, along = x, c.axis(x, 0 if given is None else single(c, given))
    y = c.b.node(op, [flat, c.ints(along)], {"output_type": "int32"})[0]
    if not keeps(c):
        return y
    return c.b.ExpandDims(y, along) if given is not None else c.b.Reshape(y, [1] * c.rank(x))


@operation("Cumsum", "math.cumsum", "Nancumsum")
def cumsum(c: Context) -> Value:
    """Running sums."""
    return _running(c, "Cumsum", 0.0)


@operation("Cumprod", "math.cumprod", "Nancumprod")
def cumprod(c: Context) -> Value:
    """Running products."""
    return _running(c, "Cumprod", 1.0)


def _running(c: Context, op: str, nothing: float) -> Value:
    x = _counted(c)
    if c.layer.class_name.startswith("Nan"):
        x = finite(c, x, nan=nothing)
    given = c.argument(1, "axis", default=None if c.generation == 3 else 0)
    if given is None:
        x, given = c.b.Reshape(x, [-1]), 0
    settings: dict[str, Any] = {key: c.flag(9, key) for key in ("exclusive", "reverse")}
    return c.b.node(op, [x, c.ints(c.axis(x, single(c, given)))], settings)[0]
