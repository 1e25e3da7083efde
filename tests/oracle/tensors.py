"""Tensor files: named tensors that Python and Node both read.

`<stem>.json` says what there is and where: `{"groups": [{name: {"dtype", "shape", "offset"}, …}, …]}`, one group a
sample. `<stem>.bin` has the numbers, little-endian, in C order, from byte `offset` (a multiple of 8); bool takes one
byte. Strings have `values` in the JSON, and no offset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Group = Mapping[str, NDArray[Any]]

_STORED = {"float32": "<f4", "int32": "<i4", "bool": "|b1"}


def write_groups(stem: Path, groups: Sequence[Group]) -> None:
    """Write `groups` of tensors; other float and integer types are stored as float32 and int32.

    Raises `OverflowError` where an integer does not fit into int32.
    """
    described: list[dict[str, Any]] = []
    with Path(f"{stem}.bin").open("wb") as data:
        for group in groups:
            entries: dict[str, Any] = {}
            for name, array in group.items():
                dtype = _stored_dtype(array)
                entry: dict[str, Any] = {"dtype": dtype, "shape": list(array.shape)}
                if dtype == "string":
                    entry["values"] = [v.decode() if isinstance(v, bytes) else str(v) for v in array.ravel()]
                else:
                    if not fits(array):
                        raise OverflowError(f"{stem}: {name} does not fit into int32")
                    data.write(bytes(-data.tell() % 8))
                    entry["offset"] = data.tell()
                    data.write(np.ascontiguousarray(array, _STORED[dtype]).tobytes())
                entries[name] = entry
            described.append(entries)
    Path(f"{stem}.json").write_text(json.dumps({"groups": described}, indent=1) + "\n", encoding="utf-8")


def read_groups(stem: Path) -> list[dict[str, NDArray[Any]]]:
    """Read back what `write_groups`, or the runner in Node, wrote."""
    document = json.loads(Path(f"{stem}.json").read_text(encoding="utf-8"))
    data = Path(f"{stem}.bin").read_bytes()
    return [{name: _array(entry, data) for name, entry in group.items()} for group in document["groups"]]


def fits(array: NDArray[Any]) -> bool:
    """Return whether an array's integers, if it is of such, can be stored."""
    if array.dtype.kind not in "iu" or not array.size:
        return True
    return int(array.min()) >= -(1 << 31) and int(array.max()) < 1 << 31


def _array(entry: Mapping[str, Any], data: bytes) -> NDArray[Any]:
    shape = tuple(entry["shape"])
    if entry["dtype"] == "string":
        return np.array(entry["values"], dtype=object).reshape(shape)
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(data, _STORED[entry["dtype"]], count, entry["offset"]).reshape(shape)


def _stored_dtype(array: NDArray[Any]) -> str:
    if array.dtype.kind == "f":
        return "float32"
    if array.dtype.kind in "iu":
        return "int32"
    if array.dtype.kind == "b":
        return "bool"
    if array.dtype.kind in "OSU":
        return "string"
    raise TypeError(f"no tensor file holds {array.dtype}")
