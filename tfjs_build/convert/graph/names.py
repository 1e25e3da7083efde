"""Names that TensorFlow.js can live with, each given once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# The executor keeps nodes in plain JavaScript objects: these names are found there without having been put in.
_OBJECT_PROPERTIES: Final = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)


def clean(name: str) -> str:
    """Return `name` with letters, digits and `_./-` only: `:`, `^` and `,` have a meaning in node names."""
    text = "".join(c if c.isalnum() or c in "_./-" else "_" for c in name).strip("/") or "node"
    return f"{text}_" if text in _OBJECT_PROPERTIES else text


class Names:
    """Gives out names, all different, none of `reserved` unless asked for with `exactly`."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken: set[str] = set()
        self._reserved = set(reserved)
        self._next: dict[str, int] = {}

    def exactly(self, name: str) -> str | None:
        """Take `name` as it is (cleaned), None if it is taken or does not survive cleaning."""
        if clean(name) != name or name in self._taken:
            return None
        self._taken.add(name)
        return name

    def unique(self, wish: str) -> str:
        """Return `wish`, or the first of `wish_1`, `wish_2` … that is free."""
        base = clean(wish)
        name = base
        while name in self._taken or name in self._reserved:
            number = self._next.get(base, 0) + 1
            self._next[base] = number
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
