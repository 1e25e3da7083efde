"""Ops that pick, move or mark elements by where they are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op, whole, whole_list


def _strided_slice(arrays: Arrays, attrs: Attrs) -> Array:
    """As Python slices; a bit of a mask says what stands in the place of a begin, an end or both."""
    x, begin, end, strides = arrays

    def bit(name: str, i: int) -> bool:
        return bool(int(attrs.get(name, 0)) >> i & 1)

    index: list[Any] = []
    for i, (first, last, step) in enumerate(zip(*map(whole_list, (begin, end, strides)), strict=True)):
        if bit("ellipsis_mask", i):
            index.append(...)
        elif bit("new_axis_mask", i):
            index.append(None)
        elif bit("shrink_axis_mask", i):
            index.append(first)
        else:
            cut = slice(None if bit("begin_mask", i) else first, None if bit("end_mask", i) else last, step)
            index.append(cut)
    return np.asarray(x[tuple(index)])


def _slice(arrays: Arrays, _attrs: Attrs) -> Array:
    x = arrays[0]
    for axis, (first, size) in enumerate(zip(*map(whole_list, arrays[1:]), strict=True)):
        count = x.shape[axis] - first if size == -1 else size
        assert 0 <= first <= first + count <= x.shape[axis]
        x = _take(x, np.arange(first, first + count), axis)
    return x


def _take(x: Array, places: Array, axis: int) -> Array:
    """Return x with its axis replaced by those of `places`."""
    assert not places.size or (places.min() >= 0 and places.max() < x.shape[axis])
    return np.asarray(x[(slice(None),) * axis + (places,)])


def _gather(arrays: Arrays, attrs: Attrs) -> Array:
    x, places = arrays[:2]
    axis = whole(arrays[2]) % x.ndim if len(arrays) > 2 else 0
    batch = int(attrs.get("batch_dims", 0))
    if batch:
        parts = [_gather([a, b, np.array(axis - 1)], {"batch_dims": batch - 1}) for a, b in zip(x, places, strict=True)]
        return np.stack(parts)
    return _take(x, places, axis)


def _gather_nd(arrays: Arrays, _attrs: Attrs) -> Array:
    x, places = arrays
    depth = places.shape[-1]
    rows = [x[tuple(int(i) for i in place)] for place in places.reshape(-1, depth)]
    return np.array(rows, x.dtype).reshape([*places.shape[:-1], *x.shape[depth:]])


def _scatter(arrays: Arrays, _attrs: Attrs) -> Array:
    """What goes to one place is added up."""
    places, values, shape = arrays
    assert not places.size or places.min() >= 0, "TensorFlow.js refuses places before the first one"
    result = np.zeros(whole_list(shape), values.dtype)
    depth = places.shape[-1]
    rows = values.reshape(-1, *result.shape[depth:])
    for place, value in zip(places.reshape(-1, depth), rows, strict=True):
        result[tuple(int(i) for i in place)] += value
    return result


def _pad(arrays: Arrays, _attrs: Attrs) -> Array:
    x, around = arrays[0], [whole_list(each) for each in arrays[1]]
    result = np.full([n + sum(pads) for n, pads in zip(x.shape, around, strict=True)], 0, x.dtype)
    if len(arrays) > 2:
        result[...] = arrays[2]
    result[tuple(slice(pads[0], pads[0] + n) for n, pads in zip(x.shape, around, strict=True))] = x
    return result


def _mirror(arrays: Arrays, attrs: Attrs) -> Array:
    """REFLECT does not say the border twice, SYMMETRIC does."""
    x, again = arrays[0], attrs["mode"] == "SYMMETRIC"
    for axis, pads in enumerate(map(whole_list, arrays[1])):
        size = x.shape[axis]
        assert max(pads) <= size - (not again)
        before = [at - again for at in range(pads[0], 0, -1)]
        after = [size - 2 - at + again for at in range(pads[1])]
        x = _take(x, np.array([*before, *range(size), *after]), axis)
    return x


def _reverse(x: Array, axes: list[int]) -> Array:
    for axis in axes:
        x = _take(x, np.arange(x.shape[axis])[::-1], axis % x.ndim)
    return x


def _one_hot(arrays: Arrays, attrs: Attrs) -> Array:
    places, on, off = arrays[0], arrays[2], arrays[3]
    assert on.dtype == off.dtype
    result = np.full([*places.shape, whole(arrays[1])], off)
    for at in np.ndindex(*places.shape):
        if 0 <= places[at] < result.shape[-1]:
            result[at][int(places[at])] = on
    return np.moveaxis(result, -1, int(attrs.get("axis", -1)))


def _band(arrays: Arrays, _attrs: Attrs) -> Array:
    x, lower, upper = arrays[0], whole(arrays[1]), whole(arrays[2])
    result = np.zeros_like(x)
    for row, column in np.ndindex(*x.shape[-2:]):
        if (lower < 0 or row - column <= lower) and (upper < 0 or column - row <= upper):
            result[..., row, column] = x[..., row, column]
    return result


def _where(arrays: Arrays, _attrs: Attrs) -> Array:
    found = [place for place in np.ndindex(*arrays[0].shape) if arrays[0][place]]
    return np.array(found, np.int64).reshape(-1, arrays[0].ndim)


PLACES: Final[dict[str, Op]] = {
    "StridedSlice": _strided_slice,
    "Slice": _slice,
    "Gather": _gather,
    "GatherV2": _gather,
    "GatherNd": _gather_nd,
    "ScatterNd": _scatter,
    "Pad": _pad,
    "PadV2": _pad,
    "MirrorPad": _mirror,
    "Reverse": lambda arrays, _attrs: _reverse(arrays[0], [i for i, back in enumerate(arrays[1]) if back]),
    "ReverseV2": lambda arrays, _attrs: _reverse(arrays[0], whole_list(arrays[1])),
    "OneHot": _one_hot,
    "MatrixBandPart": _band,
    "Where": _where,
}
