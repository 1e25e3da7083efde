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
nothing reads the result."""


def _reduction(op: str) -> Decomposition:
    def guarded(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """1. Over an axis of size 0 the result is known. 2. Over axes that may be of size 0 in the page, one entry more
        is reduced along each, which changes nothing; of a mean, which has no such entry, and of the largest, which is
        something on every backend, the result is chosen by the number of entries. 3. The mean of integers is an integer
        in TensorFlow, and a float in TensorFlow.js. 4. Sums and products of integers of fewer bits wrap around."""
        x, axes = inputs
        keep = bool(attrs.get("keep_dims", attrs.get("keepdims", False)))
        if axes.ints is not None and x.shape is not None:
            places = {axis_of(axis, len(x.shape)) for axis in axes.ints}
            if any(x.shape[place] == 0 for place in places):
                return b.Fill(vector(b, _sizes(b, x, places, keep)), _nothing(b, op, x.dtype))
        if attrs.get(NEVER_READ) or not may_be_empty(x, axes):
            return _same_of_integers(b, op, inputs, attrs)
        if x.dtype == "bool":
            more = _padded(b, b.AddV2(b.Cast(x, DstT="float32"), 1.0), axes, b.const(1.0 + _OF_NOTHING[op], "float32"))
            found = b.multi("Min" if op == "All" else "Max", more, axes, **attrs, **{NEVER_READ: True})[0]
            return b.Greater(found, 1.5)
        neutral = _nothing(b, op, x.dtype)
        if op == "Min" and x.dtype in (
            "int32",
            "int64",
        ):  # wasm pads with floats, which do not hold the largest integer
            found = -1 - b.Max(-1 - x, axes, **attrs, **{NEVER_READ: True})
            return b.SelectV2(b.Greater(b.Size(x), 0), found, neutral)
        entries = (x if op in ("Max", "Mean") else _padded(b, x, axes, neutral), axes)
        result = _same_of_integers(b, op, entries, attrs) or b.node(op, entries, attrs)[0]
        return b.SelectV2(b.Greater(b.Size(x), 0), result, neutral) if op in ("Max", "Mean") else result

    return guarded


@rule("EuclideanNorm")
def _euclidean_norm(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """wasm traps at TensorFlow.js's own over nothing, or gives what stands in its memory."""
    x, axes = inputs
    return b.Sqrt(b.Sum(b.Square(x), axes, **attrs)) if x.dtype in FLOATING else None


for _op in _OF_NOTHING:
    rule(_op)(_reduction(_op))


def may_be_empty(x: Value, axes: Value) -> bool:
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


def _padded(b: Builder, x: Value, axes: Value, entry: Value) -> Value:
    """Return `x` with an entry more along each axis that is reduced and whose size is free."""
    reduced = {axis_of(axis, x.rank or 0) for axis in axes.ints or ()}
    more = [[0, int(axis in reduced and size is None)] for axis, size in enumerate(x.shape or ())]
    return b.PadV2(x, b.const(more, "int32"), entry)


def _same_of_integers(b: Builder, op: str, inputs: Inputs, attrs: Attrs) -> Value | None:
    """Return what gives of integers what TensorFlow does, None where the op itself does."""
    x, axes = inputs
    if op in ("Prod", "Sum"):
        return narrowed(b, op, inputs, attrs)
    if op != "Mean" or x.dtype not in INTEGER:
        return None
    total = b.Sum(x, axes, **attrs)
    count = b.Sum(b.OnesLike(x), axes, **attrs)
    return b.TruncateDiv(total, count)
