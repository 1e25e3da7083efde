"""Choosing, counting and scattering."""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, rank_text, refuse, rule
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.sizes import Size, product, reshape, size, times, vector

_HALF_FLOAT_INTEGERS: Final = 2048
"""The largest integer up to which half floats have them all."""


@rule("Select")
def _select(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """The old op takes whole rows where its condition is a vector; TensorFlow.js would broadcast it along the last
    axis."""
    condition, x, y = inputs
    if condition.rank == 1 and (x.rank or 1) > 1:
        condition = b.Reshape(condition, [-1] + [1] * ((x.rank or 1) - 1))
    elif condition.rank is None or (condition.rank == 1 and x.rank is None):
        raise refuse(b, "Select", "the rank of its condition is not known when converting.", "Use tf.where.")
    return b.SelectV2(condition, x, y)


@rule("Bucketize")
def _bucketize(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Count the boundaries that a number is not below: NaN is below none."""
    x = inputs[0]
    boundaries = np.array(attrs.get("boundaries", []), np.float32)
    below = b.Less(b.Cast(b.ExpandDims(x, -1), DstT="float32"), b.const(boundaries))
    return b.Sub(b.const(boundaries.size, "int32"), b.Sum(b.Cast(below, DstT="int32"), [-1]))


@rule("SelectV2")
def _select_v2(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """1. wasm moves four bytes for each entry, also of bools, which have one. 2. Strings are picked by their places."""
    condition, x, y = inputs
    if x.dtype == "string":
        count = b.Size(x)
        places = [b.Reshape(b.Range(0, b.Size(value), 1), b.Shape(value)) for value in (x, y)]
        chosen = b.SelectV2(condition, places[0], places[1] + count)
        return b.GatherV2(b.ConcatV2(b.Reshape(x, [-1]), b.Reshape(y, [-1]), 0), chosen, 0)
    if x.dtype != "bool":
        return None
    return b.LogicalOr(b.LogicalAnd(condition, x), b.LogicalAnd(b.LogicalNot(condition), y))


@rule("Where")
def _where(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """wasm makes a byte of each number first: 0.5 and 256 are nothing there."""
    x = inputs[0]
    return None if x.dtype == "bool" or x.dtype == "string" else b.Where(b.NotEqual(x, b.ZerosLike(x)))


@rule("OneHot")
def _one_hot(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js's own puts the new axis last, is an error below a depth of 2, writes integers on wasm whatever the
    type, and zeros on webgpu where what it gives is cast: each index is compared with the places instead."""
    indices, depth, on, off = inputs
    axis = int(attrs.get("axis", -1))
    last = axis in (-1, indices.rank)
    if not last and indices.rank is None:
        raise refuse(b, "OneHot", f"axis={axis} is not supported with indices of unknown rank, only the last axis is.")
    plain = on.constant and off.constant and (on.constant.item(), off.constant.item()) == (1, 0)
    places = b.Range(0, depth, 1)
    if not last:
        places = b.Reshape(places, [-1] + [1] * ((indices.rank or 0) - axis))
    there = b.Equal(b.ExpandDims(b.Cast(indices, DstT="int32"), axis), places)
    return b.Cast(there, DstT=on.dtype) if plain and on.dtype != "bool" else b.SelectV2(there, on, off)


@rule("TopK")
def _top_k(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    return b.multi("TopKV2", inputs[0], int(attrs["k"]), sorted=attrs.get("sorted", True))


@rule("InTopK")
def _in_top_of(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    predictions, targets = inputs
    return b.InTopKV2(predictions, targets, int(attrs["k"]))


@rule("InTopKV2")
def _in_top_k(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """A class is among the first k if fewer than k have a higher score. TensorFlow says no where there is no such
    class, and where any of the scores is infinite or NaN."""
    scores, targets, k = inputs
    classes = size(b, scores, 1)
    target = b.Cast(targets, DstT="int32")
    there = b.LogicalAnd(b.GreaterEqual(target, 0), b.Less(target, classes))
    own = b.GatherV2(scores, b.ExpandDims(b.SelectV2(there, target, b.ZerosLike(target)), 1), 1, batch_dims=1)
    higher = b.Sum(b.Cast(b.Greater(scores, own), DstT="int32"), [1])
    finite = b.All(b.IsFinite(scores), [1])
    return b.LogicalAnd(b.LogicalAnd(there, finite), b.Less(higher, b.Cast(k, DstT="int32")))


@rule("InvertPermutation")
def _invert(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x = inputs[0]
    count = b.Size(x)
    return b.ScatterNd(b.ExpandDims(x, 1), b.Range(0, count, 1), b.ExpandDims(count, 0))


@rule("GatherV2")
def _gather(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """1. wasm goes wrong in the second batch: the batches are gathered from one long list instead; by GatherNd where
    that list is known to be longer than half-float textures have numbers for. (GatherNd takes nothing for an error.)
    2. Strings are gathered by GatherNd alone."""
    x, indices, axis = inputs
    batch = int(attrs.get("batch_dims", 0))
    if x.dtype == "string" and (batch or axis.ints != (0,)):
        raise refuse(
            b, "GatherV2", "strings are not supported here: TensorFlow.js gathers them along the first axis only."
        )
    if x.dtype == "string":
        return b.GatherNd(x, b.ExpandDims(indices, -1))
    if batch == 0:
        return None
    if x.rank is None or indices.rank is None or axis.ints is None:
        raise refuse(b, "GatherV2", f"batch_dims={batch} is not supported where the rank of an input is not known.")
    batch, along = axis_of(batch, indices.rank), axis_of(axis.ints[0], x.rank)
    order = [*range(batch), along, *(i for i in range(batch, x.rank) if i != along)]
    rows = b.Transpose(x, order)
    batches = [size(b, rows, i) for i in range(batch)]
    count = size(b, rows, batch)
    rest = [size(b, rows, i) for i in range(batch + 1, x.rank)]
    own = [size(b, indices, i) for i in range(batch, indices.rank)]
    flat = reshape(b, b.Cast(indices, DstT="int32"), [product(b, batches), product(b, own)])
    numbers = b.Range(0, product(b, batches), 1)
    entries = times(b, product(b, batches), count)
    if isinstance(entries, int) and entries > _HALF_FLOAT_INTEGERS:
        table = reshape(b, rows, [product(b, batches), count, *rest])
        found = b.GatherNd(table, b.Pack(b.ZerosLike(flat) + b.ExpandDims(numbers, 1), flat, axis=2))
    else:
        places = b.Reshape(flat + b.ExpandDims(numbers * count, 1), [-1])
        found = b.GatherV2(reshape(b, rows, [entries, *rest]), places, 0)
    picked = reshape(b, found, [*batches, *own, *rest])
    # The gathered axes stand where the batches end; in the result they stand where the axis was.
    moved = list(range(batch, batch + len(own)))
    between = list(range(batch + len(own), batch + len(own) + along - batch))
    last = list(range(batch + len(own) + along - batch, len(batches) + len(own) + len(rest)))
    return b.Transpose(picked, [*range(batch), *between, *moved, *last])


@rule("TensorScatterUpdate")
def _scatter_update(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """The cpu backend writes into the tensor itself, be it a weight: it gets a copy."""
    x, indices, updates = inputs
    if 0 in (*(updates.shape or ()), *(indices.shape or ())[:-1]):
        return b.Identity(x)
    copy = b.node("LogicalOr" if x.dtype == "bool" else "Maximum", [x, x], {"_keep": True})[0]
    return b.TensorScatterUpdate(copy, indices, updates)


@rule("DenseBincount")
def _bincount(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """The cpu backend counts in a vector where it is asked whether there is any."""
    x, _, weights = inputs
    if not attrs.get("binary_output") or x.rank == 2:
        return None
    counted = b.DenseBincount(*inputs, binary_output=False)
    return b.Cast(b.Greater(counted, b.ZerosLike(counted)), DstT=weights.dtype)


@rule("TensorScatterAdd")
def _scatter_add(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, indices, updates = inputs
    return x + b.ScatterNd(indices, updates, b.Shape(x))


@rule("TensorScatterSub")
def _scatter_sub(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, indices, updates = inputs
    return x - b.ScatterNd(indices, updates, b.Shape(x))


@rule("ReverseSequence")
def _reverse(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Gather each row's first entries in reverse order, the others in place."""
    x, lengths = inputs
    if x.rank is None:
        raise refuse(b, "ReverseSequence", "the rank of its input is not known.")
    along, batch = (axis_of(int(attrs.get(key, 0)), x.rank) for key in ("seq_dim", "batch_dim"))
    order = [batch, along, *(axis for axis in range(x.rank) if axis not in (batch, along))]
    rows = b.Transpose(x, order)
    count = size(b, rows, 1)
    place = b.ExpandDims(b.Range(0, count, 1), 0)
    length = b.ExpandDims(b.Cast(lengths, DstT="int32"), 1)
    index = b.SelectV2(b.Less(place, length), length - 1 - place, place + b.ZerosLike(length))
    turned = b.GatherV2(rows, index, 1, batch_dims=1)
    return b.Transpose(turned, [order.index(axis) for axis in range(x.rank)])


@rule("DynamicPartition")
def _partition(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, parts = inputs
    if parts.rank != 1:
        raise refuse(b, "DynamicPartition", f"expects partitions of rank 1, got {rank_text(parts)}.")
    chosen = (b.Reshape(b.Where(b.Equal(parts, number)), [-1]) for number in range(int(attrs["num_partitions"])))
    return [b.GatherV2(x, places, 0) for places in chosen]


@rule("DynamicStitch", "ParallelDynamicStitch")
def _stitch(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """Put rows in the places that the indices say."""
    count = len(inputs) // 2
    indices, values = inputs[:count], inputs[count:]
    if any(index.rank != 1 for index in indices) or values[0].rank is None:
        ranks = ", ".join(rank_text(index) for index in indices)
        raise refuse(b, "DynamicStitch", f"expects indices of rank 1, and data of known rank, got {ranks}.")
    places = b.ConcatV2(*indices, 0) if count > 1 else indices[0]
    rows = b.ConcatV2(*values, 0) if count > 1 else values[0]
    total = b.Max(places, [0]) + 1
    rest: list[Size] = [size(b, rows, axis) for axis in range(1, rows.rank or 1)]
    return b.ScatterNd(b.ExpandDims(places, 1), rows, vector(b, [total, *rest]))
