"""Which layers stand in the way of a conversion: the first by its name, the others by their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tfjs_build.convert.keras.description import Layer
from tfjs_build.errors import RefusedError


def refuse_without_rule(layers: Iterable[Layer], rule_of: Callable[[Layer], object]) -> None:
    """Raise RefusedError for the first layer for which `rule_of` does, and say how many others there are."""
    refusals: list[RefusedError] = []
    for layer in layers:
        try:
            rule_of(layer)
        except RefusedError as refusal:
            refusals.append(refusal)
    if refusals:
        first, *others = refusals
        more = f" (and {len(others)} more of its layers)" if others else ""
        raise RefusedError(f"{first.message}{more}", hint=first.hint)
