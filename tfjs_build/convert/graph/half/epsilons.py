"""Small numbers that keep a divisor from being zero: half floats make zeros of them.

1. Below a root, a logarithm or a line, one that is too small becomes the smallest that half floats hold well.
2. The logarithm of such a number itself is known when converting, and chosen where nothing else is left.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph.half.values import builder, number, operands, replaced
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.rewrite import Context

SMALL: Final = 2.0**-21
"""The smallest number that keeps a few digits in a half float, and whose reciprocal root is far from its largest."""
_LOST: Final = 2.0**-24

_SUMS: Final = frozenset({"Add", "AddV2", "Maximum"})
_ROOTS: Final = frozenset({"Rsqrt", "Sqrt", "Reciprocal", "Pow"})


def concerned(node: Node) -> bool:
    """Whether the rule may change a node."""
    return (node.op in _SUMS and any(_tiny(value) for value in node.inputs)) or (
        node.op == "Log" and _floor(node) is not None
    )


def rule(context: Context, node: Node) -> Value | list[Value] | None:
    """Replace an epsilon that half floats do not hold."""
    if node.op == "Log":
        return _log(context, node)
    if node.op not in _SUMS:
        return None
    b = builder(context)
    if not any(_divides(reader, node.outputs[0]) for reader in b.readers(context.graph, node.outputs[0])):
        return None
    for value, position in operands(node):
        if _tiny(value):
            return replaced(context, node, position, b.either(number(value) or 0.0, SMALL))
    return None


def _tiny(value: Value) -> bool:
    found = number(value)
    return found is not None and 0 < found < SMALL


def _divides(reader: Node, value: Value) -> bool:
    return reader.op in _ROOTS or (reader.op in ("RealDiv", "DivNoNan") and reader.inputs[1] is value)


def _floor(node: Node) -> tuple[Value, float] | None:
    """Return what a logarithm is taken of and the number that is added to it, or that it is at least."""
    source = node.inputs[0].node
    if source.op in _SUMS:
        for value, position in operands(source):
            found = number(value)
            if found is not None and 0 < found < _LOST:
                return source.inputs[1 - position], found
    if source.op == "ClipByValue":
        found = number(source.inputs[1])
        if found is not None and 0 < found < _LOST:
            return source.inputs[0], found
    return None


def _log(context: Context, node: Node) -> Value | None:
    floor = _floor(node)
    if floor is None or node.outputs[0].dtype != "float32":
        return None
    b, (value, least) = context.builder, floor
    x = context.new(value)
    plain = b.node("Log", context.inputs(node), node.attrs, name=node.name)[0]
    added = node.inputs[0].node.op in ("Add", "AddV2")
    gone = b.Equal(x, 0.0) if added else b.LessEqual(x, least)
    return b.SelectV2(gone, float(np.log(np.float32(least))), plain)
