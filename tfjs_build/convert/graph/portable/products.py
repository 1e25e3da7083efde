"""Products of two computed tensors, which webgl gets wrong where the number of terms is odd.

A texel holds two rows of two numbers. What stands beyond an odd edge is whatever the op before made of it: 1 for
`exp(x)`, `x + 1` or `x <= y`. The kernels of products (`MatMulPackedProgram` of tfjs-backend-webgl; those of
convolutions use it) add the products of these up, too, so that they are wrong where neither operand has zeros there.
Weights have; and a division puts zeros there, since it must not divide them (`checkOutOfBounds` of
`BinaryOpPackedProgram`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.portable.registry import portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs

MATRICES: Final = frozenset({"BatchMatMul", "BatchMatMulV2", "MatMul", "_FusedMatMul"})
"""Products of matrices."""

_PLACES: Final = {
    **dict.fromkeys(sorted(MATRICES), (0, 1)),
    **dict.fromkeys(("Conv2D", "_FusedConv2D"), (0, 1)),
    "Conv2DBackpropInput": (2, 1),
}
"""The operands of each op; where one is a filter, it is the second."""

_CLEAN: Final = frozenset({"Const", "RealDiv", "Softmax"})
"""Ops whose results have zeros beyond their edges. (A softmax ends in a division.)"""


def beyond_edges(op: str, inputs: Sequence[Value], attrs: Attrs) -> bool:
    """Whether a product adds up what is beyond the edges of both operands."""
    first, second = (inputs[place] for place in _PLACES[op])
    if first.dtype != "float32" or any(value.node.op in _CLEAN for value in (first, second)):
        return False
    count = terms(op, first, second, attrs)
    return count is None or count % 2 == 1


def concerned(node: Node) -> bool:
    """Whether the rule changes a node."""
    return node.op in _PLACES and beyond_edges(node.op, node.inputs, node.attrs)


def _register(op: str) -> None:
    @portable_rule(op)
    def product(b: Builder, inputs: Inputs, attrs: Attrs) -> Sequence[Value] | None:
        """Divide one operand by 1, that with fewer numbers if both are known."""
        if not beyond_edges(op, inputs, attrs):
            return None
        first, second = _PLACES[op]
        place = second if _size(inputs[second]) <= _size(inputs[first]) else first
        operands = list(inputs)
        operands[place] = b.RealDiv(inputs[place], 1.0)
        return b.node(op, operands, attrs)


for _op in _PLACES:
    _register(_op)


def terms(op: str, first: Value, second: Value, attrs: Attrs) -> int | None:
    """Return how many numbers are multiplied and added up for each result, or channels are, where they are known."""
    if op == "Conv2DBackpropInput":
        return _axis(second, 3)
    if op in ("Conv2D", "_FusedConv2D"):
        return _axis(second, 2)
    found = _axis(first, -2 if attrs.get("adj_x") or attrs.get("transpose_a") else -1)
    return found if found is not None else _axis(second, -1 if attrs.get("adj_y") or attrs.get("transpose_b") else -2)


def _axis(value: Value, axis: int) -> int | None:
    return value.shape[axis] if value.shape else None


def _size(value: Value) -> float:
    """Return how many numbers a tensor has; what is not known counts as many."""
    size = 1.0
    for each in value.shape if value.shape is not None else (None,):
        size *= 1e6 if each is None else each
    return size
