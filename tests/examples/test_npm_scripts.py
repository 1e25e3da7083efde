"""examples/npm-scripts: the page turns into the colour whose name is typed, for names that training never saw, too."""

from __future__ import annotations

import colorsys
import csv
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.page import Watched, opened, served
from tests.examples.saved_model import save_vector
from tests.examples.support import EXAMPLES, SCHEMES, SIZES, Started, copied, looked_at, npm, started

pytestmark = pytest.mark.full

HELD_OUT = 20  # as in train.py: of so many names, the last one was held out
HUES = {"red": 0, "orange": 25, "yellow": 60, "green": 115, "blue": 225, "purple": 280, "hot pink": 330}
AWKWARD = [
    "",
    " ",
    "Dusty  Rose",
    "CAFÉ au lait",
    "crème brûlée",
    "baker's pink",
    "baker’s pink",
    "-- sea-green --",
    "50 shades of grey",
    "ﬁery Ｒｅｄ",
    "Straße",
    "İstanbul blue",
    "ΟΔΥΣΣΕΥΣ",
    "海の青 sea",
    "🌊 wave",
    "a\u00a0b\tc\nd",
    "the very long name of a colour that nobody has seen",
    "a23456789 b23456789 c23456789 d23456789",
]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example."""
    return copied("npm-scripts", tmp_path_factory.mktemp("npm-scripts"))


@pytest.fixture(scope="module")
def server(example: Path) -> Iterator[Started]:
    """The example as `npm start` serves it."""
    with started(example) as server:
        yield server


def names() -> list[tuple[str, str]]:
    """Return the names of the training set with the colours that they have there, and the held-out ones among them."""
    with (EXAMPLES / "npm-scripts" / "model" / "names.csv").open(encoding="utf-8", newline="") as file:
        return [(row["name"], row["hex"]) for row in csv.DictReader(file)]


def answered(page: Page) -> None:
    """The page has answered for what is typed."""
    expect(page.locator("main")).to_have_attribute("aria-busy", "false")


def colour_of(page: Page, name: str) -> str:
    """Type a name; return the six digits of the colour that the page says, and has."""
    page.get_by_label("Name of a colour").fill(name)
    answered(page)
    shown = page.locator("#hex").inner_text()
    assert re.fullmatch("#[0-9a-f]{6}", shown)
    assert rgb(page.evaluate("getComputedStyle(document.documentElement).backgroundColor")) == list(
        bytes.fromhex(shown[1:])
    )
    return shown[1:]


def rgb(css: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", css)[:3]]


def linear(colours: Any) -> Any:
    c = np.asarray(colours, float) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def oklab(hexes: list[str]) -> Any:
    """Return colours in OKLab, in which distances are what people see of them."""
    cones = linear([list(bytes.fromhex(each)) for each in hexes]) @ np.transpose(
        [[0.4122215, 0.5363325, 0.051446], [0.2119035, 0.6806995, 0.107397], [0.0883025, 0.2817188, 0.6299787]]
    )
    return np.cbrt(cones) @ np.transpose(
        [[0.2104543, 0.7936178, -0.004072], [1.9779985, -2.4285922, 0.4505937], [0.025904, 0.7827718, -0.8086758]]
    )


def assert_at_peace(watched: Watched, url: str) -> None:
    """Nothing failed, nothing was complained of, and nobody but the page's own server was asked for anything."""
    assert watched.troubles == []
    asked = {urlsplit(address).netloc for address in watched.addresses if not address.startswith("data:")}
    assert asked == {urlsplit(url).netloc}


def test_names_that_training_never_saw_come_close(browser: Browser, server: Started, summary: list[str]) -> None:
    held_out = names()[HELD_OUT - 1 :: HELD_OUT][::8]
    assert len(held_out) > 40
    with opened(browser, server.url) as watched:
        answered(watched.page)
        found = [colour_of(watched.page, name) for name, _ in held_out]
        assert_at_peace(watched, server.url)
    wanted = oklab([colour for _, colour in held_out])
    off = np.linalg.norm(oklab(found) - wanted, axis=1)
    # What a guess is worth that knows all colours, and no name.
    guess = np.linalg.norm(oklab([colour for _, colour in names()]).mean(axis=0) - wanted, axis=1)
    summary.append(
        f"colour page: {len(off)} held-out names, off by {np.median(off):.3f} in OKLab"
        f" (a guess: {np.median(guess):.3f})"
    )
    assert np.median(off) < 0.6 * np.median(guess)


def test_well_known_names_have_their_hues(browser: Browser, server: Started) -> None:
    with opened(browser, server.url) as watched:
        answered(watched.page)
        for name, degrees in HUES.items():
            red, green, blue = bytes.fromhex(colour_of(watched.page, name))
            hue = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[0] * 360
            assert abs((hue - degrees + 180) % 360 - 180) < 25, name
        dark, black = (oklab([colour_of(watched.page, name)])[0, 0] for name in ("dark green", "black"))
        light, white = (oklab([colour_of(watched.page, name)])[0, 0] for name in ("light green", "white"))
        assert black < 0.4 < white
        assert dark < light - 0.2
        assert_at_peace(watched, server.url)


