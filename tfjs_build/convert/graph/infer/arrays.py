"""Shape rules of ops that make, cut, join and rearrange tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tfjs_build.convert.graph.infer.shapes import (
    Rule,
    Spec,
    axis_of,
    merge,
    product,
    same,
    table,
    unknown,
    vector_dims,
)
from tfjs_build.convert.graph.ir import Dims, Value
from tfjs_build.convert.graph.slices import slice_axes, sliced_dims

Inputs = Sequence[Value]
Attrs = Mapping[str, Any]

_MOST_TENSORS: Final = 1 << 16
"""Most tensors that one op may give."""


def _const(_inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [(attrs["value"].shape, attrs["value"].dtype)]


def _shape(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [((value.rank,), attrs.get("out_type", "int32")) for value in inputs]


def _scalar(_inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [((), attrs.get("out_type", "int32"))]


def _reshape(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, target = inputs[0], inputs[1]
    shape = vector_dims(target)
    if shape is not None and target.known is not None and shape.count(None) == 1:
        # One size is free: the others and the number of elements settle it.
        total = product(value.shape) if value.shape is not None else None
        rest = product(size for size in shape if size is not None)
        if total is not None and rest:
            shape = tuple(total // rest if size is None else size for size in shape)
    return [(shape, value.dtype)]


def _squeeze(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value = inputs[0]
    axes = attrs.get("squeeze_dims") or attrs.get("axis") or ()
    if value.shape is None:
        return [(None, value.dtype)]
    if not axes:
        shape = None if None in value.shape else tuple(size for size in value.shape if size != 1)
        return [(shape, value.dtype)]
    gone = {axis_of(axis, len(value.shape)) for axis in axes}
    return [(tuple(size for axis, size in enumerate(value.shape) if axis not in gone), value.dtype)]


def _expand_dims(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, axis = inputs[0], inputs[1].ints
    if value.shape is None or axis is None:
        return [(None if value.shape is None else unknown(len(value.shape) + 1), value.dtype)]
    at = axis_of(axis[0], len(value.shape) + 1)
    return [((*value.shape[:at], 1, *value.shape[at:]), value.dtype)]


def _transpose(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, order = inputs[0], inputs[1].ints
    if value.shape is None or order is None:
        rank = value.rank if value.rank is not None else (inputs[1].shape[0] if inputs[1].shape else None)
        return [(None if rank is None else unknown(rank), value.dtype)]
    return [(tuple(value.shape[axis] for axis in order), value.dtype)]


def _joined(values: Inputs, axis: int | None) -> Dims:
    shapes = [value.shape for value in values if value.shape is not None]
    if axis is None or not shapes:
        return unknown(len(shapes[0])) if shapes else None
    rank = len(shapes[0])
    at = axis_of(axis, rank)
    whole = len(shapes) == len(values)
    result: Dims = shapes[0]
    for shape in shapes[1:]:
        result = merge(result, shape)
    assert result is not None
    sizes = [shape[at] for shape in shapes]
    total = sum(size for size in sizes if size is not None) if whole and None not in sizes else None
    return (*result[:at], total, *result[at + 1 :])


def _concat_v2(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    axis = inputs[-1].ints
    return [(_joined(inputs[:-1], axis[0] if axis else None), inputs[0].dtype)]


def _concat(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    axis = inputs[0].ints
    return [(_joined(inputs[1:], axis[0] if axis else None), inputs[1].dtype)]


def _pack(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    shape: Dims = None
    for value in inputs:
        shape = merge(shape, value.shape)
    if shape is None:
        return [(None, inputs[0].dtype)]
    at = axis_of(attrs.get("axis", 0), len(shape) + 1)
    return [((*shape[:at], len(inputs), *shape[at:]), inputs[0].dtype)]


def _number(value: Any) -> int:
    """Return how many tensors an op gives. Raises ValueError for more than any gives: sizes may have been counted."""
    number = int(value)
    if not 0 <= number <= _MOST_TENSORS:
        raise ValueError(f"an op does not give {number} tensors")
    return number


def _unpack(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value = inputs[0]
    shape: Dims = None
    if value.shape is not None:
        at = axis_of(attrs.get("axis", 0), len(value.shape))
        shape = (*value.shape[:at], *value.shape[at + 1 :])
    return [(shape, value.dtype)] * _number(attrs["num"])


def _split(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    axis, value, number = inputs[0].ints, inputs[1], _number(attrs["num_split"])
    if value.shape is None:
        return [(None, value.dtype)] * number
    if axis is None:
        return [(unknown(len(value.shape)), value.dtype)] * number
    at = axis_of(axis[0], len(value.shape))
    size = value.shape[at]
    part = None if size is None else size // number
    return [((*value.shape[:at], part, *value.shape[at + 1 :]), value.dtype)] * number


def _split_v(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, sizes, axis = inputs[0], inputs[1], inputs[2].ints
    number = _number(attrs["num_split"])
    if value.shape is None or axis is None:
        return [(None if value.shape is None else unknown(len(value.shape)), value.dtype)] * number
    at = axis_of(axis[0], len(value.shape))
    parts: Sequence[int | None] = sizes.known if sizes.known is not None else (None,) * number
    whole = value.shape[at]
    given = [part for part in parts if part is not None and part >= 0]
    rest = whole - sum(given) if whole is not None and len(given) == number - 1 else None
    return [
        ((*value.shape[:at], rest if part is None or part < 0 else part, *value.shape[at + 1 :]), value.dtype)
        for part in parts
    ]


def _slice(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, begin, size = inputs
    if value.shape is None:
        return [(vector_dims(size), value.dtype)]
    if size.known is None:
        return [(unknown(len(value.shape)), value.dtype)]
    begins = begin.known if begin.known is not None else (None,) * len(value.shape)
    shape = tuple(
        (None if whole is None or first is None else whole - first) if length == -1 else length
        for whole, first, length in zip(value.shape, begins, size.known, strict=True)
    )
    return [(shape, value.dtype)]


def _strided_slice(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, *numbers = inputs
    length = next((bound.shape[0] for bound in numbers if bound.shape), None)
    if value.shape is None or length is None:
        return [(None, value.dtype)]
    free = unknown(length)
    begin, end, strides = (bound.known if bound.known is not None else free for bound in numbers)
    axes = slice_axes(len(value.shape), begin, end, strides, attrs)
    return [(sliced_dims(value.shape, axes), value.dtype)]


def _gather(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, indices = inputs[0], inputs[1]
    axis = inputs[2].ints if len(inputs) > 2 else (0,)
    batch = int(attrs.get("batch_dims", 0))
    if value.shape is None or indices.shape is None or axis is None:
        return [(None, value.dtype)]
    at = axis_of(axis[0], len(value.shape))
    batch = axis_of(batch, len(indices.shape))
    return [((*value.shape[:at], *indices.shape[batch:], *value.shape[at + 1 :]), value.dtype)]


def _gather_nd(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, indices = inputs
    if value.shape is None or not indices.shape or indices.shape[-1] is None:
        return [(None, value.dtype)]
    return [((*indices.shape[:-1], *value.shape[indices.shape[-1] :]), value.dtype)]


def _scatter_nd(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(vector_dims(inputs[2]), inputs[1].dtype)]


def _sparse_to_dense(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(vector_dims(inputs[1]), inputs[2].dtype)]


def _tile(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, times = inputs
    if value.shape is None or times.known is None:
        return [(None if value.shape is None else unknown(len(value.shape)), value.dtype)]
    shape = tuple(product((size, n)) for size, n in zip(value.shape, times.known, strict=True))
    return [(shape, value.dtype)]


def _pad(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, pads = inputs[0], inputs[1]
    if value.shape is None:
        return [(unknown(pads.shape[0]) if pads.shape and pads.shape[0] is not None else None, value.dtype)]
    widths = _widths(pads, len(value.shape))
    shape = tuple(
        None if size is None or width is None else size + width for size, width in zip(value.shape, widths, strict=True)
    )
    return [(shape, value.dtype)]


def _broadcast_to(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, shape = inputs[0], vector_dims(inputs[1])
    if shape is not None and value.shape is not None:
        own = (1,) * (len(shape) - len(value.shape)) + value.shape
        shape = tuple(size if size is not None or there == 1 else there for size, there in zip(shape, own, strict=True))
    return [(shape, value.dtype)]


def _broadcast_args(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    ranks = [value.shape[0] if value.shape else None for value in inputs]
    return [((None if None in ranks else max(rank or 0 for rank in ranks),), inputs[0].dtype)]


def _space_to_batch(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, block, pads = inputs
    return [(_blocked(value, block, pads, lambda size, by, pad: (size + pad) // by, lambda n, by: n * by), value.dtype)]


def _batch_to_space(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, block, crops = inputs
    shape = _blocked(
        value, block, crops, lambda size, by, crop: size * by - crop, lambda n, by: n // by if by else None
    )
    return [(shape, value.dtype)]


def _blocked(
    value: Value,
    block: Value,
    widths: Value,
    along: Callable[[int, int, int], int],
    images: Callable[[int, int], int | None],
) -> Dims:
    """Return the shape after blocks have moved between the first axis and those after it; the last axes stay."""
    if value.shape is None:
        return None
    shape = list(value.shape)
    count = block.shape[0] if block.shape else None
    if count is not None and count >= len(shape):
        raise ValueError("blocks for more axes than there are")
    blocks = block.known if block.known is not None else (None,) * (len(shape) - 1 if count is None else count)
    factor = product(blocks)
    shape[0] = None if shape[0] is None or factor is None else images(shape[0], factor)
    for axis, (by, width) in enumerate(zip(blocks, _widths(widths, len(blocks)), strict=True), 1):
        size = shape[axis]
        shape[axis] = None if size is None or by is None or width is None else along(size, by, width)
    return tuple(shape)


def _widths(pads: Value, count: int) -> Sequence[int | None]:
    """Return how much paddings (or crops) add up to along each axis, as far as it is known."""
    if pads.known is None:
        return (None,) * count
    pairs = zip(pads.known[::2], pads.known[1::2], strict=True)
    return [None if before is None or after is None else before + after for before, after in pairs]


def _depth_to_space(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return _blocks(inputs[0], attrs, grow=True)


def _space_to_depth(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return _blocks(inputs[0], attrs, grow=False)


def _blocks(value: Value, attrs: Attrs, *, grow: bool) -> list[Spec]:
    if value.shape is None or len(value.shape) != 4:
        return [(None, value.dtype)]
    block = int(attrs["block_size"])
    channels = 1 if attrs.get("data_format", "NHWC") == "NCHW" else 3

    def scaled(size: int | None, factor: int, up: bool) -> int | None:
        return None if size is None else (size * factor if up else size // factor)

    shape = tuple(
        size if axis == 0 else scaled(size, block * block, not grow) if axis == channels else scaled(size, block, grow)
        for axis, size in enumerate(value.shape)
    )
    return [(shape, value.dtype)]


def _one_hot(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    indices, depth = inputs[0], inputs[1].ints
    if indices.shape is None:
        return [(None, inputs[2].dtype)]
    at = axis_of(int(attrs.get("axis", -1)), len(indices.shape) + 1)
    return [((*indices.shape[:at], depth[0] if depth else None, *indices.shape[at:]), inputs[2].dtype)]


def _fill(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(vector_dims(inputs[0]), inputs[1].dtype)]


def _random(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [(vector_dims(inputs[0]), attrs.get("dtype", "float32"))]


def _range(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    bounds = [value.ints for value in inputs]
    if all(bounds):
        start, stop, step = (bound[0] for bound in bounds if bound)
        if step:
            return [((max(0, -(-(stop - start) // step)),), inputs[0].dtype)]
    return [((None,), inputs[0].dtype)]


def _linspace(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    number = inputs[2].ints
    return [((number[0] if number else None,), inputs[0].dtype)]


def _identity_n(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(value.shape, value.dtype) for value in inputs]


def _diagonal_matrix(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    """Square matrices with one diagonal; what several diagonals, or sizes that are given, make is left open."""
    value, *more = inputs
    offset = more[0].ints if more else (0,)
    if value.shape is None or offset is None or len(offset) != 1 or any(v.ints != (-1,) for v in more[1:3]):
        return [(None, value.dtype)]
    side = None if value.shape[-1] is None else value.shape[-1] + abs(offset[0])
    return [((*value.shape[:-1], side, side), value.dtype)]


def _diagonal_part(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, *more = inputs
    offset = more[0].ints if more else (0,)
    if value.shape is None or offset is None or len(offset) != 1:
        return [(None, value.dtype)]
    rows, columns = value.shape[-2:]
    if rows is None or columns is None:
        return [((*value.shape[:-2], None), value.dtype)]
    length = max(0, min(rows + min(0, offset[0]), columns - max(0, offset[0])))
    return [((*value.shape[:-2], length), value.dtype)]


RULES: dict[str, Rule] = {
    "Const": _const,
    "PlaceholderWithDefault": same,
    **table(_shape, "Shape ShapeN"),
    **table(_scalar, "Rank Size"),
    "IdentityN": _identity_n,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "ExpandDims": _expand_dims,
    **table(_transpose, "Transpose ConjugateTranspose"),
    "ConcatV2": _concat_v2,
    "Concat": _concat,
    "Pack": _pack,
    "Unpack": _unpack,
    "Split": _split,
    "SplitV": _split_v,
    "Slice": _slice,
    "StridedSlice": _strided_slice,
    **table(_gather, "Gather GatherV2"),
    "GatherNd": _gather_nd,
    "ScatterNd": _scatter_nd,
    "SparseToDense": _sparse_to_dense,
    "Tile": _tile,
    **table(_pad, "Pad PadV2 MirrorPad"),
    "BroadcastTo": _broadcast_to,
    "BroadcastArgs": _broadcast_args,
    "SpaceToBatchND": _space_to_batch,
    "BatchToSpaceND": _batch_to_space,
    "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _space_to_depth,
    "OneHot": _one_hot,
    "Fill": _fill,
    **table(_random, "RandomStandardNormal RandomUniform TruncatedNormal Zeros Ones"),
    "Range": _range,
    "LinSpace": _linspace,
    **table(_diagonal_matrix, "MatrixDiag MatrixDiagV2 MatrixDiagV3"),
    **table(_diagonal_part, "MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3"),
}
