"""Operations on the bits of integers, of which TensorFlow.js has none: they are arithmetic."""

from __future__ import annotations

import math

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import tensor, two
from tfjs_build.convert.keras.to_graph.registry import operation

_POWERS = [1 << bit for bit in range(31)]


@operation("BitwiseAnd", "BitwiseOr", "BitwiseXor", "bitwise.bitwise_and", "bitwise.bitwise_or", "bitwise.bitwise_xor")
def bitwise(c: Context) -> Value:
    """Numbers combined bit by bit, of which TensorFlow.js has no op: each is taken apart into its 31 bits and sign."""
    b = c.b
    x, y = (c.as_int(value) for value in two(c))
    name = str(c.config.get("function", c.layer.class_name)).lower()

    def joined(first: Value, second: Value) -> Value:
        if name.endswith("and"):
            return b.LogicalAnd(first, second)
        return b.LogicalOr(first, second) if name.endswith(("_or", "eor")) else b.NotEqual(first, second)

    def bits(value: Value) -> Value:
        return b.Equal(b.FloorMod(b.FloorDiv(b.ExpandDims(value, -1), c.ints(_POWERS)), 2), 1)

    low = b.Sum(b.Cast(joined(bits(x), bits(y)), DstT="int32") * c.ints(_POWERS), [-1])
    sign = b.Cast(joined(b.Less(x, 0), b.Less(y, 0)), DstT="int32")
    return low + sign * c.ints(-(1 << 31))


@operation("BitwiseInvert", "BitwiseNot", "bitwise.invert")
def bitwise_not(c: Context) -> Value:
    """All bits turned."""
    x = tensor(c)
    return c.b.LogicalNot(x) if x.dtype == "bool" else -1 - c.as_int(x)


@operation("BitwiseLeftShift", "LeftShift", "BitwiseRightShift", "RightShift")
def shift(c: Context) -> Value:
    """Bits moved: a product with, or a quotient by, a power of two."""
    x, y = (c.as_int(value) for value in two(c))
    power = c.as_int(c.b.Round(c.b.Exp(c.as_float(y) * math.log(2.0))))
    return x * power if "Left" in c.layer.class_name else c.b.FloorDiv(x, power)