def test_ink_can_be_read_on_any_colour(browser: Browser, server: Started) -> None:
    with opened(browser, server.url) as watched:
        page = watched.page
        answered(page)
        inks = set()
        for name in ("black", "white", "grey", "mid grey", "red", "yellow", "blue", "stormy grey", "teal", "hot pink"):
            colour = linear(list(bytes.fromhex(colour_of(page, name)))) @ [0.2126, 0.7152, 0.0722]
            inks.add(ink := page.evaluate("getComputedStyle(document.querySelector('#near button')).color"))
            low, high = sorted((colour, linear(rgb(ink)) @ [0.2126, 0.7152, 0.0722]))
            assert (high + 0.05) / (low + 0.05) >= 4.5, name
        assert len(inks) == 2


def test_codes_are_those_of_training(browser: Browser, server: Started) -> None:
    spec = importlib.util.spec_from_file_location("codes", EXAMPLES / "npm-scripts" / "codes.py")
    assert spec and spec.loader
    spec.loader.exec_module(training := importlib.util.module_from_spec(spec))
    every = [*AWKWARD, *(name for name, _ in names()[::50])]
    with opened(browser, server.url) as watched:
        answered(watched.page)
        in_page = watched.page.evaluate(
            "async (names) => {"
            "  const { codes } = await import('/src/codes.ts');"
            "  return names.map((name) => Array.from(codes(name)));"
            "}",
            every,
        )
        assert dict(zip(every, in_page, strict=True)) == {name: training.codes(name) for name in every}
        assert sum(map(any, in_page)) > len(every) - 5


def test_copied_suggested_and_said(browser: Browser, server: Started) -> None:
    with opened(browser, server.url) as watched:
        page = watched.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        answered(page)
        expect(page.get_by_label("Name of a colour")).to_be_focused()
        expect(page.locator("#hint")).to_be_visible()
        page.keyboard.type("sea")
        answered(page)
        expect(page.locator("#spoken")).to_be_empty()
        page.keyboard.press("Enter")
        shown = page.locator("#hex").inner_text()
        expect(page.locator("#spoken")).to_have_text(f"sea is {shown}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Copied")).to_be_focused()
        assert page.evaluate("navigator.clipboard.readText()") == shown
        first = page.locator("#near button").first
        name = first.inner_text()
        assert name in dict(names())
        first.click()
        answered(page)
        expect(page.get_by_label("Name of a colour")).to_have_value(name)
        expect(page.get_by_role("button", name="Copy", exact=True)).to_be_visible()
        page.get_by_label("Name of a colour").fill("!?")
        answered(page)
        expect(page.locator("#hex")).to_be_empty()
        expect(page.locator("#near")).to_be_hidden()
        expect(page.get_by_role("button", name="Copy", exact=True)).to_be_hidden()
        assert_at_peace(watched, server.url)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_how_it_looks(
    browser: Browser, server: Started, pictures: Path, size: str, scheme: Literal["light", "dark"]
) -> None:
    with looked_at(browser, server.url, size, scheme, pictures / f"npm-scripts-{size}-{scheme}.png") as watched:
        answered(watched.page)
        light, dark = "rgb(246, 244, 240)", "rgb(21, 23, 27)"
        background = watched.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert background == {"light": light, "dark": dark}[scheme]
        watched.page.screenshot(path=pictures / f"npm-scripts-empty-{size}-{scheme}.png", full_page=True)
        colour_of(watched.page, {"light": "dusty rose", "dark": "ocean at night"}[scheme])
        assert_at_peace(watched, server.url)


def test_a_missing_model_is_told_in_plain_words(browser: Browser, server: Started) -> None:
    with browser.new_context() as context, context.new_page() as page:
        page.route("**/model.json*", lambda route: route.fulfill(status=404))
        page.goto(server.url)
        expect(page.get_by_role("alert")).to_contain_text("“npm run dev” builds it")
        expect(page.get_by_role("alert")).to_contain_text("404")
        answered(page)


def test_a_network_that_is_saved_recolours_the_open_page(browser: Browser, example: Path, server: Started) -> None:
    with opened(browser, server.url) as watched:
        page = watched.page
        answered(page)
        before = colour_of(page, "sea")
        page.evaluate("window.same = true")
        save_vector(example / "model" / "colour", [100, -100, -100])  # sure that all is red
        expect(page.locator("#hex")).to_have_text("#ff0000", timeout=60_000)
        assert before != "ff0000"
        assert page.evaluate("window.same"), "the page was loaded anew"
        assert_at_peace(watched, server.url)


def test_what_is_built_for_production(browser: Browser, tmp_path: Path) -> None:
    example = copied("npm-scripts", tmp_path)
    npm(example, "run", "build")
    with served(example / "dist") as url, opened(browser, url) as watched:
        answered(watched.page)
        red, green, blue = bytes.fromhex(colour_of(watched.page, "red"))
        assert red > 2 * green and red > 2 * blue
        assert_at_peace(watched, url)
