"""The kinds of value that a key can take: how each is read, described in words, and described in JSON Schema."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from tfjs_build.manifest import tree
from tfjs_build.manifest.faults import Faults, listed, nearest, quoted
from tfjs_build.manifest.tree import Node, Scalar, Span


class Wrong:
    """Stands for a value in which a fault was found and recorded."""


WRONG: Final = Wrong()


@dataclass(frozen=True)
class Place:
    """Where a value is read.

    `key` is its key as messages show it, `span` where the key stands, `root` what paths are relative to, and `prefix`
    what goes before the keys inside the value when messages show them.
    """

    faults: Faults
    root: str
    key: str
    span: Span
    prefix: str = ""

    def of(self, key: Scalar) -> Place:
        """Return the place of a key inside the mapping that stands at this one."""
        shown = self.prefix + key.text
        return replace(self, key=shown, span=key.span, prefix=f"{shown}.")

    def wrong(self, node: Node, message: str, hint: str = "") -> Wrong:
        """Record a fault of `node`; where nothing is written, the key is underlined."""
        self.faults.add(self.span if node.span.empty else node.span, message, hint)
        return WRONG

    def takes(self, kind: Kind, node: Node, hint: str = "") -> Wrong:
        """Record that `node` is of another kind than the key takes."""
        if node.span.empty:
            return self.wrong(node, f"{quoted(self.key)} has no value; it takes {kind.expects}", hint)
        return self.wrong(node, f"{quoted(self.key)} takes {kind.expects}, not {described(node)}", hint)


class Kind(Protocol):
    """A kind of value. `expects` continues "takes …", `type` is the word for it in a table."""

    @property
    def expects(self) -> str: ...

    @property
    def type(self) -> str: ...

    def read(self, node: Node, place: Place) -> Any:
        """Return the typed value, or WRONG with the faults recorded at `place`."""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the value."""


def described(node: Node) -> str:
    """Return what a person sees in `node`: the text, or that it is a list or a mapping."""
    if isinstance(node, tree.Mapping):
        return "a mapping"
    if isinstance(node, tree.Sequence):
        return "a list"
    if node.value == "":
        return "empty text"
    return quoted(node.text)


@dataclass(frozen=True)
class Text:
    """Text on one line, not empty; with `pattern`, a regular expression that the whole of it matches."""

    expects: str = "text"
    type: str = "text"
    pattern: str = ""

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return place.takes(self, node, text_hint(node))
        if not re.fullmatch(self.pattern or LINE, node.value):
            return place.takes(self, node)
        return node.value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.pattern or LINE})$"}


LINE: Final = r"[^\u0000-\u001f\u007f]+"


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    values: tuple[str, ...]

    @property
    def expects(self) -> str:
        return listed(self.values)

    @property
    def type(self) -> str:
        return listed(f"`{value}`" for value in self.values)

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Scalar):
            if node.text in self.values:
                return node.text
            near = nearest(node.text, self.values)
            return place.takes(self, node, f"Did you mean `{near}`?" if near else "")
        return place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.values)}


@dataclass(frozen=True)
class Flag:
    """True or false."""

    expects: str = "true or false"
    type: str = "`true` or `false`"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        return place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Constant:
    """The one number that there is."""

    number: int

    @property
    def expects(self) -> str:
        return f"the number {self.number}"

    @property
    def type(self) -> str:
        return f"`{self.number}`"

    def read(self, node: Node, place: Place) -> Any:
        value = number_of(node)
        if value is not None and value > self.number:
            hint = f"This tfjs-build knows version {self.number}; a newer one is needed."
            return place.takes(self, node, hint)
        return self.number if value == self.number else place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"const": self.number}


