"""TensorFlow Lite's operators and the fields of their options by name: `operators.json`, which tools/tflite_ops.py
writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tfjs_build.convert.tflite.flatbuffer import Table

TABLE_FILE: Final = Path(__file__).with_name("operators.json")
CUSTOM: Final = 32
"""The number of operators that a library of its own brings, by a name of its own."""


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE_FILE.read_bytes())
    return table


def operator_name(number: int) -> str | None:
    """Return the name of a builtin operator, None for one that is not known."""
    found: str | None = _table()["operators"].get(str(number))
    return found


def options(union: str, number: int, table: Table | None) -> Mapping[str, Any]:
    """Return an operator's options by name, those that it leaves out at their defaults; vectors are tuples.

    `union` is `options` or `options2`, `number` says which table of it is meant. Raises DamagedError.
    """
    fields = _table()["tables"].get(_table()[union].get(str(number)), {})
    found: dict[str, Any] = {}
    for name, (slot, kind, default) in fields.items():
        if default is None:
            vector = None if table is None else table.vector(slot, kind)
            found[name] = None if vector is None else tuple(vector.tolist())
        else:
            found[name] = default if table is None else table.number(slot, kind, default)
    return found
