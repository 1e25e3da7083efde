"""Ops that say, change or make shapes and move no element away from its neighbours in the order of the last axis."""

from __future__ import annotations

from typing import Final

import numpy as np

from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op, whole, whole_list


def _reshape(arrays: Arrays, _attrs: Attrs) -> Array:
    sizes = whole_list(arrays[1])
    if -1 in sizes:
        known = -int(np.prod(sizes))
        assert sizes.count(-1) == 1
        assert known, "the free size of a reshape beside none cannot be told"
        sizes[sizes.index(-1)] = arrays[0].size // known
    result = np.zeros(sizes, arrays[0].dtype)
    result.ravel()[:] = arrays[0].ravel()  # of as many elements, else this fails
    return result


def _squeeze(arrays: Arrays, attrs: Attrs) -> Array:
    (x,) = arrays
    axes = [axis % x.ndim for axis in attrs.get("squeeze_dims") or attrs.get("axis") or ()]
    assert all(x.shape[axis] == 1 for axis in axes)
    gone = axes or [axis for axis, size in enumerate(x.shape) if size == 1]
    return x.reshape([size for axis, size in enumerate(x.shape) if axis not in gone])


def _expand(arrays: Arrays, _attrs: Attrs) -> Array:
    x, axis = arrays[0], whole(arrays[1])
    sizes = list(x.shape)
    sizes.insert(axis if axis >= 0 else axis + x.ndim + 1, 1)
    return x.reshape(sizes)


def _transpose(arrays: Arrays, _attrs: Attrs) -> Array:
    x, axes = arrays[0], whole_list(arrays[1])
    assert sorted(axes) == list(range(x.ndim))
    places = np.indices(
        [x.shape[axis] for axis in axes]
    )  # element i of the result's axis a is i of the input's axes[a]
    return np.asarray(x[tuple(places[axes.index(axis)] for axis in range(x.ndim))])


def _concatenated(parts: Arrays, axis: int) -> Array:
    axis %= parts[0].ndim
    sizes = list(parts[0].shape)
    sizes[axis] = sum(part.shape[axis] for part in parts)
    result, start = np.empty(sizes, parts[0].dtype), 0
    for part in parts:
        assert part.dtype == result.dtype
        result[(slice(None),) * axis + (slice(start, start + part.shape[axis]),)] = part
        start += part.shape[axis]
    return result


def _pack(arrays: Arrays, attrs: Attrs) -> Array:
    axis = int(attrs.get("axis", 0))
    axis = axis if axis >= 0 else axis + arrays[0].ndim + 1
    return _concatenated([x.reshape([*x.shape[:axis], 1, *x.shape[axis:]]) for x in arrays], axis)


def _unpack(arrays: Arrays, attrs: Attrs) -> tuple[Array, ...]:
    (x,), axis = arrays, int(attrs.get("axis", 0))
    axis %= x.ndim
    return tuple(x[(slice(None),) * axis + (i,)] for i in range(x.shape[axis]))


def _cut(x: Array, sizes: list[int], axis: int) -> tuple[Array, ...]:
    axis %= x.ndim
    assert sum(sizes) == x.shape[axis]
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    before = (slice(None),) * axis
    return tuple(x[before + (slice(at, at + size),)] for at, size in zip(starts, sizes, strict=True))  # noqa: RUF005


def _split(arrays: Arrays, attrs: Attrs) -> tuple[Array, ...]:
    axis, x, parts = whole(arrays[0]), arrays[1], int(attrs["num_split"])
    assert x.shape[axis] % parts == 0
    return _cut(x, [x.shape[axis] // parts] * parts, axis)


def _split_v(arrays: Arrays, _attrs: Attrs) -> tuple[Array, ...]:
    x, sizes, axis = arrays[0], whole_list(arrays[1]), whole(arrays[2])
    rest = x.shape[axis] - sum(size for size in sizes if size != -1)
    return _cut(x, [rest if size == -1 else size for size in sizes], axis)


def _broadcast(arrays: Arrays, _attrs: Attrs) -> Array:
    x, sizes = arrays[0], whole_list(arrays[1])
    return np.zeros(sizes, x.dtype) + x if x.dtype.kind in "fic" else np.array(np.broadcast_to(x, sizes))


def _tile(arrays: Arrays, _attrs: Attrs) -> Array:
    x = arrays[0]
    for axis, times in enumerate(whole_list(arrays[1])):
        x = _concatenated([x] * times, axis) if times else x[(slice(None),) * axis + (slice(0),)]
    return x


def _broadcast_args(arrays: Arrays, _attrs: Attrs) -> Array:
    longest = max(map(len, arrays))
    shapes = [[1] * (longest - len(each)) + whole_list(each) for each in arrays]
    sizes = [{size for size in column if size != 1} or {1} for column in zip(*shapes, strict=True)]
    assert all(len(each) == 1 for each in sizes)
    return np.array([size for each in sizes for size in each], np.int32)


def _fill(arrays: Arrays, _attrs: Attrs) -> Array:
    result = np.empty(whole_list(arrays[0]), arrays[1].dtype)
    result[...] = arrays[1]
    return result


def _range(arrays: Arrays, _attrs: Attrs) -> Array:
    start, stop, step = arrays
    numbers, at = [], start
    while (at < stop) if step > 0 else (at > stop):
        numbers.append(at)
        at = start + len(numbers) * step
    return np.array(numbers, start.dtype)


def _evenly(arrays: Arrays, _attrs: Attrs) -> Array:
    start, stop, count = float(arrays[0]), float(arrays[1]), whole(arrays[2])
    step = (stop - start) / max(1, count - 1)
    return np.array([start + i * step for i in range(count)], arrays[0].dtype)


SHAPES: Final[dict[str, Op]] = {
    "Shape": lambda arrays, _attrs: np.array(arrays[0].shape, np.int32),
    "Size": lambda arrays, _attrs: np.array(arrays[0].size, np.int32),
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "ExpandDims": _expand,
    "Transpose": _transpose,
    "ConcatV2": lambda arrays, _attrs: _concatenated(arrays[:-1], whole(arrays[-1])),
    "Concat": lambda arrays, _attrs: _concatenated(arrays[1:], whole(arrays[0])),
    "Pack": _pack,
    "Unpack": _unpack,
    "Split": _split,
    "SplitV": _split_v,
    "BroadcastTo": _broadcast,
    "BroadcastArgs": _broadcast_args,
    "Tile": _tile,
    "Fill": _fill,
    "Range": _range,
    "LinSpace": _evenly,
}
