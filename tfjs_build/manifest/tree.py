"""A YAML document as a tree of values that know where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

# Plain classes here and in the kinds of values: every command waits for them, and dataclasses are slow to make.


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


class Scalar:
    """`text` as written (without quotes and escapes), and the `value` that YAML's core schema gives it."""

    __slots__ = ("span", "text", "value")

    def __init__(self, span: Span, text: str, value: bool | int | float | str | None) -> None:
        self.span = span
        self.text = text
        self.value = value


class Sequence:
    """A list."""

    __slots__ = ("items", "span")

    def __init__(self, span: Span, items: tuple[Node, ...]) -> None:
        self.span = span
        self.items = items


class Entry(NamedTuple):
    """A key of a mapping, and its value."""

    key: Scalar
    value: Node


class Mapping:
    """Keys and values in the file's order, the merged ones (`<<`) last; no key occurs twice."""

    __slots__ = ("entries", "span")

    def __init__(self, span: Span, entries: tuple[Entry, ...]) -> None:
        self.span = span
        self.entries = entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


Node: TypeAlias = "Scalar | Sequence | Mapping"


def plain(node: Node) -> Any:
    """Return the value as dicts, lists, text, numbers, booleans and None; keys are text as written."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value
