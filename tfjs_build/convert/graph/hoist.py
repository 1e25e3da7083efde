"""Moves a number that the product of two computed tensors is multiplied with into the constant product of one of them.

    (x W) · y · c  =  (x (c W)) · y        c is one number: the 1/√d of attention

`affine.py` puts the factor into the kernel then. It goes back through biases, views and transpositions, as long as
nothing else reads what is on the way; a kernel of whole numbers is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.rewrite import Context, rewrite

_MATRICES: Final = frozenset({"BatchMatMul", "BatchMatMulV2", "MatMul"})
_PASSED: Final = frozenset({"Reshape", "Squeeze", "ExpandDims", "Transpose"})
_SUMS: Final = frozenset({"AddV2", "Add", "BiasAdd"})


def hoist(graph: Graph) -> Graph:
    """Return the graph with such factors moved."""
    if not any(_factor(node) is not None for node in graph.nodes()):
        return graph
    uses = graph.uses()
    moved: dict[Value, float] = {}
    gone: set[Node] = set()
    for node in graph.nodes():
        factor = _factor(node)
        if factor is None or uses[node.inputs[0]] != 1:
            continue
        target = next((found for value in node.inputs[0].node.inputs if (found := _product(value, uses))), None)
        if target is not None and target not in moved:
            moved[target] = factor
            gone.add(node)
    if not gone:
        return graph

    def rule(context: Context, node: Node) -> Value | None:
        if node in gone:
            return context.new(node.inputs[0])
        factor = moved.get(node.outputs[0]) if node.outputs else None
        if factor is None:
            return None
        given = [(value.shape, value.dtype) for value in node.outputs]
        b = context.builder
        return b.Mul(b.node(node.op, context.inputs(node), node.attrs, name=node.name, given=given)[0], factor)

    return rewrite(graph, [rule])


def _factor(node: Node) -> float | None:
    """Return the number that a node multiplies a product of two computed tensors with."""
    if node.op not in ("Mul", "RealDiv") or node.outputs[0].dtype != "float32":
        return None
    product, constant = node.inputs
    if product.node.op not in _MATRICES or constant.constant is None or constant.constant.size != 1:
        return None
    if any(value.constant is not None for value in product.node.inputs):
        return None
    with np.errstate(divide="ignore"):
        number = np.float32(constant.constant.item())
        number = np.float32(1) / number if node.op == "RealDiv" else number
    return float(number) if np.isfinite(number) else None


def _product(value: Value, uses: Mapping[Value, int]) -> Value | None:
    """Return the result of a constant product, its bias added, that a value is another view of."""
    while value.node.op in _PASSED and uses[value] == 1:
        value = value.node.inputs[0]
    found = value
    while value.node.op in (_SUMS | _PASSED) and uses[value] == 1:
        if value.node.op in _SUMS and value.node.inputs[1].constant is None:
            return None
        value = value.node.inputs[0]
    if value.node.op != "MatMul" or uses[value] != 1:
        return None
    kernel = value.node.inputs[1].constant
    return found if kernel is not None and kernel.integers is None else None
