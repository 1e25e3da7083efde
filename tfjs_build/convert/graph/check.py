"""Refuses what TensorFlow.js cannot run, and finds what single backends cannot.

1. Every op is one of TensorFlow.js's. All that are not are named at once, with the layers that they come from.
2. Hash tables are looked up outside loops and branches: inside, the executor does not find them.
3. Complex numbers go through the ops that take them.
4. No tensor is larger than any backend can hold.
5. What a backend lacks or gets wrong is looked up in the table of what was measured (`backends.py`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Final

from tfjs_build.convert.artifacts import Limit
from tfjs_build.convert.graph.backends import faults
from tfjs_build.convert.graph.dtypes import COMPLEX
from tfjs_build.convert.graph.ir import Graph, Node
from tfjs_build.convert.graph.ops import tfjs_op
from tfjs_build.convert.graph.unsupported import places, unsupported
from tfjs_build.errors import RefusedError

# Ops of TensorFlow.js that take complex numbers.
_COMPLEX_NAMES: Final = (
    "Add AddV2 Complex ComplexAbs ConcatV2 ExpandDims FFT IFFT IRFFT Identity Imag Mul Pack RFFT Rank Real Reshape"
    " Shape Size Squeeze StatelessIf StatelessWhile Sub"
)
_COMPLEX: Final = frozenset(_COMPLEX_NAMES.split())


_MOST_ELEMENTS: Final = 1 << 31
"""Of a tensor: no backend has place for eight gigabytes."""


def check_sizes(graph: Graph) -> None:
    """Raise RefusedError for a tensor that no backend can hold, whatever its free sizes are."""
    for node in graph.walk():
        for value in node.outputs:
            elements = math.prod(1 if size is None else size for size in value.shape or ())
            if elements > _MOST_ELEMENTS:
                raise RefusedError(
                    f"{node.op} ({node.name}) gives a tensor of {elements:,} elements, which is more than TensorFlow.js"
                    " can hold."
                )


def check(graph: Graph) -> list[Limit]:
    """Return what single backends cannot do. Raises RefusedError for what none can."""
    unknown: dict[str, list[str]] = defaultdict(list)
    limits: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for node in graph.walk():
        if tfjs_op(node.op) is None:
            unknown[node.op].append(node.name)
            continue
        _check_complex(node)
        for fault in faults(node):
            limits[fault.backend, fault.how, node.op].append(node.name)
    if unknown:
        raise unsupported(unknown)
    _check_tables(graph)
    return [Limit(backend, how, op, places(names)) for (backend, how, op), names in sorted(limits.items())]


def _check_complex(node: Node) -> None:
    if node.op not in _COMPLEX and any(value.dtype in COMPLEX for value in node.inputs):
        raise RefusedError(
            f"{node.op} ({node.name}): TensorFlow.js takes no complex numbers there.",
            hint="Take the real and imaginary parts, or the absolute value, before.",
        )


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
