"""Types of operands: which one several tensors and numbers are brought to before an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context

_ORDER = ("bool", "int32", "float32", "complex64")


def dtype_of(c: Context, operand: Any) -> str:
    """Return the type of a tensor, or the one that a constant counts as."""
    if isinstance(operand, Value):
        return operand.dtype
    kind = np.asarray(operand).dtype.kind
    found = {"b": "bool", "i": "int32", "u": "int32", "f": "float32", "c": "complex64", "U": "string"}.get(kind)
    if found is None:
        raise c.refuse(f"its constant {operand!r:.40} is not made of numbers")
    return found


def common_dtype(c: Context, operands: Sequence[Any]) -> str:
    """Return the least type that holds all operands."""
    found = {dtype_of(c, operand) for operand in operands}
    if found == {"string"}:
        return "string"
    c.require(found <= set(_ORDER), "it mixes numbers and strings")
    return max(found, key=_ORDER.index)


def as_dtype(c: Context, operand: Any, dtype: str) -> Value:
    """Return a tensor or constant in a type."""
    if not isinstance(operand, Value):
        if dtype == "string":
            return c.b.const(operand, dtype)
        return c.constant(operand, dtype)
    if operand.dtype == dtype:
        return operand
    if dtype == "complex64":
        return c.b.Complex(c.as_float(operand), c.b.ZerosLike(c.as_float(operand)))
    return c.b.Cast(operand, DstT=dtype)


def alike(c: Context, operands: Sequence[Any]) -> list[Value]:
    """Return operands in one type."""
    dtype = common_dtype(c, operands)
    return [as_dtype(c, operand, dtype) for operand in operands]
