"""Tensors on their way to a device and back, and in files: a header, and groups of named tensors.

Four bytes tell the length of the JSON that follows, `{"header": …, "groups": [[{"name", "dtype", "shape", "offset"},
…], …]}`; then come the values, little-endian, each tensor's at a multiple of eight bytes. Texts are in the JSON, as
`values`.
Numbers are float32, int32, bool (a byte), complex64; `picture` is rows of RGBA bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.samples import Group

_STORED: Final = {"float32": "<f4", "int32": "<i4", "bool": "|b1", "complex64": "<c8", "picture": "|u1"}
_KINDS: Final = {"f": "float32", "i": "int32", "b": "bool", "c": "complex64", "u": "picture"}
_EDGE = 8


def pack(header: Mapping[str, Any], groups: Sequence[Group] = ()) -> bytes:
    """Return a message; texts are arrays of str, pictures arrays of uint8 [height, width, 4]."""
    parts: list[bytes] = []
    size = 0
    described = []
    for group in groups:
        entries: list[dict[str, Any]] = []
        for name, array in group.items():
            entry: dict[str, Any] = {"name": name, "shape": list(array.shape)}
            dtype = _KINDS.get(array.dtype.kind)
            if dtype is None:
                entries.append(entry | {"dtype": "string", "values": [str(text) for text in array.ravel()]})
                continue
            data = np.ascontiguousarray(array, _STORED[dtype]).tobytes()
            padding = -size % _EDGE
            parts += [bytes(padding), data]
            entries.append(entry | {"dtype": dtype, "offset": size + padding})
            size += padding + len(data)
        described.append(entries)
    text = json.dumps({"header": dict(header), "groups": described}).encode()
    text += b" " * (-(len(text) + 4) % _EDGE)
    return b"".join([len(text).to_bytes(4, "little"), text, *parts])


def unpack(message: bytes) -> tuple[dict[str, Any], list[dict[str, NDArray[Any]]]]:
    """Return the header and the groups of a message; raises ValueError for what is none."""
    try:
        length = int.from_bytes(message[:4], "little")
        content = json.loads(message[4 : 4 + length])
        header: dict[str, Any] = dict(content["header"])
        start = 4 + length
        groups = [{str(each["name"]): _array(each, message, start) for each in group} for group in content["groups"]]
        return header, groups
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"not a message: {error}") from error


def _array(entry: Mapping[str, Any], message: bytes, start: int) -> NDArray[Any]:
    shape = tuple(int(size) for size in entry["shape"])
    if entry["dtype"] == "string":
        return np.array([str(text) for text in entry["values"]], dtype=object).reshape(shape)
    count = 1
    for size in shape:
        count *= size
    offset = start + int(entry["offset"])
    if offset < start or any(size < 0 for size in shape):
        raise ValueError("not a message: a tensor begins before its values")
    return np.frombuffer(message, _STORED[entry["dtype"]], count, offset).reshape(shape)
