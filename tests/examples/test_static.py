"""examples/static: the page says which iris it is, for flowers that training never saw, without a bundler."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import h5py
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.page import Watched, opened, served
from tests.examples.support import EXAMPLES, SCHEMES, SIZES, Started, copied, looked_at, npm, started

FLOWERS: list[dict[str, Any]] = json.loads((EXAMPLES / "static" / "test_flowers.json").read_text(encoding="utf-8"))
MEASURES = ("sepal-length", "sepal-width", "petal-length", "petal-width")

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example."""
    return copied("static", tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def server(example: Path) -> Iterator[Started]:
    """The example as `npm start` serves it."""
    with started(example) as server:
        yield server


def answered(page: Page) -> None:
    """The page has answered for what the sliders say."""
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")


def slider(page: Page, name: str) -> Locator:
    return page.locator(f"input[name={name}]")


def measure(page: Page, centimetres: list[float]) -> str:
    """Set the sliders, wait for the answer, and return the species that is shown in large letters."""
    for name, value in zip(MEASURES, centimetres, strict=True):
        slider(page, name).fill(str(value))
    answered(page)
    return verdict(page)


def verdict(page: Page) -> str:
    """Return the species that is shown; it is that of the longest bar, which is marked."""
    shown = page.locator("#verdict em").inner_text().removeprefix("Iris ")
    parts: dict[str, float] = dict(
        page.locator("#bars li").evaluate_all(
            "rows => rows.map((row) =>"
            " [row.className, Number(row.querySelector('.bar').style.getPropertyValue('--part'))])"
        )
    )
    assert sum(parts.values()) == pytest.approx(1, abs=1e-4)
    assert max(parts, key=lambda name: parts[name]) == shown
    assert page.locator("#bars [aria-current=true] b").all_inner_texts() == [shown]
    return shown


def assert_at_peace(watched: Watched, url: str) -> None:
    """Nothing failed, nothing was complained of, and nobody but the page's own server was asked for anything."""
    assert watched.troubles == []
    asked = {urlsplit(address).netloc for address in watched.addresses if not address.startswith("data:")}
    assert asked == {urlsplit(url).netloc}


def held_out(species: str) -> list[float]:
    """Return the measurements of the first held-out flower of a species."""
    return next(each["centimetres"] for each in FLOWERS if each["species"] == species)


def test_thirty_flowers_that_training_never_saw(browser: Browser, server: Started) -> None:
    with opened(browser, server.url) as watched:
        answered(watched.page)
        answers = [measure(watched.page, each["centimetres"]) for each in FLOWERS]
        assert_at_peace(watched, server.url)
    right = sum(answer == each["species"] for answer, each in zip(answers, FLOWERS, strict=True))
    assert len(FLOWERS) == 30
    assert right >= 28


def test_a_slider_is_dragged_and_the_answer_follows_before_it_is_let_go(browser: Browser, server: Started) -> None:
    with opened(browser, server.url) as watched:
        page = watched.page
        answered(page)
        measure(page, held_out("virginica"))
        expect(page.locator("#spoken")).to_have_text(re.compile(r"^Looks like Iris virginica, >?\d+% sure$"))
        before = page.locator(".petals .blade").first.get_attribute("d")
        for name in ("petal-length", "petal-width"):
            box = slider(page, name).bounding_box()
            assert box is not None
            y = box["y"] + box["height"] / 2
            part = float(slider(page, name).evaluate("e => (e.value - e.min) / (e.max - e.min)"))
            page.mouse.move(box["x"] + 11 + part * (box["width"] - 22), y)
            page.mouse.down()
            page.mouse.move(box["x"] + 12, y, steps=8)
            if name == "petal-width":
                answered(page)
                assert verdict(page) == "setosa"
                assert page.locator(".petals .blade").first.get_attribute("d") != before
                # A voice waits until the slider rests.
                expect(page.locator("#spoken")).not_to_contain_text("setosa")
            page.mouse.up()
        expect(page.locator("#spoken")).to_contain_text("Iris setosa")
        assert_at_peace(watched, server.url)


def test_by_keyboard_alone(browser: Browser, server: Started) -> None:
    with opened(browser, server.url) as watched:
        page = watched.page
        answered(page)
        page.keyboard.press("Tab")
        expect(slider(page, "sepal-length")).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(slider(page, "sepal-length")).to_have_value("6.5")
        expect(page.locator("label output").first).to_have_text("6.5 cm")
        page.keyboard.press("Tab")
        for _ in range(2):  # the petals': as small as they can be
            page.keyboard.press("Tab")
            page.keyboard.press("Home")
        answered(page)
        assert verdict(page) == "setosa"
        for _ in range(3):  # what is typical of versicolor, then of virginica
            page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="virginica")).to_be_focused()
        page.keyboard.press("Enter")
        answered(page)
        assert verdict(page) == "virginica"
        assert_at_peace(watched, server.url)


