"""Lengths of vectors, and vectors divided by their length: squares leave half floats where the numbers do not.

`x * rsqrt(max(sum(x²), ε))`, `x / sqrt(sum(x²))` and their like are computed of `x / largest` where textures hold half
floats, `sqrt(sum(x²))` is multiplied by the largest after. Elsewhere the divisor is 1, and the numbers are the same.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tfjs_build.convert.graph.half.builder import HalfBuilder
from tfjs_build.convert.graph.half.masks import CHOSEN
from tfjs_build.convert.graph.half.values import builder, number, operands
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.rewrite import Context

_LEAST: Final = 1e-4
"""The least that vectors are divided by, a number that half floats hold well."""
_SQUARES: Final = frozenset({"Square", "SquaredDifference"})


class _Length(NamedTuple):
    """A sum of squares below some ops: `vector` is what is squared (two values where it is their difference)."""

    total: Node
    vector: tuple[Value, ...]


def concerned(node: Node) -> bool:
    """Whether the rule may change a node."""
    return _length(node) is not None


def _length(node: Node) -> _Length | None:
    """Return the length in a node that divides by one, or that is one."""
    if node.outputs and node.outputs[0].dtype != "float32":
        return None
    if node.op == "Mul":
        for value, position in operands(node):
            found = _below(value, "Rsqrt")
            if found is not None and found.vector == (node.inputs[1 - position],):
                return found
        return None
    if node.op == "RealDiv":
        found = _below(node.inputs[1], "Sqrt")
        return found if found is not None and found.vector == (node.inputs[0],) else None
    return _below(node.outputs[0], "Sqrt") if node.op == "Sqrt" else None


def _below(value: Value, root: str) -> _Length | None:
    """Follow limits and sums with constants, and one root, down to a sum of squares."""
    node, rooted = value.node, False
    while True:
        if node.op == root and not rooted:
            rooted, node = True, node.inputs[0].node
        elif node.op in ("Maximum", "Minimum", "Add", "AddV2"):
            rest = [each for each in node.inputs if number(each) is None]
            if len(rest) != 1:
                return None
            node = rest[0].node
        else:
            break
    if not rooted or node.op != "Sum" or node.inputs[1].ints is None:
        return None
    squares = node.inputs[0].node
    if squares.op in _SQUARES:
        return _Length(node, squares.inputs)
    if squares.op == "Mul" and squares.inputs[0] is squares.inputs[1]:
        return _Length(node, squares.inputs[:1])
    return None


def rule(context: Context, node: Node) -> Value | None:
    """Compute a length, or divide by one, of numbers whose squares half floats hold."""
    found = _length(node)
    if found is None:
        return None
    b = builder(context)
    axes = found.total.inputs[1]
    vector = [context.new(value) for value in found.vector]
    x = vector[0] if len(vector) == 1 else b.Sub(*vector)
    largest = b.Maximum(b.Max(b.Abs(x), context.new(axes), keep_dims=True), _LEAST)
    divisor = b.SelectV2(b.full(), 1.0, largest)
    scaled = b.RealDiv(x, divisor)
    attrs = {key: value for key, value in found.total.attrs.items() if key != "_never_read_where_empty"}
    total = b.node("Sum", [b.Square(scaled), context.new(axes)], attrs, name=found.total.name)[0]
    if node.op == "Sqrt":
        if not attrs.get("keep_dims"):
            divisor = b.Max(divisor, context.new(axes))
        return b.Mul(_again(b, node.outputs[0], found.total, total, divides=False), divisor)
    if node.op == "RealDiv":
        return b.RealDiv(scaled, _again(b, node.inputs[1], found.total, total, divides=True))
    at = 1 if found.vector == (node.inputs[0],) else 0
    return b.Mul(scaled, _again(b, node.inputs[at], found.total, total, divides=True))


def _again(b: HalfBuilder, value: Value, sum_of_squares: Node, total: Value, *, divides: bool) -> Value:
    """Build the ops above a sum of squares anew, with limits that half floats hold."""
    steps: list[Node] = []
    node = value.node
    while node is not sum_of_squares:
        steps.append(node)
        node = next(each for each in node.inputs if number(each) is None).node
    result, limited = total, False
    for step in reversed(steps):
        if step.op in ("Sqrt", "Rsqrt"):
            if divides and not limited:
                result = b.AddV2(result, b.either(0.0, _LEAST))
            result = b.node(step.op, [result], step.attrs, name=step.name)[0]
            continue
        limit = next(found for found in map(number, step.inputs) if found is not None)
        inside = CHOSEN if step.op == "Minimum" else _LEAST if divides else 0.0
        limited = limited or step.op != "Minimum"
        result = b.node(step.op, [result, b.either(limit, inside)], step.attrs, name=step.name)[0]
    return result
