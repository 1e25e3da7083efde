"""Operators that bring numbers to other places: shapes, slices, joins, gathers, pads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.model import TYPES
from tfjs_build.convert.tflite.registry import rule
from tfjs_build.errors import SourceError

_SAME: Final = {
    "BATCH_TO_SPACE_ND": "BatchToSpaceND",
    "BROADCAST_ARGS": "BroadcastArgs",
    "BROADCAST_TO": "BroadcastTo",
    "EXPAND_DIMS": "ExpandDims",
    "FILL": "Fill",
    "GATHER_ND": "GatherNd",
    "MATRIX_DIAG": "MatrixDiag",
    "MATRIX_SET_DIAG": "MatrixSetDiag",
    "PAD": "Pad",
    "PADV2": "PadV2",
    "RANGE": "Range",
    "RANK": "Rank",
    "REVERSE_V2": "ReverseV2",
    "SCATTER_ND": "ScatterNd",
    "SLICE": "Slice",
    "SPACE_TO_BATCH_ND": "SpaceToBatchND",
    "SPARSE_TO_DENSE": "SparseToDense",
    "TILE": "Tile",
    "TRANSPOSE": "Transpose",
    "WHERE": "Where",
}
"""Operators that are an op of TensorFlow, under another name."""


@rule(*_SAME)
def same(c: Call) -> Value:
    """Many operators are an op of TensorFlow's."""
    return c.b.node(_SAME[c.operator.name], c.all(), {})[0]


@rule("RESHAPE")
def reshape(c: Call) -> Value:
    """The shape is an input, or, in old files, an option."""
    shape = c.optional(1)
    if shape is not None and shape.rank == 1:
        return c.b.Reshape(c.x, shape)
    return c.b.Reshape(c.x, c.b.const(list(c.option("new_shape", None) or ()), "int32"))


@rule("SQUEEZE")
def squeeze(c: Call) -> Value:
    """The axes to take away, all of size 1 where none is named."""
    return c.b.Squeeze(c.x, squeeze_dims=list(c.option("squeeze_dims", None) or ()))


@rule("SHAPE")
def shape(c: Call) -> Value:
    """Of 32 or 64 bits."""
    return c.b.Shape(c.x, out_type=_integers(c, "out_type"))


@rule("MIRROR_PAD")
def mirror_pad(c: Call) -> Value:
    """With the edge, or without it."""
    mode = c.option("mode")
    if mode not in (0, 1):
        raise SourceError(f"{c.label} is damaged: there is no mode of the number {mode}")
    return c.b.MirrorPad(c.x, c.value(1), mode=("REFLECT", "SYMMETRIC")[mode])


@rule("STRIDED_SLICE")
def strided_slice(c: Call) -> Value:
    """As TensorFlow's; with `offset`, an end counts from its beginning."""
    begin, end, strides = c.value(1), c.value(2), c.value(3)
    if c.option("offset"):
        end = c.b.AddV2(begin, end)
    masks = {
        name: c.option(name)
        for name in ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    }
    return c.b.node("StridedSlice", [c.x, begin, end, strides], masks)[0]


@rule("CONCATENATION")
def concatenation(c: Call) -> Value:
    """Along an axis that may be counted from the end."""
    values = c.all()
    return values[0] if len(values) == 1 else c.b.ConcatV2(*values, c.b.const(c.option("axis"), "int32"))


@rule("PACK")
def pack(c: Call) -> Value:
    """Along a new axis."""
    return c.b.Pack(*c.all(), axis=c.option("axis"))


@rule("UNPACK")
def unpack(c: Call) -> Sequence[Value]:
    """Along an axis, which goes."""
    return c.b.multi("Unpack", c.x, num=len(c.outputs), axis=c.option("axis"))


@rule("SPLIT")
def split(c: Call) -> Sequence[Value]:
    """Into parts of one size; the axis comes first."""
    return c.b.multi("Split", c.x, c.value(1), num_split=len(c.outputs))


@rule("SPLIT_V")
def split_sizes(c: Call) -> Sequence[Value]:
    """Into parts of given sizes."""
    return c.b.multi("SplitV", *c.all(), num_split=len(c.outputs))


@rule("GATHER")
def gather(c: Call) -> Value:
    """Entries along an axis."""
    axis, batch = c.option("axis"), c.option("batch_dims")
    indices = c.value(1)
    if batch < 0:
        batch += c.rank(indices)
    return c.b.GatherV2(c.x, indices, c.b.const(axis, "int32"), batch_dims=batch)


@rule("DEPTH_TO_SPACE", "SPACE_TO_DEPTH")
def blocks(c: Call) -> Value:
    """Channels as blocks of the image, or the other way round."""
    attrs = {"block_size": c.option("block_size"), "data_format": "NHWC"}
    return c.b.node("DepthToSpace" if c.operator.name == "DEPTH_TO_SPACE" else "SpaceToDepth", [c.x], attrs)[0]


@rule("REVERSE_SEQUENCE")
def reverse_sequence(c: Call) -> Value:
    """Each sequence up to its length."""
    return c.b.ReverseSequence(c.x, c.value(1), seq_dim=c.option("seq_dim"), batch_dim=c.option("batch_dim"))


@rule("ONE_HOT")
def one_hot(c: Call) -> Value:
    """One number where the index says, another one elsewhere."""
    return c.b.OneHot(*c.all(), axis=c.option("axis"))


@rule("UNIQUE")
def unique(c: Call) -> Sequence[Value]:
    """Each number once, and where each is."""
    return c.b.multi("Unique", c.x, out_idx=_integers(c, "idx_out_type"))


def _integers(c: Call, option: str) -> str:
    """Return the type of whole numbers that an option names."""
    found = c.option(option, TYPES.index("int32"))
    dtype = TYPES[found] if 0 <= found < len(TYPES) else ""
    if dtype not in ("int32", "int64"):
        raise SourceError(f"{c.label} is damaged: its {option} is number {found}")
    return dtype


@rule("ARG_MAX", "ARG_MIN")
def place(c: Call) -> Value:
    """Where the largest, or smallest, number is along an axis."""
    find = c.b.ArgMax if c.operator.name == "ARG_MAX" else c.b.ArgMin
    return find(c.x, c.value(1), output_type=_integers(c, "output_type"))


@rule("TOPK_V2")
def top(c: Call) -> Sequence[Value]:
    """The largest numbers, and where they are."""
    return c.b.multi("TopKV2", c.x, c.value(1), sorted=True)


@rule("CUMSUM")
def cumsum(c: Call) -> Value:
    """Sums up to each place."""
    flags = {key: bool(c.option(key)) for key in ("exclusive", "reverse")}
    return c.b.node("Cumsum", c.all(), flags)[0]
