r"""JSON's escapes of characters beyond U+FFFF, two halves each (`"\ud83d\ude00"`), which YAML does not have.

A manifest may be JSON that a program wrote. The escapes of the halves are turned into such of private characters, of
the same length, so that every place in the text stays where it is, and what the parser makes of them is turned back.
"""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_HIGH, _LOW = dict(zip("89abAB", "012345", strict=True)), dict(zip("cdefCDEF", "6789abcd", strict=True))
"""The second digits of the halves, and what they become after an `e`, which makes U+E000 to U+EDFF of them."""

_BACK = {stand_in: digit for digits in (_HIGH, _LOW) for digit, stand_in in digits.items()}
_STAND_INS = re.compile("([\ue000-\ue5ff])([\ue600-\uedff])")
_WRITTEN_STAND_INS = re.compile(r"\\u([eE][0-5][0-9a-fA-F]{2})\\u([eE][6-9a-d][0-9a-fA-F]{2})")


def without_pairs(text: str) -> str:
    """Return YAML text with stand-ins for the escapes of halves, where these come in pairs."""
    if "\\u" not in text or _STAND_INS.search(text) or _WRITTEN_STAND_INS.search(text):
        return text  # a parser refuses the pairs, where they cannot be told from what else is there

    def stand_ins(match: re.Match[str]) -> str:
        return rf"{match[1]}\u{_stand_in(match[2], _HIGH)}\u{_stand_in(match[3], _LOW)}"

    return _ESCAPES.sub(stand_ins, text)


def with_pairs(value: str, *, escaped: bool) -> str:
    """Return what a parser made of a scalar of `without_pairs`, as it is meant: with the characters of the pairs where
    the scalar has escapes, else with the text that looks like them."""
    if escaped:
        return _STAND_INS.sub(
            lambda match: _character(*(_written(f"{ord(half):04x}") for half in match.groups())), value
        )
    return _WRITTEN_STAND_INS.sub(lambda match: rf"\u{_written(match[1])}\u{_written(match[2])}", value)


def _stand_in(half: str, digits: dict[str, str]) -> str:
    return ("e" if half[0] == "d" else "E") + digits[half[1]] + half[2:]


def _written(stand_in: str) -> str:
    return ("d" if stand_in[0] == "e" else "D") + _BACK[stand_in[1]] + stand_in[2:]


def _character(high: str, low: str) -> str:
    return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00))
