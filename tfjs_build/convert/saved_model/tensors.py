"""Tensors inside graphs (TensorProto) and shapes, as the graph's constants."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfjs_build.convert.dtypes import NUMBERS
from tfjs_build.convert.graph.dtypes import is_tensor, numpy_dtype
from tfjs_build.convert.graph.ir import Array, Constant, Dims
from tfjs_build.errors import SourceError

_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "int8": "int_val",
    "int16": "int_val",
    "int32": "int_val",
    "uint8": "int_val",
    "uint16": "int_val",
    "uint32": "uint32_val",
    "int64": "int64_val",
    "uint64": "uint64_val",
    "bool": "bool_val",
    "string": "string_val",
    "float16": "half_val",
    "bfloat16": "half_val",
    "complex64": "scomplex_val",
    "complex128": "dcomplex_val",
}

# A tensor of one repeated number takes a few bytes to write: what is too large for a page is refused.
_MOST_REPEATED = 1 << 28


def dtype_name(number: int) -> str:
    """Return the name of a type by its number in the file; reference types are named as what they refer to."""
    try:
        return NUMBERS[number - 100 if number > 100 else number]
    except KeyError:
        raise SourceError(f"The file uses an unknown dtype: number {number}.") from None


def dims(shape: Any) -> Dims:
    """Return a TensorShapeProto as a shape."""
    if shape.unknown_rank:
        return None
    return tuple(None if dim.size < 0 else dim.size for dim in shape.dim)


def widen_bfloat16(bits: Array) -> Array:
    """Return bfloat16 numbers, given as their bits, as float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def constant(proto: Any, where: str) -> Constant:
    """Return a TensorProto as a constant. `where` names its node in messages."""
    dtype = dtype_name(proto.dtype)
    shape = dims(proto.tensor_shape)
    if shape is None or None in shape or not is_tensor(dtype):
        raise SourceError(
            f"The constant {where} is damaged: its shape is not known, or its dtype ({dtype}) is not one of tensors."
        )
    sizes: tuple[int, ...] = shape  # type: ignore[assignment]
    result = Constant(sizes, dtype, lambda: _read(proto, dtype, sizes, where))
    stored = len(proto.tensor_content) or 1
    if result.size > _MOST_REPEATED and result.nbytes > stored:
        raise SourceError(f"The constant {where} claims to have {result.size:,} elements.")
    return result


def _read(proto: Any, dtype: str, shape: tuple[int, ...], where: str) -> Array:
    size = int(np.prod(shape, dtype=np.int64))
    if proto.tensor_content:
        kind = np.dtype(np.uint16) if dtype == "bfloat16" else numpy_dtype(dtype)
        if len(proto.tensor_content) != size * kind.itemsize:
            raise SourceError(f"The constant {where} is damaged: its size does not fit its shape.")
        array = np.frombuffer(proto.tensor_content, kind)
        return (widen_bfloat16(array) if dtype == "bfloat16" else array).reshape(shape)
    values = getattr(proto, _FIELDS[dtype])
    if dtype == "string":
        strings = np.empty(len(values), np.object_)
        strings[:] = list(values)
        array = strings
    elif dtype == "float16":
        array = np.array(values, np.uint16).view(np.float16)
    elif dtype == "bfloat16":
        array = widen_bfloat16(np.array(values, np.uint16))
    elif dtype in ("complex64", "complex128"):
        pairs = np.array(values, np.float32 if dtype == "complex64" else np.float64).reshape(-1, 2)
        array = pairs[:, 0] + 1j * pairs[:, 1]
    else:
        array = np.array(values).astype(numpy_dtype(dtype))
    if len(array) > size:
        raise SourceError(f"The constant {where} is damaged: it has more numbers than its shape.")
    if len(array) < size:
        # Trailing numbers that repeat the last one are left out.
        last = array[-1] if len(array) else (b"" if dtype == "string" else 0)
        full = np.empty(size, array.dtype if len(array) else numpy_dtype(dtype))
        full[: len(array)] = array
        full[len(array) :] = last
        array = full
    return array.astype(numpy_dtype(dtype), copy=False).reshape(shape)
