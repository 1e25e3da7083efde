"""Names as Keras makes them: of layers, groups of weights, inputs and outputs."""

from __future__ import annotations

import re


def unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken, with the suffixes that Keras gives: `a`, `a_1`, `a_2`."""
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def snake_case(name: str) -> str:
    """Return a class's name as Keras makes names of layers and groups from it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