def test_petals_are_as_long_as_measured(browser: Browser, server: Started) -> None:
    with opened(browser, server.url) as watched:
        page = watched.page
        answered(page)
        measure(page, [5.0, 3.4, 1.5, 0.2])
        boxes = page.evaluate(
            "['.sepals', '.petals'].map((each) => document.querySelector(`${each} .blade`).getBBox())"
            ".map(({ width, height }) => [width, height])"
        )
        sepal, petal = boxes
        assert sepal == pytest.approx([3.4, 5.0], rel=0.02)
        assert petal == pytest.approx([0.2, 1.5], rel=0.02)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_how_it_looks(
    browser: Browser, server: Started, pictures: Path, size: str, scheme: Literal["light", "dark"]
) -> None:
    with looked_at(browser, server.url, size, scheme, pictures / f"static-{size}-{scheme}.png") as watched:
        answered(watched.page)
        assert measure(watched.page, held_out("virginica")) == "virginica"
        # Whoever drags the last slider sees what comes of it.
        slider(watched.page, "petal-width").scroll_into_view_if_needed()
        expect(watched.page.locator("#verdict")).to_be_in_viewport()
        assert_at_peace(watched, server.url)


def test_a_missing_model_is_told_in_plain_words(browser: Browser, server: Started) -> None:
    with browser.new_context() as context, context.new_page() as page:
        page.route("**/model.json*", lambda route: route.fulfill(status=404))
        page.goto(server.url)
        expect(page.get_by_role("alert")).to_contain_text("“npm start” builds it")
        expect(page.get_by_role("alert")).to_contain_text("404")
        answered(page)


@pytest.mark.parametrize("folder", [".", "sub"])
def test_any_server_of_files_will_do(browser: Browser, example: Path, tmp_path: Path, folder: str) -> None:
    npm(example, "run", "build")
    shutil.copytree(example / "public", tmp_path / folder, dirs_exist_ok=True)
    with served(tmp_path) as root:
        url = root if folder == "." else f"{root}{folder}/"
        with opened(browser, url) as watched:
            answered(watched.page)
            assert measure(watched.page, held_out("setosa")) == "setosa"
            assert_at_peace(watched, url)


def test_opened_as_a_file_it_says_what_to_do(browser: Browser, example: Path) -> None:
    with browser.new_context() as context, context.new_page() as page:
        page.goto((example / "public" / "index.html").as_uri())
        expect(page.get_by_role("alert")).to_contain_text("“npm start”")


def test_a_network_that_is_saved_is_there_when_the_page_is_loaded_anew(
    browser: Browser, example: Path, server: Started
) -> None:
    with opened(browser, server.url) as watched:
        page = watched.page
        answered(page)
        assert measure(page, held_out("virginica")) == "virginica"
        convince(example / "model" / "iris.keras", "setosa")
        server.until(r"✓ iris")
        page.reload()
        answered(page)
        assert measure(page, held_out("virginica")) == "setosa"
        assert_at_peace(watched, server.url)


def convince(model: Path, species: str) -> None:
    """Save the network again, sure that every flower is of one species."""
    with zipfile.ZipFile(model) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    weights = BytesIO(files["model.weights.h5"])
    with h5py.File(weights, "r+") as file:
        file["layers/dense_2/vars/1"][["setosa", "versicolor", "virginica"].index(species)] += 100
    files["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(model, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
