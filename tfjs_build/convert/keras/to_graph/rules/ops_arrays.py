"""Operations that move, cut, join and look up."""

from __future__ import annotations

from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape, vector
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import integer, integers, single, tensor
from tfjs_build.convert.keras.to_graph.registry import operation


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
            sizes.append(-1 if item is None else single(c, item))
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
    first, second = (c.axis(x, single(c, c.argument(9, key))) for key in ("axis1", "axis2"))
    order = list(range(c.rank(x)))
    order[first], order[second] = second, first
    return c.b.Transpose(x, order)


@operation("Moveaxis")
def moveaxis(c: Context) -> Value:
    """Axes moved to other places, the others in their order."""
    x = tensor(c)
    source, target = ([c.axis(x, n) for n in integers(c, c.argument(9, key))] for key in ("source", "destination"))
    order = [each for each in range(c.rank(x)) if each not in source]
    c.require(len(source) == len(target), f"expects a destination for each source, got {source} and {target}")
    for place, each in sorted(zip(target, source, strict=True)):
        order.insert(place, each)
    return c.b.Transpose(x, order)


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
    if isinstance(given, Value):
        target = c.as_int(given)
    else:
        items = given if isinstance(given, (list, tuple)) else [given]
        offset = len(items) - c.rank(x)
        sizes = [c.size(x, place - offset) if size in (None, -1) else size for place, size in enumerate(items)]
        target = vector(c.b, [each if isinstance(each, Value) else single(c, each) for each in sizes])
    return c.b.BroadcastTo(x, target)


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
    turns = integer(c, c.argument(9, "k", default=1)) % 4
    first, second = (c.axis(x, each) for each in integers(c, c.argument(9, "axes", default=[0, 1]), 2))
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
