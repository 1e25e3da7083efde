"""Names from a model as JavaScript source."""

from __future__ import annotations

import json

import pytest

from tfjs_build.stubs.quoting import comment, literal, literal_list, property_key

HOSTILE = [
    "plain",
    "quote \" and ' and ` and ${x}",
    "back\\slash",
    "line\nfeed\r\ttab\0nul",
    "separators \u2028 \u2029",
    "right to left \u202e override",
    "lone surrogate \ud800",
    "emoji 🦊 and 数字",
    "*/ alert(1) /*",
    "</script><script>",
    "__proto__",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_is_the_text_it_stands_for(text: str) -> None:
    source = literal(text)
    assert json.loads(source.replace("<\\/", "</")) == text
    assert source.isprintable()
    assert "</" not in source
    source.encode("utf-8")


def test_a_literal_is_in_the_quotes_that_need_fewer_backslashes() -> None:
    assert literal("it's") == '"it\'s"'
    assert literal('a "b" \\ \'c') == "'a \"b\" \\\\ \\'c'"
    assert literal("\"'") == '"\\"\'"'
    assert literal('\\"') == "'\\\\\"'"


def test_literals_of_other_values() -> None:
    assert literal((None, 8, 1.5, True, "a")) == '[null, 8, 1.5, true, "a"]'


def test_readable_letters_stay_readable() -> None:
    assert literal("数字 🦊 é") == '"数字 🦊 é"'


def test_what_does_not_show_is_escaped() -> None:
    assert literal("a\u202eb\U000e0001c") == '"a\\u202eb\\udb40\\udc01c"'


def test_short_lists_stand_on_one_line_and_long_ones_one_to_a_line() -> None:
    assert literal_list(["a", "b"]) == '["a", "b"]'
    assert literal_list(["a" * 60, "b" * 60]) == f'[\n  "{"a" * 60}",\n  "{"b" * 60}",\n]'


@pytest.mark.parametrize("name", ["image", "_x", "$0", "input_1", "shape", "of"])
def test_plain_names_are_bare_keys(name: str) -> None:
    assert property_key(name) == name


@pytest.mark.parametrize("name", ["two words", "a.b", "a/b:0", "1st", "é", "", "class", "new", "__proto__"])
def test_other_names_are_quoted_keys(name: str) -> None:
    assert property_key(name) == json.dumps(name, ensure_ascii=False)


def test_a_comment_stays_one() -> None:
    assert comment("a */ b\nc \u2028 d\u202e") == "a *\\/ b c d\\u202e"
