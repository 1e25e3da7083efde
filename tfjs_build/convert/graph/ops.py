"""What TensorFlow.js's graph executor knows of each op: `ops_table.json`, written by tools/tfjs_ops.mjs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from tfjs_build.records import record

TABLE_FILE: Final = Path(__file__).with_name("ops_table.json")

# Executors of these kinds return promises: a graph with such an op needs `executeAsync`.
_ASYNC_CATEGORIES: Final = frozenset({"control", "dynamic", "hash_table"})


@record(frozen=True)
class Param:
    """An input that the executor reads: positions `start` to `end` (exclusive; 0: to the last) as `type`."""

    name: str
    type: str
    start: int
    end: int | None = None


@record(frozen=True)
class Op:
    """One op. `attrs` are the attributes that the executor reads, with their types."""

    name: str
    category: str
    inputs: tuple[Param, ...]
    attrs: dict[str, str]

    @property
    def asynchronous(self) -> bool:
        """Whether the executor returns a promise for it."""
        return self.category in _ASYNC_CATEGORIES


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE_FILE.read_bytes())
    return table


@cache
def tfjs_op(name: str) -> Op | None:
    """Return what TensorFlow.js knows of an op, None if it has no such op."""
    entry = _table()["ops"].get(name)
    if entry is None:
        return None
    return Op(name, entry["category"], tuple(Param(*p) for p in entry["inputs"]), entry["attrs"])


def tfjs_ops() -> list[str]:
    """Return the names of all ops."""
    return sorted(_table()["ops"])
