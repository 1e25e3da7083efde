"""The kinds of lists and mappings whose items or keys are the user's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tfjs_build.manifest.faults import quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, text_of
from tfjs_build.manifest.scalars import Text
from tfjs_build.manifest.tree import Mapping, Node, Scalar, Sequence, plain


class ListOf(Kind):
    """A list of single values, at least `least`; read as a tuple."""

    def __init__(self, what: str, example: str, item: Kind | None = None, *, least: int = 0) -> None:
        self.item = item or Text()
        self.least = least
        self.expects = f"a list of {what} such as [{example}]"
        self.type = f"list of {what}"

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Sequence):
            text = text_of(node)
            return place.takes(self, node, f"Write `[{text}]`." if text else "")
        if len(node.items) < self.least:
            return place.wrong(node, f"{quoted(place.key)} takes {self.expects}, not an empty list")
        items = [self.item.read(item, place.item(number)) for number, item in enumerate(node.items)]
        return WRONG if WRONG in items else tuple(items)

    def schema(self) -> dict[str, Any]:
        minimum = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.item.schema()} | minimum


class Either(Kind):
    """One kind for a single value, another for a list or a mapping."""

    def __init__(self, single: Kind, many: Kind) -> None:
        self.single = single
        self.many = many
        self.expects = f"{single.expects}, or {many.expects}"
        self.type = f"{single.type}, or {many.type}"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Scalar):
            return place.takes(self, node) if node.value is None else self.single.read(node, place)
        if isinstance(node, Sequence) == isinstance(self.many, ListOf):
            return self.many.read(node, place)
        return place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.single.schema(), self.many.schema()]}


class As(Kind):
    """A kind whose values become something else."""

    def __init__(self, kind: Kind, make: Callable[[Any], Any]) -> None:
        self.kind = kind
        self.make = make
        self.expects = kind.expects
        self.type = kind.type

    def read(self, node: Node, place: Place) -> Any:
        value = self.kind.read(node, place)
        return WRONG if value is WRONG else self.make(value)

    def schema(self) -> dict[str, Any]:
        return self.kind.schema()


class MapOf(Kind):
    """A mapping from names to values of one kind; `distinct` where no two may be the same."""

    def __init__(self, what: str, example: str, value: Kind, *, distinct: bool = False) -> None:
        self.value = value
        self.distinct = distinct
        self.expects = f"a mapping of {what} such as {{ {example} }}"
        self.type = f"mapping of {what}"

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Mapping):
            return place.takes(self, node)
        values: dict[str, Any] = {}
        first: dict[Any, Scalar] = {}
        for key, value in node:
            if not key.text:
                values[""] = place.wrong(key, f"a name in {quoted(place.key)} is empty")
                continue
            found = self.value.read(value, place.of(key))
            if self.distinct and found is not WRONG:
                other = first.setdefault(found, key)
                if other is not key:
                    both = f"{quoted(other.text)} (line {other.span.line + 1}) and {quoted(key.text)}"
                    found = place.wrong(value, f"{quoted(place.key)} gives {both} the same name, {quoted(found)}")
            values[key.text] = found
        return WRONG if WRONG in values.values() else values

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "propertyNames": {"minLength": 1}, "additionalProperties": self.value.schema()}


class JsonObject(Kind):
    """A mapping of anything that JSON can hold; `reserved` names keys that are not free."""

    type = "mapping"

    def __init__(self, what: str, reserved: tuple[str, ...] = ()) -> None:
        self.reserved = reserved
        self.expects = f"a mapping of {what}"

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Mapping):
            return place.takes(self, node)
        wrong = [key for key, _ in node if key.text in self.reserved]
        for key in wrong:
            place.wrong(key, f"{quoted(place.key)} cannot have the key {quoted(key.text)}, which is reserved")
        return plain(node) if _is_json(node, place) and not wrong else WRONG

    def schema(self) -> dict[str, Any]:
        names = {"propertyNames": {"not": {"enum": list(self.reserved)}}} if self.reserved else {}
        return {"type": "object"} | names


def _is_json(node: Node, place: Place) -> bool:
    """Look for numbers that JSON cannot hold, and record them all."""
    if isinstance(node, Mapping):
        return False not in [_is_json(value, place.of(key)) for key, value in node]
    if isinstance(node, Sequence):
        return False not in [_is_json(item, place.item(number)) for number, item in enumerate(node.items)]
    if isinstance(node.value, float) and not math.isfinite(node.value):
        place.wrong(node, f"{quoted(place.key)} is {quoted(node.text)}, a number that JSON cannot hold")
        return False
    return True
