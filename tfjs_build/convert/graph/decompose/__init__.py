"""Ops that TensorFlow.js lacks, or runs with another meaning, spelled in ops that it has.

Each rule is a formula over the node's inputs. It returns None where the op is right as it is. What no rule covers stays
and is refused by `check.py`.
"""

from __future__ import annotations

from tfjs_build.convert.graph.decompose.complexes import OF_COMPLEX
from tfjs_build.convert.graph.decompose.registry import RULES
from tfjs_build.convert.graph.dtypes import COMPLEX
from tfjs_build.convert.graph.ir import Graph
from tfjs_build.convert.graph.replacing import Inputs, Replacing, Spelling
from tfjs_build.convert.graph.rewrite import rewrite
from tfjs_build.modules import import_all

import_all(__name__, __path__)


def decompose(graph: Graph) -> Graph:
    """Return the graph in ops that TensorFlow.js runs with the same meaning."""
    return rewrite(graph, [], Lowering)


class Lowering(Replacing):
    """A builder that applies the decompositions to all that is built with it."""

    def spelling(self, op: str, inputs: Inputs) -> tuple[Spelling | None, str]:
        """Return the decomposition of an op; complex numbers have their own."""
        if op in OF_COMPLEX and any(value.dtype in COMPLEX for value in inputs):
            return OF_COMPLEX[op], f"complex {op}"
        return RULES.get(op), op
