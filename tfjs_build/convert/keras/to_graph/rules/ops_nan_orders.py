"""Quantiles with NaN left out: where a row's quantile lies depends on how many numbers it has, by tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import product, reshape
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import integers, keeps, real
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.ops_orders import QUANTILES, shares_of, sorted_along


@operation("Nanmedian", "Nanquantile", "Nanpercentile")
def nan_quantile(c: Context) -> Value:
    """What a share of the numbers is below; NaN where there are none."""
    b, x = c.b, real(c)
    rank = c.rank(x)
    given = c.argument(9, "axis", default=None)
    if isinstance(given, (list, tuple)) and not given:
        return x
    shares = shares_of(c)
    method = str(c.argument(9, "method", default="linear"))
    along = list(range(rank)) if given is None else sorted(c.axis(x, each) for each in integers(c, given))
    rest = [each for each in range(rank) if each not in along]
    sizes = c.sizes(x)
    total = product(b, [sizes[each] for each in along])
    if not isinstance(total, int):
        raise c.refuse("the number of entries that it sorts is not known when converting")
    rows = reshape(b, b.Transpose(x, [*rest, *along]), [product(b, [sizes[each] for each in rest]), total])
    there = b.LogicalNot(b.IsNan(rows))
    count = b.Sum(b.Cast(there, DstT="int32"), [1])
    # Numbers come first, so that what stands for NaN is at no place that the tables name.
    ordered, _, _ = sorted_along(c, b.SelectV2(there, rows, c.constant(float("inf"))), 1)
    low, high, weight = _tables(c, shares.reshape(-1), total, method)
    first = b.ExpandDims(b.Range(0, c.size(rows, 0), 1) * total, 1)
    flat = b.Reshape(ordered, [-1])
    below, above = (b.GatherV2(flat, first + b.GatherV2(c.ints(table.tolist()), count, 0), 0) for table in (low, high))
    shares_above = b.GatherV2(c.constant(weight), count, 0)
    y = above * shares_above + below * (1.0 - shares_above)
    y = b.SelectV2(b.ExpandDims(b.Equal(count, 0), 1), c.constant(float("nan")), y)
    y = reshape(b, b.Transpose(y, [1, 0]), [shares.size, *(sizes[each] for each in rest)])
    if keeps(c):
        for each in along:
            y = b.ExpandDims(y, each + 1)
    return b.Squeeze(y, squeeze_dims=[0]) if shares.ndim == 0 else y


def _tables(
    c: Context, shares: NDArray[np.float64], total: int, method: str
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Return for each count of numbers (0 to `total`) and share the places of two, and how much the second counts
    (`_quantile` in keras/src/backend/tensorflow/numpy.py)."""
    last = np.maximum(np.arange(total + 1, dtype=np.float64) - 1, 0)[:, None]
    place = last * shares
    low, high = np.floor(place), np.ceil(place)
    weight = np.zeros_like(place)
    if method == "linear":
        low = np.maximum(high - 1, 0)
        high = np.minimum(low + 1, last)
        weight = 1.0 - (high - place)
    elif method == "midpoint":
        weight += 0.5
    elif method == "nearest":
        low = high = np.rint(place)
    elif method == "higher":
        low = high
    elif method != "lower":
        raise c.unsupported("method", method, QUANTILES)
    held = [np.clip(each, 0, last).astype(np.int32) for each in (low, high)]
    return held[0], held[1], weight.astype(np.float32)
