"""The weights of a published model one by one: range, step, and what rounding has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.coding.trial import array_of
from tfjs_build.report.facts import StoredWeight
from tfjs_build.report.published import Published, nbytes

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Weight

Array = NDArray[Any]

_HALF_STEP: Final = 2.0**-11
"""The most that float16 changes a number, as a part of it, where it is not tiny."""

_MOVED: Final = 0.1
"""An error from which on a weight is looked at for scales that were moved."""


def stored_weights(published: Published, source: Mapping[str, Weight]) -> list[StoredWeight]:
    """Return the weights in their order; `source` has those that they were made of, as far as these are there."""
    return [
        _stored(name, entry, published.numbers[name], source.get(name)) for name, entry in published.entries.items()
    ]


def _stored(name: str, entry: Mapping[str, Any], numbers: Array, source: Weight | None) -> StoredWeight:
    coding = entry.get("quantization", {})
    step = float(coding["scale"]) if "scale" in coding else None
    low, high = _range(numbers)
    error: float | None
    error, bound = 0.0, False
    if coding:
        error, bound = _error(numbers, source), False
        if error is None:
            error, bound = _bound(numbers, step), True
    return StoredWeight(
        name=name,
        shape=tuple(entry["shape"]),
        dtype=entry["dtype"],
        stored=coding.get("dtype", entry["dtype"]),
        nbytes=nbytes(entry, numbers),
        low=low,
        high=high,
        step=step,
        error=error,
        bound=bound and error is not None,
    )


def _range(numbers: Array) -> tuple[float | None, float | None]:
    if not numbers.size or numbers.dtype.kind not in "fiu":
        return None, None
    low, high = float(numbers.min()), float(numbers.max())
    return (low, high) if np.isfinite([low, high]).all() else (None, None)


def _error(numbers: Array, source: Weight | None) -> float | None:
    """Return how far a weight is off that of its source; None where there is none of the same shape."""
    if source is None or tuple(source.shape) != numbers.shape or source.dtype != numbers.dtype.name:
        return None
    true = array_of(source).astype(np.float64)
    plain = _part(float(np.square(true - numbers).sum()), true)
    if plain is None or plain < _MOVED:
        return plain
    true = _moved(true, numbers)
    moved = _part(float(np.square(true - numbers).sum()), true)
    return plain if moved is None else min(plain, moved)


def _moved(true: Array, numbers: Array) -> Array:
    """Return a weight with the scales that a build has moved into it from a neighbouring layer, or out of it: powers of
    two along its axes (`coding/equalized.py`)."""
    for axis in reversed(range(true.ndim)):
        some = (true != 0) & (numbers != 0)
        ratios = np.where(some, np.log2(np.abs(np.where(some, numbers, 1) / np.where(some, true, 1))), np.nan)
        others = tuple(each for each in range(true.ndim) if each != axis)
        known = some.any(others, keepdims=True)
        scales = np.nanmedian(np.where(known, ratios, 0), others, keepdims=True)
        true = true * np.exp2(np.rint(scales))
    return true


def _bound(numbers: Array, step: float | None) -> float | None:
    """Return what a coding may have changed at most, had it rounded each number to the nearest."""
    if step is None:
        return _HALF_STEP
    return _part(numbers.size * (step / 2) ** 2, numbers)


def _part(power: float, of: Array) -> float | None:
    own = float(np.square(of, dtype=np.float64).sum())
    if not np.isfinite([power, own]).all():
        return None
    return float(np.sqrt(power / own)) if own else 0.0 if not power else None
