"""Strings, as far as TensorFlow.js's few string ops reach.

The executor lower-cases string attributes and reads their bytes as Latin-1. A pattern can say capitals and letters
beyond ASCII by their codes (`\\x41`, `\\u00e9`); a replacement cannot.
"""

from __future__ import annotations

import re
import string

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Node, Value

_WHITESPACE = " \t\n\v\f\r"

# Syntax of RE2 that JavaScript reads otherwise or not at all.
_FOREIGN = re.compile(r"\(\?(?!:)|\[\[?:|\\[pPACQEzB]|\\x\{")
_CLASSES = {"D": r"[^\d]", "W": r"[^\w]", "S": r"[^\t\n\f\r ]", "s": r"[\t\n\f\r ]"}


def javascript_pattern(b: Builder, pattern: str) -> str:
    """Return an RE2 pattern as a JavaScript one that survives being lower-cased."""
    if _FOREIGN.search(pattern):
        raise refuse(b, "RegexReplace", f"the pattern {pattern!r} has no JavaScript counterpart.")
    result = []
    in_class = escaped = False
    for char in pattern:
        if escaped:
            escaped = False
            if char in _CLASSES:
                if in_class and char != "s":
                    raise refuse(b, "RegexReplace", f"the pattern {pattern!r} has no JavaScript counterpart.")
                result.append(_CLASSES[char][1:-1] if in_class else _CLASSES[char])
            else:
                result.append("\\" + char if char in string.ascii_lowercase + string.digits else "\\" + _code(char))
            continue
        if char == "\\":
            escaped = True
            continue
        if char == "[" and not in_class:
            in_class = True
        elif char == "]" and in_class and result[-1] not in ("[", "^"):
            in_class = False
        result.append(_code(char))
    return "".join(result)


def _code(char: str) -> str:
    if char in string.ascii_uppercase:
        return f"\\x{ord(char):02x}"
    if ord(char) > 0xFFFF:
        high, low = divmod(ord(char) - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
    return f"\\u{ord(char):04x}" if ord(char) > 0x7F else char


def _plain(b: Builder, op: str, text: str) -> str:
    """Return a text attribute that the executor leaves as it is."""
    if text != text.lower() or not text.isascii():
        raise refuse(
            b,
            op,
            f"the text {text!r} is not supported, only lower-case ASCII is: TensorFlow.js lower-cases attributes.",
        )
    return text


def _replaced(b: Builder, x: Value, pattern: str, rewrite: str, everywhere: bool) -> Value:
    rewrite = _plain(b, "RegexReplace", rewrite).replace("$", "$$")
    rewrite = re.sub(r"\\(\d)", lambda match: "$&" if match[1] == "0" else f"${match[1]}", rewrite).replace(
        "\\\\", "\\"
    )
    settings = {"pattern": javascript_pattern(b, pattern), "rewrite": rewrite, "replace_global": everywhere}
    name = f"{b.scope}/StaticRegexReplace"
    return Node(b, "StaticRegexReplace", [x], settings, name, [(x.shape, x.dtype)]).outputs[0]


@rule("StaticRegexReplace")
def _static_replace(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    return _replaced(b, inputs[0], attrs["pattern"], attrs["rewrite"], bool(attrs.get("replace_global", True)))


def _text(b: Builder, op: str, value: Value) -> str:
    if value.constant is None:
        raise refuse(b, op, "its pattern, rewrite or separator is not known when converting.")
    return str(value.constant.item().decode("utf-8", "surrogateescape"))


@rule("RegexReplace")
def _replace(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    pattern, rewrite = (_text(b, "RegexReplace", value) for value in inputs[1:3])
    return _replaced(b, inputs[0], pattern, rewrite, bool(attrs.get("replace_global", True)))


@rule("StringLower")
def _lower(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Replace the 26 capitals: without an encoding TensorFlow changes no others."""
    if attrs.get("encoding"):
        raise refuse(b, "StringLower", f"encoding={attrs['encoding']!r} is not supported, only '' (ASCII) is.")
    x = inputs[0]
    for letter in string.ascii_lowercase:
        x = _replaced(b, x, letter.upper(), letter, True)
    return x


@rule("StringStrip")
def _strip(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return _replaced(b, inputs[0], r"^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$", "", True)


@rule("StringSplitV2")
def _split(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js takes a set of characters to split at; an empty separator means white space, runs of it as one."""
    separator = _text(b, "StringSplitV2", inputs[1])
    if int(attrs.get("maxsplit", -1)) >= 0 or len(separator.encode("utf-8", "surrogateescape")) > 1:
        raise refuse(
            b,
            "StringSplitV2",
            f"sep={separator!r} with maxsplit={attrs.get('maxsplit', -1)} is not supported, only one character at most"
            " with -1 is.",
        )
    delimiter = b.const(separator or _WHITESPACE, "string")
    return b.multi("StringSplit", inputs[0], delimiter, skip_empty=not separator)


@rule("StringNGrams")
def _ngrams(b: Builder, _inputs: Inputs, attrs: Attrs) -> Result:
    for key in ("separator", "left_pad", "right_pad"):
        _plain(b, "StringNGrams", attrs.get(key, ""))
    return None
