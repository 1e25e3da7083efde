"""Operations that look for places, gather by them, or count: searches, segments, scattering."""

from __future__ import annotations

import math

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, reshape, vector
from tfjs_build.convert.keras.hints import AS_FLOATS
from tfjs_build.convert.keras.to_graph.context import Context, listed
from tfjs_build.convert.keras.to_graph.dtypes import alike, as_dtype
from tfjs_build.convert.keras.to_graph.operands import (
    amount,
    integer,
    integers,
    number,
    operand,
    real,
    several,
    single,
    tensor,
    tensors,
)
from tfjs_build.convert.keras.to_graph.registry import operation


@operation("Digitize")
def digitize(c: Context) -> Value:
    """The number of the bin that a number falls into."""
    bins = [float(number(c, each)) for each in several(c, c.argument(1, "bins"), "numbers")]
    return c.b.Bucketize(real(c), boundaries=bins)


@operation("SearchSorted", "searchsorted")
def search_sorted(c: Context) -> Value:
    """How many entries of a sorted vector are below a number."""
    b = c.b
    ordered, x = alike(c, [operand(c, 0, "sorted_sequence"), operand(c, 1, "values")])
    one = c.rank(ordered) == 1
    rows, places = (b.Reshape(value, [1, -1] if one else vector(b, [-1, c.size(value, -1)])) for value in (ordered, x))
    right = c.argument(9, "side", default="left") == "right"
    found = b.UpperBound(rows, places) if right else b.LowerBound(rows, places)
    return reshape(b, found, c.sizes(x))


@operation("IsIn")
def is_in(c: Context) -> Value:
    """Whether entries are among others."""
    x, others = alike(c, [operand(c), operand(c, 1, "x2")])
    found = c.b.Any(c.b.Equal(c.b.ExpandDims(x, -1), c.b.Reshape(others, [-1])), [-1])
    return c.b.LogicalNot(found) if c.flag(9, "invert") else found


@operation("UnravelIndex")
def unravel_index(c: Context) -> list[Value]:
    """Flat places as places along axes."""
    x = c.as_int(tensor(c, 0, "indices"))
    shape = integers(c, c.argument(1, "shape"))
    places: list[Value] = []
    for size in shape[::-1]:
        places.insert(0, c.b.FloorMod(x, size))
        x = c.b.FloorDiv(x, size)
    return places


@operation("Nanargmax", "Nanargmin")
def nan_arg_extreme(c: Context) -> Value:
    """The place of the largest or smallest entry, NaN left out; -1 where there is nothing else."""
    b, x = c.b, real(c)
    largest = c.layer.class_name == "Nanargmax"
    given = c.argument(9, "axis", default=None)
    x, along = (b.Reshape(x, [-1]), 0) if given is None else (x, c.axis(x, single(c, given)))
    missing = b.IsNan(x)
    filled = b.SelectV2(missing, c.constant(float("-inf") if largest else float("inf")), x)
    y = b.node("ArgMax" if largest else "ArgMin", [filled, c.ints(along)], {"output_type": "int32"})[0]
    y = b.SelectV2(b.All(missing, [along]), c.ints(-1), y)
    return b.ExpandDims(y, along) if c.flag(9, "keepdims") else y


_SEGMENTS = {
    f"{prefix}{name}": op
    for op in ("Sum", "Max", "Min", "Prod")
    for prefix, name in (("Segment", op), ("math.unsorted_segment_", op.lower()))
}


@operation(*_SEGMENTS)
def segment(c: Context) -> Value:
    """Rows of the same segment taken together."""
    data, segments = tensor(c, 0, "data"), c.as_int(tensor(c, 1, "segment_ids"))
    count = c.argument(9, "num_segments", default=None)
    if count is None:
        raise c.refuse("num_segments=None is not supported: the number of segments is not known when converting")
    op = _SEGMENTS[str(c.layer.function)]
    if op != "Sum":
        c.expect_dtype(data, "float32", hint=AS_FLOATS)
    return c.b.node(f"UnsortedSegment{op}", [data, segments, c.ints(integer(c, count))], {})[0]


@operation("Scatter", "scatter_nd")
def scatter(c: Context) -> Value:
    """Zeros with values added at places."""
    places, values = c.as_int(tensor(c, 0, "indices")), tensor(c, 1, "values", "updates")
    return c.b.ScatterNd(places, values, c.ints(integers(c, c.argument(2, "shape"))))


@operation("ScatterUpdate", "tensor_scatter_nd_update")
def scatter_update(c: Context) -> Value:
    """Values put in the place of others."""
    x, places = tensor(c, 0, "inputs", "tensor"), c.as_int(tensor(c, 1, "indices"))
    values = as_dtype(c, operand(c, 2, "updates"), x.dtype)
    how = c.argument(9, "reduction", default=None)
    c.one_of("reduction", how, (None, "add"))
    op = "TensorScatterUpdate" if how is None else "TensorScatterAdd"
    return c.b.node(op, [x, places, values], {})[0]


