"""Shape rules of ops that look at what tensors hold: what is searched, counted and grouped, and strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.infer.shapes import Rule, Spec, table, unknown
from tfjs_build.convert.graph.ir import Value

Inputs = Sequence[Value]
Attrs = Mapping[str, Any]


def _where(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((None, inputs[0].rank), "int64")]


def _unique(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    axis = inputs[1].ints if len(inputs) > 1 else None
    size = inputs[0].shape[axis[0] if axis else 0] if inputs[0].shape and (axis or inputs[0].rank == 1) else None
    shape = (None,) if len(inputs) == 1 else (None if inputs[0].shape is None else unknown(len(inputs[0].shape)))
    return [(shape, inputs[0].dtype), ((size,), attrs.get("out_idx", "int32"))]


def _list_diff(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [((None,), inputs[0].dtype), ((None,), attrs.get("out_idx", "int32"))]


def _top_k(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value = inputs[0]
    number = inputs[1].ints
    shape = None if value.shape is None else (*value.shape[:-1], number[0] if number else None)
    return [(shape, value.dtype), (shape, attrs.get("index_type", "int32"))]


def _bound(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [(inputs[1].shape, attrs.get("out_type", "int32"))]


def _bincount(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    size = inputs[1].ints[0] if inputs[1].ints else None
    rows = inputs[0].shape
    shape = None if rows is None else ((rows[0], size) if len(rows) == 2 else (size,))
    return [(shape, inputs[2].dtype)]


def _bucketize(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(inputs[0].shape, "int32")]


def _in_top(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(inputs[1].shape, "bool")]


def _hash_bucket(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(inputs[0].shape, "int64")]


def _segment(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value = inputs[0]
    return [(None if value.shape is None else (None, *value.shape[1:]), value.dtype)]


def _unsorted_segment(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, ids, number = inputs
    if value.shape is None or ids.shape is None:
        return [(None, value.dtype)]
    return [((number.ints[0] if number.ints else None, *value.shape[len(ids.shape) :]), value.dtype)]


def _partitions(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, parts = inputs
    shape = None
    if value.shape is not None and parts.shape is not None:
        shape = (None, *value.shape[len(parts.shape) :])
    return [(shape, value.dtype)] * int(attrs["num_partitions"])


def _stitch(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    count = len(inputs) // 2
    index, value = inputs[0], inputs[count]
    if index.shape is None or value.shape is None:
        return [(None, value.dtype)]
    return [((None, *value.shape[len(index.shape) :]), value.dtype)]


def _string_split(_inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((None, 2), "int64"), ((None,), "string"), ((2,), "int64")]


def _ngrams(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((None,), "string"), (inputs[1].shape, inputs[1].dtype)]


def _fill_empty_rows(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    rank = inputs[2].shape[0] if inputs[2].shape else None
    rows, there = inputs[2].known[0] if inputs[2].known else None, inputs[0].shape[0] if inputs[0].shape else None
    return [((None, rank), "int64"), ((None,), inputs[1].dtype), ((rows,), "bool"), ((there,), "int64")]


def _sparse_reshape(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    rank = inputs[2].shape[0] if inputs[2].shape else None
    return [((inputs[0].shape[0] if inputs[0].shape else None, rank), "int64"), ((rank,), "int64")]


RULES: dict[str, Rule] = {
    "Where": _where,
    **table(_unique, "Unique UniqueV2"),
    "ListDiff": _list_diff,
    **table(_top_k, "TopKV2 TopK"),
    **table(_bound, "LowerBound UpperBound"),
    **table(_bincount, "Bincount DenseBincount"),
    "Bucketize": _bucketize,
    **table(_in_top, "InTopK InTopKV2"),
    "StringToHashBucketFast": _hash_bucket,
    **table(_segment, "SegmentSum SegmentMean SegmentMax SegmentMin SegmentProd SparseSegmentSum SparseSegmentMean"),
    **table(_unsorted_segment, "UnsortedSegmentSum UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd"),
    "DynamicPartition": _partitions,
    **table(_stitch, "DynamicStitch ParallelDynamicStitch"),
    "StringSplit": _string_split,
    "StringNGrams": _ngrams,
    "SparseFillEmptyRows": _fill_empty_rows,
    "SparseReshape": _sparse_reshape,
}
