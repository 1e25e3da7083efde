"""Tensor arrays of TensorFlow 1, as tensor lists.

The flow, a number that only orders the accesses, is the list itself; the handle knows the elements' type and shape.
A `dynamic` array grows where it is written behind its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tfjs_build.convert.graph.ir import Dims, Value
from tfjs_build.convert.saved_model.resources import Handle, Traced
from tfjs_build.convert.saved_model.source import SourceNode
from tfjs_build.convert.saved_model.trace import Frame, handles, unexpected
from tfjs_build.errors import RefusedError


@dataclass(eq=False)
class _Array(Handle):
    """The handle of a tensor array."""

    dtype: str = ""
    shape: Dims = None
    size: Value | None = field(default=None)
    dynamic: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """What writing to it as a list is told."""
        return {"element_dtype": self.dtype, **({"resize_if_index_out_of_bounds": True} if self.dynamic else {})}


def _array(frame: Frame, node: SourceNode) -> _Array:
    traced = frame.get(node.inputs[0])
    if not isinstance(traced, _Array):
        raise unexpected(frame, node, traced)
    return traced


def _element_shape(frame: Frame, shape: Dims) -> Value:
    b = frame.builder
    return b.const(-1, "int32") if shape is None else b.const([-1 if size is None else size for size in shape], "int32")


@handles("TensorArrayV3")
def _make(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    size = frame.value(node.inputs[0])
    dtype, shape = node.attrs["dtype"], node.attrs.get("element_shape")
    settings = {"element_dtype": dtype}
    reserved = frame.builder.node(
        "TensorListReserve", [_element_shape(frame, shape), size], settings, name=frame.prefix + node.name
    )[0]
    dynamic = bool(node.attrs.get("dynamic_size"))
    return [_Array(node.name, node.op, dtype=dtype, shape=shape, size=size, dynamic=dynamic), reserved]


@handles("TensorArrayWriteV3")
def _write(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    index, value, flow = (frame.value(reference) for reference in node.inputs[1:])
    return frame.builder.node("TensorListSetItem", [flow, index, value], array.settings, name=frame.prefix + node.name)


@handles("TensorArrayReadV3")
def _read(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    index, flow = (frame.value(reference) for reference in node.inputs[1:])
    inputs = [flow, index, _element_shape(frame, array.shape)]
    return frame.builder.node(
        "TensorListGetItem", inputs, {"element_dtype": array.dtype}, name=frame.prefix + node.name
    )


@handles("TensorArrayGatherV3")
def _gather(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    indices, flow = (frame.value(reference) for reference in node.inputs[1:])
    shape = node.attrs.get("element_shape")
    inputs = [flow, indices, _element_shape(frame, shape if shape is not None else array.shape)]
    return frame.builder.node("TensorListGather", inputs, {"element_dtype": array.dtype}, name=frame.prefix + node.name)


@handles("TensorArrayScatterV3")
def _scatter(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    indices, value, flow = (frame.value(reference) for reference in node.inputs[1:])
    b, name = frame.builder, frame.prefix + node.name
    if flow.node.op != "TensorListReserve":
        return [_write_each(frame, node, array, indices, value, flow)]
    shape = _element_shape(frame, array.shape if value.shape is None else value.shape[1:])
    size = b.const(-1, "int32") if array.dynamic or array.size is None else array.size
    if array.dynamic and not _reaches(indices, array.size):
        raise _unknown_size(frame, node)
    return b.node("TensorListScatterV2", [value, indices, shape, size], {"element_dtype": array.dtype}, name=name)


def _write_each(frame: Frame, node: SourceNode, array: _Array, indices: Value, value: Value, flow: Value) -> Value:
    """Write rows to an array that something may have been written to before."""
    if indices.ints is None:
        raise RefusedError(
            f"{node.op} ({frame.prefix}{node.name}) writes to a TensorArray that was written before, at indices that"
            " are not known when converting."
        )
    b = frame.builder
    for row, index in enumerate(indices.ints):
        item = b.GatherV2(value, b.const(row, "int32"), b.const(0, "int32"), batch_dims=0)
        flow = b.node("TensorListSetItem", [flow, b.const(index, "int32"), item], array.settings)[0]
    return flow


def _reaches(indices: Value, size: Value | None) -> bool:
    """Whether writing at `indices` goes up to the first size at least, so that what is written tells how long it is."""
    if size is None or not size.ints:
        return False
    return size.ints == (0,) or bool(indices.ints and max(indices.ints) + 1 >= size.ints[0])


def _unknown_size(frame: Frame, node: SourceNode) -> RefusedError:
    return RefusedError(
        f"{node.op} ({frame.prefix}{node.name}): the length of the TensorArray is not known when converting, as it"
        " may grow (dynamic_size), and has a size to begin with.",
        hint="Make the TensorArray with size=0, or without dynamic_size.",
    )


@handles("TensorArrayConcatV3")
def _concat(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    flow = frame.value(node.inputs[1])
    settings = {"element_dtype": array.dtype, "element_shape": array.shape}
    return frame.builder.node("TensorListConcat", [flow], settings, name=frame.prefix + node.name)


@handles("TensorArraySplitV3")
def _split(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    value, lengths, flow = (frame.value(reference) for reference in node.inputs[1:])
    if flow.node.op != "TensorListReserve":
        raise RefusedError(
            f"{node.op} ({frame.prefix}{node.name}) writes to a TensorArray that was written before, which is not"
            " supported."
        )
    if array.dynamic and not _shorter(array.size, lengths):
        raise _unknown_size(frame, node)
    inputs = [value, _element_shape(frame, array.shape), lengths]
    return frame.builder.node("TensorListSplit", inputs, {"element_dtype": array.dtype}, name=frame.prefix + node.name)


def _shorter(size: Value | None, lengths: Value) -> bool:
    """Whether an array has at first no more elements than there are parts."""
    if size is None or not size.ints:
        return False
    return size.ints == (0,) or bool(lengths.shape and lengths.shape[0] and lengths.shape[0] >= size.ints[0])


@handles("TensorArraySizeV3")
def _size(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    if array.size is not None and not array.dynamic:
        return [array.size]
    return [frame.builder.TensorListLength(frame.value(node.inputs[1]))]


@handles("TensorArrayCloseV3")
def _close(_frame: Frame, _node: SourceNode) -> Sequence[Traced]:
    return []
