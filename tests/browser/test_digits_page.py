"""The page of examples/digits: digits that training never saw, drawn with the mouse, are recognised."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.example import EXAMPLE
from tests.browser.hand import Hand, answered, write
from tests.browser.page import Watched, opened
from tests.browser.strokes import Stroke, strokes_of

DIGITS: list[dict[str, Any]] = json.loads((EXAMPLE / "test_digits.json").read_text(encoding="utf-8"))


def digit(label: int) -> list[Stroke]:
    """Return the strokes of the first held-out digit of this kind."""
    return strokes_of(next(each["pixels"] for each in DIGITS if each["label"] == label))


def verdict(page: Page) -> str:
    """Return the digit that the page shows in large letters; it is the one whose bar is marked, the longest of all."""
    shown = page.locator("#verdict strong").inner_text()
    assert page.locator("#bars [aria-current=true] b").all_inner_texts() == [shown]
    lengths = page.locator("#bars .bar").evaluate_all(
        "bars => bars.map((bar) => Number(getComputedStyle(bar).getPropertyValue('--part')))"
    )
    assert len(lengths) == 10
    assert sum(lengths) == pytest.approx(1, abs=1e-4)
    assert lengths.index(max(lengths)) == int(shown)
    return shown


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    answered(page)
    expect(page.locator("#verdict strong")).to_be_empty()


def assert_at_peace(watched: Watched, url: str) -> None:
    """Nothing failed, nothing was complained of, and nobody but the page's own server was asked for anything."""
    assert watched.troubles == []
    assert {urlsplit(address).netloc for address in watched.addresses if not address.startswith("data:")} == {
        urlsplit(url).netloc
    }


def test_fifty_digits_that_training_never_saw(browser: Browser, site: str, figure: list[str], tmp_path: Path) -> None:
    assert len(DIGITS) == 50
    answers = []
    with opened(browser, site) as watched:
        answered(watched.page)
        for i, each in enumerate(DIGITS):
            write(watched.page, strokes_of(each["pixels"]), Hand.of(i))
            answers.append(verdict(watched.page))
            clear(watched.page)
        write(watched.page, digit(3), Hand())
        watched.page.screenshot(path=tmp_path / "digits.png", full_page=True)
    wrong = [
        f"{each['label']} as {answer}"
        for each, answer in zip(DIGITS, answers, strict=True)
        if answer != str(each["label"])
    ]
    right = len(DIGITS) - len(wrong)
    figure.append(
        f"digits page: {right} of {len(DIGITS)} held-out digits right (read {', '.join(wrong) or 'none'} wrongly)"
    )
    assert right >= 45, wrong
    assert_at_peace(watched, site)


def test_a_digit_is_the_same_wherever_and_however_large_it_is_drawn(browser: Browser, site: str) -> None:
    with opened(browser, site) as watched:
        answered(watched.page)
        for hand in (Hand(size=0.9), Hand(size=0.25, x=0.2, y=0.2), Hand(size=0.3, x=0.75, y=0.8)):
            write(watched.page, digit(5), hand)
            assert verdict(watched.page) == "5"
            clear(watched.page)
        assert_at_peace(watched, site)


def test_bars_move_while_the_pen_is_down_and_the_voice_waits_until_it_is_lifted(browser: Browser, site: str) -> None:
    with opened(browser, site) as watched:
        page = watched.page
        answered(page)
        box = page.locator("#pad").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"]
        page.mouse.move(x, y + 0.2 * box["height"])
        page.mouse.down()
        page.mouse.move(x, y + 0.8 * box["height"], steps=10)
        answered(page)
        assert verdict(page) == "1"
        expect(page.locator("#spoken")).to_be_empty()
        page.mouse.up()
        expect(page.locator("#spoken")).to_have_text(re.compile(r"^Looks like 1, >?\d+% sure$"))
        assert_at_peace(watched, site)


def test_a_digit_drawn_by_keyboard(browser: Browser, site: str) -> None:
    with opened(browser, site) as watched:
        page = watched.page
        answered(page)
        page.keyboard.press("Tab")
        expect(page.locator("#pad")).to_be_focused()
        expect(page.locator("#keys")).to_be_in_viewport()
        for key in (*["ArrowLeft"] * 6, " ", *["ArrowRight"] * 12, *["ArrowDown"] * 24, " "):
            page.keyboard.press(key)
        answered(page)
        assert verdict(page) == "7"
        expect(page.locator("#spoken")).to_have_text(re.compile("^Looks like 7"))
        page.keyboard.press("Escape")
        answered(page)
        expect(page.locator("#verdict strong")).to_be_empty()
        assert_at_peace(watched, site)


def test_a_digit_drawn_with_a_finger_on_a_phone(browser: Browser, site: str) -> None:
    with opened(browser, site, size=(375, 812), scheme="dark", touch=True) as watched:
        page = watched.page
        answered(page)
        box = page.locator("#pad").bounding_box()
        assert box is not None
        session = page.context.new_cdp_session(page)
        for stroke in digit(0):
            points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in Hand().place(stroke)]
            for i, (x, y) in enumerate(points):
                kind = "touchMove" if i else "touchStart"
                session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
            session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        answered(page)
        assert verdict(page) == "0"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth && scrollY === 0")
        assert_at_peace(watched, site)


def test_the_page_tells_which_model_it_runs(browser: Browser, site: str, built: Path) -> None:
    published = built / "models" / "digits"
    version = json.loads((published / "model.json").read_text())["userDefinedMetadata"]["tfjs-build"]["version"]
    size = sum(shard.stat().st_size for shard in published.glob("*.bin"))
    with opened(browser, site) as watched:
        answered(watched.page)
        expect(watched.page.locator("#facts")).to_contain_text("digits")
        expect(watched.page.locator("#facts")).to_contain_text(version)
        expect(watched.page.locator("#facts")).to_contain_text(f"{round(size / 1000)} kB")


def test_a_missing_model_is_told_in_plain_words(browser: Browser, site: str) -> None:
    with browser.new_context() as context, context.new_page() as page:
        page.route("**/model.json*", lambda route: route.fulfill(status=404))
        page.goto(site)
        expect(page.get_by_role("alert")).to_contain_text(
            "The model could not be loaded. Build it with “npm run models”"
        )
        expect(page.get_by_role("alert")).to_contain_text("404")
