"""Arithmetic on partly known shapes: the helpers that the rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tfjs_build.convert.graph.ir import Dims, Known, Value

Spec: TypeAlias = tuple[Dims, str]
Rule: TypeAlias = Callable[[Sequence[Value], Mapping[str, Any]], Sequence[Spec]]


_HIGHEST_RANK: Final = 254
"""As in TensorFlow (TensorShape::MaxDimensions)."""


def unknown(rank: int) -> tuple[int | None, ...]:
    """Return a shape of `rank` sizes that are not known. Raises ValueError for a rank that no tensor has."""
    if rank > _HIGHEST_RANK:
        raise ValueError(f"no tensor has the rank {rank}")
    return (None,) * rank


def merge(first: Dims, second: Dims) -> Dims:
    """Return what two descriptions of one shape say together; the first is believed where they differ."""
    if first is None:
        return second
    if second is None or len(first) != len(second):
        return first
    return tuple(b if a is None else a for a, b in zip(first, second, strict=True))


def common(first: Dims, second: Dims) -> Dims:
    """Return the most exact shape that covers both."""
    if first is None or second is None or len(first) != len(second):
        return None
    return tuple(a if a == b else None for a, b in zip(first, second, strict=True))


def broadcast(*shapes: Dims) -> Dims:
    """Return the shape of an elementwise op over `shapes`. Raises ValueError where they do not go with each other."""
    result: Dims = ()
    for shape in shapes:
        if shape is None or result is None:
            return None
        rank = max(len(result), len(shape))
        left = (1,) * (rank - len(result)) + result
        right = (1,) * (rank - len(shape)) + shape
        result = tuple(_pair(a, b) for a, b in zip(left, right, strict=True))
    return result


def _pair(a: int | None, b: int | None) -> int | None:
    if a == 1:
        return b
    if b == 1 or b is None:
        return a
    if a is not None and a != b:
        raise ValueError(f"{a} and {b} entries do not go with each other")
    return b


def known_dims(known: Known | None) -> Dims:
    """Return the shape that an integer vector spells; -1 and unknown numbers are free sizes."""
    return None if known is None else tuple(None if size is None or size < 0 else size for size in known)


def vector_dims(value: Value) -> Dims:
    """Return the shape that `value`, a vector of sizes, spells, as far as known; its length gives the rank."""
    if value.known is not None and value.rank == 1:
        return known_dims(value.known)
    if value.shape is not None and len(value.shape) == 1 and value.shape[0] is not None:
        return unknown(value.shape[0])
    return None


def axis_of(axis: int, rank: int) -> int:
    """Return `axis` counted from the front."""
    return axis + rank if axis < 0 else axis


def product(sizes: Iterable[int | None]) -> int | None:
    """Return the product, None where a factor is not known (a zero settles it)."""
    result: int | None = 1
    for size in sizes:
        if size == 0:
            return 0
        result = None if size is None or result is None else result * size
    return result


def window(
    size: int | None, kernel: int | None, stride: int, dilation: int, padding: str, pads: tuple[int, int]
) -> int | None:
    """Return the output size of a sliding window along one axis (TensorFlow's SAME, VALID, EXPLICIT)."""
    if size is None:
        return None
    if padding == "SAME":
        return -(-size // stride)
    if kernel is None:
        return None
    return (size + sum(pads) - (kernel - 1) * dilation - 1) // stride + 1


def same(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    """Rule of ops whose output is like their first input."""
    return [(inputs[0].shape, inputs[0].dtype)]


def table(rule: Rule, names: str) -> dict[str, Rule]:
    """Return `rule` for each op of a list of names."""
    return dict.fromkeys(names.split(), rule)
