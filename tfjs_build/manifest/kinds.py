"""What a kind of value is: it can be read, described in words, and described in JSON Schema."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, Final

from tfjs_build.manifest.core_schema import resolve
from tfjs_build.manifest.faults import Faults, quoted
from tfjs_build.manifest.tree import Mapping, Node, Scalar, Sequence, Span


class Wrong:
    """Stands for a value in which a fault was found and recorded."""


WRONG: Final = Wrong()


class Kind(ABC):
    """A kind of value. `expects` goes on after "takes …"; `type` is the word for the kind in a table."""

    expects: str
    type: str

    @abstractmethod
    def read(self, node: Node, place: Place) -> Any:
        """Return the typed value, or WRONG with the faults recorded at `place`."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the value."""


class Place:
    """Where a value is read.

    `key` is its key as messages show it, `span` where the key stands, `root` the folder that paths are relative to, and
    `prefix` what goes before the keys inside the value when messages show them.
    """

    __slots__ = ("faults", "key", "prefix", "root", "span")

    def __init__(self, faults: Faults, root: str, key: str, span: Span, prefix: str = "") -> None:
        self.faults = faults
        self.root = root
        self.key = key
        self.span = span
        self.prefix = prefix

    def of(self, key: Scalar) -> Place:
        """Return the place of a key inside the mapping that stands here."""
        shown = self.prefix + key.text
        return Place(self.faults, self.root, shown, key.span, f"{shown}.")

    def item(self, number: int) -> Place:
        """Return the place of an item inside the list that stands here."""
        shown = f"{self.key}[{number}]"
        return Place(self.faults, self.root, shown, self.span, f"{shown}.")

    def named(self, key: Scalar) -> Place:
        """Return the place of something that has its own name: keys inside are shown without it."""
        return Place(self.faults, self.root, key.text, key.span)

    def wrong(self, node: Node, message: str, hint: str = "") -> Wrong:
        """Record a fault of `node`; where nothing is written, the key is underlined."""
        self.faults.add(self.span if node.span.empty else node.span, message, hint)
        return WRONG

    def takes(self, kind: Kind, node: Node, hint: str = "") -> Wrong:
        """Record that `node` is not of the kind that the key takes."""
        if node.span.empty:
            return self.wrong(node, f"{quoted(self.key)} has no value; it takes {kind.expects}", hint)
        return self.wrong(node, f"{quoted(self.key)} takes {kind.expects}, not {described(node)}", hint)


def described(node: Node) -> str:
    """Return what a person sees in `node`: the text, or that it is a list or a mapping."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    is_quoted = node.value == node.text != "" and not isinstance(resolve(node.text), str)
    return f"the text {quoted(node.text)}" if is_quoted else quoted(node.text)


def text_of(node: Node) -> str | None:
    """Return the text that `node` is, or None; a number in quotes is text, one without is not."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def number_of(node: Node) -> int | float | None:
    """Return the finite number that `node` is, or None."""
    if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value if math.isfinite(node.value) else None
    return None


def quoting_hint(node: Node) -> str:
    """Return what to do about a number or truth value that should be text."""
    if isinstance(node, Scalar) and isinstance(node.value, bool | int | float):
        return f'In quotes it is text: "{node.text}".'
    return ""
