"""Odd inputs: NaN, infinities and extremes sprinkled over ordinary numbers, and arrays with nothing in them."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from typing import Any

import numpy as np

NAN, INFINITY, HUGE, LIMITS = "nan", "infinity", "huge", "limits"
EMPTY, EMPTY_SIZES = "empty", "empty-sizes"
KINDS = (NAN, INFINITY, HUGE, LIMITS, EMPTY, EMPTY_SIZES)
"""Odd samples by name: floats with NaN; with infinities and zeros of both signs; with numbers whose squares are beyond
float32 at either end; integers at the ends of their dtype; a batch of nothing; nothing along the other free axes."""

FLOATS = {NAN: (np.nan, np.nan), INFINITY: (np.inf, 0.0, -np.inf, -0.0), HUGE: (1e30, 1e-30, -1e30, -1e-30)}
"""What is sprinkled over floats. No number here, nor its square, is denormal: TensorFlow takes those for zero."""

SMALL = 24
"""Elements up to which odd ones may stand anywhere; of more, the second half stays ordinary, so that not every mean,
product and window has one among its numbers."""


def sprinkled(values: np.ndarray, kind: str, seed: str) -> np.ndarray:
    """Return `values` with odd ones of a kind among them, each at least once where there is room; places depend on
    `seed` and `kind` alone. What has no such values (strings; integers, but for `LIMITS`) stays as it is."""
    odd = _odd_values(values.dtype, kind)
    if not odd or not values.size:
        return values
    rng = np.random.default_rng(zlib.crc32(f"{seed}/{kind}".encode()))
    reach = values.size if values.size <= SMALL else values.size // 2
    count = min(max(len(odd), reach // 3), 2 * len(odd), reach)
    places, first = rng.choice(reach, count, replace=False), int(rng.integers(len(odd)))
    flat = values.flatten()
    flat[places] = np.array([odd[(first + index) % len(odd)] for index in range(count)]).astype(values.dtype)
    return flat.reshape(values.shape)


def emptied(values: np.ndarray, axes: Collection[int]) -> np.ndarray:
    """Return `values` with nothing along `axes`."""
    if not axes:
        return values
    return values[tuple(slice(0) if axis in axes else slice(None) for axis in range(values.ndim))]


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays have the same values, NaN being the same as NaN."""
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


_WHERE = ("Exception encountered when calling", "Graph execution", "Detected at", "<stack")
"""How the lines of an error begin that say where it happened, not what."""


def reason(error: Exception) -> str:
    """Return the line of an error of TensorFlow or Keras that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith(_WHERE)]
    return f"{type(error).__name__}: {said[0] if said else ''}"[:200]


def _odd_values(dtype: np.dtype[Any], kind: str) -> tuple[float, ...]:
    if dtype.kind in "iu" and kind == LIMITS:
        limits = np.iinfo(dtype if dtype.itemsize <= 4 else np.int32)  # a model in the page has no wider ones
        return int(limits.max), int(limits.min)
    return FLOATS.get(kind, ()) if dtype.kind == "f" else ()
