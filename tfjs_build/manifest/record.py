"""Mappings whose keys are known: one table of fields gives their reading, their JSON Schema and their description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tfjs_build.manifest import tree
from tfjs_build.manifest.faults import nearest, quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place
from tfjs_build.manifest.tree import Node, Scalar


@dataclass(frozen=True)
class Field:
    """A key: its kind, what it is for (a sentence), its default as YAML has it (None for none), an example.

    `default_words` stand for a default that is no value. `words` are what people call the key elsewhere; they are
    suggested for, never accepted.
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


@dataclass(frozen=True)
class Record:
    """A mapping with these fields; read as what was found of them, by key, without defaults.

    `elsewhere` has, for keys that belong elsewhere, what to do with them.
    """

    fields: tuple[Field, ...]
    expects: str
    type: str = "mapping"
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def read(self, node: Node, place: Place) -> Any:
        """Return a dict of Found, with WRONG for values in which there was a fault; WRONG for no mapping at all."""
        if not isinstance(node, tree.Mapping):
            return place.takes(self, node)
        fields = {field.key: field for field in self.fields}
        found: dict[str, Found] = {}
        meant: set[str] = set()
        for key, value in node:
            if key.text in fields:
                found[key.text] = Found(fields[key.text].kind.read(value, place.of(key)), key, value)
            else:
                meant.add(self._unknown(key, place))
        for field_ in self.fields:
            if field_.required and field_.key not in found and field_.key not in meant:
                message = f"{quoted(place.key)} has no `{field_.key}`" if place.key else f"`{field_.key}` is missing"
                purpose = field_.doc[0].lower() + field_.doc[1:]
                place.faults.add(place.span, message, f"Add `{field_.key}: {field_.example}`, {purpose}")
        return found

    def _unknown(self, key: Scalar, place: Place) -> str:
        """Record a key that is not known here; return the one that was meant, or ""."""
        if key.text in self.elsewhere:
            place.wrong(key, f"{quoted(key.text)} does not belong here", self.elsewhere[key.text])
            return ""
        spellings = {spelling: field.key for field in self.fields for spelling in (*field.words, field.key)}
        near = spellings.get(nearest(key.text, spellings), "")
        hint = f"Did you mean `{near}`?" if near else f"Known keys: {', '.join(field.key for field in self.fields)}."
        place.wrong(key, f"unknown key {quoted(key.text)}", hint)
        return near

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the mapping."""
        properties = {}
        for field_ in self.fields:
            properties[field_.key] = {"description": field_.doc, **field_.kind.schema()}
            if field_.default is not None:
                properties[field_.key]["default"] = field_.default
        required = [field.key for field in self.fields if field.required]
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return schema | ({"required": required} if required else {})


def values(found: Mapping[str, Found]) -> dict[str, Any]:
    """Return the sound values of what was found."""
    return {key: given.value for key, given in found.items() if given.value is not WRONG}
