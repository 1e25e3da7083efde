"""Whether a model gives the numbers that it should: the times of one that does not say nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-3
"""How far a number may be off, as a part of its output's largest."""

Outputs = Mapping[str, NDArray[np.float32]]
"""The numbers of a model's outputs, flat, by name."""


def disagreement(found: Outputs, expected: Outputs) -> str:
    """Return how a model's outputs differ from what is expected, or nothing.

    Each is held beside that of the same name if all names are the same, else beside that in its place.
    """
    if len(found) != len(expected):
        return f"it has {len(found)} outputs, not {len(expected)}"
    names = list(expected) if set(found) == set(expected) else list(found)
    for name, (place, values) in zip(names, expected.items(), strict=True):
        given = found[name]
        if given.size != values.size:
            return f"{place} has {given.size} numbers, not {values.size}"
        largest = float(np.abs(values).max(initial=0.0))
        apart = float(np.abs(given - values).max(initial=0.0))
        if not apart <= TOLERANCE * largest:  # NaN is not
            return f"{place} is off by {apart:.2g} of {largest:.2g}"
    return ""
