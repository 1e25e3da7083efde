"""YAML text as a tree: what plain text means, where things stand, and what is refused before it can do harm."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from tfjs_build.manifest.core_schema import resolve
from tfjs_build.manifest.faults import Faults, excerpt
from tfjs_build.manifest.read import MAX_DEPTH, read
from tfjs_build.manifest.tree import Mapping, Span, plain


def tree(text: str) -> tuple[Any, list[str]]:
    """The document as plain values (None where there is none), and its faults as `line:column message`."""
    faults = Faults(text, Path("f"))
    root = read(text, faults)
    found = [f"{fault.location.line}:{fault.location.column} {fault.message}" for fault in faults.error().faults]
    return None if root is None else plain(root), found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("False", False), ("yes", "yes"), ("on", "on"), ("tRue", "tRue"),
        ("0", 0), ("-12", -12), ("+3", 3), ("010", 10), ("0x1F", 31), ("0o17", 15), ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.", 1.0), (".5", 0.5), ("1e-3", 0.001), ("-1.5E+2", -150.0), (".inf", math.inf), ("-.INF", -math.inf),
        (".", "."), ("e3", "e3"), ("1e", "1e"), ("2024-01-01", "2024-01-01"), ("inf", "inf"), ("nan", "nan"),
        ("9" * 400, math.inf), ("<<", "<<"), ("=", "="),
    ],
)  # fmt: skip
def test_plain_text(text: str, value: object) -> None:
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


def test_nan() -> None:
    assert math.isnan(resolve(".NaN"))  # type: ignore[arg-type]


def test_quoted_text_is_text() -> None:
    assert tree("""{a: "1", b: 'true', c: "", "<<": x}""")[0] == {"a": "1", "b": "true", "c": "", "<<": "x"}


def test_where_things_stand() -> None:
    root = read("a: 1\nbc:\n  - 'x'\n  - {d: }\n", Faults("", Path("f")))
    assert isinstance(root, Mapping)
    (a, one), (bc, items) = root
    assert (a.span, one.span) == (Span(0, 0, 0, 1), Span(0, 3, 0, 4))
    assert bc.span == Span(1, 0, 1, 2)
    assert items.items[0].span == Span(2, 4, 2, 7)  # type: ignore[union-attr]
    inner = items.items[1]  # type: ignore[union-attr]
    assert isinstance(inner, Mapping)
    assert inner.entries[0].value.span.empty


@pytest.mark.parametrize("libyaml", [True, False])
@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "- ", "? ", "&a [", "{\U0001f642: "])
def test_deep_nesting_is_refused(opening: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", libyaml)
    value, faults = tree(opening * 50_000)
    assert value is None
    assert faults == [f"1:{MAX_DEPTH * len(opening) + 1} lists and mappings are nested more than 100 deep"]


@pytest.mark.parametrize("libyaml", [True, False])
@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("models:\n  ", "2:102"),
        ("- " * 90, "1:191"),
        ("a: [" + "[{}], " * 500 + "\n", "2:99"),
        ("\ufeffé: 🙂\r\nb: ", "2:103"),
    ],
)
def test_deep_nesting_is_refused_behind_other_text(
    before: str, place: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", libyaml)
    assert tree(before + "[" * 5_000) == (None, [f"{place} lists and mappings are nested more than 100 deep"])


def test_faults_before_deep_nesting_are_kept() -> None:
    assert tree("a: !x 1\nb: " + "[" * 5_000)[1] == [
        "1:4 the tag `!x` has no meaning here",
        "2:103 lists and mappings are nested more than 100 deep",
    ]


def test_depth_that_aliases_add_is_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]
    assert tree("\n".join(lines))[1] == ["100:12 lists and mappings are nested more than 100 deep"]


def test_size_that_aliases_add_is_refused() -> None:
    """The "billion laughs": nine lines that stand for a billion values."""
    lines = ["a0: &a0 [" + ", ".join(["x"] * 10) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 10)]
    value, faults = tree("\n".join(lines))
    assert value is None
    assert [fault.partition(" ")[2] for fault in faults] == ["more than 1,000,000 values, counting what aliases repeat"]


def test_the_first_of_repeated_keys_counts() -> None:
    assert tree("a: 1\na: 2\n'a': 3\n") == (
        {"a": 1},
        ["2:1 `a` is given twice; the first is on line 1", "3:1 `a` is given twice; the first is on line 1"],
    )


def test_merging() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], z: 5}\n"
    assert tree(text)[0]["c"] == {"z": 5, "x": 1, "y": 2}


@pytest.mark.parametrize("libyaml", [True, False])
@pytest.mark.parametrize(
    "text", [":", "?", "? : x", "- a\nb", "&a", "*", "!", "%", "[", "}", "a: |\n\tx", "'", '"\\x', "---\n..."]
)
def test_odd_text_never_escapes_as_another_error(text: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", libyaml)
    for tail in ("", "\n", " x", "\nx: y", "\t"):
        tree(text + tail)


def test_line_ends_of_every_kind_are_counted_as_the_parser_does() -> None:
    text = "a: 1\r\nb: 2\rc: 3\u2028d: 4\x85a: 5\n"
    assert tree(text)[1] == ["5:1 `a` is given twice; the first is on line 1"]


@pytest.mark.parametrize(
    ("line", "start", "end", "expected"),
    [
        ("key: value", 5, 10, "7 | key: value\n  |      ^^^^^"),
        ("key: value   ", 5, 99, "7 | key: value\n  |      ^^^^^"),
        ("key:", 4, 4, "7 | key:\n  |     ^"),
        ("\tkey", 1, 4, "7 | \tkey\n  | \t^^^"),
        ("数: 字", 3, 4, "7 | 数: 字\n  |     ^^"),
        ("e\u0301: x", 4, 5, "7 | e\u0301: x\n  |    ^"),
        ("a\x1b[31m", 1, 2, "7 | a\N{REPLACEMENT CHARACTER}[31m\n  |  ^"),
        ("x" * 300, 0, 300, f"7 | {'x' * 100} …\n  | {'^' * 100}"),
        ("x" * 300, 290, 300, f"7 | … {'x' * 100}\n  |   {' ' * 90}{'^' * 10}"),
        ("x" * 300, 150, 151, f"7 | … {'x' * 100} …\n  |   {' ' * 33}^"),
    ],
)
def test_excerpt(line: str, start: int, end: int, expected: str) -> None:
    assert excerpt(line, 7, start, end) == expected
