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
    true = array_of(source)
    return _part(float(np.square(true.astype(np.float64) - numbers).sum()), true)


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