@operation("Meshgrid", "meshgrid")
def meshgrid(c: Context) -> list[Value]:
    """Vectors spread over a grid."""
    values = [value for value in c.args if isinstance(value, Value)] or tensors(c)
    rank = len(values)
    exchanged = c.argument(99, "indexing", default="xy") == "xy" and rank > 1
    flat = [c.b.Reshape(value, [-1]) for value in values]
    sizes: list[Size] = [c.size(value, 0) for value in flat]
    order = [1, 0, *range(2, rank)] if exchanged else list(range(rank))
    target = vector(c.b, [sizes[each] for each in order])
    spread = []
    for place, value in enumerate(flat):
        shape = [1] * rank
        shape[order.index(place)] = -1
        spread.append(c.b.BroadcastTo(c.b.Reshape(value, shape), target))
    return spread


@operation("Rearrange")
def rearrange(c: Context) -> Value:
    """Axes taken apart, ordered and joined, by a pattern as einops has it."""
    x = tensor(c)
    pattern = str(c.argument(1, "pattern"))
    left, arrow, right = pattern.partition("->")
    c.require(bool(arrow) and "..." not in pattern, f"pattern={pattern!r} is not supported: an ellipsis, or no `->`")
    groups, target = _groups(left), _groups(right)
    c.require(len(groups) == c.rank(x), f"expects rank {len(groups)} for pattern={pattern!r}, got rank {c.rank(x)}")
    sizes: dict[str, Size] = {}
    for axis, group in enumerate(groups):
        known = {name: amount(c, c.kwargs[name], name) for name in group if name in c.kwargs}
        rest = [name for name in group if name not in known]
        whole = c.size(x, axis)
        done = math.prod(known.values())
        c.require(len(rest) <= 1, f"expects all but one of the sizes of {listed(rest)} in pattern={pattern!r}")
        sizes.update(known)
        for name in rest:
            sizes[name] = whole // done if isinstance(whole, int) else c.b.FloorDiv(whole, done)
    names = [name for group in groups for name in group]
    c.require(
        len(set(names)) == len(names) and sorted(names) == sorted(name for group in target for name in group),
        f"expects every axis once on both sides of pattern={pattern!r}",
    )
    y = c.b.Reshape(x, vector(c.b, [sizes[name] for name in names]))
    y = c.b.Transpose(y, [names.index(name) for group in target for name in group])
    from tfjs_build.convert.graph.sizes import product

    return c.b.Reshape(y, vector(c.b, [product(c.b, [sizes[name] for name in group]) for group in target]))


def _groups(text: str) -> list[list[str]]:
    """Return `b (h p) 1` as [["b"], ["h", "p"], []]."""
    groups: list[list[str]] = []
    inside: list[str] | None = None
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            inside = []
        elif word == ")":
            groups.append(inside or [])
            inside = None
        elif inside is not None:
            inside.append(word)
        else:
            groups.append([] if word == "1" else [word])
    return groups


# --- numbers ----------------------------------------------------------------------------------------------------------


@operation("Isreal")
def is_real(c: Context) -> Value:
    """Whether numbers have no imaginary part."""
    x = tensor(c)
    if x.dtype == "complex64":
        return c.b.Equal(c.b.Imag(x), 0.0)
    return c.b.Fill(c.b.Shape(x), True)


@operation("FullLike")
def full_like(c: Context) -> Value:
    """One number, in the shape of a tensor."""
    from tfjs_build.convert.keras.to_graph.rules.ops_logic import cast_to

    x = tensor(c)
    dtype = c.argument(9, "dtype", default=None)
    like = x if dtype is None else cast_to(c, x, str(dtype))
    return c.b.Fill(c.b.Shape(x), as_dtype(c, operand(c, 1, "fill_value"), like.dtype))


@operation("SparseCategoricalCrossentropy")
def sparse_crossentropy(c: Context) -> Value:
    """-log of the target's probability."""
    from tfjs_build.convert.keras.to_graph.activations import softmax

    b = c.b
    target, output = c.as_int(tensor(c, 0, "target")), real(c, 1, "output")
    if c.rank(target) == c.rank(output):
        target = b.Squeeze(target, squeeze_dims=[c.rank(target) - 1])
    if c.argument(2, "from_logits", default=False) is not True:
        output = b.Log(b.ClipByValue(output, 1e-7, 1.0 - 1e-7))
    logs = softmax(b, output, log=True)
    own = b.Equal(b.ExpandDims(target, -1), b.Range(0, c.fixed(output, -1), 1))
    return -b.Sum(b.SelectV2(own, logs, 0.0), [-1])


@operation("SobelEdges")
def sobel_edges(c: Context) -> Value:
    """Slopes downwards and to the right."""
    from tfjs_build.convert.keras.to_graph.windows import channels_first, to_last

    b = c.b
    x = to_last(c, real(c, 0, "images"), 2)
    channels = c.fixed(x, -1)
    down = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32)
    kernel = np.stack([down, down.T], axis=-1)[:, :, None, :]
    wide = c.constant(np.tile(kernel, [1, 1, channels, 1]))
    padded = b.MirrorPad(x, c.ints([[0, 0], [1, 1], [1, 1], [0, 0]]), mode="REFLECT")
    ones = [1] * 4
    y = b.DepthwiseConv2dNative(padded, wide, strides=ones, padding="VALID", data_format="NHWC", dilations=ones)
    y = b.Reshape(y, vector(b, [c.size(x, 0), c.size(x, 1), c.size(x, 2), channels, 2]))
    return b.Transpose(y, [0, 3, 1, 2, 4]) if channels_first(c) else y
