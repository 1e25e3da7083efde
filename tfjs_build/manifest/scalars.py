"""The kinds of single values: text, words to choose from, flags, numbers, sizes, paths, labels."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

from tfjs_build.manifest.faults import listed, nearest
from tfjs_build.manifest.kinds import Kind, Place, number_of, quoting_hint, text_of
from tfjs_build.manifest.tree import Node, Scalar

LINE: Final = r"[^\u0000-\u001f\u007f]+"
"""Regular expression of text on one line that is not empty. The expressions here mean the same to Python and to
ECMAScript, whose dialect JSON Schema uses."""


class Text(Kind):
    """Text that a regular expression matches whole; without one, any on one line."""

    def __init__(self, expects: str = "text", type: str = "text", pattern: str = LINE) -> None:
        self.expects = expects
        self.type = type
        self.pattern = pattern

    def read(self, node: Node, place: Place) -> Any:
        text = text_of(node)
        if text is None or not re.fullmatch(self.pattern, text):
            return place.takes(self, node, quoting_hint(node))
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


class Choice(Kind):
    """One of some words."""

    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values
        self.expects = listed(values)
        self.type = listed(f"`{value}`" for value in values)

    def read(self, node: Node, place: Place) -> Any:
        text = text_of(node)
        if text in self.values:
            return text
        near = nearest(text or "", self.values)
        return place.takes(self, node, f"Did you mean `{near}`?" if near else "")

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.values)}


class Flag(Kind):
    """True or false."""

    expects = "true or false"
    type = "`true` or `false`"

    def read(self, node: Node, place: Place) -> Any:
        return node.value if isinstance(node, Scalar) and isinstance(node.value, bool) else place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Version(Kind):
    """The number of the format, of which there is one."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.expects = f"the number {number}"
        self.type = f"`{number}`"

    def read(self, node: Node, place: Place) -> Any:
        value = number_of(node)
        if value == self.number:
            return self.number
        is_newer = value is not None and value > self.number
        return place.takes(self, node, "A newer tfjs-build is needed to read it." if is_newer else "")

    def schema(self) -> dict[str, Any]:
        return {"const": self.number}


class Count(Kind):
    """A whole number from `least` to `most`."""

    type = "number"

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most
        self.expects = f"a whole number from {least} to {most}"

    def read(self, node: Node, place: Place) -> Any:
        value = number_of(node)
        if value is None or value != int(value) or not self.least <= value <= self.most:
            return place.takes(self, node)
        return int(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Positive(Kind):
    """A number above zero."""

    type = "number"

    def __init__(self, example: str) -> None:
        self.expects = f"a number above 0, such as {example}"

    def read(self, node: Node, place: Place) -> Any:
        value = number_of(node)
        return float(value) if value is not None and value > 0 else place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0}


class Size(Kind):
    """A number of bytes: plain, or in B, KB, MB or GB, each 1024 of the one before; `none` where that is allowed."""

    _UNITS = ("B", "KB", "MB", "GB")
    _PATTERN = r"([1-9][0-9]{0,17}(?:\.[0-9]+)?) ?([KkMmGg]?[Bb])"

    def __init__(self, example: str, *, or_none: bool = False) -> None:
        self.or_none = or_none
        self.expects = f"a size such as {example}" + (", or none" if or_none else "")
        self.type = "size or `none`" if or_none else "size"

    def read(self, node: Node, place: Place) -> Any:
        text, number = text_of(node), number_of(node)
        if text == "none" and self.or_none:
            return None
        match = re.fullmatch(self._PATTERN, text or "")
        if match:
            return int(float(match[1]) * 1024 ** self._UNITS.index(match[2].upper()))
        return int(number) if number is not None and number >= 1 and number == int(number) else place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        sizes: list[dict[str, Any]] = [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": f"^{self._PATTERN}$"},
        ]
        return {"anyOf": [*sizes, {"const": "none"}] if self.or_none else sizes}


class Duration(Kind):
    """A time in s, min or h; read as seconds."""

    _UNITS = {"s": 1, "min": 60, "h": 3600}  # noqa: RUF012 -- a constant
    _PATTERN = r"([1-9][0-9]{0,5}(?:\.[0-9]+)?) ?(s|min|h)"

    type = "duration"

    def __init__(self, example: str) -> None:
        self.expects = f"a duration such as {example}"

    def read(self, node: Node, place: Place) -> Any:
        match = re.fullmatch(self._PATTERN, text_of(node) or "")
        if match:
            return float(match[1]) * self._UNITS[match[2]]
        number = number_of(node)
        return place.takes(self, node, f"Write `{number:g}s`, or with min or h." if number is not None else "")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self._PATTERN}$"}


class PathTo(Kind):
    """A path, relative to the manifest's folder or absolute; read as an absolute one.

    Backslashes are refused, since a manifest is for every system; so are `~`, which nobody expands, and addresses.
    """

    PATTERN = r"(?!~|[A-Za-z][A-Za-z0-9+.-]+:/)[^\\\u0000-\u001f\u007f]+"

    type = "path"

    def __init__(self, what: str, example: str) -> None:
        self.expects = f"the path of {what}, such as {example}"

    def read(self, node: Node, place: Place) -> Any:
        text = text_of(node)
        if text is None or not re.fullmatch(self.PATTERN, text):
            return place.takes(self, node, _path_hint(text) if text else quoting_hint(node))
        return Path(os.path.normpath(os.path.join(place.root, text)))  # noqa: PTH118 (pathlib would keep `..`)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.PATTERN}$"}


class Label(Kind):
    """The name of a class: text, or a number or truth value, which is taken as it is written."""

    expects = "text"
    type = "text"

    def read(self, node: Node, place: Place) -> Any:
        return node.text if isinstance(node, Scalar) and node.value is not None else place.takes(self, node)

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


def _path_hint(text: str) -> str:
    if text.startswith("~"):
        return "`~` is not expanded; write the path out."
    if "\\" in text:
        return f"Paths have `/` on every system: {text.replace(chr(92), '/')}."
    return ""
