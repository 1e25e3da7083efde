"""Types of operands: which one several tensors and numbers are brought to before an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfjs_build.convert.dtypes import literal_dtype
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context, values_in
from tfjs_build.errors import SourceError

_ORDER = ("bool", "int32", "float32", "complex64")


def dtype_of(c: Context, operand: Any) -> str:
    """Return the type of a tensor, or the one that a constant counts as."""
    if isinstance(operand, Value):
        return operand.dtype
    try:
        kind = np.asarray(operand).dtype.kind
    except ValueError:
        raise SourceError(f"{c.layer.label}: its constant {operand!r:.40} has rows of different lengths") from None
    found = literal_dtype(kind)
    if found is None:
        raise c.refuse(f"expects numbers, got the constant {operand!r:.40}")
    return found


def common_dtype(c: Context, operands: Sequence[Any]) -> str:
    """Return the least type that holds all operands."""
    found = {dtype_of(c, operand) for operand in operands}
    if found == {"string"}:
        return "string"
    c.require(found <= set(_ORDER), f"expects inputs of one kind, got {' and '.join(sorted(found))}")
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


def fill_in_constants(c: Context) -> None:
    """Make tensors of the constant tensors that a layer is given, alone or beside tensors in a list."""
    if c.args:
        c.args[0] = _filled(c, c.args[0], None)
        c.inputs = values_in(c.args[0])
        c.masks = [c.host.masks.get(value) for value in c.inputs]
    for name, given in c.kwargs.items():
        rank = None
        if name in ("initial_state", "states") and c.inputs:
            rank = c.rank(c.inputs[0]) - (1 if name == "initial_state" else 0)
        elif name == "mask" and "Attention" in c.layer.class_name:
            rank = 2
        c.kwargs[name] = _filled(c, given, rank)


def _filled(c: Context, given: Any, rank: int | None) -> Any:
    """Return an argument with values for its constants. Numbers nested deeper than `rank` are a list of tensors."""
    if not isinstance(given, (list, tuple)) or not given:
        return given
    if values_in(given) or None in given:
        return [_filled(c, item, rank) for item in given]
    kind = dtype_of(c, given)
    if rank is not None and np.ndim(given) > rank:
        return [_filled(c, item, rank) for item in given]
    return as_dtype(c, given, kind)
