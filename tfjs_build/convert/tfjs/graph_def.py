"""GraphDefs as JSON, which model.json has, as the messages that our reader of graphs takes.

JSON's form of protobuf writes 64-bit integers as strings, bytes in base64, and types by their names; the keys are in
camel case. (https://protobuf.dev/programming-guides/json/)
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.dtypes import GRAPH_DEF, NUMBERS
from tfjs_build.convert.saved_model.messages import message_class
from tfjs_build.convert.tfjs.attributes import complete
from tfjs_build.errors import SourceError

_TYPES: Final = {GRAPH_DEF[name]: number for number, name in NUMBERS.items()}
_NUMPY: Final = {
    "DT_FLOAT": "f4",
    "DT_DOUBLE": "f8",
    "DT_HALF": "f2",
    "DT_INT8": "i1",
    "DT_INT16": "i2",
    "DT_INT32": "i4",
    "DT_INT64": "i8",
    "DT_UINT8": "u1",
    "DT_UINT16": "u2",
    "DT_UINT32": "u4",
    "DT_UINT64": "u8",
    "DT_BOOL": "?",
    "DT_COMPLEX64": "c8",
    "DT_COMPLEX128": "c16",
}


def graph_def(topology: Mapping[str, Any], weights: Mapping[str, NDArray[Any]]) -> Any:
    """Return a GraphDef whose constants hold the `weights` of their names. Raises SourceError for what is none."""
    message = message_class("GraphDef")()
    try:
        for node in topology.get("node", ()):
            _fill_node(message.node.add(), node, weights)
        for function in _of(topology, "library").get("function", ()):
            _fill_function(message.library.function.add(), function, weights)
        message.versions.producer = int(_of(topology, "versions").get("producer", 0))
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, binascii.Error, RecursionError) as error:
        raise SourceError(f"the graph in `modelTopology` is damaged: {type(error).__name__}: {error!s:.200}") from error
    return message


def shape_of(value: Mapping[str, Any] | None) -> tuple[int | None, ...] | None:
    """Return a TensorShapeProto's sizes; raises as `graph_def` reads."""
    if value is None or value.get("unknownRank"):
        return None
    sizes = [int(dim.get("size", 0)) for dim in value.get("dim", ())]
    return tuple(None if size < 0 else size for size in sizes)


def dtype_of(value: object) -> str:
    """Return a type by its name in JSON, or its number."""
    number = value if isinstance(value, int) else _TYPES[str(value).removesuffix("_REF")]
    return NUMBERS[number]


def _of(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key) or {}
    if not isinstance(found, Mapping):
        raise TypeError(f"`{key}` is no mapping")
    return found


def _fill_node(message: Any, node: Mapping[str, Any], weights: Mapping[str, NDArray[Any]]) -> None:
    message.name, message.op = str(node["name"]), str(node["op"])
    message.input.extend(str(reference) for reference in node.get("input") or ())
    attrs = _of(node, "attr")
    for key, value in attrs.items():
        _fill_attr(message.attr[key], value)
    complete(message)
    if message.op == "Const" and message.name in weights:
        dtype = attrs.get("dtype", {}).get("type")
        tensor = message.attr["value"].tensor
        tensor.Clear()
        _fill_tensor(tensor, weights[message.name], dtype)
        message.attr["dtype"].type = tensor.dtype


def _fill_function(message: Any, function: Mapping[str, Any], weights: Mapping[str, NDArray[Any]]) -> None:
    signature = function["signature"]
    message.signature.name = str(signature["name"])
    for key, arguments in (("inputArg", message.signature.input_arg), ("outputArg", message.signature.output_arg)):
        for given in signature.get(key, ()):
            argument = arguments.add()
            argument.name = str(given["name"])
            if "type" in given:
                argument.type = _TYPES[given["type"]]
    for node in function.get("nodeDef", ()):
        _fill_node(message.node_def.add(), node, weights)
    for key, value in _of(function, "ret").items():
        message.ret[key] = str(value)
    for key, value in _of(function, "controlRet").items():
        message.control_ret[key] = str(value)


