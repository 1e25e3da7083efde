"""Reductions over nothing: backends of TensorFlow.js take it for an error, or give whatever stands in their memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.integers import narrowed
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, rule
from tfjs_build.convert.graph.dtypes import FLOATING, INTEGER, tfjs_dtype
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, size, surely_some, vector

# What each gives of no numbers.
_OF_NOTHING: Final[dict[str, float]] = {
    "All": True,
    "Any": False,
    "Max": -np.inf,
    "Mean": np.nan,
    "Min": np.inf,
    "Prod": 1,
    "Sum": 0,
}

NEVER_READ: Final = "_never_read_where_empty"
"""An attribute of reductions that a decomposition builds for a tensor whose entries it goes with: where there are none,
nobody reads the result."""


def _reduction(op: str) -> Decomposition:
    def guarded(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """1. Over an axis of size 0 the result is known. 2. Over an axis that may be of size 0 in the page, the result
        is chosen by the number of entries. 3. The mean of integers is an integer in TensorFlow, and a float in
        TensorFlow.js. 4. Sums and products of integers of fewer bits wrap around."""
        x, axes = inputs
        keep = bool(attrs.get("keep_dims", attrs.get("keepdims", False)))
        if axes.ints is not None and x.shape is not None:
            places = {axis_of(axis, len(x.shape)) for axis in axes.ints}
            if any(x.shape[place] == 0 for place in places):
                return b.Fill(vector(b, _sizes(b, x, places, keep)), _nothing(b, op, x.dtype))
        result = _integer_mean(b, x, axes, attrs) if op == "Mean" and x.dtype in INTEGER else None
        if op in ("Prod", "Sum"):
            result = narrowed(b, op, inputs, attrs)
        if attrs.get(NEVER_READ) or not _may_be_empty(x, axes):
            return result
        some = b.Greater(b.Size(x), 0)
        result = b.node(op, inputs, attrs)[0] if result is None else result
        if op in ("All", "Any"):
            return b.LogicalAnd(result, some) if op == "Any" else b.LogicalOr(result, b.LogicalNot(some))
        return b.SelectV2(some, result, _nothing(b, op, x.dtype))

    return guarded


for _op in _OF_NOTHING:
    rule(_op)(_reduction(_op))


def _may_be_empty(x: Value, axes: Value) -> bool:
    """Whether a reduction over no entries may have a result that is read. Images without a pixel do not count: there
    is no page that shows one, and networks for images are full of means over all of it."""
    if x.shape is None or axes.ints is None:
        return False
    rank = len(x.shape)
    places = {axis_of(axis, rank) for axis in axes.ints}
    if rank > 3 and not places & {0, rank - 1} and x.dtype in FLOATING:
        return False
    return any(x.shape[place] is None for place in places) and not (places == {0} and surely_some(x))


def _sizes(b: Builder, x: Value, places: set[int], keep: bool) -> list[Size]:
    axes = range(x.rank or 0)
    return [1 if axis in places else size(b, x, axis) for axis in axes if keep or axis not in places]


def _nothing(b: Builder, op: str, dtype: str) -> Value:
    number = _OF_NOTHING[op]
    if dtype in INTEGER:
        limits = np.iinfo(dtype if np.dtype(dtype).itemsize < 4 else tfjs_dtype(dtype))
        number = limits.min if op == "Max" else limits.max if op == "Min" else 0 if op == "Mean" else int(number)
    value: Any = bool(number) if dtype == "bool" else number
    return b.const(value, dtype)


def _integer_mean(b: Builder, x: Value, axes: Value, attrs: Attrs) -> Value:
    total = b.Sum(x, axes, **attrs)
    count = b.Sum(b.OnesLike(x), axes, **attrs)
    return b.TruncateDiv(total, count)
