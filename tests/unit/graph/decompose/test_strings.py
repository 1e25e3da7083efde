"""Decompositions of operations on strings."""

from __future__ import annotations

from typing import Any

import pytest

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.errors import RefusedError

Patterns = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"[^a-z]", "[^a-z]"),
        (r"[A-Z]+", r"[\x41-\x5a]+"),
        (r"\W", r"[^\w]"),
        (r"\s", r"[\t\n\f\r ]"),
        (r"[\s,]", r"[\t\n\f\r ,]"),
        ("é", r"\u00e9"),
        ("😀", r"\ud83d\ude00"),
        (r"\.\-x", r"\.\-x"),
    ],
)
def test_patterns(pattern: str, expected: str) -> None:
    b = Builder()
    x = b.input("x", (None,), "string")
    y = b.node("StaticRegexReplace", [x], {"pattern": pattern, "rewrite": "$", "replace_global": True})[0]
    [node] = [n for n in decompose(Graph([Port("x", x)], [Port("y", y)])).nodes() if n.op == "StaticRegexReplace"]
    assert node.attrs["pattern"] == expected
    assert node.attrs["rewrite"] == "$$"
    assert node.attrs["pattern"] == node.attrs["pattern"].lower()


@pytest.mark.parametrize(
    ("op", "attrs", "text"),
    [
        ("StaticRegexReplace", {"pattern": r"\p{L}", "rewrite": ""}, "no JavaScript counterpart"),
        ("StaticRegexReplace", {"pattern": "a", "rewrite": "A"}, "lower-cases"),
        ("StringLower", {"encoding": "utf-8"}, r"encoding='utf-8' is not supported, only '' \(ASCII\) is"),
    ],
)
def test_strings_that_are_refused(op: str, attrs: dict[str, Any], text: str) -> None:
    b = Builder()
    x = b.input("x", (None,), "string")
    y = b.node(op, [x], attrs, name="text/op")[0]
    with pytest.raises(RefusedError, match=text) as caught:
        decompose(Graph([Port("x", x)], [Port("y", y)]))
    assert "text/op" in caught.value.message
