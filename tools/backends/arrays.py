"""Probes of ops that move numbers: shapes, slices, joins, look-ups, orders."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.backends.probe import RANKS, SIZES, Fixed, Numbers, Probe, empty_of, fixed, probe, shape_of

_DTYPES = ("float32", "int32", "bool")
_WITH_WORDS = (*_DTYPES, "string")
_NO_WEIGHTS = np.zeros(0, np.float32)


def probes() -> Iterator[Probe]:
    """Yield all of them."""
    yield from _shapes()
    yield from _slices()
    yield from _paddings()
    yield from _joins()
    yield from _look_ups()
    yield from _scatters()
    yield from _orders()
    yield from _made()


def _shapes() -> Iterator[Probe]:
    numbers = Numbers(11)
    for dtype in _WITH_WORDS:
        for rank in RANKS:
            shape = shape_of(rank)
            x = numbers(shape, dtype)
            yield probe("Reshape", x, [int(np.prod(shape))])
            yield probe("Shape", x)
            yield probe("ExpandDims", x, 0)
            if rank:
                yield probe("Reshape", x.reshape(-1), shape)
                yield probe("ExpandDims", x, -1)
                yield probe("Squeeze", x[:1], squeeze_dims=[0])
                yield probe("BroadcastTo", x[..., :1], shape)
                yield probe("BroadcastTo", x, [2, *shape])
                yield probe("Tile", x, [2] + [1] * (rank - 1))
                yield probe("Tile", x, [1] * (rank - 1) + [2])
                yield probe("Transpose", x, list(range(rank))[::-1])
            if rank > 2:
                yield probe("Transpose", x, [0, *range(2, rank), 1])
                yield probe("Transpose", x, [1, 0, *range(2, rank)])
        for shape in (empty_of(2), empty_of(3, 1), empty_of(5)):
            x = numbers(shape, dtype)
            yield probe("Reshape", x, [0, 4])
            yield probe("Transpose", x, list(range(len(shape)))[::-1])
            yield probe("Tile", x, [2] * len(shape))
    yield probe("Transpose", numbers((300, 400)), [1, 0])
    for perm in ([0, 1, 3, 2, 4, 5, 6], [0, 1, 3, 2, 4, 6, 5], [0, 2, 4, 6, 1, 3, 5], [6, 5, 4, 3, 2, 1, 0]):
        yield probe("Transpose", numbers(SIZES), perm)


def _slices() -> Iterator[Probe]:
    numbers = Numbers(12)
    for dtype in _WITH_WORDS:
        for rank in RANKS[1:]:
            x = numbers(shape_of(rank), dtype)
            zeros, ones, sizes = [0] * rank, [1] * rank, list(shape_of(rank))
            yield probe("Slice", x, [1, *zeros[1:]], [1, *sizes[1:]])
            yield probe("Slice", x, [*zeros[1:], 1], [*sizes[:-1], 1])
            for steps in ([*ones[1:], 2], [2, *ones[1:]], [2] * rank, [*ones[1:], -1], [-1] * rank, ones):
                begin = [size - 1 if step < 0 else 0 for size, step in zip(sizes, steps, strict=True)]
                end = [-size - 1 if step < 0 else size for size, step in zip(sizes, steps, strict=True)]
                yield probe("StridedSlice", x, begin, end, steps)
            yield probe("StridedSlice", x, [1], [2], [1], shrink_axis_mask=1)
            for axis in {0, rank - 1}:
                yield probe("ReverseV2", x, [axis])
            yield probe("ReverseV2", x, list(range(rank)))
            for axis in {0, rank - 1}:
                size = sizes[axis]
                yield probe("Split", axis, x, num_split=size)
                yield probe("SplitV", x, [1, size - 1], axis, num_split=2)
                yield probe("Unpack", x, axis=axis, num=size)
        yield probe("Slice", numbers((4, 3), dtype), [1, 0], [0, 3])
        yield probe("Slice", numbers((0, 3), dtype), [0, 1], [0, 1])


def _paddings() -> Iterator[Probe]:
    numbers = Numbers(13)
    for rank in RANKS[1:]:
        some = [[0, 0]] * rank
        some[-1] = [1, 2]
        every = [[1, index % 2] for index in range(rank)]
        for pads in (some, every):
            for dtype in ("float32", "int32"):
                x = numbers(shape_of(rank), dtype)
                yield probe("Pad", x, pads)
                yield probe("PadV2", x, pads, 0.5 if dtype == "float32" else 3)
            for mode in ("REFLECT", "SYMMETRIC"):
                few = np.minimum(pads, 1).tolist()
                yield probe("MirrorPad", numbers(shape_of(rank)), few, mode=mode)
    yield probe("PadV2", numbers((0, 3)), [[1, 1], [0, 1]], 0.5)


def _joins() -> Iterator[Probe]:
    numbers = Numbers(14)
    for dtype in (*_WITH_WORDS, "complex64"):
        for rank in RANKS[1:]:
            x, y = numbers(shape_of(rank), dtype), numbers(shape_of(rank), dtype)
            for axis in {0, rank - 1}:
                yield probe("ConcatV2", x, y, axis, N=2)
            yield probe("Pack", x, y, axis=0, N=2)
            yield probe("Pack", x, y, axis=rank, N=2)
        yield probe("Pack", numbers((), dtype), numbers((), dtype), axis=0, N=2)
        yield probe("ConcatV2", numbers((0, 3), dtype), numbers((2, 3), dtype), 0, N=2)
        yield probe("ConcatV2", *[numbers((2, 1), dtype) for _ in range(20)], 1, N=20)
    yield probe("ConcatV2", numbers((40000,)), numbers((40000,)), 0, N=2)


def _look_ups() -> Iterator[Probe]:
    numbers = Numbers(15)
    for dtype in _WITH_WORDS:
        for rank in RANKS[1:]:
            x = numbers(shape_of(rank), dtype)
            for axis in {0, rank - 1}:
                for index_shape in ((), (4,), (2, 2)):
                    if len(index_shape) + rank - 1 < 8:
                        yield probe("GatherV2", x, numbers.whole(0, SIZES[axis], *index_shape), axis)
            if rank > 2:
                yield probe("GatherV2", x, numbers.whole(0, 3, 2, 4), 1, batch_dims=1)
            for depth in {1, rank}:
                index = np.stack([numbers.whole(0, size, 3) for size in SIZES[:depth]], -1)
                yield probe("GatherNd", x, index)
    yield probe("GatherV2", numbers((0, 3)), np.zeros(0, np.int32), 0)
    yield probe("GatherV2", numbers((4, 3)), np.zeros(0, np.int32), 0)
    yield probe("GatherV2", fixed(numbers((30000, 4))), np.array([[29999, 17, 2049, 12345]], np.int32), 0)
    images = numbers((2, 8, 9, 3))
    boxes = fixed(np.array([[0.1, 0.1, 0.9, 0.9], [0, 0, 1, 1], [0.3, 0.2, 0.5, 1]], np.float32))
    for places in ([1, 0, 1], [0, 1, 1]):
        for method in ("bilinear", "nearest"):
            yield probe("CropAndResize", images, boxes, places, [4, 5], method=method)
    same = numbers((3, 8, 9, 3))
    yield probe("CropAndResize", same, boxes, [0, 1, 2], [4, 5], method="bilinear")
    for rank in RANKS[:6]:
        index = numbers.whole(-1, 5, *shape_of(rank))
        yield probe("OneHot", index, 5, 1.0, 0.0, axis=-1)
        yield probe("OneHot", index, 5, 3, 1, axis=-1)
        yield probe("OneHot", index, 5, True, False, axis=-1)


def _scatters() -> Iterator[Probe]:
    numbers = Numbers(16)
    for rank in RANKS[1:6]:
        shape = shape_of(rank)
        index = np.array([[1], [0]], np.int32)
        for dtype in ("float32", "int32"):
            updates = numbers((2, *shape[1:]), dtype)
            yield probe("ScatterNd", index, updates, shape)
            yield probe("TensorScatterUpdate", numbers(shape, dtype), index, updates)
        deep = np.stack([numbers.whole(0, size, 3) for size in shape], -1)
        yield probe("ScatterNd", deep, numbers((3,)), shape)
        yield probe("ScatterNd", np.array([[1], [1]], np.int32), numbers((2, *shape[1:])), shape)
    yield probe("ScatterNd", np.zeros((0, 1), np.int32), numbers((0, 3)), [2, 3])
    yield probe("SparseToDense", np.array([1, 3], np.int32), [5], numbers((2,)), 0.5)
    yield probe("SparseToDense", np.array([[1, 0], [2, 1]], np.int32), [3, 2], numbers((2,)), 0.5)


def _orders() -> Iterator[Probe]:
    numbers = Numbers(17)
    for rank in RANKS[1:6]:
        x = numbers.distinct(*shape_of(rank)[:-1], 7)
        for k in (1, 3, 7):
            yield probe("TopKV2", x, k, sorted=True)
        yield probe("TopKV2", np.argsort(x, -1).astype(np.int32), 3, sorted=True)
    yield probe("TopKV2", numbers.distinct(2, 1000), 100, sorted=True)
    yield probe("TopKV2", numbers((0, 5)), 3, sorted=True)
    for rank in RANKS[1:6]:
        yield probe("Where", numbers(shape_of(rank), "bool"))
    yield probe("Unique", numbers.whole(0, 4, 9))
    yield probe("Unique", np.round(numbers((9,))))
    yield probe("UniqueV2", numbers.whole(0, 4, 9), [0])
    for op in ("LowerBound", "UpperBound"):
        ordered = np.sort(numbers.distinct(2, 9), -1)
        yield probe(op, ordered, numbers((2, 4)))
    yield probe("ListDiff", numbers.whole(0, 9, 9), numbers.whole(0, 9, 4))


def _made() -> Iterator[Probe]:
    numbers = Numbers(18)
    for rank in RANKS:
        for value in (0.5, 3, True):
            yield probe("Fill", np.array(shape_of(rank), np.int32), _scalar(value))
    yield probe("Fill", np.array([2], np.int32), np.array("a", dtype=object))
    yield probe("Fill", np.array([0, 3], np.int32), _scalar(0.5))
    yield probe("Range", _scalar(0), _scalar(7), _scalar(2))
    yield probe("Range", _scalar(5.0), _scalar(0.0), _scalar(-1.5))
    yield probe("LinSpace", _scalar(0.0), _scalar(1.0), _scalar(5))
    for shape in ((6,), (2, 3)):
        for binary in (False, True):
            yield probe("DenseBincount", numbers.whole(0, 5, *shape), _scalar(5), _NO_WEIGHTS, binary_output=binary)
    yield probe("DenseBincount", numbers.whole(0, 5, 6), _scalar(5), numbers((6,)), binary_output=False)
    for weights in (_NO_WEIGHTS, numbers((6,))):
        yield probe("Bincount", numbers.whole(0, 5, 6), _scalar(5), weights)


def _scalar(value: float) -> Fixed:
    return fixed(
        np.array(value, np.bool_ if isinstance(value, bool) else np.int32 if isinstance(value, int) else np.float32)
    )
