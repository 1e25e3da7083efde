"""How single weights are stored in fewer bytes, as TensorFlow.js reads it (tfjs-core's io_utils, `decodeWeights`).

Affine codings are `stored * scale + min`, computed in float64 and then rounded to float32; float16 is stored as it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tfjs_build.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tfjs_build.convert.artifacts import Weight
    from tfjs_build.model import QuantizeDtype

_FEWEST: Final = 256
"""Numbers that a weight must have for its levels to be looked at: what has fewer is no download."""

_NEAR: Final = 1e-3
"""How far off a level, in steps, a number may be for the step to be tried."""


@record(frozen=True)
class Float16:
    """Each number rounded to float16."""

    dtype: QuantizeDtype = "float16"

    def entry(self) -> dict[str, Any]:
        """Return what `weightsManifest` says."""
        return {"dtype": self.dtype, "original_dtype": "float32"}

    def codes(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return numbers as they are written."""
        return numbers.astype(np.float16)

    def decoded(self, codes: NDArray[Any]) -> NDArray[np.float32]:
        """Return what TensorFlow.js makes of them."""
        return codes.astype(np.float32)


@record(frozen=True)
class Affine:
    """Each number as the nearest of the levels `stored * scale + minimum`; `exact` is the type to compute it in."""

    dtype: QuantizeDtype
    scale: float
    minimum: float
    exact: np.dtype[Any]

    def entry(self) -> dict[str, Any]:
        """Return what `weightsManifest` says."""
        return {"dtype": self.dtype, "original_dtype": "float32", "scale": self.scale, "min": self.minimum}

    def codes(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return numbers as they are written."""
        values = numbers.astype(self.exact)
        values -= self.minimum
        values /= self.scale
        np.rint(values, out=values)
        np.clip(values, 0.0, float(np.iinfo(self.dtype).max), out=values)
        return values.astype(self.dtype)

    def decoded(self, codes: NDArray[Any]) -> NDArray[np.float32]:
        """Return what TensorFlow.js makes of them."""
        return (codes.astype(np.float64) * self.scale + self.minimum).astype(np.float32)


Coding: TypeAlias = "Float16 | Affine"


def rounded(coding: Coding, numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers as they are after they have been stored and read."""
    return coding.decoded(coding.codes(numbers))


def keeps(coding: Coding, weight: Weight) -> bool:
    """Return whether a coding gives back each number of a weight as it is."""
    return all(np.array_equal(rounded(coding, block), block) for block in weight.blocks())


def affine(low: float, high: float, dtype: str) -> tuple[float, float]:
    """Return (scale, min) such that `stored * scale + min` covers `low` to `high`, both finite, in the dtype's levels.

    Where zero lies in the range, it is one of the levels: a padded or pruned zero stays zero.
    """
    levels = int(np.iinfo(dtype).max)
    scale = (high - low) / levels
    if scale == 0 or not math.isfinite(1 / scale):  # constant, or so narrow that no step can be told: one level
        return 1.0, low
    if low <= 0 <= high:
        return scale, -round(-low / scale) * scale
    return scale, low


def levels_of(weight: Weight) -> Affine | None:
    """Return the coding in uint8 that holds a weight exactly: one whose numbers are whole multiples of a scale, as
    quantized layers and fake quantization leave them. None where there is none.

    Numbers of a first block that are all different tell at once that a weight has not been quantized.
    """
    if weight.size < _FEWEST:
        return None
    levels = np.iinfo(np.uint8).max + 1
    known: NDArray[Any] = np.array([], np.float32)
    for block in weight.blocks():
        for part in np.array_split(block, max(1, block.size >> 16)):
            known = np.union1d(known, part)
            if known.size > levels or not np.isfinite(known).all():
                return None
    return next((coding for coding in _steps(known.astype(np.float64)) if keeps(coding, weight)), None)


def _steps(numbers: NDArray[np.float64]) -> list[Affine]:
    """Return what may be the scale and the lowest level of sorted numbers, each of which is a level: a scale times a
    whole number, rounded to float32 once."""
    if numbers.size < 2:
        return []
    gap = float(np.diff(numbers).min())
    span = float(numbers[-1] - numbers[0])
    half = np.spacing(numbers.astype(np.float32)).astype(np.float64) / 2
    found = []
    for part in range(1, 5):  # the smallest gap may be of several steps
        step = gap / part
        if not step or round(span / step) > np.iinfo(np.uint8).max:
            break
        places = np.rint(numbers / step)
        count = np.abs(places).argmax()
        step = numbers[count] / places[count] if places[count] else step
        places = np.rint(numbers / step)
        if np.abs(numbers / step - places).max() > _NEAR or places[-1] - places[0] > np.iinfo(np.uint8).max:
            continue
        some = places != 0
        ends = np.sort([(numbers - half)[some] / places[some], (numbers + half)[some] / places[some]], axis=0)
        low, high = float(ends[0].max()), float(ends[1].min())
        if low <= high:
            # A scale was a float32, most likely.
            near = float(np.float32((low + high) / 2))
            scale = near if low <= near <= high else (low + high) / 2
            found.append(Affine("uint8", scale, float(places[0]) * scale, np.dtype(np.float64)))
    return found
