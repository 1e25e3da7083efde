"""What the backends of TensorFlow.js cannot do: `backends_table.json`, measured by tools/backends.

The table has, for each op, the faults that showed: on which backend, how, and for which form and dtype (as `traits.py`
names them) and ranks; a part that is left out stands for all that were tried. What is not in it was right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from tfjs_build.convert.graph.ir import Node
from tfjs_build.convert.graph.traits import Traits, traits
from tfjs_build.records import record

TABLE_FILE: Final = Path(__file__).with_name("backends_table.json")

BACKENDS: Final = ("webgpu", "webgl", "wasm", "cpu")

_SAME: Final = {"Concat": "ConcatV2", "DepthwiseConv2d": "DepthwiseConv2dNative", "Gather": "GatherV2"}
"""Ops that run the kernel of another, which was measured."""

NO_KERNEL: Final = "no kernel"
MOST_RANK: Final = 7
"""The highest rank that is measured; what is beyond is as this."""


@record(frozen=True)
class Fault:
    """What a backend does with nodes of these traits: it lacks the kernel (`no kernel`), `throws`, or gives `wrong`
    numbers without a word."""

    backend: str
    how: str


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    table: dict[str, list[dict[str, Any]]] = json.loads(TABLE_FILE.read_bytes())["ops"]
    return table


def faults(node: Node) -> Iterator[Fault]:
    """Yield what is wrong with a node, once for each backend on which something is."""
    rows = _table().get(_SAME.get(node.op, node.op))
    if not rows:
        return
    each = traits(node)
    for backend in BACKENDS:
        row = next((row for row in rows if row["backend"] == backend and _covers(row, each)), None)
        if row is not None:
            yield Fault(backend, row["how"])


def _covers(row: dict[str, Any], each: Traits) -> bool:
    """Whether a row is about nodes of these traits. A rank that is not known is trusted to be one that runs."""
    if row.get("form", each.form) != each.form or row.get("dtype", each.dtype) != each.dtype:
        return False
    return "ranks" not in row or (each.rank is not None and min(each.rank, MOST_RANK) in row["ranks"])
