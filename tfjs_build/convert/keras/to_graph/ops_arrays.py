"""Operations that move, cut, join and look up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape, vector
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import alike, as_dtype, dtype_of
from tfjs_build.convert.keras.to_graph.operands import axis, integers, number, operand, tensor, tensors
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.reshaping import repeated


@operation("Reshape", "reshape")
def reshape_(c: Context) -> Value:
    """Another shape."""
    x = tensor(c)
    given = c.argument(1, "newshape", "shape")
    return c.b.Reshape(x, shape_vector(c, x, given))


def shape_vector(c: Context, x: Value, given: Any) -> Value:
    """Return a target shape as a vector; sizes that the file leaves open are those of the input at the same place."""
    if isinstance(given, Value):
        return c.as_int(given)
    items = given if isinstance(given, (list, tuple)) else [given]
    sizes: list[Size] = []
    free = [item for item in items if item is None or item == -1]
    for place, item in enumerate(items):
        if isinstance(item, Value):
            sizes.append(c.as_int(item))
        elif item is None and len(free) > 1:
            sizes.append(c.size(x, place))
        else:
            sizes.append(-1 if item is None else integers(c, item)[0])
    return vector(c.b, sizes)


@operation("Transpose", "transpose", "compat.v1.transpose")
def transpose(c: Context) -> Value:
    """Another order of the axes."""
    x = tensor(c)
    given = c.argument(1, "axes", "perm", default=None)
    order = list(range(c.rank(x)))[::-1] if given is None else [c.axis(x, each) for each in integers(c, given)]
    return c.b.Transpose(x, order)


@operation("Swapaxes")
def swapaxes(c: Context) -> Value:
    """Two axes exchanged."""
    x = tensor(c)
    first, second = (c.axis(x, integers(c, c.argument(9, key))[0]) for key in ("axis1", "axis2"))
    order = list(range(c.rank(x)))
    order[first], order[second] = second, first
    return c.b.Transpose(x, order)


@operation("Moveaxis")
def moveaxis(c: Context) -> Value:
    """Axes moved to other places, the others in their order."""
    x = tensor(c)
    source, target = ([c.axis(x, n) for n in integers(c, c.argument(9, key))] for key in ("source", "destination"))
    order = [each for each in range(c.rank(x)) if each not in source]
    for place, each in sorted(zip(target, source, strict=True)):
        order.insert(place, each)
    return c.b.Transpose(x, order)


@operation("Concatenate", "concat")
def concatenate(c: Context) -> Value:
    """One after the other along an axis."""
    values = tensors(c)
    return c.concat(values, axis(c, values[0], 0))


@operation("Append")
def append(c: Context) -> Value:
    """Two, one after the other."""
    values = alike(c, [operand(c), operand(c, 1, "x2")])
    given = c.argument(9, "axis", default=None)
    if given is None:
        return c.concat([c.b.Reshape(value, [-1]) for value in values], 0)
    return c.concat(values, c.axis(values[0], integers(c, given)[0]))


@operation("Stack", "stack")
def stack(c: Context) -> Value:
    """Several along a new axis."""
    values = tensors(c)
    rank = c.rank(values[0]) + 1
    place = integers(c, c.argument(1, "axis", default=0))[0] % rank
    return c.concat([c.b.ExpandDims(value, place) for value in values], place)


@operation("Hstack")
def hstack(c: Context) -> Value:
    """Joined along the second axis (the first of vectors)."""
    values = tensors(c)
    return c.concat(values, 0 if c.rank(values[0]) == 1 else 1)


@operation("Vstack")
def vstack(c: Context) -> Value:
    """Joined along the first axis; vectors are rows."""
    values = [c.b.ExpandDims(value, 0) if c.rank(value) == 1 else value for value in tensors(c)]
    return c.concat(values, 0)


@operation("Dstack")
def dstack(c: Context) -> Value:
    """Joined along the third axis."""
    values = []
    for value in tensors(c):
        value = c.b.ExpandDims(value, 0) if c.rank(value) == 1 else value
        values.append(c.b.ExpandDims(value, 2) if c.rank(value) == 2 else value)
    return c.concat(values, 2)


@operation("ExpandDims", "expand_dims")
def expand_dims(c: Context) -> Value:
    """New axes of size 1."""
    x = tensor(c)
    given = integers(c, c.argument(1, "axis", default=-1))
    rank = c.rank(x) + len(given)
    for each in sorted(each % rank for each in given):
        x = c.b.ExpandDims(x, each)
    return x


@operation("Squeeze", "squeeze", "compat.v1.squeeze")
def squeeze(c: Context) -> Value:
    """Axes of size 1 dropped."""
    x = tensor(c)
    given = c.argument(1, "axis", default=None)
    if given is None:
        gone = [place for place, size in enumerate(x.shape or ()) if size == 1]
    else:
        gone = sorted(c.axis(x, each) for each in integers(c, given))
    return c.b.Squeeze(x, squeeze_dims=gone) if gone else x


@operation("Ravel")
def ravel(c: Context) -> Value:
    """One vector."""
    return c.b.Reshape(tensor(c), [-1])


@operation("BroadcastTo", "broadcast_to")
def broadcast_to(c: Context) -> Value:
    """Spread over a shape."""
    x = tensor(c)
    given = c.argument(1, "shape")
    if isinstance(given, (list, tuple)):
        offset = len(given) - c.rank(x)
        given = [c.size(x, place - offset) if size in (None, -1) else size for place, size in enumerate(given)]
        target = vector(c.b, [each if isinstance(each, Value) else integers(c, each)[0] for each in given])
    else:
        target = c.as_int(given)
    return c.b.BroadcastTo(x, target)


@operation("Tile", "tile")
def tile(c: Context) -> Value:
    """Repeated as a whole along each axis."""
    x = tensor(c)
    given = integers(c, c.argument(1, "repeats", "multiples"))
    rank = c.rank(x)
    if len(given) < rank:
        given = [1] * (rank - len(given)) + given
    for _ in range(len(given) - rank):
        x = c.b.ExpandDims(x, 0)
    return c.b.Tile(x, given)


@operation("Repeat", "repeat")
def repeat(c: Context) -> Value:
    """Every entry several times along an axis."""
    x = tensor(c)
    given = c.argument(2, "axis", default=None)
    counts = integers(c, c.argument(1, "repeats"))
    if given is None:
        x, given = c.b.Reshape(x, [-1]), 0
    along = c.axis(x, integers(c, given)[0])
    if len(counts) == 1:
        return repeated(c, x, along, counts[0])
    places = [place for place, count in enumerate(counts) for _ in range(count)]
    return c.b.GatherV2(x, c.ints(places), c.ints(along))


@operation("Split", "ArraySplit", "split")
def split(c: Context) -> list[Value]:
    """Parts along an axis: so many, or cut at places (in TensorFlow: of sizes)."""
    x = tensor(c, 0, "x", "value")
    return _parts(c, x, axis(c, x, 0, 2), c.argument(1, "indices_or_sections", "num_or_size_splits"))


@operation("Hsplit", "Vsplit", "Dsplit")
def other_split(c: Context) -> list[Value]:
    """Parts along the second, first or third axis."""
    x = tensor(c)
    along = {"Hsplit": 0 if c.rank(x) == 1 else 1, "Vsplit": 0, "Dsplit": 2}[c.layer.class_name]
    return _parts(c, x, along, c.argument(1, "indices_or_sections"))


def _parts(c: Context, x: Value, along: int, given: Any) -> list[Value]:
    if isinstance(given, int):
        size = c.fixed(x, along)
        if size % given == 0:
            return list(c.b.multi("Split", c.ints(along), x, num_split=given))
        sizes = [size // given + (place < size % given) for place in range(given)]
    elif c.layer.operation:
        cuts = [min(cut, c.fixed(x, along)) for cut in integers(c, given)]
        sizes = [high - low for low, high in zip([0, *cuts], [*cuts, c.fixed(x, along)], strict=True)]
    else:
        sizes = integers(c, given)
    return list(c.b.multi("SplitV", x, c.ints(sizes), c.ints(along), num_split=len(sizes)))


@operation("Unstack", "unstack")
def unstack(c: Context) -> list[Value]:
    """The parts of an axis, without it."""
    x = tensor(c, 0, "x", "value")
    along = axis(c, x, 0, 2)
    return list(c.b.multi("Unpack", x, num=c.fixed(x, along), axis=along))


@operation("Pad", "pad", "compat.v1.pad")
def pad(c: Context) -> Value:
    """Entries put on at the borders: a number, or mirrored ones."""
    x = tensor(c, 0, "x", "tensor")
    given = c.argument(1, "pad_width", "paddings")
    rank = c.rank(x)
    if isinstance(given, int):
        pairs = [[given, given]] * rank
    else:
        rows = [integers(c, row) for row in given] if any(isinstance(r, (list, tuple)) for r in given) else [given]
        rows = rows * rank if len(rows) == 1 else rows
        pairs = [[row[0], row[-1]] for row in rows]
    mode = str(c.argument(2, "mode", default="constant")).lower()
    paddings = c.ints(pairs)
    if mode in ("reflect", "symmetric"):
        return c.b.MirrorPad(x, paddings, mode=mode.upper())
    c.require(mode == "constant", f"TensorFlow.js cannot pad in the mode `{mode}`")
    fill = c.argument(9, "constant_values", default=None)
    if fill is None or fill == 0:
        return c.b.Pad(x, paddings)
    return c.b.PadV2(x, paddings, as_dtype(c, fill, x.dtype))


@operation("Flip", "reverse")
def flip(c: Context) -> Value:
    """Turned around along axes."""
    x = tensor(c, 0, "x", "tensor")
    given = c.argument(1, "axis", default=None)
    along = list(range(c.rank(x))) if given is None else [c.axis(x, each) for each in integers(c, given)]
    return c.b.ReverseV2(x, c.ints(along))


@operation("Fliplr", "Flipud")
def flip_image(c: Context) -> Value:
    """Turned around along the second or first axis."""
    return c.b.ReverseV2(tensor(c), c.ints([1 if c.layer.class_name == "Fliplr" else 0]))


@operation("Rot90")
def rot90(c: Context) -> Value:
    """Turned by right angles in the plane of two axes."""
    x = tensor(c, 0, "array", "x")
    turns = int(number(c, c.argument(9, "k", default=1))) % 4
    first, second = (c.axis(x, each) for each in integers(c, c.argument(9, "axes", default=[0, 1])))
    order = list(range(c.rank(x)))
    order[first], order[second] = second, first
    if turns == 0:
        return x
    if turns == 2:
        return c.b.ReverseV2(x, c.ints([first, second]))
    if turns == 1:
        return c.b.Transpose(c.b.ReverseV2(x, c.ints([second])), order)
    return c.b.ReverseV2(c.b.Transpose(x, order), c.ints([second]))


@operation("Roll", "roll")
def roll(c: Context) -> Value:
    """Shifted along axes, what leaves at one end coming in at the other."""
    x = tensor(c, 0, "x", "input")
    shifts = integers(c, c.argument(1, "shift"))
    given = c.argument(2, "axis", default=None)
    if given is None:
        flat = c.b.Reshape(x, [-1])
        return reshape(c.b, c.b.Roll(flat, c.ints(shifts), c.ints([0])), c.sizes(x))
    along = [c.axis(x, each) for each in integers(c, given)]
    if len(shifts) == 1:
        shifts = shifts * len(along)
    return c.b.Roll(x, c.ints(shifts), c.ints(along))


# --- parts and look-ups ---------------------------------------------------------------------------------------------


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
        self.masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)

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
            step = 1 if by is None else integers(self.c, by)[0]
            self._put(*masks, start=self._bound(low), stop=self._bound(high), step=step)
        elif isinstance(item, Value):
            self.c.require(item.rank == 0 and item.dtype != "bool", "it is indexed by a tensor of places")
            place = self.c.as_int(item)
            self._put("shrink_axis_mask", start=place, stop=place + 1)
        else:
            self.c.require(isinstance(item, int) and not isinstance(item, bool), "its index is not a constant")
            masks = ["shrink_axis_mask", *(["end_mask"] if item == -1 else [])]
            self._put(*masks, start=item, stop=item + 1)

    def _bound(self, given: Any) -> Size:
        if given is None:
            return 0
        return self.c.as_int(given) if isinstance(given, Value) else integers(self.c, given)[0]

    def _put(self, *masks: str, start: Size = 0, stop: Size = 0, step: int = 1) -> None:
        for name in masks:
            self.masks[name] |= 1 << len(self.bounds)
        self.bounds.append((start, stop, step))

    def of(self, x: Value) -> Value:
        """Return what is cut out of a tensor."""
        begin, end = (vector(self.c.b, [bound[side] for bound in self.bounds]) for side in (0, 1))
        return self.c.b.StridedSlice(x, begin, end, self.c.ints([bound[2] for bound in self.bounds]), **self.masks)


_SLICE = ("start", "stop", "step")


@operation("strided_slice")
def strided_slice(c: Context) -> Value:
    """TensorFlow's own form of slicing."""
    x = tensor(c, 0, "input_")
    parts = [integers(c, c.argument(n, key)) for n, key in ((1, "begin"), (2, "end"))]
    strides = c.argument(3, "strides", default=None)
    masks = {
        f"{key}_mask": int(number(c, c.argument(9, f"{key}_mask", default=0)))
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
    return [c.as_int(item) if isinstance(item, Value) else integers(c, item)[0] for item in items]


@operation("SliceUpdate")
def slice_update(c: Context) -> Value:
    """A part replaced, from given places on."""
    b, x = c.b, tensor(c, 0, "inputs")
    starts = integers(c, c.argument(1, "start_indices"))
    updates = as_dtype(c, operand(c, 2, "updates"), x.dtype)
    sizes = [c.fixed(updates, place) for place in range(c.rank(updates))]
    whole = [c.fixed(x, place) for place in range(c.rank(x))]
    pads = [[low, total - low - size] for low, total, size in zip(starts, whole, sizes, strict=True)]
    inside = b.Pad(b.Fill(c.ints(sizes), True), c.ints(pads))
    return b.SelectV2(b.Cast(inside, DstT="bool"), b.Pad(updates, c.ints(pads)), x)


@operation("Take", "gather", "compat.v1.gather", "nn.embedding_lookup")
def take(c: Context) -> Value:
    """Entries of an axis by their places; negative ones count from the end."""
    x = operand(c, 0, "x", "params")
    x = x if isinstance(x, Value) else as_dtype(c, x, dtype_of(c, x))
    places = c.argument(1, "indices", "ids")
    given = c.argument(9, "axis", default=None if c.layer.operation else 0)
    if given is None:
        x, given = c.b.Reshape(x, [-1]), 0
    along = c.axis(x, integers(c, given)[0])
    batch = int(number(c, c.argument(9, "batch_dims", default=0)))
    if isinstance(places, Value):
        index = c.as_int(places)
        if c.layer.operation:
            size = c.size(x, along)
            index = c.b.SelectV2(c.b.Less(index, 0), index + size, index)
    else:
        index = c.constant(places, "int32")
        size = c.size(x, along)
        constant = index.constant
        if constant is not None and (constant.array() < 0).any():
            c.require(isinstance(size, int), "it counts places from the end of an axis of unknown size")
            index = c.constant(constant.array() % size, "int32")
    return c.b.GatherV2(x, index, c.ints(along), batch_dims=batch)


@operation("gather_nd")
def gather_nd(c: Context) -> Value:
    """Entries by their places along several axes."""
    return c.b.GatherNd(tensor(c, 0, "params"), c.as_int(tensor(c, 1, "indices")))


@operation("TakeAlongAxis")
def take_along_axis(c: Context) -> Value:
    """Entries of an axis, by places of their own for each of the others."""
    b, x, places = c.b, tensor(c), c.as_int(tensor(c, 1, "indices"))
    given = c.argument(9, "axis", default=-1)
    if given is None:
        x, given = b.Reshape(x, [-1]), 0
    along = c.axis(x, integers(c, given)[0])
    size = c.size(x, along)
    places = b.SelectV2(b.Less(places, 0), places + size, places)
    count = c.ints(size) if isinstance(size, int) else size
    # One-hot rows choose among the entries, which broadcasts as the places do.
    order = [each for each in range(c.rank(x)) if each != along]
    hot = b.OneHot(places, count, 1.0, 0.0)
    last = b.ExpandDims(b.Transpose(x, [*order, along]), along)
    y = b.Sum(hot * c.as_float(last), [-1])
    return y if x.dtype == "float32" else b.Cast(y, DstT=x.dtype)


@operation("Where", "where", "compat.v1.where")
def where(c: Context) -> Value:
    """One where a condition holds, the other elsewhere."""
    condition = as_dtype(c, tensor(c, 0, "condition"), "bool")
    x, y = operand(c, 1, "x1", "x"), operand(c, 2, "x2", "y")
    c.require(x is not None and y is not None, "it asks for the places where a condition holds")
    first, second = alike(c, [x, y])
    return c.b.SelectV2(condition, first, second)


@operation("Select")
def select(c: Context) -> Value:
    """The first choice whose condition holds, else a default."""
    conditions, choices = c.argument(0, "condlist"), c.argument(1, "choicelist")
    *values, result = alike(c, [*choices, c.argument(2, "default", default=0)])
    for condition, value in list(zip(conditions, values, strict=True))[::-1]:
        result = c.b.SelectV2(as_dtype(c, condition, "bool"), value, result)
    return result


@operation("Size", "size")
def size_(c: Context) -> Value:
    """The number of entries."""
    x = tensor(c)
    found = product(c.b, c.sizes(x))
    return c.ints(found) if isinstance(found, int) else found


@operation("shape", "compat.v1.shape")
def shape(c: Context) -> Value:
    """The sizes."""
    return c.b.Shape(tensor(c))


@operation("Ndim", "rank")
def ndim(c: Context) -> Value:
    """The number of axes."""
    return c.ints(c.rank(tensor(c)))
