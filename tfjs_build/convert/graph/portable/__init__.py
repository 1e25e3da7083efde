"""Ops that single backends get wrong, spelled in what all of them get right: one published model is right everywhere.

The rules run behind all other passes, on the ops as they are published. Most are about ranks that the kernels of webgl
and webgpu do not take; some are about types and forms.
"""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.dtypes import COMPLEX
from tfjs_build.convert.graph.ir import Graph, Node
from tfjs_build.convert.graph.portable import integers, products, reductions
from tfjs_build.convert.graph.portable.registry import GPU_RANK, RULES
from tfjs_build.convert.graph.replacing import Inputs, Replacing, Spelling
from tfjs_build.convert.graph.rewrite import rewrite
from tfjs_build.modules import import_all

_NAMES: Final = (
    "ArgMax ArgMin Bincount CropAndResize Cumprod Cumsum DenseBincount FloorDiv GatherNd LinSpace MaxPoolWithArgmax"
    " Prod ScatterNd"
)
_ANY_RANK: Final = frozenset(_NAMES.split())
"""Ops whose rules are about more than ranks."""

import_all(__name__, __path__)


def portable(graph: Graph) -> Graph:
    """Return the graph in ops that every backend runs with the same numbers, as far as there is such a spelling."""
    if not any(map(_concerned, graph.walk())):
        return graph
    return rewrite(graph, [], _Portable)


def _concerned(node: Node) -> bool:
    """Whether a rule may spell a node otherwise: most graphs are not built anew."""
    if node.op not in RULES:
        return False
    if (
        node.op in _ANY_RANK
        or products.concerned(node)
        or (node.op in ("Max", "Min") and reductions.masked(node.op, node.inputs[0]) is not None)
        or any(map(integers.concerned, node.inputs[:1]))
        or any(map(integers.cast, node.inputs[:1]))
    ):
        return True
    if any(value.dtype in COMPLEX for value in node.inputs):
        return True
    return any((value.rank or 0) > GPU_RANK for value in (*node.inputs, *node.outputs))


class _Portable(Replacing):
    def spelling(self, op: str, _inputs: Inputs) -> tuple[Spelling | None, str]:
        return RULES.get(op), op
