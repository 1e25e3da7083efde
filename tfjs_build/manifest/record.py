"""Mappings whose keys are known: one table of fields gives their reading, their JSON Schema and their description."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any, NamedTuple

from tfjs_build.manifest.faults import nearest, quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place
from tfjs_build.manifest.tree import Mapping, Node, Scalar


class Field(NamedTuple):
    """A key: its kind, what it is for (a sentence), its default as YAML has it (None for none), an example.

    `default_words` stand for a default that is not a value. `words` are what people call the key elsewhere; it is
    suggested for them, they are never accepted.
    """

    key: str
    kind: Kind
    doc: str
    default: str | int | float | bool | None = None
    default_words: str = ""
    example: str = ""
    required: bool = False
    words: tuple[str, ...] = ()


class Found(NamedTuple):
    """A value that was given, and where."""

    value: Any
    key: Scalar
    node: Node


class Record(Kind):
    """A mapping with these fields; read as what was found of them, by key, without defaults.

    `elsewhere` has, for keys that belong elsewhere, what to do with them.
    """

    type = "mapping"

    def __init__(self, fields: tuple[Field, ...], expects: str, elsewhere: Map[str, str] | None = None) -> None:
        self.fields = {field.key: field for field in fields}
        self.expects = expects
        self.elsewhere = elsewhere or {}

    def read(self, node: Node, place: Place) -> Any:
        """Return a dict of Found, with WRONG for values in which there was a fault; WRONG for no mapping at all."""
        if not isinstance(node, Mapping):
            return place.takes(self, node)
        found: dict[str, Found] = {}
        meant: set[str] = set()
        for key, value in node:
            field = self.fields.get(key.text)
            if field is not None:
                found[key.text] = Found(field.kind.read(value, place.of(key)), key, value)
            else:
                meant.add(self._unknown(key, place))
        for field in self.fields.values():
            if field.required and field.key not in found and field.key not in meant:
                message = f"{quoted(place.key)} has no `{field.key}`" if place.key else f"`{field.key}` is missing"
                purpose = field.doc[0].lower() + field.doc[1:]
                place.faults.add(place.span, message, f"Add `{field.key}: {field.example}`, {purpose}")
        return found

    def _unknown(self, key: Scalar, place: Place) -> str:
        """Record a key that is not known here; return the one that was meant, or ""."""
        if key.text in self.elsewhere:
            place.wrong(key, f"{quoted(key.text)} does not belong here", self.elsewhere[key.text])
            return ""
        spellings = {spelling: field.key for field in self.fields.values() for spelling in (*field.words, field.key)}
        spelling = nearest(key.text, [*spellings, *self.elsewhere])
        near = spellings.get(spelling, "")
        if spelling:
            hint = f"Did you mean `{near or spelling}`?" + ("" if near else f" {self.elsewhere[spelling]}")
        else:
            hint = f"Known keys: {', '.join(self.fields)}."
        place.wrong(key, f"unknown key {quoted(key.text)}", hint)
        return near

    def schema(self) -> dict[str, Any]:
        properties = {}
        for field in self.fields.values():
            properties[field.key] = {"description": field.doc, **field.kind.schema()}
            if field.default is not None:
                properties[field.key]["default"] = field.default
        required = [field.key for field in self.fields.values() if field.required]
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return schema | ({"required": required} if required else {})


def values(found: Map[str, Found]) -> dict[str, Any]:
    """Return the sound values of what was found."""
    return {key: given.value for key, given in found.items() if given.value is not WRONG}
