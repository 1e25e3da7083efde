"""Ops that reduce axes to one number each, or run along them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op, whole, whole_list

OUT_OF_NOWHERE: Final = 42
"""What TensorFlow.js may give for a reduction over nothing: whatever the memory held; nothing may depend on it."""


def _reduction(function: Callable[[Array], Any], nothing: object = OUT_OF_NOWHERE) -> Op:
    """Return an op that applies a function to the last axis, after all that are reduced were made that one."""

    def op(arrays: Arrays, attrs: Attrs) -> Array:
        x = arrays[0]
        axes = sorted({axis % x.ndim for axis in whole_list(arrays[1])}) if x.ndim else []
        kept = [axis for axis in range(x.ndim) if axis not in axes]
        rows = np.transpose(x, [*kept, *axes]).reshape([*(x.shape[axis] for axis in kept), -1]) if x.size else None
        sizes = [x.shape[axis] for axis in kept]
        reduced = np.full(sizes, nothing, x.dtype) if rows is None else np.asarray(function(rows), x.dtype)
        if attrs.get("keep_dims", attrs.get("keepdims")):
            sizes = [1 if axis in axes else size for axis, size in enumerate(x.shape)]
        return reduced.reshape(sizes)

    return op


def _mean(rows: Array) -> Array:
    return np.asarray(rows.sum(-1) / rows.dtype.type(rows.shape[-1]))


def _largest(rows: Array) -> Array:
    """NaN where one is among them."""
    ordered = np.sort(rows, -1)  # NaN comes last
    return np.asarray(ordered[..., -1])


def _smallest(rows: Array) -> Array:
    ordered = np.sort(rows, -1)
    return np.where(np.isnan(ordered[..., -1]), ordered[..., -1], ordered[..., 0])


def _first_of(best: Callable[[Array], Array]) -> Op:
    """Return an op that says where along an axis the best number stands first."""

    def op(arrays: Arrays, _attrs: Attrs) -> Array:
        rows = np.moveaxis(arrays[0], whole(arrays[1]), -1)
        found = np.zeros(rows.shape[:-1], np.int64)
        for place in np.ndindex(*found.shape):
            row = rows[place].tolist()
            found[place] = row.index(best(rows[place]).item())
        return found

    return op


def _running(unit: int, step: Callable[[Array, Array], Array]) -> Op:
    """Return an op whose element i is the result of all up to i, or, exclusively, before it."""

    def op(arrays: Arrays, attrs: Attrs) -> Array:
        x, axis = arrays[0], whole(arrays[1])
        rows = np.moveaxis(x, axis, 0)
        result = np.empty_like(rows)
        so_far = np.full(rows.shape[1:], unit, x.dtype)
        order = range(len(rows))
        for i in reversed(order) if attrs.get("reverse") else order:
            after = np.asarray(step(so_far, rows[i]), x.dtype)
            result[i] = so_far if attrs.get("exclusive") else after
            so_far = after
        return np.moveaxis(result, 0, axis)

    return op


def _ordered(arrays: Arrays, _attrs: Attrs) -> tuple[Array, Array]:
    """The largest numbers of each row and their places, the first of equals first."""
    x, count = arrays[0], whole(arrays[1])
    rows = x.reshape(-1, x.shape[-1])
    # A stable sort of the reversed row, reversed again, has the largest first and leaves equals in their order.
    last = rows.shape[-1] - 1
    places = (last - np.argsort(rows[:, ::-1], axis=-1, kind="stable"))[:, ::-1][:, :count]
    shape = [*x.shape[:-1], count]
    return np.take_along_axis(rows, places, -1).reshape(shape), places.astype(np.int32).reshape(shape)


def _softmax(arrays: Arrays, _attrs: Attrs) -> Array:
    x = arrays[0]
    powers = np.exp(x - _largest(x)[..., None])
    return np.asarray(powers / powers.sum(-1)[..., None])


REDUCTIONS: Final[dict[str, Op]] = {
    "All": _reduction(lambda rows: ~(~rows).any(-1), False),
    "Any": _reduction(lambda rows: (rows * 1).max(-1) > 0, True),
    "Max": _reduction(_largest),
    "Min": _reduction(_smallest),
    "Mean": _reduction(_mean),
    "Sum": _reduction(lambda rows: rows @ np.ones(rows.shape[-1], rows.dtype)),
    "Prod": _reduction(lambda rows: np.multiply.reduce(rows, -1)),
    "ArgMax": _first_of(_largest),
    "ArgMin": _first_of(_smallest),
    "Cumsum": _running(0, lambda so_far, x: so_far + x),
    "Cumprod": _running(1, lambda so_far, x: so_far * x),
    "TopKV2": _ordered,
    "Softmax": _softmax,
}