@dataclass(frozen=True)
class Count:
    """A whole number from `least` to `most`."""

    least: int
    most: int
    type: str = "number"

    @property
    def expects(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def read(self, node: Node, place: Place) -> Any:
        value = number_of(node)
        if value is None or value != value // 1 or not self.least <= value <= self.most:
            return place.takes(self, node)
        return int(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Positive:
    """A number above zero."""

    expects: str
    type: str = "number"

    def read(self, node: Node, place: Place) -> Any:
        value = number_of(node)
        return float(value) if value is not None and value > 0 else place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0}


@dataclass(frozen=True)
class Size:
    """A number of bytes: plain, or with B, KB, MB or GB, each 1024 of the one before; `none` where that is allowed."""

    example: str
    or_none: bool = False

    UNITS = ("B", "KB", "MB", "GB")
    _PATTERN = r"([0-9]+(?:\.[0-9]+)?) ?([KkMmGg]?[Bb])"

    @property
    def expects(self) -> str:
        return f"a size such as {self.example}{', or none' if self.or_none else ''}"

    @property
    def type(self) -> str:
        return "size or `none`" if self.or_none else "size"

    def read(self, node: Node, place: Place) -> Any:
        if self.or_none and isinstance(node, Scalar) and node.text == "none":
            return None
        value = number_of(node)
        if value is None and isinstance(node, Scalar) and isinstance(node.value, str):
            match = re.fullmatch(self._PATTERN, node.value)
            if match:
                value = float(match[1]) * 1024 ** self.UNITS.index(match[2].upper())
        if value is None or value < 1:
            return place.takes(self, node)
        return int(value)

    def schema(self) -> dict[str, Any]:
        kinds: list[dict[str, Any]] = [
            {"type": "number", "minimum": 1},
            {"type": "string", "pattern": f"^(?:{self._PATTERN})$", "not": {"pattern": r"^0*(\.0*)? ?[KkMmGg]?[Bb]$"}},
        ]
        return {"anyOf": [*kinds, {"const": "none"}] if self.or_none else kinds}


@dataclass(frozen=True)
class PathTo:
    """A path, relative to the manifest's folder or absolute; read as an absolute one."""

    what: str
    example: str

    type: str = "path"
    PATTERN = r"(?!~|[A-Za-z][A-Za-z0-9+.-]+:/)[^\\\u0000-\u001f\u007f]+"

    @property
    def expects(self) -> str:
        return f"the path of {self.what}, such as {self.example}"

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return place.takes(self, node, text_hint(node))
        if not re.fullmatch(self.PATTERN, node.value):
            return place.takes(self, node, path_hint(node.value))
        return Path(os.path.normpath(os.path.join(place.root, node.value)))  # noqa: PTH118 (pathlib keeps `..`)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.PATTERN}$"}


def text_hint(node: Node) -> str:
    """Return what to do about a number or truth value that should be text."""
    if isinstance(node, Scalar) and isinstance(node.value, bool | int | float):
        return f'In quotes it is text: "{node.text}".'
    return ""


def path_hint(text: str) -> str:
    """Return what to do about text that is no path."""
    if text.startswith("~"):
        return "`~` means nothing here; write the path out."
    if "\\" in text:
        return f"Paths have `/` on every system: {text.replace(chr(92), '/')}."
    return ""


@dataclass(frozen=True)
class ListOf:
    """A list of texts; read as a tuple."""

    what: str
    example: str
    item: Kind = Text()
    least: int = 0

    @property
    def expects(self) -> str:
        return f"a list of {self.what} such as [{self.example}]"

    @property
    def type(self) -> str:
        return f"list of {self.what}"

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, tree.Sequence):
            near = f"Write `[{node.text}]`." if isinstance(node, Scalar) and isinstance(node.value, str) else ""
            return place.takes(self, node, near)
        if len(node.items) < self.least:
            return place.wrong(node, f"{quoted(place.key)} takes {self.expects}, not an empty list")
        items = [self.item.read(item, replace(place, key=f"{place.key}[{n}]")) for n, item in enumerate(node.items)]
        return WRONG if WRONG in items else tuple(items)

    def schema(self) -> dict[str, Any]:
        minimum = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.item.schema()} | minimum


