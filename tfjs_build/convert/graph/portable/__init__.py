"""Ops that single backends get wrong, spelled in what all of them get right: one published model is right everywhere.

The rules run behind all other passes, on the ops as they are published. Most are about ranks that the kernels of webgl
and webgpu do not take.
"""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Graph, Node
from tfjs_build.convert.graph.portable import arrays, elementwise, reductions, selection
from tfjs_build.convert.graph.portable.registry import GPU_RANK, RULES
from tfjs_build.convert.graph.replacing import Inputs, Replacing, Spelling
from tfjs_build.convert.graph.rewrite import rewrite

_ANY_RANK = ("ArgMax", "ArgMin", "CropAndResize")

assert arrays and elementwise and reductions and selection  # importing them registers their rules


def portable(graph: Graph) -> Graph:
    """Return the graph in ops that every backend runs with the same numbers, as far as there is such a spelling."""
    if not any(map(_concerned, graph.walk())):
        return graph
    return rewrite(graph, [], _Portable)


def _concerned(node: Node) -> bool:
    """Whether a rule may spell a node otherwise: most graphs are not built anew."""
    if node.op not in RULES:
        return False
    return node.op in _ANY_RANK or any((value.rank or 0) > GPU_RANK for value in (*node.inputs, *node.outputs))


class _Portable(Replacing):
    def spelling(self, op: str, _inputs: Inputs) -> tuple[Spelling | None, str]:
        return RULES.get(op), op
