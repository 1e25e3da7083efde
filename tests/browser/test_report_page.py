"""The page of `tfjs-build report`, in Chromium: from a file, by keyboard, on a small screen, dark, and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.keras_files import write_dense
from tests.support.project import Project

PAPER = 688
"""Pixels across an A4 sheet, without its margins."""

MANIFEST = """\
version: 1
output: public/models
models:
  net: { source: net.keras, quantize: uint8 }
  plain: { source: net.keras }
  layers: { source: net.keras, format: layers }
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three models."""
    project = Project(tmp_path_factory.mktemp("report") / "app")
    write_dense(project.root / "net.keras", units=40, inputs=60)
    project.manifest(MANIFEST)
    assert project.run("build").code == 0
    assert project.run("report").code == 0
    return project.root / ".tfjs-build" / "report.html"


@contextmanager
def opened(browser: Browser, report: Path, width: int, dark: bool = False) -> Iterator[Page]:
    """Open the page; fails where it says anything on the console, or asks for anything besides itself."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(report.as_uri())
    yield page
    assert said == [report.as_uri()]
    context.close()


def first_column(page: Page) -> list[str]:
    """Return the names of the first model's weights as they stand."""
    names: list[str] = page.locator("#model-1 .sortable tbody th").all_inner_texts()
    return names


def test_tables_are_sorted_by_keyboard(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280) as page:
        before = first_column(page)
        heads = page.locator("#model-1 .sortable thead th")
        smaller_first = ["y/bias", "y/kernel"]
        assert sorted(before) == smaller_first
        for button, ascending in (("Bytes", smaller_first), ("Name", smaller_first), ("Step", ["y/kernel", "y/bias"])):
            page.locator("#model-1 .sortable").get_by_role("button", name=button).focus()
            page.keyboard.press("Enter")
            assert first_column(page) == ascending
            page.keyboard.press("Space")
            # What has no step stays at the end.
            assert first_column(page) == (ascending if button == "Step" else ascending[::-1])
            sorts: list[str | None] = heads.evaluate_all("all => all.map((each) => each.getAttribute('aria-sort'))")
            assert [sort for sort in sorts if sort] == ["descending"]
            page.keyboard.press("Enter")
            assert first_column(page) == before


def test_the_map_is_read_by_keyboard(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280) as page:
        cell = page.locator("#model-1 .cell").first
        detail = page.locator("#model-1 .detail").first
        assert not detail.is_visible()
        page.locator("#model-1 .skip").focus()
        page.keyboard.press("Tab")
        assert cell.evaluate("cell => cell === document.activeElement")
        assert detail.is_visible()
        assert "y/kernel" in detail.inner_text()
        assert cell.evaluate("cell => getComputedStyle(cell).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(browser: Browser, report: Path, width: int) -> None:
    with opened(browser, report, width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.locator("section").count() == 3


@pytest.mark.parametrize("width", [1280, 390])
def test_numbers_beside_a_curve_are_whole(browser: Browser, report: Path, width: int) -> None:
    with opened(browser, report, width) as page:
        room = page.locator(".plot").evaluate_all(
            """all => all.flatMap((plot) => {
              const longest = Number(getComputedStyle(plot).getPropertyValue("--longest"));
              const start = plot.closest(".curve").getBoundingClientRect().left;
              return [...plot.querySelectorAll(".y span")].map((number) => {
                if (number.textContent.length === longest) number.textContent = "0".repeat(longest); // the widest sign
                return number.getBoundingClientRect().left - start;
              });
            })"""
        )
        assert len(room) > 3
        assert min(room) >= 0


def test_dark_light_and_paper(browser: Browser, report: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, report, 1280) as page:
        assert page.evaluate(ground) == "rgb(255, 255, 255)"
    with opened(browser, report, 1280, dark=True) as page:
        assert page.evaluate(ground) == "rgb(23, 25, 27)"
        page.emulate_media(media="print")
        page.set_viewport_size({"width": PAPER, "height": 1000})
        assert page.evaluate(ground) == "rgb(255, 255, 255)"
        assert page.evaluate("document.documentElement.scrollWidth") == PAPER
        cut = (
            "[...document.querySelectorAll('.scroll')].filter((each) => getComputedStyle(each).overflow !== 'visible')"
        )
        assert page.evaluate(f"{cut}.length") == 0


def test_without_scripts_all_is_there_but_sorting(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("#model-1 .sortable tbody tr").count() == 2
    assert page.locator("button").count() == 0
    context.close()
