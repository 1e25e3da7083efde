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


def lengths(page: Page) -> list[float]:
    """Return how much of its track each bar fills: exact where what is shown is rounded."""
    parts: list[float] = page.locator("#bars .bar").evaluate_all(
        "bars => bars.map((bar) => Number(getComputedStyle(bar).getPropertyValue('--part')))"
    )
    return parts


def verdict(page: Page) -> str:
    """Return the digit that the page shows in large letters; it is the one whose bar is marked, the longest of all."""
    shown = page.locator("#verdict strong").inner_text()
    assert page.locator("#bars [aria-current=true] b").all_inner_texts() == [shown]
    parts = lengths(page)
    assert len(parts) == 10
    assert sum(parts) == pytest.approx(1, abs=1e-4)
    assert parts.index(max(parts)) == int(shown)
    return shown


NETWORKS = {"digits": "Keras file, layers", "digits-small": "SavedModel, graph, uint8"}
"""The models by name, and what the switch between them calls them."""


def switch(page: Page, model: str) -> None:
    """Choose the model with the mouse, and wait until it has judged what is drawn.

    Before the page has answered for the first time, this has the files of the first model given up, which counts as a
    trouble.
    """
    page.get_by_text(NETWORKS[model]).click()
    in_use(page, model)


def in_use(page: Page, model: str) -> None:
    """The page says that it runs this model, and has answered."""
    expect(page.get_by_role("radio", name=NETWORKS[model])).to_be_checked()
    answered(page)
    expect(page.locator("#facts dd").first).to_have_text(model)


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


@pytest.mark.full
@pytest.mark.parametrize("model", NETWORKS)
def test_fifty_digits_that_training_never_saw(
    browser: Browser, site: str, summary: list[str], tmp_path: Path, model: str
) -> None:
    assert len(DIGITS) == 50
    answers = []
    with opened(browser, site) as watched:
        answered(watched.page)
        switch(watched.page, model)
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
    summary.append(
        f"digits page, {NETWORKS[model]}: {right} of {len(DIGITS)} held-out digits right "
        f"(read {', '.join(wrong) or 'none'} wrongly)"
    )
    assert right >= 45, wrong
    assert_at_peace(watched, site)


@pytest.mark.full
def test_a_digit_is_the_same_wherever_and_however_large_it_is_drawn(browser: Browser, site: str) -> None:
    with opened(browser, site) as watched:
        answered(watched.page)
        for hand in (Hand(size=0.9), Hand(size=0.25, x=0.2, y=0.2), Hand(size=0.3, x=0.75, y=0.8)):
            write(watched.page, digit(5), hand)
            assert verdict(watched.page) == "5"
            clear(watched.page)
        assert_at_peace(watched, site)


@pytest.mark.full
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


@pytest.mark.full
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


def test_the_drawing_is_judged_again_by_the_other_model(browser: Browser, site: str) -> None:
    with opened(browser, site) as watched:
        page = watched.page
        answered(page)
        write(page, digit(8), Hand())
        first = lengths(page)
        # The other model is not asked for before it is wanted.
        assert not [address for address in watched.addresses if "digits-small" in address]
        switch(page, "digits-small")
        assert verdict(page) == "8"
        assert lengths(page) != first
        assert lengths(page) == pytest.approx(first, abs=0.1)
        switch(page, "digits")
        assert lengths(page) == first
        assert_at_peace(watched, site)


@pytest.mark.full
def test_switching_by_keyboard(browser: Browser, site: str) -> None:
    with opened(browser, site) as watched:
        page = watched.page
        answered(page)
        for _ in range(3):  # the pad, "Clear", the switch
            page.keyboard.press("Tab")
        expect(page.get_by_role("radio", name=NETWORKS["digits"])).to_be_focused()
        page.keyboard.press("ArrowRight")
        in_use(page, "digits-small")
        page.keyboard.press("ArrowLeft")
        in_use(page, "digits")
        assert_at_peace(watched, site)


@pytest.mark.full
def test_the_last_choice_counts_while_a_model_is_on_its_way(browser: Browser, site: str) -> None:
    with opened(browser, site) as watched:
        page = watched.page
        answered(page)
        write(page, digit(8), Hand())
        first = lengths(page)
        page.route("**/digits-small/model.json*", lambda route: None)  # no answer ever
        with page.expect_request("**/digits-small/model.json*"):
            page.get_by_text(NETWORKS["digits-small"]).click()
        expect(page.locator("#answer")).to_have_attribute("aria-busy", "true")
        with page.expect_event("requestfailed", lambda request: "digits-small" in request.url):
            switch(page, "digits")
        assert lengths(page) == first
        expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.full
def test_a_model_that_cannot_be_loaded_leaves_the_one_in_use(browser: Browser, site: str) -> None:
    with browser.new_context() as context, context.new_page() as page:
        page.route("**/digits-small/model.json*", lambda route: route.fulfill(status=404))
        page.goto(site)
        answered(page)
        page.get_by_text(NETWORKS["digits-small"]).click()
        expect(page.get_by_role("alert")).to_contain_text("404")
        in_use(page, "digits")
        write(page, digit(3), Hand())
        assert verdict(page) == "3"
        page.unroute("**/digits-small/model.json*")
        switch(page, "digits-small")
        assert verdict(page) == "3"
        expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("model", NETWORKS)
def test_the_page_tells_which_model_it_runs(browser: Browser, site: str, built: Path, model: str) -> None:
    published = built / "models" / model
    version = json.loads((published / "model.json").read_text())["userDefinedMetadata"]["tfjs-build"]["version"]
    size = sum(shard.stat().st_size for shard in published.glob("*.bin"))
    with opened(browser, site) as watched:
        answered(watched.page)
        switch(watched.page, model)
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
