"""Types of tensors, as TensorFlow, Keras and NumPy name them, and what TensorFlow.js makes of each."""

from __future__ import annotations

from typing import Final

from tfjs_build.errors import RefusedError

_TABLE: Final[dict[str, tuple[int, str, str]]] = {
    "float32": (1, "DT_FLOAT", "float32"),
    "float64": (2, "DT_DOUBLE", "float32"),
    "int32": (3, "DT_INT32", "int32"),
    "uint8": (4, "DT_UINT8", "int32"),
    "int16": (5, "DT_INT16", "int32"),
    "int8": (6, "DT_INT8", "int32"),
    "string": (7, "DT_STRING", "string"),
    "complex64": (8, "DT_COMPLEX64", "complex64"),
    "int64": (9, "DT_INT64", "int32"),
    "bool": (10, "DT_BOOL", "bool"),
    "qint8": (11, "DT_QINT8", ""),
    "quint8": (12, "DT_QUINT8", ""),
    "qint32": (13, "DT_QINT32", ""),
    "bfloat16": (14, "DT_BFLOAT16", "float32"),
    "uint16": (17, "DT_UINT16", "int32"),
    "complex128": (18, "DT_COMPLEX128", "complex64"),
    "float16": (19, "DT_HALF", "float32"),
    "resource": (20, "DT_RESOURCE", ""),
    "variant": (21, "DT_VARIANT", ""),
    "uint32": (22, "DT_UINT32", "int32"),
    "uint64": (23, "DT_UINT64", "int32"),
}
"""Each type's number and name in tensorflow/core/framework/types.proto (reference types are these plus 100), and
TensorFlow.js's type for its numbers or strings: empty for handles, lists and quantized storage."""

NUMBERS: Final = {number: name for name, (number, _, _) in _TABLE.items()}
"""Types by their numbers in GraphDef's binary form."""

GRAPH_DEF: Final = {name: written for name, (_, written, _) in _TABLE.items()}
"""How GraphDef's JSON form writes each type."""

TFJS: Final = frozenset(found for _, _, found in _TABLE.values() if found)
"""The types that TensorFlow.js has."""

FLOATING: Final = frozenset({"float32", "float64", "float16", "bfloat16"})
INTEGER: Final = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})
COMPLEX: Final = frozenset({"complex64", "complex128"})

NARROW: Final = {"int8": (-128, 256), "uint8": (0, 256), "int16": (-32768, 65536), "uint16": (0, 65536)}
"""Range of the types that are narrower than TensorFlow.js's int32: (lowest, number of values)."""

_KINDS: Final = {"b": "bool", "c": "complex64", "f": "float32", "i": "int32", "u": "int32", "U": "string"}


def is_tensor(dtype: str) -> bool:
    """Whether values of `dtype` are numbers or strings (not handles, lists or quantized storage)."""
    return dtype in _TABLE and bool(_TABLE[dtype][2])


def tfjs_dtype(dtype: str) -> str:
    """Return TensorFlow.js's type for `dtype`; handles and lists stay what they are."""
    return _TABLE[dtype][2] or dtype if dtype in _TABLE else dtype


def input_dtype(name: str, dtype: str) -> str:
    """Return TensorFlow.js's type for a model's input of that name. Raises RefusedError where it has none."""
    if not is_tensor(dtype):
        raise RefusedError(f"input `{name}` has the dtype {dtype}, which TensorFlow.js lacks")
    return tfjs_dtype(dtype)


def literal_dtype(kind: str) -> str | None:
    """Return the type that numbers or strings written down count as, by the kind of NumPy's type for them (`f`, `i` …),
    None for what is neither."""
    return _KINDS.get(kind)