def _fill_attr(message: Any, value: Mapping[str, Any]) -> None:
    for kind, given in value.items():
        if kind == "list":
            message.list.SetInParent()
            for inner, items in (given or {}).items():
                _fill_list(message.list, inner, items)
        elif kind == "s":
            message.s = _bytes(given)
        elif kind == "i":
            message.i = int(given)
        elif kind == "f":
            message.f = float(given)
        elif kind == "b":
            message.b = bool(given)
        elif kind == "type":
            message.type = _type(given)
        elif kind == "shape":
            _fill_shape(message.shape, given)
        elif kind == "tensor":
            _fill_tensor_json(message.tensor, given)
        elif kind == "func":
            _fill_func(message.func, given)
        elif kind == "placeholder":
            message.placeholder = str(given)


def _fill_list(message: Any, kind: str, items: Any) -> None:
    if kind in ("shape", "func"):
        fill = _fill_shape if kind == "shape" else _fill_func
        for item in items:
            fill(getattr(message, kind).add(), item)
        return
    readers: dict[str, Callable[[Any], Any]] = {"s": _bytes, "i": int, "f": float, "b": bool, "type": _type}
    read = readers.get(kind)
    if read is not None:
        getattr(message, kind).extend(read(item) for item in items)


def _fill_func(message: Any, value: Mapping[str, Any]) -> None:
    message.name = str(value["name"])
    for key, attr in _of(value, "attr").items():
        _fill_attr(message.attr[key], attr)


def _fill_shape(message: Any, value: Mapping[str, Any]) -> None:
    message.SetInParent()
    message.unknown_rank = bool(value.get("unknownRank", False))
    for dim in value.get("dim", ()):
        message.dim.add().size = int(dim.get("size", 0))


def _fill_tensor_json(message: Any, value: Mapping[str, Any]) -> None:
    message.SetInParent()
    message.dtype = _type(value.get("dtype", 0))
    _fill_shape(message.tensor_shape, value.get("tensorShape") or {})
    if "tensorContent" in value:
        message.tensor_content = _bytes(value["tensorContent"])
    for key, field, read in (
        *(("floatVal", "float_val", float), ("doubleVal", "double_val", float), ("intVal", "int_val", int)),
        *(("int64Val", "int64_val", int), ("boolVal", "bool_val", bool), ("stringVal", "string_val", _bytes)),
        *(("halfVal", "half_val", int), ("scomplexVal", "scomplex_val", float)),
    ):
        if key in value:
            getattr(message, field).extend(read(item) for item in value[key])


def _fill_tensor(message: Any, array: NDArray[Any], dtype: object) -> None:
    """Write a weight as the type that its node declares, which it had before it became one of TensorFlow.js's."""
    for size in array.shape:
        message.tensor_shape.dim.add().size = size
    if array.dtype == np.object_:
        message.dtype = _TYPES["DT_STRING"]
        message.string_val.extend(array.ravel().tolist())
        return
    own = {"f": "DT_FLOAT", "i": "DT_INT32", "b": "DT_BOOL", "c": "DT_COMPLEX64"}[array.dtype.kind]
    declared = dtype if isinstance(dtype, str) and dtype in _NUMPY else own
    message.dtype = _TYPES[declared]
    message.tensor_content = np.ascontiguousarray(array, _NUMPY[declared]).tobytes()


def _type(value: object) -> int:
    return value if isinstance(value, int) else _TYPES[str(value).removesuffix("_REF")]


def _bytes(value: object) -> bytes:
    """Return a string: in base64, or, as old converters wrote it and the executor still reads it, number by number."""
    if isinstance(value, list):
        return bytes(value)
    return base64.b64decode(str(value), validate=False)
