"""Shape rules of tensor lists and hash tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.infer.shapes import Rule, Spec, known_dims, table
from tfjs_build.convert.graph.ir import Dims, Value

Inputs = Sequence[Value]
Attrs = Mapping[str, Any]


def _list(_inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((), "variant")]


def _length(_inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((), "int32")]


def element_dims(shape: Value) -> Dims:
    """Return the shape of a list's elements from the input that gives it (a scalar -1: of any rank)."""
    return None if shape.rank == 0 else known_dims(shape.known)


def _item(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [(element_dims(inputs[-1]), attrs["element_dtype"])]


def _stack(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    element = element_dims(inputs[1])
    number = int(attrs.get("num_elements", -1))
    return [(None if element is None else (None if number < 0 else number, *element), attrs["element_dtype"])]


def _gather(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    element = element_dims(inputs[2])
    number = inputs[1].shape[0] if inputs[1].shape else None
    return [(None if element is None else (number, *element), attrs["element_dtype"])]


def _concat(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    element = element_dims(inputs[1]) if len(inputs) > 1 else attrs.get("element_shape")
    return [(None if element is None else (None, *element[1:]), attrs["element_dtype"]), ((None,), "int64")]


def _pop(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return [((), "variant"), (element_dims(inputs[1]), attrs["element_dtype"])]


def _find(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [(inputs[1].shape, inputs[2].dtype)]


def _size(_inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((), "int64")]


RULES: dict[str, Rule] = {
    **table(
        _list,
        "EmptyTensorList TensorListFromTensor TensorListPushBack TensorListReserve TensorListResize TensorListScatter"
        " TensorListScatterIntoExistingList TensorListScatterV2 TensorListSetItem TensorListSplit",
    ),
    "TensorListLength": _length,
    "TensorListGetItem": _item,
    "TensorListStack": _stack,
    "TensorListGather": _gather,
    **table(_concat, "TensorListConcat TensorListConcatV2"),
    "TensorListPopBack": _pop,
    **table(_find, "LookupTableFind LookupTableFindV2"),
    **table(_size, "LookupTableSize LookupTableSizeV2"),
}
