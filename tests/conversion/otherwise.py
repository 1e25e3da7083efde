"""What webgl or webgpu give otherwise because of the numbers that they are fed: a note of the build says so.

A case of which a note does is run all the same. Where it deviates, it counts as noted, if its samples have what the
note is about; the few that `inspect` alone tells are `EXCEPTIONS`, each with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from tests.conversion.oracle import ORDINARY, Files
from tests.oracle.tensors import read_groups

LARGE, NOTHING = "large", "nothing"

CAUSES: Final = {
    LARGE: "whole numbers beyond 2²⁴ are floats in a texture or a shader, and lose their last digits",
    NOTHING: "the mean, the softmax or the product of nothing, if only the page knows that, is an error",
}
_TELLS: Final = {LARGE: "lose their last digits", NOTHING: "where there is nothing along an axis of free size"}
"""The words by which a note is known."""

EXCEPTIONS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("graphs.ops", "op-Conv2D-of-no-images"): {
        "webgpu": "a batch of no images is an error in convolutions: a note would be on nearly every model"
    },
    ("graphs.ops", "op-Max-log-sum-exp-of-nothing"): dict.fromkeys(
        ("webgl", "webgpu"), "the logarithm of 0 is -88 where software renders"
    ),
}

FLOAT_INTEGERS: Final = 1 << 24
"""The largest integer up to which float32 has them all."""


def listed(suite: str, case: str) -> dict[str, str]:
    """Return the backends on which a case is known to deviate without a note, each with the reason."""
    return dict(EXCEPTIONS.get((suite, case), {}))


def cautioned(notes: Iterable[str], case: str, files: Files) -> dict[str, str]:
    """Return the backends on which a case may deviate as a note says, each with the cause."""
    found: dict[str, str] = {}
    for note in notes:
        names = re.match(r"On (.+?), ", note)
        for cause, words in _TELLS.items():
            if names is not None and words in note and _has(cause, case, files):
                found |= dict.fromkeys(names[1].split(" and "), cause)
    return found


def _has(cause: str, case: str, files: Files) -> bool:
    """Whether a case's ordinary samples have what a cause is about; what wraps around was large before."""
    if cause == LARGE and "-wrapping-" in case:
        return True
    tensors = [
        array
        for stem in (files.inputs, files.outputs)
        for sample in read_groups(stem)[: len(ORDINARY)]
        for array in sample.values()
    ]
    if cause == NOTHING:
        return any(array.size == 0 for array in tensors)
    integers = [array.astype(np.int64) for array in tensors if array.dtype == np.int32 and array.size]
    return any(np.abs(array).max() > FLOAT_INTEGERS for array in integers)
