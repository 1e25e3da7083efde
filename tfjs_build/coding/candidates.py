"""The ways to store one weight, from the smallest on, and the noise that each adds to its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.codings import Affine, Coding, Float16, affine, rounded
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Weight

_FLOAT16_MAX: Final = 65504.0
_LOOKED_AT: Final = 1 << 16
"""How many numbers of a weight decide its range."""

_SHRUNK: Final = tuple(1.0 - step / 20 for step in range(13))
"""Parts of the range between the lowest and the highest number: what lies beyond is stored as its end."""


@record(frozen=True)
class Candidate:
    """A coding (None: float32), the bytes that the weight takes in it, and the mean square of what it changes."""

    coding: Coding | None
    nbytes: int
    noise: float


def candidates(weight: Weight, numbers: NDArray[Any]) -> list[Candidate]:
    """Return the ways to store a float32 weight, all of them finite, each larger and nearer than the one before."""
    some = _some(numbers)
    low, high = float(numbers.min()), float(numbers.max())
    found = [_least([range_for(numbers)], some, weight.size)]
    wide: list[Coding] = [_coding("uint16", low, high)]
    if max(-low, high) <= _FLOAT16_MAX:
        wide.append(Float16())
    found.append(_least(wide, some, 2 * weight.size))
    found.append(Candidate(None, 4 * weight.size, 0.0))
    return found


def range_for(numbers: NDArray[Any]) -> Affine:
    """Return the coding in uint8 that changes finite numbers the least, in the mean of squares: a few that are far from
    all others cost more, as they widen every step, than they are worth."""
    some = _some(numbers)
    low, high = float(numbers.min()), float(numbers.max())
    best, least = _coding("uint8", low, high), np.inf
    for part in _SHRUNK:
        coding = _coding("uint8", low * part, high * part) if low <= 0 <= high else _coding("uint8", low, high)
        noise = _noise(coding, some)
        if noise < least:
            best, least = coding, noise
        if not low <= 0 <= high:
            break
    return best


def _some(numbers: NDArray[Any]) -> NDArray[Any]:
    return numbers.reshape(-1)[:: max(1, numbers.size // _LOOKED_AT)]


def _coding(dtype: Any, low: float, high: float) -> Affine:
    # uint16 needs more than float32's 24 bits to hit its levels; so does a range near float32's own limits.
    exact = np.float32 if dtype == "uint8" and max(-low, high) < 1e30 else np.float64
    return Affine(dtype, *affine(low, high, dtype), np.dtype(exact))


def _least(codings: Sequence[Coding], numbers: NDArray[Any], nbytes: int) -> Candidate:
    noises = [_noise(coding, numbers) for coding in codings]
    best = int(np.argmin(noises))
    return Candidate(codings[best], nbytes, noises[best])


def _noise(coding: Coding, numbers: NDArray[Any]) -> float:
    return float(np.square(rounded(coding, numbers).astype(np.float64) - numbers).mean())
