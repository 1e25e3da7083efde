"""Ops that TensorFlow.js lacks, or runs with another meaning, spelled in ops that it has.

Each rule is a formula over the node's inputs. It returns None where the op is right as it is. What no rule covers stays
and is refused by `check.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import (
    arrays,
    complexes,
    convolutions,
    detections,
    diagonals,
    einsum,
    images,
    integers,
    lists,
    maths,
    matrices,
    normalization,
    patches,
    pools,
    raggeds,
    random,
    reductions,
    resampling,
    segments,
    selection,
    spectra,
    strings,
    tables,
)
from tfjs_build.convert.graph.decompose.complexes import BY_PARTS, by_parts
from tfjs_build.convert.graph.decompose.registry import RULES
from tfjs_build.convert.graph.dtypes import COMPLEX
from tfjs_build.convert.graph.ir import Graph, Value
from tfjs_build.convert.graph.rewrite import rewrite

assert (
    arrays
    and complexes
    and convolutions
    and detections
    and diagonals
    and einsum
    and images
    and integers
    and lists
    and maths
    and matrices
    and normalization
    and patches
    and pools
    and raggeds
    and random
    and reductions
    and resampling
    and segments
    and selection
    and spectra
    and strings
    and tables
)  # importing them registers their rules


def decompose(graph: Graph) -> Graph:
    """Return the graph in ops that TensorFlow.js runs with the same meaning."""
    return rewrite(graph, [], Lowering)


class Lowering(Builder):
    """A builder that applies the rules to all that is built with it, what other rules build included. A rule that
    builds its own op means the op itself."""

    def __init__(self, scope: str = "") -> None:
        super().__init__(scope)
        self._active: set[str] = set()

    def replace(
        self, op: str, inputs: Sequence[Value], attrs: Mapping[str, Any], name: str
    ) -> tuple[Value, ...] | None:
        """Return what stands for an op, None to keep it."""
        rule, key = RULES.get(op), op
        if op in BY_PARTS and any(value.dtype in COMPLEX for value in inputs):
            rule, key = by_parts(op), f"complex {op}"
        if rule is None or key in self._active:
            return None
        outer = self.scope
        self.scope = name
        self._active.add(key)
        try:
            result = rule(self, inputs, attrs)
        finally:
            self.scope = outer
            self._active.discard(key)
        if result is None:
            return None
        return (result,) if isinstance(result, Value) else tuple(result)
