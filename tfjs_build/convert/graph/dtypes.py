"""Types of tensors in a graph: TensorFlow's own, NumPy's when folding, TensorFlow.js's when emitting."""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.dtypes import COMPLEX, FLOATING, INTEGER, is_tensor, literal_dtype, tfjs_dtype
from tfjs_build.errors import MisfitError

__all__ = ["COMPLEX", "FLOATING", "INTEGER", "is_tensor", "literal_dtype", "numpy_dtype", "tfjs_dtype"]

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


def numpy_dtype(dtype: str) -> np.dtype[np.generic]:
    """Return the NumPy type in which tensors of `dtype` are held while converting. Raises MisfitError where they hold
    neither numbers nor strings."""
    found = _NUMPY.get(dtype)
    if found is None:
        raise MisfitError(f"There are neither numbers nor strings in tensors of the type {dtype}.")
    return np.dtype(found)
