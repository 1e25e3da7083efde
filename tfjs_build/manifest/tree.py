"""A YAML document as a tree of values that know where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias


class Span(NamedTuple):
    """From the first character to behind the last; lines and columns count from 0."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def empty(self) -> bool:
        """True for a value that is not written, as behind `key:`."""
        return (self.line, self.column) == (self.end_line, self.end_column)


@dataclass(frozen=True)
class Scalar:
    """`text` as written (without quotes and escapes), and the value that YAML's core schema gives it."""

    span: Span
    text: str
    value: bool | int | float | str | None


@dataclass(frozen=True)
class Sequence:
    """A list."""

    span: Span
    items: tuple[Node, ...]


class Entry(NamedTuple):
    """A key of a mapping, and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True)
class Mapping:
    """Keys and values in the file's order, the merged ones (`<<`) last; no key occurs twice."""

    span: Span
    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def find(self, key: str) -> Entry | None:
        """Return the entry of `key`, or None."""
        return next((entry for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = "Scalar | Sequence | Mapping"


def plain(node: Node) -> Any:
    """Return the value as dicts, lists, text, numbers, booleans and None; keys are text as written."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value
