"""Rows of one segment taken together: they are scattered to the same place, where TensorFlow.js adds them up; for the
largest, the smallest and the product of rows, each segment looks at all of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, rank_text, refuse, rule
from tfjs_build.convert.graph.dtypes import FLOATING
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, one_more, reshape, size, surely_some, vector


@rule("SegmentSum")
def _sum(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return _segments(b, "SegmentSum", inputs[0], inputs[1], _count(b, inputs[1]))


@rule("SegmentMean")
def _segment_mean(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    values, ids = inputs
    count = _count(b, ids)
    total = _segments(b, "SegmentMean", values, ids, count)
    return b.DivNoNan(total, _rows_in_each(b, values, ids, count))


@rule("UnsortedSegmentSum")
def _unsorted_sum(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """Rows whose segment is negative count nowhere: they go to one more, which is cut off."""
    values, ids, count = _rows(b, "UnsortedSegmentSum", inputs)
    ids = b.SelectV2(b.GreaterEqual(ids, 0), ids, count)  # of none, TensorFlow.js gives as many as the second has
    return _segments(b, "UnsortedSegmentSum", values, ids, count, spare=True)


def _rows(b: Builder, op: str, inputs: Inputs) -> tuple[Value, Value, Size]:
    """Return rows, the vector of their segments and how many segments there are."""
    values, ids, number = inputs
    if ids.rank is None or values.rank is None:
        raise refuse(b, op, "the rank of its inputs is not known when converting.")
    if ids.rank != 1:
        rest = [size(b, values, axis) for axis in range(ids.rank, values.rank)]
        values, ids = reshape(b, values, [-1, *rest]), b.Reshape(ids, [-1])
    return values, ids, number.ints[0] if number.ints else number


_LARGEST: Final = float(np.finfo(np.float32).max)
_OF_NO_ROWS: Final = {"Max": -_LARGEST, "Min": _LARGEST, "Prod": 1.0}
"""What TensorFlow gives for a segment without rows, by the reduction: it changes nothing beside any row."""


def _unsorted(kind: str) -> Decomposition:
    def reduced(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        """Each segment takes all rows, those of others as what changes nothing. Negative segments are nobody's."""
        op = f"UnsortedSegment{kind}"
        values, ids, count = _rows(b, op, inputs)
        if values.dtype not in FLOATING:
            raise refuse(b, op, "its numbers are integers.")
        member = b.Equal(b.ExpandDims(ids, 0), b.ExpandDims(b.Range(0, count, 1), 1))
        for _ in range((values.rank or 1) - 1):
            member = b.ExpandDims(member, -1)
        wide = b.SelectV2(member, b.ExpandDims(values, 0), _OF_NO_ROWS[kind])
        return b.node(kind, [wide, b.const(1, "int32")], {})[0]

    return reduced


for _kind in _OF_NO_ROWS:
    rule(f"UnsortedSegment{_kind}")(_unsorted(_kind))


def _sparse(op: str, kind: str) -> Decomposition:
    def reduced(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        """Rows are looked up, then added up; a mean divides by their number, or by its square root."""
        data, indices, ids, *number = inputs
        count: Size = _count(b, ids)
        if number:
            count = number[0].ints[0] if number[0].ints else b.Cast(number[0], DstT="int32")
        rows = b.GatherV2(data, indices, 0)
        total = _segments(b, op, rows, ids, count)
        if kind == "Sum":
            return total
        many = _rows_in_each(b, rows, ids, count)
        return b.DivNoNan(total, b.Sqrt(many) if kind == "SqrtN" else many)

    return reduced


for _op, _kind in (
    ("SparseSegmentSumWithNumSegments", "Sum"),
    ("SparseSegmentMeanWithNumSegments", "Mean"),
    ("SparseSegmentSqrtN", "SqrtN"),
    ("SparseSegmentSqrtNWithNumSegments", "SqrtN"),
):
    rule(_op)(_sparse(_op, _kind))


def _segments(b: Builder, op: str, values: Value, ids: Value, count: Size, *, spare: bool = False) -> Value:
    """Return the sums of the rows of each segment. Rows may be of one segment more, which is cut off, where it is
    `spare`; where there may be no row, one of zeros is: backends scatter nothing wrongly."""
    if values.rank is None or ids.rank != 1:
        raise refuse(
            b,
            op,
            f"expects segment_ids of rank 1, and data of known rank, got {rank_text(ids)} and {rank_text(values)}.",
        )
    rest: list[Size] = [size(b, values, axis) for axis in range(1, values.rank)]
    places, more = b.Cast(ids, DstT="int32"), count
    some = surely_some(ids) or surely_some(values)
    if not some:
        places = b.ConcatV2(places, b.Reshape(count, [1]), 0)
        values = b.PadV2(values, [[0, 1], *[[0, 0]] * len(rest)], b.const(0, values.dtype))
    if spare or not some:
        more = count + 1 if isinstance(count, int) else b.AddV2(count, 1)
    total = b.ScatterNd(b.ExpandDims(places, 1), values, vector(b, [more, *rest]))
    return total if more is count else b.Slice(total, [0] * (len(rest) + 1), vector(b, [count, *[-1] * len(rest)]))


def _rows_in_each(b: Builder, values: Value, ids: Value, count: Size) -> Value:
    """Return how many rows each segment has, shaped to go with the sums."""
    rank = values.rank or 1
    ones = b.OnesLike(b.Cast(ids, DstT=values.dtype))
    return b.Reshape(_segments(b, "segments", ones, ids, count), [-1] + [1] * (rank - 1))


def _count(b: Builder, ids: Value) -> Value:
    return b.Max(one_more(b, b.Cast(ids, DstT="int32"), -1), [0]) + 1
