"""Operations on the order of entries: sorting, the largest ones, quantiles."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import product, reshape
from tfjs_build.convert.keras.to_graph.context import Context, shown
from tfjs_build.convert.keras.to_graph.operands import axis, integer, integers, keeps, number, real, single, tensor
from tfjs_build.convert.keras.to_graph.registry import operation


def sorted_along(c: Context, x: Value, along: int) -> tuple[Value, Value, list[int]]:
    """Return the entries from the smallest on, their places, with the axis moved last, and the order that moves it."""
    order = list(range(c.rank(x)))
    order[along], order[-1] = order[-1], order[along]  # its own inverse
    last = c.b.Transpose(x, order)
    count = c.size(last, -1)
    number = c.ints(count) if isinstance(count, int) else count
    values, places = c.b.multi("TopKV2", -last, number, sorted=True)
    return -values, places, order


@operation("Sort", "sort")
def sort(c: Context) -> Value:
    """Entries in order."""
    x = tensor(c)
    values, _, order = sorted_along(c, x, axis(c, x, -1))
    descending = c.argument(2, "direction", default="ASCENDING") == "DESCENDING"
    values = c.b.ReverseV2(values, c.ints([c.rank(x) - 1])) if descending else values
    return c.b.Transpose(values, order)


@operation("Argsort", "argsort")
def argsort(c: Context) -> Value:
    """The places of entries in order."""
    x = tensor(c)
    given = c.argument(1, "axis", default=-1)
    x, along = (c.b.Reshape(x, [-1]), 0) if given is None else (x, c.axis(x, single(c, given)))
    descending = c.argument(2, "direction", default="ASCENDING") == "DESCENDING"
    _, places, order = sorted_along(c, -x if descending else x, along)
    return c.b.Transpose(places, order)


@operation("TopK", "math.top_k", "nn.top_k")
def top_k(c: Context) -> list[Value]:
    """The k largest entries along the last axis, and their places."""
    k = integer(c, c.argument(1, "k"))
    c.require(
        c.flag(2, "sorted", default=True),
        "sorted=False is not supported: the order is not defined then, TensorFlow has one of its own",
        "Leave `sorted` out, and save the model again.",
    )
    return list(c.b.multi("TopKV2", tensor(c), c.ints(k), sorted=True))


@operation("InTopK", "math.in_top_k", "compat.v1.math.in_top_k")
def in_top_k(c: Context) -> Value:
    """Whether the target is among the k largest predictions."""
    if "targets" in c.kwargs:  # TensorFlow's older function has them the other way round
        targets, predictions = tensor(c, 9, "targets"), real(c, 0, "predictions")
    else:
        targets, predictions = tensor(c, 0, "targets"), real(c, 1, "predictions")
    k = integer(c, c.argument(2, "k"))
    return c.b.InTopKV2(predictions, c.as_int(targets), k)


QUANTILES: Final = ("linear", "lower", "higher", "midpoint", "nearest")
"""Keras's ways to find a quantile between two numbers (`method`)."""


def shares_of(c: Context) -> NDArray[np.float64]:
    """Return the shares of a quantile. Keras has them as float32 before it computes with more digits."""
    share = 0.5 if c.layer.class_name.lower().endswith("median") else c.argument(1, "q")
    given = [number(c, each) for each in (share if isinstance(share, (list, tuple)) else [share])]
    percent = 100.0 if c.layer.class_name.lower().endswith("percentile") else 1.0
    c.require(
        all(0 <= each <= percent for each in given) and bool(given),
        f"expects constants from 0 to {percent:g} as `q`, got {shown(share)}",
    )
    numbers = np.asarray(given if isinstance(share, (list, tuple)) else given[0], np.float32)
    return np.asarray(numbers / np.float32(percent), np.float64)


@operation("Median", "Quantile", "Percentile")
def quantile(c: Context) -> Value:
    """What a share of the entries is below, with the methods `linear`, `lower`, `higher`, `nearest` and `midpoint`."""
    b, x = c.b, real(c)
    shares = shares_of(c)
    # Keras's operation keeps the method of a quantile, and does not use it.
    method = "linear" if c.layer.class_name == "Quantile" else str(c.argument(9, "method", default="linear"))
    rank = c.rank(x)
    given = c.argument(9, "axis", default=None)
    along = list(range(rank)) if given is None else sorted(c.axis(x, each) for each in integers(c, given))
    rest = [each for each in range(rank) if each not in along]
    moved = b.Transpose(x, [*rest, *along])
    sizes = c.sizes(x)
    count = product(b, [sizes[each] for each in along])
    c.require(isinstance(count, int), "the number of entries that it sorts is not known when converting")
    total = count if isinstance(count, int) else 0
    c.require(total > 0, "expects something to sort, there is nothing")
    flat = reshape(b, moved, [*(sizes[each] for each in rest), total])
    ordered, _, _ = sorted_along(c, flat, len(rest))
    place = shares.reshape(-1) * (total - 1)
    low, high = np.floor(place), np.ceil(place)

    def at(places: NDArray[np.float64]) -> Value:
        return b.GatherV2(ordered, c.ints([int(n) for n in places]), c.ints(len(rest)))

    single = {"lower": low, "higher": high, "nearest": np.rint(place)}.get(method)
    if single is not None:
        y = at(single)
    elif method == "midpoint":
        y = (at(low) + at(high)) * 0.5
    elif method == "linear":
        smaller = np.maximum(high - 1, 0)
        larger = np.minimum(smaller + 1, total - 1)
        share = (larger - place).astype(np.float32)
        y = at(larger) * c.constant(1 - share) + at(smaller) * c.constant(share)
    else:
        raise c.unsupported("method", method, QUANTILES)
    unknown = b.Any(b.IsNan(flat), [len(rest)], keep_dims=True)
    y = b.SelectV2(unknown, c.constant(math.nan), y)
    # The shares come first, where there are several.
    y = b.Transpose(y, [len(rest), *range(len(rest))])
    if keeps(c):
        for each in along:
            y = b.ExpandDims(y, each + 1)
    return b.Squeeze(y, squeeze_dims=[0]) if shares.ndim == 0 else y
