"""A sequence as its steps.

In wasm, each cut copies the whole tensor that it is cut from: many steps are cut from pieces, which are cut before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value

_AT_ONCE: Final = 16


def cut(b: Builder, value: Value, axis: int) -> Sequence[Value]:
    """Return the entries along an axis of known size, each with size 1 there."""
    return [
        step
        for piece, count in _pieces(b, value, axis)
        for step in (b.multi("Split", b.const(axis), piece, num_split=count) if count > 1 else [piece])
    ]


def entries(b: Builder, value: Value, axis: int) -> Sequence[Value]:
    """Return the entries along an axis of known size, without that axis."""
    return [step for piece, count in _pieces(b, value, axis) for step in b.multi("Unpack", piece, num=count, axis=axis)]


def _pieces(b: Builder, value: Value, axis: int) -> list[tuple[Value, int]]:
    """Return a tensor in pieces, with how many entries each has."""
    count = value.shape[axis] if value.shape is not None else None
    assert count is not None  # which the caller knows
    if count <= _AT_ONCE:
        return [(value, count)]
    size = math.isqrt(count - 1) + 1
    sizes = [size] * (count // size) + ([count % size] if count % size else [])
    pieces = b.multi("SplitV", value, b.const(sizes, "int32"), b.const(axis), num_split=len(sizes))
    return list(zip(pieces, sizes, strict=True))
