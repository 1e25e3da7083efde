"""Operations on truth values, and casts."""

from __future__ import annotations

import numpy as np

from tfjs_build.convert.dtypes import NARROW, is_tensor, tfjs_dtype
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import as_dtype
from tfjs_build.convert.keras.to_graph.operands import number, tensor, two, two_real
from tfjs_build.convert.keras.to_graph.registry import operation


@operation("LogicalAnd", "math.logical_and", "__operators__.and", "__operators__.logical_and")
def logical_and(c: Context) -> Value:
    """Whether both hold."""
    x, y = _bools(c)
    return c.b.LogicalAnd(x, y)


@operation("LogicalOr", "math.logical_or", "__operators__.or", "__operators__.logical_or")
def logical_or(c: Context) -> Value:
    """Whether either holds."""
    x, y = _bools(c)
    return c.b.LogicalOr(x, y)


@operation("LogicalXor", "math.logical_xor", "__operators__.xor")
def logical_xor(c: Context) -> Value:
    """Whether one of them holds."""
    x, y = _bools(c)
    return c.b.multi("LogicalXor", x, y)[0]  # no op of TensorFlow's: a decomposition spells it


@operation("LogicalNot", "math.logical_not", "__operators__.invert", "__operators__.logical_not")
def logical_not(c: Context) -> Value:
    """Whether it does not hold."""
    return c.b.LogicalNot(as_dtype(c, tensor(c), "bool"))


def _bools(c: Context) -> tuple[Value, Value]:
    x, y = two(c)
    return as_dtype(c, x, "bool"), as_dtype(c, y, "bool")


@operation("Isclose")
def is_close(c: Context) -> Value:
    """Whether two numbers differ by rtol · |y| + atol at most."""
    return _near(c)


@operation("AllClose")
def all_close(c: Context) -> Value:
    """Whether all numbers differ by little."""
    near = _near(c)
    return c.b.All(near, list(range(c.rank(near))))


def _near(c: Context) -> Value:
    x, y = two_real(c)
    rtol = number(c, c.argument(2, "rtol", default=1e-5))
    atol = number(c, c.argument(3, "atol", default=1e-8))
    near = c.b.LessEqual(c.b.Abs(x - y), c.b.Abs(y) * rtol + atol)
    if c.flag(4, "equal_nan"):
        return c.b.LogicalOr(near, c.b.LogicalAnd(c.b.IsNan(x), c.b.IsNan(y)))
    return near


@operation("Cast", "cast", "SaturateCast", "saturate_cast")
def cast(c: Context) -> Value:
    """Another type. Those that TensorFlow.js lacks wrap or saturate as they would, and are then its nearest."""
    x = tensor(c)
    dtype = str(c.argument(1, "dtype"))
    saturates = "Saturate" in c.layer.class_name or c.config.get("function") == "saturate_cast"
    if saturates and dtype in ("int32", *NARROW):
        limits = np.iinfo(dtype)
        low, high = (as_dtype(c, c.constant(float(bound)), x.dtype) for bound in (limits.min, limits.max))
        x = c.b.Minimum(c.b.Maximum(x, low), high)
    return cast_to(c, x, dtype)


@operation("ConvertToTensor", "convert_to_tensor")
def convert_to_tensor(c: Context) -> Value:
    """The same tensor, in another type where one is given. Keras 3's Attention passes its masks this way."""
    x = tensor(c)
    dtype = c.argument(1, "dtype", default=None)
    return x if dtype is None else cast_to(c, x, str(dtype))


def cast_to(c: Context, x: Value, dtype: str) -> Value:
    """Return a tensor in one of Keras's types, as TensorFlow.js has it."""
    c.require(
        is_tensor(dtype) and x.dtype != "string" and dtype != "string",
        f"a cast from {x.dtype} to {dtype} is not supported",
    )
    target = tfjs_dtype(dtype)
    if x.dtype == target and target != "int32":
        return x
    if dtype not in ("int32", "int64", "uint32", "uint64") and target == "int32":
        x = c.b.Cast(x, DstT=dtype)  # spelled out with its wrapping by the decompositions
        return c.b.Cast(x, DstT="int32")
    return x if x.dtype == target else c.b.Cast(x, DstT=target)
