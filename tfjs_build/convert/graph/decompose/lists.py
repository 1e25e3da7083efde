"""Tensor lists: what TensorFlow.js gives otherwise, or does not know."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.infer.lists import element_dims
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, size


@rule("TensorListLength")
def _length(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js counts what has been written; TensorFlow what has been reserved."""
    length = list_length(b, inputs[0])
    if length is None:
        return None
    return b.const(length, "int32") if isinstance(length, int) else length


def list_length(b: Builder, value: Value) -> Size | None:
    """Return how many elements a list has room for, None where its making is out of sight."""
    node = value.node
    if node.op == "TensorListReserve":
        return node.inputs[1].ints[0] if node.inputs[1].ints else node.inputs[1]
    if node.op == "TensorListFromTensor":
        return size(b, node.inputs[0], 0)
    if node.op == "TensorListSetItem" and not node.attrs.get("resize_if_index_out_of_bounds"):
        return list_length(b, node.inputs[0])
    return None


@rule("TensorListConcat", "TensorListConcatV2")
def _concat(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js takes the elements' shape as an attribute, and gives no lengths."""
    shape = element_dims(inputs[1]) if len(inputs) > 1 else attrs.get("element_shape")
    if shape is None:
        raise refuse(b, "TensorListConcat", "the rank of the list's elements is not known.")
    settings = {"element_dtype": attrs["element_dtype"], "element_shape": shape}
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
    changed = b.TensorScatterUpdate(rows, b.Reshape(index, [1, 1]), b.ExpandDims(item, 0))
    return b.TensorListFromTensor(changed, shape, **attrs)


@rule("TensorListPopBack")
def _pop(b: Builder, _inputs: Inputs, _attrs: Attrs) -> Result:
    raise refuse(b, "TensorListPopBack", "TensorFlow.js changes the list in place, in an order that cannot be given.")


@rule("TensorListElementShape")
def _element_shape(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    node = inputs[0].node
    if node.op in ("TensorListReserve", "EmptyTensorList"):
        return node.inputs[0]
    if node.op == "TensorListFromTensor":
        return node.inputs[1]
    raise refuse(b, "TensorListElementShape", "the making of the list is out of sight.")
