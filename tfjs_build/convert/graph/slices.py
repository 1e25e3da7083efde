"""What a StridedSlice cuts: its masks spelled out, one entry for each axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.ir import Dims
from tfjs_build.records import record


@record(frozen=True)
class Axis:
    """What happens to one axis: `new` puts in an axis of size 1, `drop` keeps the entry `start` and drops the axis,
    else `start:stop:step` as in Python. `known` is false where a number that matters is not known."""

    new: bool = False
    drop: bool = False
    start: int | None = None
    stop: int | None = None
    step: int = 1
    known: bool = True

    @property
    def whole(self) -> bool:
        """Whether the axis stays as it is."""
        return self == Axis()


def slice_axes(
    rank: int,
    begin: Sequence[int | None],
    end: Sequence[int | None],
    strides: Sequence[int | None],
    attrs: Mapping[str, Any],
) -> list[Axis]:
    """Return what a StridedSlice with these numbers (None: not known) does to a tensor of `rank`."""

    def bit(name: str, position: int) -> bool:
        return bool(int(attrs.get(name, 0)) >> position & 1)

    length = len(begin)
    spent = sum(not bit("new_axis_mask", i) and not bit("ellipsis_mask", i) for i in range(length))
    axes: list[Axis] = []
    ellipsis = False
    for i in range(length):
        start, stop, step = begin[i], end[i], strides[i]
        if bit("ellipsis_mask", i):
            axes += [Axis()] * (rank - spent)
            ellipsis = True
        elif bit("new_axis_mask", i):
            axes.append(Axis(new=True))
        elif bit("shrink_axis_mask", i):
            axes.append(Axis(drop=True, start=start, known=start is not None))
        else:
            open_start, open_stop = bit("begin_mask", i), bit("end_mask", i)
            if step is None or (start is None and not open_start) or (stop is None and not open_stop):
                axes.append(Axis(known=False))
            else:
                axes.append(Axis(start=None if open_start else start, stop=None if open_stop else stop, step=step))
    return axes if ellipsis else axes + [Axis()] * (rank - spent)


def sliced_dims(shape: Sequence[int | None], axes: Sequence[Axis]) -> Dims:
    """Return the shape that a StridedSlice gives."""
    result: list[int | None] = []
    position = 0
    for axis in axes:
        if axis.new:
            result.append(1)
            continue
        size = shape[position]
        position += 1
        if axis.drop:
            continue
        if not axis.known:
            result.append(None)
        elif axis.whole or size is None:
            result.append(size)  # a cut from an axis of free size has a free size: it may fall short
        else:
            result.append(len(range(*slice(axis.start, axis.stop, axis.step).indices(size))))
    return tuple(result)


def numpy_index(axes: Sequence[Axis]) -> tuple[Any, ...]:
    """Return the NumPy index that does what a StridedSlice does; all its numbers must be known."""
    if not all(axis.known for axis in axes):
        raise ValueError("a bound of the slice is not known")
    return tuple(
        None if axis.new else axis.start if axis.drop else slice(axis.start, axis.stop, axis.step) for axis in axes
    )
