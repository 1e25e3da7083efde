"""What an op is to the tests, and how it reads inputs that stand for sizes and axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = Sequence[Array]
Attrs: TypeAlias = Mapping[str, Any]
Op: TypeAlias = Callable[[Arrays, Attrs], "Array | tuple[Array, ...]"]


def whole(array: Array) -> int:
    """Return the one integer of an input such as an axis."""
    (number,) = whole_list(array)
    return number


def whole_list(array: Array) -> list[int]:
    """Return the integers of an input such as a shape."""
    assert array.dtype.kind in "iu" or not array.size, f"integers are expected, not {array.dtype}"
    return [int(number) for number in array.ravel()]
