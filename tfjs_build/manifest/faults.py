"""Collects what is wrong with a manifest, each fault with its source line and the place underlined."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tfjs_build.errors import Fault, Location, ManifestError
from tfjs_build.manifest.tree import Span

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML parsers count as the end of a line
_WIDTH = 100
_LONGEST_QUOTE = 60


class Faults:
    """The faults of one manifest; `file` is its name as messages show it."""

    def __init__(self, text: str, file: Path) -> None:
        self._lines = LINE_BREAK.split(text)
        self._file = file
        self._found: dict[Fault, None] = {}  # a set that keeps its order

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, span: Span, message: str, hint: str = "") -> None:
        """Record a fault; the same one twice (a value that an alias repeats) counts once."""
        self._found[Fault(self.location(span), message, self._excerpt(span), hint)] = None

    def location(self, span: Span) -> Location:
        """Return where `span` begins, counting from 1."""
        return Location(self._file, span.line + 1, span.column + 1)

    def error(self) -> ManifestError:
        """Return the error that holds all faults, in the order of the file."""
        faults = sorted(self._found, key=lambda fault: (fault.location.line, fault.location.column))
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        return ManifestError(f"{self._file} has {count}", faults=faults)

    def _excerpt(self, span: Span) -> str:
        line = self._lines[span.line] if span.line < len(self._lines) else ""
        if not line.strip():
            return ""
        end = span.end_column if span.end_line == span.line else len(line)
        return excerpt(line, span.line + 1, span.column, end)


def excerpt(line: str, number: int, start: int, end: int) -> str:
    """Return `line` behind its number and, below, its characters from `start` to `end` underlined.

    A long line is shown in part. Tabs are kept and characters that no terminal should be given are replaced, so that
    the two lines match.
    """
    end = max(min(end, len(line.rstrip())), start + 1)
    first = 0
    if len(line) > _WIDTH:
        first = max(0, min(start - _WIDTH // 3, len(line) - _WIDTH))
        end = min(end, max(first + _WIDTH, start + 1))
    shown = line[first : first + _WIDTH]
    before, marked = line[first:start], line[start:end]
    head = "… " if first else ""
    tail = " …" if first + _WIDTH < len(line) else ""
    margin = " " * len(str(number))
    padding = " " * len(head) + "".join("\t" if char == "\t" else " " * _columns(char) for char in before)
    underline = "^" * max(1, sum(map(_columns, marked)))
    return f"{number} | {head}{_printable(shown)}{tail}".rstrip() + f"\n{margin} | {padding}{underline}"


def quoted(text: str) -> str:
    """Return `text` in backticks for a message: on one line, not too long, without control characters."""
    if not text:
        return "empty text"
    text = _printable(text.replace("\n", "↵"))
    return f"`{text}`" if len(text) <= _LONGEST_QUOTE else f"`{text[:_LONGEST_QUOTE]}…`"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return which of `known` someone who wrote `word` most likely meant, or ""."""
    import difflib  # slow to import, and only needed when something is wrong

    spelt = {name.lower().replace("-", "_"): name for name in known}
    matches = difflib.get_close_matches(word.lower().replace("-", "_"), spelt, n=1)
    return spelt[matches[0]] if matches else ""


def listed(words: Iterable[str], last: str = "or") -> str:
    """Return `a, b or c`."""
    *rest, final = words
    return f"{', '.join(rest)} {last} {final}" if rest else final


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _columns(char: str) -> int:
    """How many columns of a terminal a character takes."""
    if char.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
