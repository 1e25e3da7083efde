"""Refuses what TensorFlow.js cannot run, and says what a backend lacks.

1. Every op is one of TensorFlow.js's. All that are not are named at once, with the layers that they come from.
2. Hash tables are looked up outside loops and branches: inside, the executor does not find them.
3. An op whose kernel a backend lacks, though others have it, is a note.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from tfjs_build.convert.graph.ir import Graph, Node
from tfjs_build.convert.graph.ops import tfjs_op
from tfjs_build.errors import RefusedError

_MOST_PLACES: Final = 3


def check(graph: Graph) -> list[str]:
    """Return notes on what single backends lack. Raises RefusedError."""
    unknown: dict[str, list[str]] = defaultdict(list)
    lacking: dict[str, set[str]] = defaultdict(set)
    for node in graph.walk():
        op = tfjs_op(node.op)
        if op is None:
            unknown[node.op].append(node.name)
            continue
        for backend in op.lacking:
            lacking[backend].add(node.op)
    if unknown:
        raise RefusedError(
            "TensorFlow.js has no " + "; no ".join(f"{op} ({_places(names)})" for op, names in sorted(unknown.items())),
            hint="Export a signature without it: what goes before or after it can be done in the page.",
        )
    _check_tables(graph)
    return [
        f"The {backend} backend of TensorFlow.js has no kernel for {', '.join(sorted(ops))}: use another backend."
        for backend, ops in sorted(lacking.items())
    ]


def _places(names: list[str]) -> str:
    shown = ", ".join(sorted(set(names))[:_MOST_PLACES])
    more = len(set(names)) - _MOST_PLACES
    return f"{shown} and {more} more" if more > 0 else shown


def _check_tables(graph: Graph) -> None:
    def tables(inner: Graph) -> list[Node]:
        return [node for node in inner.walk() if node.op == "HashTableV2"]

    for node in graph.nodes():
        for _, inner in node.graphs:
            found = tables(inner)
            if found:
                raise RefusedError(
                    f"The table {found[0].name} is looked up inside {node.op} ({node.name}); TensorFlow.js finds tables"
                    " outside loops and branches only.",
                    hint="Look up before the loop or branch.",
                )
