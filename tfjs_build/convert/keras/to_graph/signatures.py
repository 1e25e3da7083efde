"""The arguments of a call besides its input: positions become names, and what a layer does not take is noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_FIRST = ("inputs", "query", "sequences", "sequence")
"""What layers call their first argument."""


def named_arguments(
    takes: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any], list[str]]:
    """Return a layer's first argument, the others by name, and the names of those that its `call` does not have;
    `takes` has those that it has, in their order."""
    names = takes.split()
    found = dict(kwargs)
    first = list(args[:1]) or [found.pop(name) for name in _FIRST if name in found][:1]
    for position, value in enumerate(args[1:]):
        found.setdefault(names[position] if position < len(names) else f"argument {position + 1}", value)
    return first, found, [name for name in found if name not in (*names, "mask", "training")]
