"""Tensor lists: what TensorFlow.js gives otherwise, or does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.infer.lists import element_dims
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.lists import WHOLE, items, known_to_tfjs, length, reserved, whole, written
from tfjs_build.convert.graph.sizes import Size, size


@rule("TensorListLength")
def _length(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js counts what has been written; TensorFlow what has been reserved."""
    known = None if attrs.get(WHOLE) else length(b, inputs[0])
    if known is None:
        return None
    return b.const(known, "int32") if isinstance(known, int) else known


@rule("TensorListStack")
def _stack(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js gives the elements up to the last one that is written."""
    if attrs.get(WHOLE):
        return None
    each = items(inputs[0])
    if each:
        return _packed(b, "TensorListStack", each, inputs[1])
    if reserved(inputs[0]) is False:
        return None
    return _padded(b, "TensorListStack", inputs, attrs, length(b, inputs[0]))


def _packed(b: Builder, op: str, each: Sequence[Value | None], shape: Value) -> Value:
    """Return elements as one tensor, with zeros for those that were not written."""
    first = next(item for item in each if item is not None)
    nothing = first
    if None in each:
        sizes = first.static or element_dims(shape)
        if sizes is None or None in sizes or first.dtype == "string":
            raise refuse(b, op, _UNWRITTEN, "Write every element of the TensorArray, or give it an `element_shape`.")
        nothing = b.const(np.zeros(sizes, numpy_dtype(first.dtype)), first.dtype)  # type: ignore[arg-type]
    return b.Pack(*(nothing if item is None else item for item in each), axis=0)


_UNWRITTEN: Final = (
    "elements that nothing writes are zeros in TensorFlow, and the list's elements are strings, or of a size that is"
    " not known when converting."
)


@rule("TensorListGather")
def _gather(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js takes no more indices than it knows elements of: right for a stack, whose indices are 0, 1, …"""
    filled, indices, shape = inputs
    if attrs.get(WHOLE):
        return None
    settings = {**attrs, WHOLE: True}
    each = items(filled)
    if each and indices.ints and max(indices.ints) < len(each) and any(each[at] is not None for at in indices.ints):
        return _packed(b, "TensorListGather", [each[at] for at in indices.ints], shape)
    ranges = indices.node.op == "Range" and indices.node.inputs[0].ints == (0,) and indices.node.inputs[2].ints == (1,)
    if ranges or (indices.ints is not None and indices.ints == tuple(range(len(indices.ints)))):
        if reserved(filled) is False:
            return b.node("TensorListGather", inputs, settings)
        known = length(b, filled)
        return _padded(b, "TensorListGather", inputs, attrs, None if known is None else size(b, indices, 0))
    sure = written(filled)
    if indices.ints and sure.issuperset(indices.ints) and len(indices.ints) <= max(sure) + 1:
        return b.node("TensorListGather", inputs, settings)
    stacked = b.TensorListStack(filled, shape, element_dtype=attrs["element_dtype"], num_elements=-1)
    return b.GatherV2(stacked, indices, b.const(0, "int32"), batch_dims=0)


def _padded(b: Builder, op: str, inputs: Inputs, attrs: Attrs, rows: Size | None) -> Result:
    """Return what a list holds, with zeros for what is not written, where that may be."""
    if rows is None:
        return None  # its making is out of sight: `check_lists` looks for it
    if whole(inputs[0]):
        return b.node(op, inputs, {**attrs, WHOLE: True})
    settings = {**attrs, "num_elements": -1} if op == "TensorListStack" else dict(attrs)
    found = b.node(op, inputs, {**settings, WHOLE: True})[0]
    if found.rank is None or found.dtype == "string":
        raise refuse(b, op, _UNWRITTEN, "Write every element of the TensorArray, or give it an `element_shape`.")
    count = b.const(rows, "int32") if isinstance(rows, int) else rows
    there = known_to_tfjs(b, inputs[0])
    missing = b.Sub(count, there if op == "TensorListStack" else b.Minimum(there, count))
    padding = b.Reshape(
        b.ConcatV2(
            b.const([0], "int32"),
            b.Reshape(missing, [1]),
            b.const([0] * (2 * found.rank - 2), "int32"),
            b.const(0, "int32"),
        ),
        [found.rank, 2],
    )
    if found.dtype == "bool":
        padded = b.Cast(b.Pad(b.Cast(found, DstT="int32"), padding), DstT="bool")
    else:
        padded = b.Pad(found, padding)
    element = None if found.shape is None else found.shape[1:]
    if isinstance(rows, int) and element is not None and None not in element:
        return b.Reshape(padded, b.const([rows, *element], "int32"))
    return padded


@rule("TensorListPushBack")
def _push(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js puts it behind the last one that is written, TensorFlow behind the last one that is reserved."""
    filled, item = inputs
    known = None if reserved(filled) is False else length(b, filled)
    if known is None:
        return None
    index = b.const(known, "int32") if isinstance(known, int) else known
    return b.node("TensorListSetItem", [filled, index, item], {**attrs, "resize_if_index_out_of_bounds": True})


@rule("TensorListScatterIntoExistingList")
def _scatter_into(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    filled, rows, indices = inputs
    if filled.node.op == "TensorListReserve":
        shape, count = filled.node.inputs
        return b.node("TensorListScatterV2", [rows, indices, shape, count], attrs)
    if indices.ints is None:
        raise refuse(
            b,
            "TensorListScatterIntoExistingList",
            "the list was written before, and the indices that are written now are not known when converting.",
        )
    for row, index in enumerate(indices.ints):
        item = b.GatherV2(rows, b.const(row, "int32"), b.const(0, "int32"), batch_dims=0)
        filled = b.TensorListSetItem(filled, b.const(index, "int32"), item, **attrs)
    return filled


@rule("TensorListConcat", "TensorListConcatV2")
def _concat(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js takes the elements' shape as an attribute, and gives no lengths."""
    shape = element_dims(inputs[1]) if len(inputs) > 1 else attrs.get("element_shape")
    if shape is None:
        raise refuse(b, "TensorListConcat", "the rank of the list's elements is not known when converting.")
    settings = {"element_dtype": attrs["element_dtype"], "element_shape": shape}
    if whole(inputs[0]):
        settings[WHOLE] = True
    return b.node("TensorListConcat", [inputs[0]], settings)


@rule("TensorListSplit")
def _split(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js cuts into single rows only: a list is filled one by one."""
    x, shape, lengths = inputs
    if lengths.ints is None or x.rank is None:
        raise refuse(b, "TensorListSplit", "the lengths of its parts are not known when converting.")
    settings = {"element_dtype": attrs.get("element_dtype", x.dtype)}
    filled = b.TensorListReserve(shape, b.const(len(lengths.ints), "int32"), **settings)
    for index, part in enumerate(b.multi("SplitV", x, lengths, b.const(0, "int32"), num_split=len(lengths.ints))):
        filled = b.TensorListSetItem(filled, b.const(index, "int32"), part, **settings)
    return filled


@rule("TensorListSetItem")
def _set_item(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js keeps the item that was there forever: in a list made of a tensor, the tensor is changed before."""
    filled, index, item = inputs[:3]
    if filled.node.op != "TensorListFromTensor" or item.rank is None or item.dtype == "string":
        return None
    rows, shape = filled.node.inputs
    settings = {"element_dtype": attrs.get("element_dtype", item.dtype)}
    if attrs.get("resize_if_index_out_of_bounds"):
        count = rows.shape[0] if rows.shape else None
        if count is None or not index.ints:
            return None
        behind = index.ints[0] - count
        if behind >= 0:
            added = b.ExpandDims(item, 0)
            if behind:
                if item.static is None:
                    raise refuse(b, "TensorListSetItem", _UNWRITTEN)
                gap = b.const(np.zeros((behind, *item.static), numpy_dtype(item.dtype)), item.dtype)
                added = b.ConcatV2(gap, added, b.const(0, "int32"))
            return b.TensorListFromTensor(b.ConcatV2(rows, added, b.const(0, "int32")), shape, **settings)
    changed = b.TensorScatterUpdate(rows, b.Reshape(index, [1, 1]), b.ExpandDims(item, 0))
    return b.TensorListFromTensor(changed, shape, **settings)


@rule("TensorListPopBack")
def _pop(b: Builder, _inputs: Inputs, _attrs: Attrs) -> Result:
    raise refuse(
        b,
        "TensorListPopBack",
        "it is not supported: TensorFlow.js changes the list in place, in an order that is not TensorFlow's.",
    )


@rule("TensorListElementShape")
def _element_shape(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    node = inputs[0].node
    if node.op in ("TensorListReserve", "EmptyTensorList"):
        return node.inputs[0]
    if node.op == "TensorListFromTensor":
        return node.inputs[1]
    raise refuse(
        b,
        "TensorListElementShape",
        "the shape of the list's elements is not known: it is not made in the same function.",
    )
