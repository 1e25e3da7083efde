"""Operations that cut parts out, look up by places, and choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, vector
from tfjs_build.convert.keras.hints import OTHERWISE
from tfjs_build.convert.keras.to_graph.context import Context, shown
from tfjs_build.convert.keras.to_graph.dtypes import alike, as_dtype, dtype_of
from tfjs_build.convert.keras.to_graph.operands import integer, integers, operand, several, single, tensor
from tfjs_build.convert.keras.to_graph.registry import operation


@operation("GetItem", "__operators__.getitem")
def get_item(c: Context) -> Value:
    """Python's `x[…]`, by integers, slices, `...` and new axes; masks and lists of places are not covered."""
    x = tensor(c, 0, "x", "tensor")
    key = c.argument(1, "key", "slice_spec")
    cut = _Cut(c)
    for item in key if isinstance(key, (list, tuple)) else [key]:
        cut.add(item)
    return cut.of(x)


class _Cut:
    """Collects the parts of an index as a StridedSlice has them."""

    def __init__(self, c: Context) -> None:
        self.c = c
        self.bounds: list[tuple[Size, Size, int]] = []
        names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
        self.masks: dict[str, Any] = dict.fromkeys(names, 0)

    def add(self, item: Any) -> None:
        """Add what stands between two commas."""
        kind = item.get("class_name") if isinstance(item, Mapping) else None
        if item is None or kind == "__newaxis__":
            self._put("new_axis_mask")
        elif item == "..." or kind == "__ellipsis__":
            self._put("ellipsis_mask")
        elif isinstance(item, Mapping):
            values = item.get("config") if kind == "__slice__" else item
            low, high, by = (values.get(key) if isinstance(values, Mapping) else None for key in _SLICE)
            masks = [name for name, bound in (("begin_mask", low), ("end_mask", high)) if bound is None]
            step = 1 if by is None else single(self.c, by)
            self._put(*masks, start=self._bound(low), stop=self._bound(high), step=step)
        elif isinstance(item, Value):
            self.c.require(
                item.rank == 0 and item.dtype != "bool",
                f"expects an integer scalar as an index, got {item.dtype} of rank {item.rank}",
            )
            place = self.c.as_int(item)
            self._put("shrink_axis_mask", start=place, stop=place + 1)
        else:
            self.c.require(
                isinstance(item, int) and not isinstance(item, bool), f"expects integers as an index, got {shown(item)}"
            )
            masks = ["shrink_axis_mask", *(["end_mask"] if item == -1 else [])]
            self._put(*masks, start=item, stop=item + 1)

    def _bound(self, given: Any) -> Size:
        if given is None:
            return 0
        if isinstance(given, int):  # Python takes any number for an end
            given = max(-_FARTHEST, min(given, _FARTHEST))
        return self.c.as_int(given) if isinstance(given, Value) else single(self.c, given)

    def _put(self, *masks: str, start: Size = 0, stop: Size = 0, step: int = 1) -> None:
        for name in masks:
            self.masks[name] |= 1 << len(self.bounds)
        self.bounds.append((start, stop, step))

    def of(self, x: Value) -> Value:
        """Return what is cut out of a tensor."""
        begin, end = (vector(self.c.b, [bound[side] for bound in self.bounds]) for side in (0, 1))
        return self.c.b.StridedSlice(x, begin, end, self.c.ints([bound[2] for bound in self.bounds]), **self.masks)


_SLICE = ("start", "stop", "step")
_FARTHEST = (1 << 31) - 1


