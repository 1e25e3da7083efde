"""Numbers that half floats do not hold, spelled so that phones get what the source gives: some have no other textures.

webgl keeps tensors in textures; where a device renders to half floats only, every number between two kernels is rounded
to one: the largest is 65504, the smallest 6e-8, and whole numbers are exact up to 2048. Kernels compute in float32. The
rules run on the ops as they are published, and change nothing where textures hold float32 (`builder.py` says how).
"""

from __future__ import annotations

from tfjs_build.convert.graph.half import epsilons, factors, lengths, masks, places
from tfjs_build.convert.graph.half.builder import HalfBuilder
from tfjs_build.convert.graph.ir import Graph
from tfjs_build.convert.graph.rewrite import rewrite

_RULES = (masks.rule, lengths.rule, epsilons.rule, factors.rule, places.rule)


def half_floats(graph: Graph) -> Graph:
    """Return the graph with those constants replaced that make NaN of numbers, or others, in half-float textures."""
    checks = (masks.concerned, lengths.concerned, epsilons.concerned, factors.concerned, places.concerned)
    if not any(check(node) for node in graph.walk() for check in checks):
        return graph  # most graphs are not built anew
    return rewrite(graph, _RULES, HalfBuilder)
