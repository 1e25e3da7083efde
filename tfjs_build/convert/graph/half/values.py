"""What is known of values: their one number, whether they are 0 or 1 only, what they come from unchanged."""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.half.builder import LARGEST, HalfBuilder
from tfjs_build.convert.graph.ir import Array, Node, Value
from tfjs_build.convert.graph.rewrite import Context

VIEWS: Final = frozenset({"Reshape", "Squeeze", "ExpandDims", "Identity"})
MOVES: Final = VIEWS | {"BroadcastTo", "Tile", "Transpose", "StridedSlice", "Slice", "GatherV2"}
"""Ops that give numbers of their first input, and no others."""

_MOST: Final = 1 << 20
_MOST_OF_VARIABLE: Final = 1 << 12
"""Most numbers of a constant that is looked into, and of one that comes from a variable."""


def builder(context: Context) -> HalfBuilder:
    """Return the builder of a context, which knows numbers of two faces."""
    assert isinstance(context.builder, HalfBuilder)
    return context.builder


def floats(value: Value) -> Array | None:
    """Return a float constant's numbers, None for other values and for large ones."""
    constant = value.constant
    if constant is None or value.dtype != "float32":
        return None
    if constant.size > (_MOST if constant.name is None else _MOST_OF_VARIABLE):
        return None
    return constant.array()


def number(value: Value) -> float | None:
    """Return the one number that a float constant holds, None for other values."""
    array = floats(value)
    return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None


def beyond(value: Value) -> float | None:
    """Return the one number that a constant holds where half floats do not reach it, infinities included."""
    found = number(value)
    return found if found is not None and abs(found) > LARGEST else None


def operands(node: Node) -> list[tuple[Value, int]]:
    """Return the inputs of an op with two, each with its position."""
    return [(value, position) for position, value in enumerate(node.inputs[:2])]


def replaced(context: Context, node: Node, position: int, value: Value) -> list[Value]:
    """Return a node with another input, in the shape that the constant there had."""
    inputs = context.inputs(node)
    shape = node.inputs[position].shape
    inputs[position] = value if not shape or value.shape == shape else context.builder.Reshape(value, list(shape))
    given = [(output.shape, output.dtype) for output in node.outputs]
    return list(context.builder.node(node.op, inputs, node.attrs, name=node.name, given=given))


def zero_or_one(value: Value) -> bool:
    """Whether each number is 0 or 1 (or, of integers made floats, whole), in the old graph."""
    node = value.node
    if (array := floats(value)) is not None:
        return bool(np.isin(array, (0, 1, -1)).all())
    if node.op == "Cast":
        return node.inputs[0].dtype == "bool" or node.inputs[0].dtype in INTEGER
    if node.op in MOVES or node.op == "Neg":
        return zero_or_one(node.inputs[0])
    if node.op in ("Mul", "Maximum", "Minimum", "Sub", "AddV2", "Add"):
        return all(map(zero_or_one, node.inputs))
    return node.op == "SelectV2" and all(map(zero_or_one, node.inputs[1:]))