@dataclass(frozen=True)
class Label:
    """The name of a class: text, or a number or truth value that is taken as it is written."""

    expects: str = "text"
    type: str = "text"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Scalar) and node.value is not None:
            return node.text
        return place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True)
class Either:
    """One kind for a single value, another for a list or mapping."""

    single: Kind
    many: Kind

    @property
    def expects(self) -> str:
        return f"{self.single.expects}, or {self.many.expects}"

    @property
    def type(self) -> str:
        return f"{self.single.type}, or {self.many.type}"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Scalar):
            return self.single.read(node, place) if node.value is not None else place.takes(self, node)
        if isinstance(node, tree.Sequence) == isinstance(self.many, ListOf):
            return self.many.read(node, place)
        return place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.single.schema(), self.many.schema()]}


@dataclass(frozen=True)
class As:
    """A kind whose values become something else."""

    kind: Kind
    make: Callable[[Any], Any]

    @property
    def expects(self) -> str:
        return self.kind.expects

    @property
    def type(self) -> str:
        return self.kind.type

    def read(self, node: Node, place: Place) -> Any:
        value = self.kind.read(node, place)
        return WRONG if value is WRONG else self.make(value)

    def schema(self) -> dict[str, Any]:
        return self.kind.schema()


@dataclass(frozen=True)
class MapOf:
    """A mapping from names to values of one kind; `distinct` where no two may be the same."""

    what: str
    example: str
    value: Kind
    distinct: bool = False

    @property
    def expects(self) -> str:
        return f"a mapping of {self.what} such as {{ {self.example} }}"

    @property
    def type(self) -> str:
        return f"mapping of {self.what}"

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, tree.Mapping):
            return place.takes(self, node)
        values: dict[str, Any] = {}
        first: dict[Any, Scalar] = {}
        for key, value in node:
            if key.text == "":
                values[""] = place.wrong(key, f"a name in {quoted(place.key)} is empty")
                continue
            found = self.value.read(value, place.of(key))
            if self.distinct and found is not WRONG:
                other = first.setdefault(found, key)
                if other is not key:
                    both = f"{quoted(other.text)} (line {other.span.line + 1}) and {quoted(key.text)}"
                    message = f"{quoted(place.key)} gives {both} the same name, {quoted(str(found))}"
                    found = place.wrong(value, message)
            values[key.text] = found
        return WRONG if WRONG in values.values() else values

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "propertyNames": {"minLength": 1}, "additionalProperties": self.value.schema()}


@dataclass(frozen=True)
class JsonObject:
    """A mapping of anything that JSON can hold; `reserved` names its keys that are not free."""

    what: str = "any JSON values"
    reserved: tuple[str, ...] = ()
    type: str = "mapping"

    @property
    def expects(self) -> str:
        return f"a mapping of {self.what}"

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, tree.Mapping):
            return place.takes(self, node)
        sound = True
        for key, value in node:
            if key.text in self.reserved:
                place.wrong(key, f"{quoted(place.key)} cannot have the key {quoted(key.text)}: tfjs-build writes it")
                sound = False
            sound = self._check(value, place.of(key)) and sound
        return tree.plain(node) if sound else WRONG

    def _check(self, node: Node, place: Place) -> bool:
        """Look for numbers that JSON cannot hold."""
        if isinstance(node, tree.Mapping):
            return all([self._check(value, place.of(key)) for key, value in node])  # noqa: C419 (every fault)
        if isinstance(node, tree.Sequence):
            return all([self._check(item, place) for item in node.items])  # noqa: C419
        if isinstance(node.value, float) and not math.isfinite(node.value):
            place.wrong(node, f"{quoted(place.key)} is {quoted(node.text)}, a number that JSON cannot hold")
            return False
        return True

    def schema(self) -> dict[str, Any]:
        names = {"propertyNames": {"not": {"enum": list(self.reserved)}}} if self.reserved else {}
        return {"type": "object"} | names


def number_of(node: Node) -> int | float | None:
    """Return the finite number that `node` is, or None."""
    if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value if math.isfinite(node.value) else None
    return None
