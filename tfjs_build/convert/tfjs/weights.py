"""Weights of a TensorFlow.js model as arrays: as `decodeWeights` of tfjs-core reads them, quantized ones expanded."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.tfjs.document import Document, Group
from tfjs_build.errors import RefusedError, SourceError

Array = NDArray[Any]

_STORED: Final = {"float32": "<f4", "int32": "<i4", "bool": "u1", "complex64": "<c8"}
_QUANTIZED: Final = {"uint8": "u1", "uint16": "<u2", "float16": "<f2"}
_LARGEST: Final = 1e30
"""What no scale or lowest number of a weight is beyond: the numbers are float32."""

_LENGTH_BYTES: Final = 4
"""Before each string its length, as tfjs-core's `io_utils` writes it."""


def read_weights(document: Document) -> dict[str, Array]:
    """Return all weights by name; strings are object arrays of bytes.

    Raises SourceError for files that are missing, too short, or not what they were published as, RefusedError for a
    dtype or quantization that TensorFlow.js does not have.
    """
    found: dict[str, Array] = {}
    for group in document.groups:
        data = memoryview(_content(document, group))
        for name, array, used in _arrays(document, group, data):
            if name in found:
                raise SourceError(f"{document.path} has two weights called {name}")
            found[name] = array
            data = data[used:]
    return found


def _content(document: Document, group: Group) -> bytes:
    parts = []
    for file in group.files:
        try:
            part = file.read_bytes()
        except OSError as error:
            raise SourceError(f"{file}, which {document.path.name} names, cannot be read: {error.strerror}") from error
        expected = document.digests.get(file.name)
        if expected is not None and hashlib.sha256(part).hexdigest() != expected:
            raise SourceError(f"{file} is damaged: it is not what was published")
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _arrays(document: Document, group: Group, data: memoryview) -> Iterator[tuple[str, Array, int]]:
    for spec in group.specs:
        name, dtype, shape, quantization = _facts(document, spec)
        where = f"{document.path}: weight {name}"
        if dtype == "string":
            array, used = _strings(data, shape, where)
        else:
            array, used = _numbers(data, shape, dtype, quantization, where)
        yield name, array, used
        data = data[used:]


def _facts(document: Document, spec: object) -> tuple[str, str, tuple[int, ...], Mapping[str, Any] | None]:
    """Return what a weight's spec says of its name, dtype, shape and quantization."""
    known = spec if isinstance(spec, Mapping) else {}
    name, dtype, shape = (known.get(key) for key in ("name", "dtype", "shape"))
    if not (isinstance(name, str) and isinstance(dtype, str) and isinstance(shape, list)):
        raise SourceError(f"{document.path} is damaged: a weight lacks its name, dtype or shape")
    if any(type(size) is not int or size < 0 for size in shape):
        raise SourceError(f"{document.path} is damaged: the weight {name} has the shape {shape!s:.200}")
    quantization = known.get("quantization")
    if quantization is not None and not isinstance(quantization, Mapping):
        raise SourceError(f"{document.path} is damaged: the weight {name} does not say how it is quantized")
    return name, dtype, tuple(shape), quantization


def _numbers(
    data: memoryview, shape: tuple[int, ...], dtype: str, quantization: Mapping[str, Any] | None, where: str
) -> tuple[Array, int]:
    if dtype not in _STORED:
        raise RefusedError(f"{where} has the dtype {dtype}, which TensorFlow.js lacks")
    code = _STORED[dtype]
    if quantization is not None:
        kind = str(quantization.get("dtype"))
        if kind not in _QUANTIZED:
            raise RefusedError(f"{where} is quantized as {kind:.40}, which TensorFlow.js does not read")
        code = _QUANTIZED[kind]
    stored = np.dtype(code)
    count = math.prod(shape)
    used = count * stored.itemsize
    if used > len(data):
        raise SourceError(f"{where} is cut short: its files end before its data does")
    array = np.frombuffer(data[:used], stored).reshape(shape)
    if dtype == "bool":
        return array != 0, used
    if quantization is None or quantization["dtype"] == "float16":
        return array.astype(np.dtype(_STORED[dtype]).newbyteorder("=")), used
    scale, lowest = quantization.get("scale"), quantization.get("min")
    if not all(isinstance(each, (int, float)) and abs(each) <= _LARGEST for each in (scale, lowest)):
        raise SourceError(f"{where} is quantized without `scale` and `min`")
    expanded = array * float(scale or 0) + float(lowest or 0)  # in doubles, as JavaScript does
    if dtype == "int32":
        rounded = np.floor(expanded + 0.5)  # Math.round
        if rounded.size and np.abs(rounded).max() > np.iinfo(np.int32).max:
            raise SourceError(f"{where} has numbers beyond int32")
        return rounded.astype(np.int32), used
    return expanded.astype(np.float32), used


def _strings(data: memoryview, shape: tuple[int, ...], where: str) -> tuple[Array, int]:
    values = np.empty(math.prod(shape), np.object_)
    at = 0
    for index in range(values.size):
        begin = at + _LENGTH_BYTES
        end = begin + int.from_bytes(data[at:begin], "little")
        if end > len(data):
            raise SourceError(f"{where} is cut short: its files end before its strings do")
        values[index] = bytes(data[begin:end])
        at = end
    return values.reshape(shape), at
