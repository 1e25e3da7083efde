"""A layer's configuration, checked where it is read: a wrong or missing value is the file's fault."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.errors import SourceError

_ABSENT: Any = object()

_LARGEST = 1 << 63
_LARGEST_SIZE = (1 << 31) - 1
"""What tensors can be counted by."""


class Config:
    """The configuration of the layer `layer`: read-only, every access typed.

    What stands for the same in Python is read as Keras reads it: numbers where a flag is expected and the other way
    round, whole floats and numbers in quotes for integers, null for a default.
    """

    def __init__(self, layer: str, values: Mapping[str, Any]) -> None:
        self.layer = layer
        self.values = values

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value as it stands, or the default where there is none."""
        return self.values.get(key, default)

    def integer(self, key: str, default: int = _ABSENT) -> int:
        """Return an integer."""
        value = _number(self._value(key, default))
        if value is not None and _is_whole(value) and abs(value) < _LARGEST:
            return int(value)
        raise self.fault(key, "an integer")

    def size(self, key: str, default: int = _ABSENT) -> int:
        """Return an integer above zero."""
        value = self.integer(key, default)
        if not 1 <= value <= _LARGEST_SIZE:
            raise self.fault(key, "an integer above zero")
        return value

    def sizes(self, key: str, count: int, default: Sequence[int] = _ABSENT) -> tuple[int, ...]:
        """Return integers above zero; a single one stands for `count` times itself."""
        values = self.integers(key, count, default)
        if min(values) < 1:
            raise self.fault(key, "integers above zero")
        return values

    def number(self, key: str, default: float = _ABSENT) -> float:
        """Return a number."""
        value = _number(self._value(key, default))
        if value is not None:
            return value
        raise self.fault(key, "a number")

    def numbers(self, key: str) -> list[float]:
        """Return a list of numbers."""
        value = self._value(key, _ABSENT)
        found = [_number(item) for item in value] if isinstance(value, (list, tuple)) else [None]
        if None in found:
            raise self.fault(key, "a list of numbers")
        return [number for number in found if number is not None]

    def optional_number(self, key: str) -> float | None:
        """Return a number, or None where it is null or missing."""
        return None if self.get(key) is None else self.number(key)

    def boolean(self, key: str, default: bool = _ABSENT) -> bool:
        """Return a boolean; null is false, as it is in Python."""
        value = self.values.get(key, default)
        if value is not _ABSENT and (value is None or isinstance(value, (bool, int, float))):
            return bool(value)
        self._value(key, default)
        raise self.fault(key, "true or false")

    def text(self, key: str, default: str = _ABSENT) -> str:
        """Return a string."""
        value = self._value(key, default)
        if isinstance(value, str):
            return value
        raise self.fault(key, "a string")

    def integers(self, key: str, count: int | None = None, default: Sequence[int] = _ABSENT) -> tuple[int, ...]:
        """Return integers; a single one stands for `count` times itself."""
        value = self._value(key, default)
        if isinstance(value, (int, float)) and _is_whole(value) and abs(value) <= _LARGEST_SIZE:
            return (int(value),) * (count or 1)
        if isinstance(value, (list, tuple)):
            whole = (v for v in value if isinstance(v, (int, float)) and _is_whole(v))
            found = tuple(int(v) for v in whole if abs(v) <= _LARGEST_SIZE)
            if len(found) == len(value):
                if count is None or len(found) == count:
                    return found
                if len(found) == 1:
                    return found * count
        raise self.fault(key, f"{count} integers" if count else "integers")

    def pairs(self, key: str, count: int) -> tuple[tuple[int, int], ...]:
        """Return `count` pairs of integers, from one integer, `count` integers, or the pairs (paddings, croppings)."""
        value = self._value(key, _ABSENT)
        if isinstance(value, (list, tuple)) and any(isinstance(v, (list, tuple)) for v in value):
            rows = [Config(self.layer, {key: row}).integers(key, 2) for row in value]
            if len(rows) == count:
                return tuple((low, high) for low, high in rows)
            raise self.fault(key, f"{count} pairs of integers")
        if count == 1:
            low, high = self.integers(key, 2)
            return ((low, high),)
        return tuple((size, size) for size in self.integers(key, count))

    def shape(self, key: str) -> tuple[int | None, ...] | None:
        """Return a shape (None for a free size), or None where it is null or missing."""
        return shape_of(self.get(key), self.layer)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return a JSON object."""
        value = self._value(key, _ABSENT)
        if isinstance(value, Mapping):
            return value
        raise self.fault(key, "an object")

    def fault(self, key: str, expected: str) -> SourceError:
        """Return the error that says what `key` should have been."""
        return SourceError(f"layer `{self.layer}`: expects {expected} as `{key}`, got {self.values.get(key)!r:.80}")

    def _value(self, key: str, default: Any) -> Any:
        value = self.values.get(key, default)
        if value is None and default is not _ABSENT:
            return default
        if value is _ABSENT:
            raise SourceError(f"layer `{self.layer}`: its configuration has no `{key}`")
        return value


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)) and is_float(value):
        return value
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def is_float(value: int | float) -> bool:
    """Whether there is a float for a number: not for every integer of a file."""
    return not isinstance(value, int) or abs(value) <= sys.float_info.max


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or value.is_integer()


def shape_of(value: object, layer: str) -> tuple[int | None, ...] | None:
    """Return a JSON shape as a tuple, None for null; raises SourceError for anything else."""
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and all(
        size is None or (isinstance(size, (int, float)) and _is_whole(size) and size <= _LARGEST_SIZE) for size in value
    ):
        return tuple(None if size is None or size < 0 else int(size) for size in value)
    raise SourceError(f"layer `{layer}`: expects a shape, got {value!r:.80}")


def plain(value: Any) -> Any:
    """Return a JSON value with Keras's wrapped tuples, arrays and scalars as plain lists and numbers."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("class_name")
    if kind == "__tuple__" and isinstance(value.get("items"), list):
        return [plain(item) for item in value["items"]]
    if kind in ("__numpy__", "__tensor__") and isinstance(value.get("config"), dict):
        return plain(value["config"].get("value"))
    if value.get("type") == "ndarray" and "value" in value:
        return plain(value["value"])
    return plain_items(value)


def plain_items(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON object, which is one whatever keys it has, with each of its values plain."""
    return {key: plain(item) for key, item in value.items()}
