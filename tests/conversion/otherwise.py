"""Cases that webgl or webgpu give otherwise because of the numbers that they are fed, which no build can know.

otherwise.json has them by suite, backend and cause. Tests fail where another case deviates, or one of these no longer,
unless memory may by chance hold what is right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.conversion.oracle import ORDINARY, Files
from tests.oracle.tensors import read_groups

LARGE, NOTHING = "large", "nothing"

CAUSES = {
    LARGE: "integers beyond 2²⁴ are floats in a texture or a shader, and lose their last digits",
    NOTHING: "nothing to reduce, multiply or scatter, if only the page knows that, is an error or gives what memory "
    "happens to hold",
}

FLOAT_INTEGERS = 1 << 24
"""The largest integer up to which float32 has them all."""

LISTED: Mapping[str, Mapping[str, Mapping[str, list[str]]]] = json.loads(
    Path(__file__).with_name("otherwise.json").read_text(encoding="utf-8")
)


def listed(suite: str, case: str) -> dict[str, str]:
    """Return the backends on which a case is known to deviate, each with the cause."""
    return {
        backend: cause
        for backend, causes in LISTED.get(suite, {}).items()
        for cause, cases in causes.items()
        if case in cases
    }


def may_be(cause: str, case: str, files: Files) -> bool:
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
