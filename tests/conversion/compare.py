"""The rule by which a converted model gives its source's numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.oracle.tensors import Group

TOLERANCE = 1e-4
"""Largest |a−b| that counts as the same, as a part of max|b| of each output; integers and bools must be equal,
NaN and infinities in the same places."""

DIFFERENCE = 1e-2
"""Least by which the outputs for two inputs must differ, as a part of max|b|, for a comparison to prove anything."""

INDEFINITE = np.iinfo(np.int32).min
"""What x86 makes of NaN and of floats beyond int32, where a cast is undefined."""


def mismatches(expected: Group, actual: Group, *, undefined: bool = False, tolerance: float = TOLERANCE) -> list[str]:
    """Return what is wrong with the outputs `actual` for one sample, output by output; empty where they match
    `expected`. Where numbers may be `undefined`, the integers do not count that stand for floats that are none."""
    if set(actual) != set(expected):
        return [f"outputs {sorted(actual)} instead of {sorted(expected)}"]
    problems = []
    for name, b in expected.items():
        a = actual[name]
        if a.shape != b.shape:
            problems.append(f"{name}: shape {list(a.shape)} instead of {list(b.shape)}")
        elif a.dtype != b.dtype:
            problems.append(f"{name}: dtype {a.dtype} instead of {b.dtype}")
        elif b.dtype == object:
            if not (a == b).all():
                problems.append(f"{name}: other strings")
        elif b.dtype.kind != "f":
            differ = (a != b) & (b != INDEFINITE) if undefined and b.dtype == np.int32 else a != b
            if differ.any():
                problems.append(f"{name}: {np.count_nonzero(differ)} of {b.size} {b.dtype} values differ")
        elif b.size and (problem := _difference(a.astype(np.float64), b.astype(np.float64), tolerance)):
            problems.append(f"{name}: {problem}")
    return problems


def indifferent(expected: Sequence[Group]) -> list[str]:
    """Return the outputs that prove nothing: not finite, all zero, or nearly the same for every sample."""
    first, second = expected[0], expected[1]
    problems = []
    for name in first:
        a, b = first[name], second[name]
        if a.dtype.kind != "f" or a.shape != b.shape:
            if a.shape == b.shape and (a == b).all():
                problems.append(f"{name} is the same for both samples")
            continue
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            problems.append(f"{name} is not finite")
            continue
        largest = max(np.abs(a.astype(np.float64)).max(initial=0.0), np.abs(b.astype(np.float64)).max(initial=0.0))
        apart = np.abs(a.astype(np.float64) - b.astype(np.float64)).max(initial=0.0)
        if not apart >= DIFFERENCE * largest or largest == 0.0:
            problems.append(
                f"{name} differs between samples by {apart:.3g} only, its largest value being {largest:.3g}"
            )
    return problems


def _difference(a: NDArray[np.float64], b: NDArray[np.float64], tolerance: float) -> str | None:
    """Return how floats of one shape differ beyond the tolerance. NaN and infinities must stand in the same places;
    the tolerance is a part of the largest finite number."""
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        places = np.flatnonzero(~((a == b) | (np.isnan(a) & np.isnan(b)) | (np.isfinite(a) & finite)))
        return f"{a.flat[places[0]]:g} instead of {b.flat[places[0]]:g} (in {places.size} of {b.size} places)"
    error = np.abs(a[finite] - b[finite]).max(initial=0.0)
    largest = np.abs(b[finite]).max(initial=0.0)
    if not error <= tolerance * largest:
        return f"off by {error:.3g} = {error / largest if largest else np.inf:.2g} of max|b|"
    return None
