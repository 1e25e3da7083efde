"""The pages of docs/: all are in the sidebar, and what a follower is to do with each block and word is known."""

from __future__ import annotations

import re

import pytest

from tests.docs.follow import GOES_ON, WORDS
from tests.docs.markdown import DOCS, Block, Said, pages, read
from tests.docs.sorts import FOLLOWED, LOCKED, LOCKED_TOO, README


@pytest.mark.parametrize("page", FOLLOWED)
def test_each_block_has_a_way_of_being_run(page: str) -> None:
    told: dict[str, str] = {}
    last: str | None = None
    for each in read(page):
        if isinstance(each, Said):
            told[each.word] = each.rest
            if each.word == "after":
                last = _last(each.rest) or last
            continue
        assert told.get("only") != "", f"{each}: why is it not run?"
        path = told.get("file") or each.path
        goes_on = last is not None and last.endswith(GOES_ON.get(each.language, ()))
        ways = ("only" in told, path, each.language in ("sh", "console", "yaml", "json"), goes_on)
        assert any(ways), f"{each}: neither a file nor a command, nor what goes on with the file before"
        last = path or last
        told = {}


def _last(page: str) -> str | None:
    paths = [each.path for each in read(page) if isinstance(each, Block) and each.path]
    return paths[-1] if paths else None


@pytest.mark.parametrize("page", [README, *pages()])
def test_each_word_to_a_follower_is_known(page: str) -> None:
    said = [each for each in read(page) if isinstance(each, Said)]
    assert not [f"{each}: {each.word}" for each in said if each.word not in WORDS]
    for each in said:
        if each.word == "after":
            assert each.rest in FOLLOWED, f"{each}: {each.rest} is not followed"
        elif each.word == "shows":
            re.compile(each.rest)


def test_words_are_not_mistyped() -> None:
    for page in (README, *pages()):
        text = (DOCS / page).read_text(encoding="utf-8")
        assert text.count("<!-- follow") == sum(isinstance(each, Said) for each in read(page)), page


def test_the_sidebar_has_each_page() -> None:
    text = (DOCS / ".vitepress" / "config.ts").read_text(encoding="utf-8")
    sidebar = text[text.index("sidebar:") :]
    linked = re.findall(r'\bpage\("[^"]+", "([^"]+)"\)', sidebar)
    assert sorted(linked) == sorted({*linked}), "a page is there twice"
    assert sorted([*(f"{link}.md" for link in linked), "index.md"]) == pages()


def test_locked_pages_are_followed() -> None:
    assert {*LOCKED, *LOCKED_TOO} <= {*FOLLOWED}
