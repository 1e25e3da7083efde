"""Names of tensor types: TensorFlow's own in the graph, NumPy's when folding, TensorFlow.js's when emitting."""

from __future__ import annotations

from typing import Final

import numpy as np

# Numbers of `DataType` in tensorflow/core/framework/types.proto; reference types are these plus 100.
NUMBERS: Final[dict[int, str]] = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    7: "string",
    8: "complex64",
    9: "int64",
    10: "bool",
    11: "qint8",
    12: "quint8",
    13: "qint32",
    14: "bfloat16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    20: "resource",
    21: "variant",
    22: "uint32",
    23: "uint64",
}

# NumPy has no bfloat16: such tensors are widened when they are read, which loses nothing.
_NUMPY: Final[dict[str, type[np.generic]]] = {
    "float32": np.float32,
    "float64": np.float64,
    "float16": np.float16,
    "bfloat16": np.float32,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "bool": np.bool_,
    "complex64": np.complex64,
    "complex128": np.complex128,
    "string": np.object_,
}

_TFJS: Final[dict[str, str]] = {
    "float32": "float32",
    "float64": "float32",
    "float16": "float32",
    "bfloat16": "float32",
    "int8": "int32",
    "int16": "int32",
    "int32": "int32",
    "int64": "int32",
    "uint8": "int32",
    "uint16": "int32",
    "uint32": "int32",
    "uint64": "int32",
    "bool": "bool",
    "complex64": "complex64",
    "complex128": "complex64",
    "string": "string",
}

FLOATING: Final = frozenset({"float32", "float64", "float16", "bfloat16"})
INTEGER: Final = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})
COMPLEX: Final = frozenset({"complex64", "complex128"})


def numpy_dtype(dtype: str) -> np.dtype[np.generic]:
    """Return the NumPy type in which tensors of `dtype` are held while converting."""
    return np.dtype(_NUMPY[dtype])


def is_tensor(dtype: str) -> bool:
    """Whether values of `dtype` are numbers or strings (not handles, lists or quantized storage)."""
    return dtype in _NUMPY


def tfjs_dtype(dtype: str) -> str:
    """Return TensorFlow.js's type for `dtype`; handles and lists stay what they are."""
    return _TFJS.get(dtype, dtype)