@operation("strided_slice")
def strided_slice(c: Context) -> Value:
    """TensorFlow's own form of slicing."""
    x = tensor(c, 0, "input_")
    parts = [integers(c, c.argument(n, key)) for n, key in ((1, "begin"), (2, "end"))]
    strides = c.argument(3, "strides", default=None)
    masks: dict[str, Any] = {
        f"{key}_mask": integer(c, c.argument(9, f"{key}_mask", default=0))
        for key in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    steps = [1] * len(parts[0]) if strides is None else integers(c, strides)
    return c.b.StridedSlice(x, c.ints(parts[0]), c.ints(parts[1]), c.ints(steps), **masks)


@operation("Slice", "slice")
def slice_(c: Context) -> Value:
    """A part of a given shape, from given places on."""
    x = tensor(c, 0, "inputs", "input_")
    starts = c.argument(1, "start_indices", "begin")
    sizes = c.argument(2, "shape", "size")
    begin = c.as_int(starts) if isinstance(starts, Value) else vector(c.b, _sizes(c, starts))
    return c.b.Slice(x, begin, vector(c.b, _sizes(c, sizes)))


def _sizes(c: Context, given: Any) -> list[Size]:
    items = given if isinstance(given, (list, tuple)) else [given]
    return [c.as_int(item) if isinstance(item, Value) else single(c, item) for item in items]


@operation("SliceUpdate")
def slice_update(c: Context) -> Value:
    """A part replaced, from given places on."""
    b, x = c.b, tensor(c, 0, "inputs")
    starts = integers(c, c.argument(1, "start_indices"))
    updates = as_dtype(c, operand(c, 2, "updates"), x.dtype)
    sizes = [c.fixed(updates, place) for place in range(c.rank(updates))]
    whole = [c.fixed(x, place) for place in range(c.rank(x))]
    c.require(
        len(starts) == len(whole) == len(sizes),
        f"expects a start and a size for each axis of its input (rank {len(whole)}), got {starts} and {sizes}",
    )
    pads = [[low, total - low - size] for low, total, size in zip(starts, whole, sizes, strict=True)]
    inside = b.Pad(b.Fill(c.ints(sizes), True), c.ints(pads))
    return b.SelectV2(b.Cast(inside, DstT="bool"), b.Pad(updates, c.ints(pads)), x)


@operation("Take", "gather", "compat.v1.gather", "nn.embedding_lookup", "compat.v1.nn.embedding_lookup")
def take(c: Context) -> Value:
    """Entries of an axis by their places; negative ones count from the end."""
    x = operand(c, 0, "x", "params")
    x = x if isinstance(x, Value) else as_dtype(c, x, dtype_of(c, x))
    places = c.argument(1, "indices", "ids")
    given = c.argument(9, "axis", default=None)
    batch = integer(c, c.argument(9, "batch_dims", default=0))
    if given is None and c.layer.operation:
        x, given = c.b.Reshape(x, [-1]), 0
    along = c.axis(x, batch if given is None else single(c, given))
    if isinstance(places, Value):
        index = c.as_int(places)
        if c.layer.operation:
            size = c.size(x, along)
            index = c.b.SelectV2(c.b.Less(index, 0), index + size, index)
    else:
        c.require(not isinstance(places, str), f"expects integers as an index, got {shown(places)}")
        index = c.constant(places, "int32")
        size = c.size(x, along)
        constant = index.constant
        if constant is not None and (constant.array() < 0).any():
            c.require(
                isinstance(size, int), f"negative indices are not supported: the size of axis {along} is not known"
            )
            c.require(size != 0, f"expects entries along axis {along}, there are none")
            index = c.constant(constant.array() % size, "int32")
    return c.b.GatherV2(x, index, c.ints(along), batch_dims=batch)


@operation("gather_nd", "compat.v1.gather_nd")
def gather_nd(c: Context) -> Value:
    """Entries by their places along several axes."""
    c.one_of("batch_dims", c.argument(9, "batch_dims", default=0), (0,))
    return c.b.GatherNd(tensor(c, 0, "params"), c.as_int(tensor(c, 1, "indices")))


@operation("TakeAlongAxis")
def take_along_axis(c: Context) -> Value:
    """Entries of an axis, by places of their own for each of the others."""
    b, x, places = c.b, tensor(c), c.as_int(tensor(c, 1, "indices"))
    given = c.argument(9, "axis", default=-1)
    if given is None:
        x, given = b.Reshape(x, [-1]), 0
    along = c.axis(x, single(c, given))
    size = c.size(x, along)
    places = b.SelectV2(b.Less(places, 0), places + size, places)
    # Each place chooses among all entries, which broadcasts as the places do.
    order = [each for each in range(c.rank(x)) if each != along]
    chosen = b.Equal(b.ExpandDims(places, -1), b.Range(0, size, 1))
    numbers = c.as_int(x) if x.dtype == "bool" else x
    last = b.ExpandDims(b.Transpose(numbers, [*order, along]), along)
    y = b.Sum(b.SelectV2(chosen, last, as_dtype(c, 0, numbers.dtype)), [-1])
    return y if y.dtype == x.dtype else b.Cast(y, DstT=x.dtype)


@operation("Where", "where", "compat.v1.where")
def where(c: Context) -> Value:
    """One where a condition holds, the other elsewhere."""
    condition = as_dtype(c, tensor(c, 0, "condition"), "bool")
    x, y = operand(c, 1, "x1", "x"), operand(c, 2, "x2", "y")
    c.require(x is not None and y is not None, "expects the two values to choose from besides the condition", OTHERWISE)
    first, second = alike(c, [x, y])
    return c.b.SelectV2(condition, first, second)


@operation("Select")
def select(c: Context) -> Value:
    """The first choice whose condition holds, else a default."""
    conditions = several(c, c.argument(0, "condlist"), "conditions")
    choices = several(c, c.argument(1, "choicelist"), "choices")
    c.require(
        len(conditions) == len(choices),
        f"expects a choice for each condition, got {len(conditions)} conditions and {len(choices)} choices",
    )
    *values, result = alike(c, [*choices, c.argument(2, "default", default=0)])
    for condition, value in list(zip(conditions, values, strict=True))[::-1]:
        result = c.b.SelectV2(as_dtype(c, condition, "bool"), value, result)
    return result
