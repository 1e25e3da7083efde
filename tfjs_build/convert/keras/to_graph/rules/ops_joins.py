"""Operations that join, split, repeat and pad."""

from __future__ import annotations

from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context, shown
from tfjs_build.convert.keras.to_graph.dtypes import alike, as_dtype
from tfjs_build.convert.keras.to_graph.operands import (
    MOST_ENTRIES,
    MOST_PARTS,
    amount,
    axis,
    integers,
    operand,
    several,
    single,
    tensor,
    tensors,
)
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.reshaping import repeated


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
    return c.concat(values, c.axis(values[0], single(c, given)))


@operation("Stack", "stack")
def stack(c: Context) -> Value:
    """Several along a new axis."""
    values = tensors(c)
    rank = c.rank(values[0]) + 1
    place = single(c, c.argument(1, "axis", default=0)) % rank
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
    counts = [amount(c, each, "repeats", 0) for each in integers(c, c.argument(1, "repeats"))]
    if given is None:
        x, given = c.b.Reshape(x, [-1]), 0
    along = c.axis(x, single(c, given))
    if len(counts) == 1:
        return repeated(c, x, along, counts[0])
    c.require(sum(counts) <= MOST_ENTRIES, f"expects `repeats` that come to {MOST_ENTRIES} at most, got {sum(counts)}")
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
        c.require(1 <= given <= MOST_PARTS, f"expects 1 to {MOST_PARTS} parts, got {given}")
        if size % given == 0:
            return list(c.b.multi("Split", c.ints(along), x, num_split=given))
        sizes = [size // given + (place < size % given) for place in range(given)]
    elif c.layer.operation:
        cuts = [min(cut, c.fixed(x, along)) for cut in integers(c, given)]
        sizes = [high - low for low, high in zip([0, *cuts], [*cuts, c.fixed(x, along)], strict=True)]
    else:
        sizes = integers(c, given)
    c.require(1 <= len(sizes) <= MOST_PARTS, f"expects 1 to {MOST_PARTS} parts, got {len(sizes)}")
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
        items = several(c, given, "paddings")
        nested = any(isinstance(each, (list, tuple)) for each in items)
        rows = [integers(c, row) for row in (items if nested else [items])]
        c.require(
            all(len(row) in (1, 2) for row in rows), f"expects one or two paddings for an axis, got {shown(given)}"
        )
        rows = rows * rank if len(rows) == 1 else rows
        pairs = [[row[0], row[-1]] for row in rows]
    mode = str(c.argument(2, "mode", default="constant")).lower()
    paddings = c.ints(pairs)
    if mode in ("reflect", "symmetric"):
        return c.b.MirrorPad(x, paddings, mode=mode.upper())
    c.one_of("mode", mode, ("constant", "reflect", "symmetric"))
    fill = c.argument(9, "constant_values", default=None)
    if fill is None or fill == 0:
        return c.b.Pad(x, paddings)
    return c.b.PadV2(x, paddings, as_dtype(c, fill, x.dtype))
