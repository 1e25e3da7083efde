"""The core schema of YAML 1.2: what values plain text stands for. `yes`, `1:30` and `2024-01-01` are text by it.

Editors that check a manifest against its JSON Schema go by the core schema too, and so every JSON file is YAML.
"""

from __future__ import annotations

import re

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def resolve(text: str) -> bool | int | float | str | None:
    """Give plain text its value by the core schema (YAML 1.2, section 10.3.2)."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text) and len(text) <= 300:  # longer ones, which no double can hold, become infinite below
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base)
    if _FLOAT.fullmatch(text):
        return float(text.replace(".", "") if text[-1].isalpha() else text)  # `.inf` and `.nan`
    return text
