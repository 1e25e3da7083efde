"""How operations read their arguments: tensors, constants, axes, shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.config import is_float
from tfjs_build.convert.keras.to_graph.context import Context, shown, values_in
from tfjs_build.convert.keras.to_graph.dtypes import alike, as_dtype, dtype_of

FIRST = ("x", "x1", "inputs", "input", "features", "input_tensor", "logits", "a", "images", "tensor", "array", "value")

MOST_ENTRIES: Final = 1 << 24
"""Most entries of a constant that an option alone asks for: it would be a part of the download."""

MOST_PARTS: Final = 1 << 16
"""Most tensors that an operation may give."""


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
    return alike(c, several(c, list(given.values()) if isinstance(given, dict) else given))


def several(c: Context, given: Any, what: str = "tensors") -> list[Any]:
    """Return what must be a list of tensors and constants (of `what`), with one entry at least."""
    c.require(isinstance(given, (list, tuple)) and bool(given), f"expects a list of {what}, got {shown(given)}")
    return list(given)


def integers(c: Context, value: Any, count: int | None = None) -> list[int]:
    """Return constants that must be integers of 32 bits: one, or a list of them; so many where `count` is given."""
    found = value if isinstance(value, (list, tuple)) else [value]
    if isinstance(value, Value) and value.ints is not None:
        found = value.ints
    whole = all(isinstance(n, int) or (isinstance(n, float) and n.is_integer()) for n in found)
    c.require(
        whole and all(abs(n) < 1 << 31 for n in found),
        f"expects constant integers as axes and sizes, got {shown(value)}",
    )
    c.require(count in (None, len(found)), f"expects {count} constant integers, got {shown(value)}")
    return [int(n) for n in found]


def single(c: Context, value: Any) -> int:
    """Return a constant that must be one integer, alone or in a list."""
    return integers(c, value, 1)[0]


def amount(c: Context, value: Any, name: str, least: int = 1) -> int:
    """Return the argument `name`, which says how many there are of something that takes memory or time."""
    found = integer(c, value)
    c.require(least <= found <= MOST_ENTRIES, f"expects {least} to {MOST_ENTRIES} as `{name}`, got {found}")
    return found


def integer(c: Context, value: Any) -> int:
    """Return a constant that must be an integer of 32 bits, as a float or not."""
    found = number(c, value)
    whole = isinstance(found, int) or found.is_integer()
    c.require(whole and abs(found) < 1 << 31, f"expects a constant integer as an argument, got {shown(value)}")
    return int(found)


def number(c: Context, value: Any) -> float:
    """Return a constant that must be a number, and not larger than any float."""
    if isinstance(value, (int, float)) and is_float(value):
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
    return c.axis(x, single(c, default if given is None else given))


def keeps(c: Context, position: int = 2) -> bool:
    """Whether a reduction keeps its axes, with the size 1."""
    return c.flag(position, "keepdims")


def no_other_tensors(c: Context, used: Sequence[Value]) -> None:
    """Refuse tensors in arguments that no rule looks at."""
    others = [value for value in values_in([c.args, c.kwargs]) if all(value is not each for each in used)]
    c.require(not others, "expects constants as its other arguments, got a tensor")
