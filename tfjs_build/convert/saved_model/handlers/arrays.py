"""Tensor arrays of TensorFlow 1, as tensor lists.

The flow, a number that only orders the accesses, is the list itself; the handle knows the elements' type and shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tfjs_build.convert.graph.ir import Dims, Value
from tfjs_build.convert.saved_model.resources import Handle, Traced
from tfjs_build.convert.saved_model.source import SourceNode
from tfjs_build.convert.saved_model.trace import Frame, handles, unexpected


@dataclass(eq=False)
class _Array(Handle):
    """The handle of a tensor array."""

    dtype: str = ""
    shape: Dims = None
    size: Value | None = field(default=None)


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
    return [_Array(node.name, node.op, dtype=dtype, shape=shape, size=size), reserved]


@handles("TensorArrayWriteV3")
def _write(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    index, value, flow = (frame.value(reference) for reference in node.inputs[1:])
    return frame.builder.node(
        "TensorListSetItem", [flow, index, value], {"element_dtype": array.dtype}, name=frame.prefix + node.name
    )


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
    indices, value, _ = (frame.value(reference) for reference in node.inputs[1:])
    b = frame.builder
    shape = _element_shape(frame, array.shape if value.shape is None else value.shape[1:])
    size = array.size if array.size is not None else b.const(-1, "int32")
    return b.node(
        "TensorListScatterV2",
        [value, indices, shape, size],
        {"element_dtype": array.dtype},
        name=frame.prefix + node.name,
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
    value, lengths, _ = (frame.value(reference) for reference in node.inputs[1:])
    inputs = [value, _element_shape(frame, array.shape), lengths]
    return frame.builder.node("TensorListSplit", inputs, {"element_dtype": array.dtype}, name=frame.prefix + node.name)


@handles("TensorArraySizeV3")
def _size(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    array = _array(frame, node)
    return [array.size if array.size is not None else frame.builder.TensorListLength(frame.value(node.inputs[1]))]


@handles("TensorArrayCloseV3")
def _close(_frame: Frame, _node: SourceNode) -> Sequence[Traced]:
    return []
