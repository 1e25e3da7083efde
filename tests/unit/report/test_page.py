"""The page: everything of a model escaped, one file, and what is shown where there is little to show."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.support.project import REPOSITORY
from tests.unit.report.making import facts, weight
from tfjs_build.report.facts import Facts, Lack, Launches, Point
from tfjs_build.report.history import Version, compared
from tfjs_build.report.page import delta, number, render, shape
from tfjs_build.report.page_code import MEASURED, WASM_KB, page_code
from tfjs_build.report.view import ModelView, model_view

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`&{{ 7*7 }}"
VOID = {"meta", "img", "br", "input", "link", "polyline"}


class Tags(HTMLParser):
    """Notes the tags and attributes of a page, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def view(found: Facts, *, name: str = "net", **changes: Any) -> ModelView:
    """Return what a page shows of a model."""
    options: dict[str, Any] = {"stale": [], "backends": None, "code": page_code(["webgl", "wasm"]), "loader": (10, 5)}
    options |= {"minimal": False, "comparison": None, "versions": []}
    return model_view(name, 1, found, **{**options, **changes})


def page(*views: ModelView, project: str = "tfjs.yaml", failed: dict[str, str] | None = None) -> Tags:
    """Return the page of some models."""
    return Tags(render(project, views, failed or {}).decode())


def evil_view() -> ModelView:
    """Return a model all of whose names are somebody's who means harm."""
    made = facts([weight(f"{EVIL}/kernel", 400), weight(f"{EVIL}/b", 4000, "uint8")], name=EVIL)
    point = Point(EVIL, 10, 5, 0.1, EVIL, True)
    object.__setattr__(made, "curve", [point])
    object.__setattr__(made, "lacks", [Lack("webgl", EVIL)])
    object.__setattr__(made, "launches", [Launches("webgl", 1, 1), Launches("webgpu", 1, 0)])
    before = Version(EVIL, EVIL, 1, 2, 3, {EVIL: 4}, {EVIL: 7})
    now = Version("b", "", 1, 2, 3, {f"{EVIL}2": 4}, {EVIL: 6})
    return view(made, name=EVIL, stale=[EVIL], comparison=compared(EVIL, before, now), versions=[before, now])


def test_names_are_text_and_nothing_else() -> None:
    found = page(evil_view(), project=EVIL, failed={EVIL: EVIL})
    assert [tag for tag, _ in found.found].count("script") == 1
    assert not [tag for tag, _ in found.found if tag in ("img", "iframe", "object", "link", "form")]
    assert not [name for _, attrs in found.found for name in attrs if name.startswith("on")]
    assert found.text.count(EVIL) > 20
    assert "49" not in re.findall(r"\{\{.*?\}\}", found.text)


def test_it_asks_the_network_for_nothing() -> None:
    found = page(evil_view())
    for _, attrs in found.found:
        assert not {"src", "srcset", "action", "data", "poster"} & set(attrs)
        assert (attrs.get("href") or "#").startswith("#")
    text = render("tfjs.yaml", [evil_view()], {}).decode()
    assert "url(" not in text
    assert "@import" not in text
    (policy,) = [attrs["content"] for tag, attrs in found.found if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "'unsafe-inline'" not in policy.partition("script-src")[2]


def test_half_a_character_does_not_end_it() -> None:
    assert rb"\ud800" in render("tfjs.yaml", [view(facts([weight("\ud800", 4)]))], {})


def test_models_of_nothing_and_of_layers() -> None:
    empty = page(view(facts()))
    assert "It has no weights." in empty.text
    assert "There is no curve: x." in empty.text
    assert "No other version is known yet" in empty.text
    layers = page(view(facts([weight("dense/kernel", 4)], format="layers")))
    assert "Layers by class" in layers.text
    assert "GPU kernels" not in layers.text


def test_ids_are_of_one_element_each_and_links_lead_to_them() -> None:
    made = [view(facts([weight("a/b", 4)]), name=name) for name in ("one", "two")]
    object.__setattr__(made[1], "page", 2)
    found = page(*made)
    ids = [attrs["id"] for _, attrs in found.found if "id" in attrs]
    assert len(set(ids)) == len(ids)
    links = [attrs["href"] for tag, attrs in found.found if tag == "a"]
    assert links
    assert {(link or "#")[1:] for link in links} <= set(ids)


def test_each_coding_has_a_colour_and_a_pattern() -> None:
    style = (REPOSITORY / "tfjs_build" / "report" / "page.css").read_text()
    kinds = ("float32", "float16", "uint16", "uint8", "int32", "bool", "string", "complex64", "several")
    for kind in kinds:
        assert re.search(rf"\.{kind}\b[^{{]*\{{ background", style), kind


def test_the_code_beside_the_weights_is_what_was_measured() -> None:
    text = (REPOSITORY / "docs" / "size.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| MobileNetV2 \| (\w+) \| (\d+) KB \| (\d+) KB", text, re.MULTILINE)
    assert {name: (int(whole), int(minimal)) for name, whole, minimal in rows} == MEASURED
    assert f"wasm loads {WASM_KB} KB of WebAssembly" in text
    assert [(each.backend, each.besides) for each in page_code(["cpu", "wasm", "webgl"])] == [
        ("wasm", 425_000),
        ("webgl", 0),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.0, "0"), (-0.03125, "−0.0312"), (12345.0, "1.23e+04"), (-1.5e-7, "−1.5e-07")],
)
def test_numbers(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_shapes_and_changes() -> None:
    assert shape([None, 3]) == "[?, 3]"
    assert shape(None) == "of any rank"
    assert [delta(change) for change in (2048, -4, 0)] == ["+2.0 KB", "−4 B", "0"]
