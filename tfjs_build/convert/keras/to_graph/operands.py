"""How operations read their arguments: tensors, constants, axes, shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context, shown, values_in
from tfjs_build.convert.keras.to_graph.dtypes import alike, as_dtype, dtype_of

FIRST = ("x", "x1", "inputs", "input", "features", "input_tensor", "logits", "a", "images", "tensor", "array", "value")


def operand(c: Context, position: int = 0, *names: str) -> Any:
    """Return an operand as it stands: a tensor or a constant."""
    return c.argument(position, *(names or FIRST))


def tensor(c: Context, position: int = 0, *names: str) -> Value:
    """Return an operand as a tensor."""
    found = operand(c, position, *names)
    return found if isinstance(found, Value) else as_dtype(c, found, dtype_of(c, found))


def real(c: Context, position: int = 0, *names: str) -> Value:
    """Return an operand as a tensor of floats."""
    return c.as_float(tensor(c, position, *names))


def two(c: Context) -> tuple[Value, Value]:
    """Return both operands in one type."""
    first, second = alike(c, [operand(c), operand(c, 1, "x2", "y", "b", "value")])
    return first, second


def two_real(c: Context) -> tuple[Value, Value]:
    """Return both operands as floats."""
    first, second = two(c)
    return c.as_float(first), c.as_float(second)


def tensors(c: Context) -> list[Value]:
    """Return the operands of an operation on a list of them, in one type."""
    given = c.argument(0, "xs", "x", "values", "arrays", "inputs")
    items = list(given.values()) if isinstance(given, dict) else given
    c.require(isinstance(items, (list, tuple)) and bool(items), f"expects a list of tensors, got {shown(items)}")
    return alike(c, items)


def integers(c: Context, value: Any) -> list[int]:
    """Return constants that must be integers: one, or a list of them."""
    if isinstance(value, Value) and value.ints is not None:
        return list(value.ints)
    found = value if isinstance(value, (list, tuple)) else [value]
    whole = all(isinstance(n, int) or (isinstance(n, float) and n.is_integer()) for n in found)
    c.require(whole, f"expects constant integers as axes and sizes, got {shown(value)}")
    return [int(n) for n in found]


def integer(c: Context, value: Any) -> int:
    """Return a constant that must be an integer of 32 bits, as a float or not."""
    found = number(c, value)
    whole = isinstance(found, int) or found.is_integer()
    c.require(whole and abs(found) < 1 << 31, f"expects a constant integer as an argument, got {shown(value)}")
    return int(found)


def number(c: Context, value: Any) -> float:
    """Return a constant that must be a number."""
    if isinstance(value, (bool, int, float)):
        return int(value) if isinstance(value, bool) else value
    raise c.refuse(f"expects a constant number as an argument, got {shown(value)}")


def axes(c: Context, x: Value, names: Sequence[str] = ("axis",), position: int = 1) -> list[int]:
    """Return the axes of a reduction, counted from the front; all of them by default."""
    given = c.argument(position, *names, default=None)
    if given is None:
        return list(range(c.rank(x)))
    return sorted({c.axis(x, axis) for axis in integers(c, given)})


def axis(c: Context, x: Value, default: int, position: int = 1) -> int:
    """Return the axis of an operation, counted from the front."""
    given = c.argument(position, "axis", default=default)
    [found] = integers(c, default if given is None else given)
    return c.axis(x, found)


def keeps(c: Context, position: int = 2) -> bool:
    """Whether a reduction keeps its axes, with the size 1."""
    return c.flag(position, "keepdims")


def no_other_tensors(c: Context, used: Sequence[Value]) -> None:
    """Refuse tensors in arguments that no rule looks at."""
    others = [value for value in values_in([c.args, c.kwargs]) if all(value is not each for each in used)]
    c.require(not others, "expects constants as its other arguments, got a tensor")
