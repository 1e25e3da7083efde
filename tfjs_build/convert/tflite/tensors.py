"""Tensors of a file as the graph has them: constants read and dequantized, types, and which numbers they can hold.

A tensor that is quantized stands for real numbers, and is one of float32 here; so is one of half floats. Strings lie as
tensorflow/lite/string_util.h says: their number, where each begins, where the last one ends, then their bytes.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Constant
from tfjs_build.convert.tflite.model import Quantization, Tensor
from tfjs_build.convert.tflite.sparse import expanded, places
from tfjs_build.errors import RefusedError, SourceError

Array = NDArray[Any]

_STORED: Final = {
    "float32": "<f4",
    "float64": "<f8",
    "float16": "<f2",
    "bfloat16": "<u2",
    "int64": "<i8",
    "int32": "<i4",
    "int16": "<i2",
    "int8": "i1",
    "int4": "i1",
    "uint64": "<u8",
    "uint32": "<u4",
    "uint16": "<u2",
    "uint8": "u1",
    "bool": "?",
    "complex64": "<c8",
    "complex128": "<c16",
}
_QUANTIZED: Final = frozenset({"int4", "int8", "uint8", "int16", "int32", "int64"})
_FLOATS: Final = frozenset({"float16", "bfloat16"})
_LIMITS: Final = {"int4": (-8, 7), "int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}


class Grid(NamedTuple):
    """The numbers that a quantized tensor can hold: the whole ones from `lowest` to `highest`, times `scale`."""

    lowest: int
    highest: int
    scale: float


def is_quantized(tensor: Tensor) -> bool:
    """Whether a tensor's whole numbers stand for real ones."""
    return tensor.quantization is not None and tensor.dtype in _QUANTIZED


def dtype_of(tensor: Tensor) -> str:
    """Return the type that a tensor has in the graph."""
    if is_quantized(tensor) or tensor.dtype in _FLOATS:
        return "float32"
    return "int8" if tensor.dtype == "int4" else tensor.dtype


def grid_of(tensor: Tensor) -> Grid | None:
    """Return the numbers that a tensor can hold, None where they are floats, or as good as that."""
    quantization = tensor.quantization
    if quantization is None or tensor.dtype not in _LIMITS or quantization.scales.size != 1:
        return None
    zero = int(quantization.zero_points[0])
    lowest, highest = _LIMITS[tensor.dtype]
    return Grid(lowest - zero, highest - zero, float(quantization.scales[0]))


def constant_of(tensor: Tensor, where: str) -> Constant:
    """Return the constant that a tensor is, as real numbers. Raises SourceError, RefusedError."""
    if tensor.is_blockwise:
        raise RefusedError(
            f"{where} is quantized block by block, which tfjs-build does not read",
            hint="Convert the model with a scale for each channel, or for each tensor.",
        )
    shape, data = _sizes(tensor), tensor.data
    name = tensor.name or None
    if tensor.dtype == "string":
        return Constant.of(_strings(bytes(data or b""), shape, where), "string", name=name)
    if tensor.dtype not in _STORED:
        raise RefusedError(f"{where} has the type {tensor.dtype}, which TensorFlow.js lacks")
    at = None if tensor.sparsity is None else places(tensor.sparsity, shape, where)
    size, stored = math.prod(shape) if at is None else at.size, np.dtype(_STORED[tensor.dtype])
    expected = (size + 1) // 2 if tensor.dtype == "int4" else size * stored.itemsize
    found = 0 if data is None else len(data)
    if found != expected:
        raise SourceError(f"{where} is damaged: its {size} numbers take {expected} bytes, it has {found}")
    return Constant(shape, dtype_of(tensor), lambda: _real(_whole(tensor, shape, size, at), tensor), name=name)


def bias_of(tensor: Tensor, scales: NDArray[np.float32], where: str) -> Constant:
    """Return a vector of whole numbers times `scales`, of which there is one, or one for each. Raises SourceError."""
    plain = constant_of(replace(tensor, quantization=None), where)
    if len(plain.shape) != 1 or scales.size not in (1, plain.size):
        raise SourceError(f"{where} is damaged: a bias of the shape {list(plain.shape)} for {scales.size} channels")
    return Constant(
        plain.shape, "float32", lambda: (plain.array() * scales.astype(np.float64)).astype(np.float32), name=plain.name
    )


def _sizes(tensor: Tensor) -> tuple[int, ...]:
    return tuple(0 if size is None else size for size in tensor.shape)


def _whole(tensor: Tensor, shape: tuple[int, ...], stored: int, at: NDArray[np.int64] | None) -> Array:
    found = _numbers(tensor, stored)
    return (found if at is None else expanded(found, at, math.prod(shape))).reshape(shape)


def _numbers(tensor: Tensor, size: int) -> Array:
    found: Array = np.frombuffer(tensor.data or b"", _STORED[tensor.dtype])
    if tensor.dtype == "int4":  # two in a byte, the first one in the lower half
        pairs = np.stack([found << 4 >> 4, found >> 4], axis=-1)
        found = pairs.reshape(-1)[:size]
    if tensor.dtype == "bfloat16":
        found = (found.astype(np.uint32) << 16).view(np.float32)
    return found


def _real(numbers: Array, tensor: Tensor) -> Array:
    if not is_quantized(tensor):
        return numbers.astype(np.float32) if tensor.dtype in _FLOATS else numbers
    assert tensor.quantization is not None
    return dequantized(numbers, tensor.quantization)


def dequantized(numbers: Array, quantization: Quantization) -> Array:
    """Return the real numbers that whole ones stand for, as float32."""
    scales, zeros = quantization.scales, quantization.zero_points
    if scales.size > 1:
        along = [1] * numbers.ndim
        along[quantization.axis] = -1
        scales, zeros = scales.reshape(along), zeros.reshape(along) if zeros.size > 1 else zeros
    if not zeros.any():
        return numbers.astype(np.float32) * scales
    return (numbers.astype(np.int64) - zeros).astype(np.float32) * scales


def _strings(data: bytes, shape: tuple[int, ...], where: str) -> Array:
    places = np.frombuffer(data[: len(data) // 4 * 4], "<i4").tolist()
    size = math.prod(shape)
    if not places and not size:
        return np.empty(shape, np.object_)
    if not places or places[0] != size or len(places) < size + 2:
        raise SourceError(f"{where} is damaged: it does not hold as many strings as its shape {list(shape)} says")
    starts = places[1 : size + 2]
    if any(end < start for start, end in pairwise([0, *starts, len(data)])):
        raise SourceError(f"{where} is damaged: its strings lie outside of it")
    found = np.empty(size, np.object_)
    found[:] = [data[start:end] for start, end in pairwise(starts)]
    return found.reshape(shape)
