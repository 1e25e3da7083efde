"""Windows over images whose entries are moved, not multiplied: exact for integers, and for what stands beside an
infinite entry. TensorFlow.js has no windows but those of convolutions and pools, which are of floats."""

from __future__ import annotations

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.reductions import NEVER_READ
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, reshape, size, times
from tfjs_build.records import record


@record(frozen=True)
class Window:
    """A window along one axis: its number of entries, how far apart they are, and how far it moves."""

    count: int
    rate: int
    stride: int

    @property
    def reach(self) -> int:
        """How many entries of the image it spans."""
        return (self.count - 1) * self.rate + 1


@rule("ExtractImagePatches")
def _patches(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """The entries of each window as one vector, zeros where it reaches beyond the image."""
    x = inputs[0]
    if x.rank != 4:
        raise refuse(b, "ExtractImagePatches", "the rank of its input is not known.")
    _, down, across, _ = (Window(*each) for each in zip(attrs["ksizes"], attrs["rates"], attrs["strides"], strict=True))
    entries, rows, columns = windows(b, x, down, across, same=attrs["padding"] == "SAME")
    target = [size(b, x, 0), rows, columns, times(b, down.count * across.count, size(b, x, 3))]
    return reshape(b, b.Transpose(entries, [0, 1, 3, 2, 4, 5]), target)


def largest_of_integers(b: Builder, x: Value, ksize: list[int], strides: list[int], *, same: bool) -> Value:
    """Return the largest entry of each window, for integers."""
    down, across = (Window(ksize[axis], 1, strides[axis]) for axis in (1, 2))
    entries, _, _ = windows(b, x, down, across, same=same, edge=True)
    return b.Max(entries, [2, 4], **{NEVER_READ: True})


def windows(
    b: Builder, x: Value, down: Window, across: Window, *, same: bool, edge: bool = False
) -> tuple[Value, Size, Size]:
    """Return the entries of windows over images, as [image, row, down, column, across, channel], and how many rows and
    columns of windows there are. Beyond the image are zeros, or its nearest entries (`edge`)."""
    counts: list[Size] = []
    y = x
    for axis, window in ((1, down), (2, across)):
        places, beyond = _places(b, size(b, x, axis), window, same=same, edge=edge)
        counts.append(size(b, places, 0))
        if beyond:
            first = b.Slice(y, [0] * 4, [1 if i == axis else -1 for i in range(4)])
            y = b.ConcatV2(y, b.ZerosLike(first), axis)
        if not _all_in_order(places, None if y.shape is None else y.shape[axis]):
            y = b.GatherV2(y, b.Reshape(places, [-1]), axis)
    rows, columns = counts
    target = [size(b, x, 0), rows, down.count, columns, across.count, size(b, x, 3)]
    return reshape(b, y, target), rows, columns


def _all_in_order(places: Value, length: int | None) -> bool:
    """Whether places are those of an axis of `length`, one after the other: windows side by side."""
    constant = places.constant
    if constant is None or constant.size != length:
        return False
    return np.array_equal(constant.array().reshape(-1), np.arange(length))


def _places(b: Builder, length: Size, window: Window, *, same: bool, edge: bool) -> tuple[Value, bool]:
    """Return the places of the entries of each window along an axis, as [window, entry], and whether some are beyond
    the end: one that is outside the image is `length`."""
    inner = np.arange(window.count) * window.rate
    if isinstance(length, int):
        number = -(-length // window.stride) if same else max(0, (length - window.reach) // window.stride + 1)
        before = max((number - 1) * window.stride + window.reach - length, 0) // 2 if same else 0
        found = (np.arange(number) * window.stride - before)[:, None] + inner
        if edge:
            return b.const(np.clip(found, 0, length - 1), "int32"), False
        outside = (found < 0) | (found >= length)
        return b.const(np.where(outside, length, found), "int32"), bool(outside.any())
    many = b.FloorDiv(length + (window.stride - 1 if same else window.stride - window.reach), window.stride)
    start = b.Range(0, many, 1) * window.stride
    if same:
        start = start - b.FloorDiv(b.Maximum((many - 1) * window.stride + window.reach - length, 0), 2)
    places = b.ExpandDims(start, 1) + b.const(inner[None], "int32")
    if edge:
        return b.Minimum(b.Maximum(places, 0), length - 1), False
    if not same or window.reach == 1:
        return places, False
    inside = b.LogicalAnd(b.GreaterEqual(places, 0), b.Less(places, length))
    return b.SelectV2(inside, places, length), True
