"""Factors and divisors that half floats do not hold, or hold with few digits: they are applied in two steps.

The first is a power of two, so that nothing is rounded otherwise where textures hold float32.
"""

from __future__ import annotations

from math import frexp
from typing import Final

from tfjs_build.convert.graph.half.builder import LARGEST
from tfjs_build.convert.graph.half.masks import hides
from tfjs_build.convert.graph.half.values import number, operands
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.rewrite import Context

_SMALLEST: Final = 2.0**-20
_LIMIT: Final = 2.0**28
"""Beyond this, and below its reciprocal, two steps are not enough."""


def concerned(node: Node) -> bool:
    """Whether the rule may change a node."""
    return node.op in ("Mul", "RealDiv") and any(_outside(value) for value in node.inputs[:2])


def _outside(value: Value) -> bool:
    found = number(value)
    if found is None or found == 0 or not 1 / _LIMIT < abs(found) < _LIMIT:
        return False
    return abs(found) > LARGEST or abs(found) < _SMALLEST


def rule(context: Context, node: Node) -> Value | None:
    """Multiply, or divide, by a power of two and by the rest."""
    if not concerned(node) or node.outputs[0].dtype != "float32":
        return None
    b = context.builder
    for value, position in operands(node):
        found = number(value)
        if found is None or not _outside(value) or (node.op == "RealDiv" and position == 0):
            continue
        if node.op == "Mul" and hides(context, node, position):
            return None
        power = 2.0 ** (frexp(found)[1] // 2)
        first = b.multi(node.op, context.new(node.inputs[1 - position]), power)[0]
        shape = value.static or ()
        rest = b.Reshape(b.const(found / power), list(shape)) if shape else b.const(found / power)
        return b.node(node.op, [first, rest], node.attrs, name=node.name)[0]
    return None
