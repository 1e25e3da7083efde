"""What stands for "not this one": -1e9, infinities, the lowest float, chosen for hidden scores or added to them.

1. Chosen (`where(mask, x, -1e9)`), limits (`maximum(x, -1e9)`), and compared numbers become the largest half float.
2. Added (`x + (1 - mask) * -1e9`): the factor becomes one that still hides, and leaves room to add.
3. Constant masks, and biases that they were added to, are kept in two versions.
4. What a tensor is filled with is spread over it; constants that are joined to others are kept in two versions; what
   a tensor is padded with is chosen outside of it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph.half.builder import LARGEST, HalfBuilder
from tfjs_build.convert.graph.half.values import MOVES, beyond, builder, floats, number, operands, replaced, zero_or_one
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.rewrite import Context

CHOSEN: Final = 60000.0
"""Stands for what is chosen where an entry is hidden: something may still be added to it."""
ADDED: Final = 32768.0
"""Stands for what is added to hidden scores: numbers below 8 are lost beside it, so that all hidden ones are alike."""

LOWEST: Final = 1e19
"""webgl takes -1e20 for the smallest number of all when it looks for the largest: what hides is kept above that."""

_SUMS: Final = frozenset({"Add", "AddV2", "Sub"})
_POOLS: Final = frozenset({"MaxPool", "MaxPool3D"})
_JOINS: Final = frozenset({"ConcatV2", "Pack"})
_LIMITS: Final = frozenset({"Maximum", "Minimum", "Less", "LessEqual", "Greater", "GreaterEqual"})
_BIASES: Final = {"BiasAdd": 1, "_FusedMatMul": 2, "_FusedConv2D": 2, "FusedDepthwiseConv2dNative": 2}
_INFINITE_ONES: Final = frozenset({"Equal", "NotEqual", "IsInf", "IsFinite", "IsNan"})
_BETWEEN: Final = MOVES | _SUMS | {"Maximum", "Minimum", "Neg"}
_DEPTH: Final = 8


def concerned(node: Node) -> bool:
    """Whether the rule may change a node."""
    if node.op == "SelectV2" or node.op in _LIMITS or node.op == "Mul":
        return any(beyond(value) is not None for value in node.inputs)
    if node.op in _SUMS or node.op in _JOINS:
        return any(_has_beyond(value) for value in node.inputs)
    if node.op == "Fill":
        return beyond(node.inputs[1]) is not None
    if node.op == "PadV2":
        return beyond(node.inputs[2]) is not None
    return node.op in _BIASES and len(node.inputs) > _BIASES[node.op] and _has_beyond(node.inputs[_BIASES[node.op]])


def rule(context: Context, node: Node) -> list[Value] | None:
    """Replace what half floats do not hold in a mask."""
    if not concerned(node):
        return None
    if node.op == "SelectV2":
        return _chosen(context, node)
    if node.op == "PadV2":
        return _padded(context, node)
    b = builder(context)
    if node.op == "Fill":
        found = beyond(node.inputs[1])
        if found is None or np.isnan(found):
            return None
        spread = b.either(found, float(np.copysign(CHOSEN, found)))
        return [b.node("BroadcastTo", [spread, context.new(node.inputs[0])], {}, name=node.name)[0]]
    if node.op in _LIMITS:
        for value, position in operands(node):
            if (limit := beyond(value)) is not None and np.isfinite(limit):
                return replaced(context, node, position, b.either(limit, float(np.copysign(LARGEST, limit))))
        return None
    if node.op == "Mul":
        for value, position in operands(node):
            factor = beyond(value)
            if factor is not None and np.isfinite(factor) and hides(context, node, position):
                return replaced(
                    context, node, position, b.either(_hiding(context, node, factor), float(np.copysign(ADDED, factor)))
                )
        return None
    if node.op in _JOINS:
        return _joined(context, node)
    places = (_BIASES[node.op],) if node.op in _BIASES else (0, 1)
    for position in places:
        if _has_beyond(node.inputs[position]):
            return _added(context, node, position)
    return None


def _has_beyond(value: Value) -> bool:
    array = floats(value)
    return array is not None and bool((np.abs(array) > LARGEST).any())


def _chosen(context: Context, node: Node) -> list[Value] | None:
    b = builder(context)
    if any(reader.op in _INFINITE_ONES for reader in b.readers(context.graph, node.outputs[0])):
        return None  # it is asked whether they are infinite
    inputs = context.inputs(node)
    for position in (1, 2):
        found = beyond(node.inputs[position])
        if found is not None and not np.isnan(found):
            value = b.either(_hiding(context, node, found), float(np.copysign(CHOSEN, found)))
            shape = node.inputs[position].shape
            inputs[position] = b.Reshape(value, list(shape)) if shape else value
    given = [(output.shape, output.dtype) for output in node.outputs]
    return list(b.node(node.op, inputs, node.attrs, name=node.name, given=given))


def _hiding(context: Context, node: Node, number: float) -> float:
    """Return what hides as well as `number` does, before a softmax; the number itself elsewhere."""
    if not np.isfinite(number) or abs(number) <= LOWEST or not _to_softmax(context, node, _DEPTH):
        return number
    return float(np.copysign(LOWEST, number))


def hides(context: Context, node: Node, position: int) -> bool:
    """Whether a product with a large number is a mask: the other factor is 0 or 1, or a softmax comes of it."""
    return zero_or_one(node.inputs[1 - position]) or _to_softmax(context, node, _DEPTH)


def _to_softmax(context: Context, node: Node, depth: int, *, chosen: bool = False) -> bool:
    """Whether a softmax comes of what a node gives, sums and limits in between, and choices if they may be `chosen`."""
    b: HalfBuilder = builder(context)
    for reader in b.readers(context.graph, node.outputs[0]):
        if reader.op in ("Softmax", "Exp"):
            return True
        between = reader.op in _BETWEEN or (chosen and reader.op == "SelectV2")
        if depth and between and _to_softmax(context, reader, depth - 1, chosen=chosen):
            return True
    return False


def _added(context: Context, node: Node, position: int) -> list[Value] | None:
    """A constant that is added. A single number is part of a mask only beside a product with as large a number."""
    b, value = builder(context), node.inputs[position]
    array = floats(value)
    assert array is not None
    if np.isnan(array).any():
        return None
    if (single := number(value)) is not None and node.op in _SUMS:
        if not _beside(node.inputs[1 - position]) and not _to_softmax(context, node, _DEPTH, chosen=True):
            return None
        return replaced(
            context, node, position, b.either(_hiding(context, node, single), float(np.copysign(ADDED, single)))
        )
    small = np.where(np.abs(array) > LARGEST, np.copysign(np.float32(ADDED), array), array)
    return replaced(context, node, position, b.either_tensor(array, small))


def _joined(context: Context, node: Node) -> list[Value]:
    inputs = context.inputs(node)
    for position, value in enumerate(node.inputs):
        if (array := floats(value)) is not None and _has_beyond(value) and not np.isnan(array).any():
            small = np.where(np.abs(array) > LARGEST, np.copysign(np.float32(CHOSEN), array), array)
            inputs[position] = builder(context).either_tensor(array, small)
    given = [(output.shape, output.dtype) for output in node.outputs]
    return list(context.builder.node(node.op, inputs, node.attrs, name=node.name, given=given))


def _beside(value: Value) -> bool:
    node = value.node
    while node.op in MOVES or node.op == "Neg":
        node = node.inputs[0].node
    return node.op == "Mul" and any(beyond(each) is not None for each in node.inputs)


def _padded(context: Context, node: Node) -> list[Value] | None:
    """Padding that is never the largest, or the smallest."""
    b, (x, pads, with_) = builder(context), node.inputs
    found, widths, sizes = beyond(with_), pads.constant, x.shape
    if found is None or np.isnan(found) or widths is None or sizes is None:
        return None
    if all(reader.op in _POOLS for reader in b.readers(context.graph, node.outputs[0])):
        return None  # their kernel begins with a number below all, and passes over what is none
    new = context.new(x)
    table = widths.array()
    wide = [axis for axis in range(len(sizes)) if table[axis].any()]
    if any(sizes[axis] is None for axis in wide):
        return None
    inside = np.pad(
        np.ones([sizes[axis] or 0 if axis in wide else 1 for axis in range(len(sizes))], bool),
        [tuple(table[axis]) if axis in wide else (0, 0) for axis in range(len(sizes))],
    )
    zeros = b.Pad(new, context.new(pads))
    outside = b.either(found, float(np.copysign(CHOSEN, found)))
    return [b.node("SelectV2", [b.const(inside), zeros, outside], {}, name=node.name)[0]]
