"""Names from a model as JavaScript and TypeScript source: string literals, property keys and text in comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from tfjs_build.names import RESERVED_WORDS

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")

_SPECIAL_KEYS = RESERVED_WORDS | {
    *("__proto__", "async", "constructor", "declare", "get", "prototype", "readonly", "set"),
}
"""Words that mean more than a property where they stand as one in a type, an object or a class."""


def literal(value: object) -> str:
    """Return a string, number, truth value, None, or a sequence of these, as JavaScript source.

    Strings are in the quotes that need fewer backslashes, escaped wherever a character does not show (control,
    bidirectional and line-separating characters, lone surrogates), and `</` cannot end a script element.
    """
    if isinstance(value, str):
        return _escape(_quoted(value)).replace("</", "<\\/")
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value, allow_nan=False).removesuffix(".0")


def literal_list(values: Iterable[object], width: int = 100) -> str:
    """Return an array of literals: on one line where that has at most `width` characters, else one to a line."""
    items = [literal(value) for value in values]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= width else "[\n" + "".join(f"  {item},\n" for item in items) + "]"


def property_key(name: str) -> str:
    """Return `name` as a key in an object or type: bare where that is plain to read, else quoted."""
    return name if _IDENTIFIER.fullmatch(name) and name not in _SPECIAL_KEYS else literal(name)


def comment(text: str) -> str:
    """Return `text` so that it can neither end a comment nor begin a new line of it."""
    return _escape(" ".join(text.split())).replace("*/", "*\\/")


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    if text.count('"') <= text.count("'"):
        return quoted
    inner = re.sub(r"\\\\|\\\"|'", lambda found: {'\\"': '"', "'": "\\'"}.get(found[0], found[0]), quoted[1:-1])
    return f"'{inner}'"


def _escape(text: str) -> str:
    """Write every character that does not show as UTF-16 escapes."""
    return "".join(char if char.isprintable() else _utf16_escapes(char) for char in text)


def _utf16_escapes(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
