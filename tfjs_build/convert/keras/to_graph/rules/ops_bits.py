"""Operations on the bits of integers."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import tensor, two
from tfjs_build.convert.keras.to_graph.registry import operation


def _integers(c: Context) -> tuple[Value, Value]:
    x, y = two(c)
    return c.as_int(x), c.as_int(y)


@operation("BitwiseAnd", "bitwise.bitwise_and")
def bitwise_and(c: Context) -> Value:
    """The bits that both have."""
    return c.b.BitwiseAnd(*_integers(c))


@operation("BitwiseOr", "bitwise.bitwise_or")
def bitwise_or(c: Context) -> Value:
    """The bits that either has."""
    return c.b.BitwiseOr(*_integers(c))


@operation("BitwiseXor", "bitwise.bitwise_xor")
def bitwise_xor(c: Context) -> Value:
    """The bits that one of them has."""
    return c.b.BitwiseXor(*_integers(c))


@operation("BitwiseInvert", "BitwiseNot", "bitwise.invert")
def bitwise_not(c: Context) -> Value:
    """All bits turned."""
    x = tensor(c)
    return c.b.LogicalNot(x) if x.dtype == "bool" else c.b.Invert(c.as_int(x))


@operation("BitwiseLeftShift", "LeftShift")
def left_shift(c: Context) -> Value:
    """Bits moved to the higher ones."""
    return c.b.LeftShift(*_integers(c))


@operation("BitwiseRightShift", "RightShift")
def right_shift(c: Context) -> Value:
    """Bits moved to the lower ones."""
    return c.b.RightShift(*_integers(c))
