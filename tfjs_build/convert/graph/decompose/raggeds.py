"""Ragged tensors: rows of different lengths, made into one tensor."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.reductions import NEVER_READ
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, rank_text, refuse, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, one_more, size


@rule("RaggedTensorToTensor")
def _to_tensor(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Look up each place of the result among the values, behind which stands the default."""
    shape, values, default, *partitions = inputs
    types = [str(each) for each in attrs.get("row_partition_types", [])]
    wanted = (-1, -1) if shape.rank == 0 else shape.known or (None,) * 2
    if values.rank != 1 or default.rank != 0 or len(wanted) != 2:
        raise refuse(b, "RaggedTensorToTensor", f"expects rows of single values (rank 1), got {rank_text(values)}.")
    if types == ["ROW_SPLITS"]:
        splits = b.Cast(partitions[0], DstT="int32")
        starts = b.StridedSlice(splits, [0], [-1], [1])
        lengths = b.StridedSlice(splits, [1], [0], [1], end_mask=1) - starts
    elif types == ["FIRST_DIM_SIZE", "VALUE_ROWIDS"]:
        count, rows = (b.Cast(each, DstT="int32") for each in partitions)
        lengths = b.Sum(b.OneHot(one_more(b, rows, -1), count, 1, 0), [0], **{NEVER_READ: True})
        starts = b.Cumsum(lengths, 0, exclusive=True)
    else:
        raise refuse(
            b,
            "RaggedTensorToTensor",
            f"row_partition_types={types} are not supported, only ROW_SPLITS, or FIRST_DIM_SIZE and VALUE_ROWIDS, are.",
        )
    if wanted[0] is None:
        raise refuse(b, "RaggedTensorToTensor", "the number of rows of its result is not known when converting.")
    if wanted[0] >= 0:
        nothing = b.const([0] * wanted[0], "int32")
        lengths, starts = (b.Slice(b.ConcatV2(x, nothing, 0), [0], [wanted[0]]) for x in (lengths, starts))
    columns = _columns(b, shape, wanted[1], lengths)
    column = b.ExpandDims(b.Range(0, columns, 1), 0)
    there = b.Less(column, b.ExpandDims(lengths, 1))
    place = b.SelectV2(there, b.ExpandDims(starts, 1) + column, _count(b, values))
    return b.GatherV2(b.ConcatV2(values, b.ExpandDims(default, 0), 0), place, 0)


@rule("RaggedBincount")
def _bincount(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Count how often each number below `size` stands in each row: the one-hot vectors of its values, summed.

    Numbers from `size` on count nowhere. Without `weights`, each counts 1; `binary_output` asks whether there is any.
    """
    splits, values, count, weights = inputs
    if values.rank != 1 or weights.static is None:
        raise refuse(b, "RaggedBincount", f"expects rows of single values (rank 1), got {rank_text(values)}.")
    splits = b.Cast(splits, DstT="int32")
    place = b.ExpandDims(b.Range(0, _count(b, values), 1), 0)
    starts = b.ExpandDims(b.StridedSlice(splits, [0], [-1], [1]), 1)
    ends = b.ExpandDims(b.StridedSlice(splits, [1], [0], [1], end_mask=1), 1)
    inside = b.Cast(b.LogicalAnd(b.GreaterEqual(place, starts), b.Less(place, ends)), DstT="float32")
    hot = b.OneHot(b.Cast(values, DstT="int32"), b.Cast(count, DstT="int32"), 1.0, 0.0)
    binary = bool(attrs.get("binary_output"))
    if not binary and weights.static != (0,):
        hot = hot * b.ExpandDims(b.Cast(weights, DstT="float32"), 1)
    total = b.MatMul(inside, hot)
    return b.Cast(b.Greater(total, 0.0) if binary else total, DstT=weights.dtype)


def _columns(b: Builder, shape: Value, wanted: int | None, lengths: Value) -> Size:
    if wanted is not None and wanted >= 0:
        return wanted
    longest = b.Maximum(b.Max(lengths, [0]), 0)
    if wanted is not None:
        return longest
    given = b.Cast(b.GatherV2(shape, 1, 0), DstT="int32")
    return b.SelectV2(b.Less(given, 0), longest, given)


def _count(b: Builder, values: Value) -> Value:
    found = size(b, values, 0)
    return b.const(found, "int32") if isinstance(found, int) else found
