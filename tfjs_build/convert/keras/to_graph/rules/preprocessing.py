"""Rules of the preprocessing of numbers: Rescaling, Normalization, Discretization, CategoryEncoding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.hints import NOWHERE, SAVE_AGAIN
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.rules.normalization import spread
from tfjs_build.convert.keras.variables import VariableSpec
from tfjs_build.errors import SourceError

_SMALLEST_DEVIATION = 1e-7
"""Keras's epsilon: the smallest standard deviation that Normalization divides by."""


@layer("Rescaling", floats=True, masks={3: "pass"})
def rescaling(c: Context) -> Value:
    """x · scale + offset, numbers or one for each channel (Keras 3: with channels first as well)."""
    x = c.x
    scale, offset = (_per_channel(c, x, c.constant(c.config.get(key, default))) for key, default in _SCALES)
    return x * scale + offset


_SCALES = (("scale", 1.0), ("offset", 0.0))


def _per_channel(c: Context, x: Value, numbers: Value) -> Value:
    if c.config.get("data_format") == "channels_first" and numbers.rank == 1 and c.generation == 3:
        return c.b.Reshape(numbers, [-1] + [1] * (c.rank(x) - 2))
    return numbers


def _statistics(config: Config) -> list[VariableSpec]:
    if config.get("mean") is not None:
        return []
    return [VariableSpec("mean", False), VariableSpec("variance", False), VariableSpec("count", False)]


@layer("Normalization", variables=_statistics, stores_more=True, floats=True, masks={3: "pass"})
def normalization(c: Context) -> Value:
    """(x - mean) / √variance along axes, or back."""
    x = c.x
    given = c.config.get("axis", -1)
    axes = sorted(c.axis(x, axis) for axis in c.config.integers("axis")) if given is not None else []
    sizes = [c.fixed(x, axis) for axis in axes]
    if c.config.get("mean") is not None:
        total = int(np.prod(sizes)) if sizes else 1
        mean, variance = (_numbers(c, key, total) for key in ("mean", "variance"))
    else:
        mean, variance = (c.weight(role, *sizes) for role in ("mean", "variance"))
    deviation = c.b.Maximum(c.b.Sqrt(variance), _SMALLEST_DEVIATION)
    if axes:
        mean, deviation = (_shaped(c, value, sizes, axes, c.rank(x)) for value in (mean, deviation))
    if c.config.boolean("invert", False):
        return x * deviation + mean
    return (x - mean) / deviation


def _shaped(c: Context, value: Value, sizes: list[int], axes: list[int], rank: int) -> Value:
    return spread(c, c.b.Reshape(value, sizes), axes, rank)


def _numbers(c: Context, key: str, total: int) -> Value:
    found = c.constant(c.config.get(key)).constant
    array = found.array().reshape(-1) if found is not None else np.zeros(0)
    if array.size not in (1, total):
        raise SourceError(f"{c.layer.label}: expects 1 or {total} numbers as `{key}`, got {array.size}")
    return c.constant(np.broadcast_to(array, total))


def _discretization_variables(config: Config) -> list[VariableSpec]:
    """Keras 2 keeps what `adapt` has seen; the boundaries follow from it."""
    adapted = config.get("bin_boundaries") is None
    return [VariableSpec("summary", False)] if adapted else []


@layer("Discretization", variables=_discretization_variables, stores_more=True)
def discretization(c: Context) -> Value:
    """The number of the bin that a number falls into, by boundaries."""
    known = c.config.get("bin_boundaries") is not None
    limits = np.asarray(c.config.numbers("bin_boundaries") if known else _boundaries(c), np.float32)
    bins = c.b.Bucketize(c.as_float(c.x), boundaries=limits.tolist())
    return encoded(c, bins, c.config.text("output_mode", "int"), len(limits) + 1)


def _boundaries(c: Context) -> NDArray[np.float32]:
    """Return the boundaries that Keras 2 finds in the summary of what `adapt` has seen (`compress` in
    tf_keras/src/layers/preprocessing/discretization.py). Keras 3 writes the boundaries themselves."""
    if c.generation == 3 or c.config.get("num_bins") is None:
        raise SourceError(f"{c.layer.label}: the file has no `bin_boundaries`", hint="Call adapt() before saving it.")
    found = c.any_weight("summary").constant
    assert found is not None
    c.require(found.shape[:1] == (2,) and len(found.shape) == 2, "its `summary` is not two rows of numbers", SAVE_AGAIN)
    values, weights = found.array()
    share = 1.0 / c.config.size("num_bins")
    if values.size * share < 1:
        return np.asarray(values[:-1], np.float32)
    percents = share + np.arange(0.0, 1.0, share)
    total = np.cumsum(weights)
    found_at: NDArray[np.float64] = np.interp(percents * total[-1], total, values)
    return found_at[:-1].astype(np.float32)


@layer("CategoryEncoding", takes="count_weights")
def category_encoding(c: Context) -> Value:
    """Numbers of categories as vectors: `one_hot`, `multi_hot` or `count`, which can be weighted."""
    mode, depth = c.config.text("output_mode", "multi_hot"), c.config.size("num_tokens")
    weights = c.argument(1, "count_weights", default=None)
    return encoded(c, c.as_int(c.x), mode, depth, weights if isinstance(weights, Value) else None)


def encoded(
    c: Context, numbers: Value, mode: str, depth: int, weights: Value | None = None, *, idf: Value | None = None
) -> Value:
    """Return numbers of categories as vectors; those outside are in none."""
    b = c.b
    c.one_of("sparse", c.config.boolean("sparse", False), (False,), NOWHERE)
    if mode == "int":
        return numbers
    rank = c.rank(numbers)
    if mode == "one_hot":
        if rank > 1 and numbers.shape is not None and numbers.shape[-1] == 1:
            numbers = b.Squeeze(numbers, squeeze_dims=[rank - 1])
        return _typed(c, b.OneHot(numbers, c.ints(depth), 1.0, 0.0))
    axis = [1 if rank > 1 else 0]
    if weights is not None and mode == "count":
        found = b.Equal(b.ExpandDims(numbers, -1), c.ints(list(range(depth))))
        return _typed(c, b.Sum(b.SelectV2(found, b.ExpandDims(c.as_float(weights), -1), 0.0), axis))
    hot = b.OneHot(numbers, c.ints(depth), 1.0, 0.0)
    if mode == "multi_hot":
        return _typed(c, b.Max(hot, axis))
    c.one_of("output_mode", mode, ("int", "one_hot", "multi_hot", "count", "tf_idf"))
    counts = b.Sum(hot, axis)
    return counts * idf if idf is not None else _typed(c, counts)


def _typed(c: Context, y: Value) -> Value:
    return c.as_int(y) if c.layer.dtype.startswith(("int", "uint")) and c.layer.class_name == "CategoryEncoding" else y
