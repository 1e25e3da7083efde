"""The first prediction: programs (shaders) are compiled side by side, and what a model takes is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.backends.page import BACKENDS, BackendPage, browser_for_backends, served_roots
from tests.support.project import REPOSITORY, Project
from tests.unit.stubs.publish import FLOAT, node, small_graph
from tfjs_build.stubs.describe import describe
from tfjs_build.stubs.render import render_stub

MODULE = "/loading/loading.js"
SIDE_BY_SIDE = "--enable-angle-features=enableParallelCompileAndLink"
"""Gives webgl in software what it has on most GPUs: KHR_parallel_shader_compile."""

GPUS = ("webgpu", "webgl")

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the digits of the example, as graph and as layers, built."""
    project = Project(tmp_path_factory.mktemp("first") / "app")
    source = str(REPOSITORY / "examples" / "digits" / "model" / "digits.keras")
    models = {name: {"source": source, "format": name} for name in ("graph", "layers")}
    project.manifest(
        json.dumps({"version": 1, "output": "public", "stubs": "stubs", "language": "javascript", "models": models})
    )
    result = project.run("build", "--json")
    assert result.code == 0, result
    nodes = [
        node("s", "Sigmoid", ["x"], T=FLOAT),
        node("u", "Unique", ["s"], T=FLOAT),
        node("y", "Relu", ["u"], T=FLOAT),
    ]
    described = small_graph(project.root / "public" / "halfway", nodes, [512])  # less stays on the CPU
    stub = describe("halfway", "graph", described, public_url="")
    for name, text in render_stub(stub, language="javascript", tfjs="@tensorflow/tfjs").items():
        (project.root / "stubs" / name).write_text(text, encoding="utf-8")
    return project.root


@pytest.fixture(scope="module")
def served(playwright: Playwright, site: Path) -> Iterator[tuple[Browser, str]]:
    """A browser, and where the page is."""
    roots = {"site": site, "loading": Path(__file__).with_name("loading")}
    with browser_for_backends(playwright, SIDE_BY_SIDE) as browser, served_roots(roots) as url:
        yield browser, url


@pytest.fixture(scope="module", params=BACKENDS)
def page(request: pytest.FixtureRequest, served: tuple[Browser, str]) -> Iterator[BackendPage]:
    opened = BackendPage(*served, request.param, {})
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def expected(page: BackendPage) -> dict[str, Any]:
    """What the model gives without being warmed up, and the programs that it needs."""
    found: dict[str, Any] = page.call(MODULE, "first", *at("graph"), {})
    return found


def at(name: str) -> tuple[str, str]:
    return f"/site/stubs/{name}.js", f"/site/public/{name}/model.json"


on_gpus = pytest.mark.parametrize("page", GPUS, indirect=True, scope="module")


def test_programs_are_compiled_side_by_side(page: BackendPage, expected: dict[str, Any]) -> None:
    found = page.call(MODULE, "first", *at("graph"), {"warmUp": True})
    assert found["values"] == expected["values"]
    assert found["warmedUp"]["milliseconds"] > 0
    assert expected["warmedUp"] is None
    if page.backend not in GPUS:
        assert (found["programs"], found["counted"], found["warmedUp"]["programs"]) == (0, 0, 0)
        return
    assert expected["programs"] >= 5
    assert expected["single"] == expected["programs"]
    # Nearly all of them were under way at once, and none is left for the first prediction.
    assert found["most"] >= found["programs"] - 2
    assert found["single"] == found["singleBefore"] <= 2
    assert found["ready"] == found["programs"] >= expected["programs"]
    for each in (found, expected):
        assert each["counted"] == each["programs"]
    assert found["warmedUp"]["programs"] == found["programs"]


@pytest.mark.parametrize("page", ["webgl"], indirect=True, scope="module")
def test_a_browser_that_does_not_tell_when_programs_are_ready(page: BackendPage, expected: dict[str, Any]) -> None:
    found = page.call(MODULE, "first", *at("graph"), {"warmUp": True}, False)
    assert found["values"] == expected["values"]
    assert found["most"] >= found["programs"] - 2
    assert found["ready"] == found["programs"]


@on_gpus
def test_another_model_predicts_meanwhile(page: BackendPage, expected: dict[str, Any]) -> None:
    found = page.call(MODULE, "meanwhile", *at("graph"), *at("graph"))
    assert found["other"] == found["own"] == found["again"] == expected["values"]


@pytest.mark.parametrize("page", ["webgl"], indirect=True, scope="module")
def test_a_page_that_nobody_sees_has_no_frames(page: BackendPage, expected: dict[str, Any]) -> None:
    found = page.call(MODULE, "withoutFrames", *at("graph"))
    assert found["waited"] >= 3
    assert found["values"] == expected["values"]
    assert found["warmedUp"]["milliseconds"] > 0


@on_gpus
def test_programs_that_are_refused_are_compiled_when_they_are_needed(
    page: BackendPage, expected: dict[str, Any]
) -> None:
    found = page.call(MODULE, "refused", *at("graph"))
    assert found["values"] == expected["values"]
    assert found["warmedUp"]["milliseconds"] > 0
    assert (found["stray"], found["told"]) == (0, [])
    # They alone, and what reads the results.
    assert 2 <= found["refusals"] <= found["single"] <= found["refusals"] + 2


@pytest.mark.parametrize("page", ["webgl"], indirect=True, scope="module")
def test_a_graph_that_needs_results_halfway(page: BackendPage) -> None:
    plain, warm = (page.call(MODULE, "first", *at("halfway"), options) for options in ({}, {"warmUp": True}))
    assert warm["values"] == plain["values"]
    assert warm["ready"] >= plain["programs"]
    before, *after = page.call(MODULE, "memories", *at("halfway"), 3)
    assert after == [before] * 2


@on_gpus
def test_two_models_at_once(page: BackendPage, expected: dict[str, Any]) -> None:
    for found in page.call(MODULE, "atOnce", [at("graph"), at("layers")]):
        assert found["values"][0] == pytest.approx(expected["values"][0], abs=1e-5)
        assert found["warmedUp"]["milliseconds"] > 0


def test_nothing_is_left(page: BackendPage) -> None:
    before, *after = page.call(MODULE, "memories", *at("graph"), 3)
    assert after == [before] * 2


def test_a_model_says_what_it_takes(page: BackendPage) -> None:
    for name in ("graph", "layers"):
        found = page.call(MODULE, "accounted", *at(name))
        before, loaded, used = found["before"], found["loaded"], found["used"]
        assert loaded["tensors"] == loaded["held"]["numTensors"] - before["numTensors"] > 0
        assert loaded["bytes"] == loaded["held"]["numBytes"] - before["numBytes"] > 0
        assert loaded["total"] == loaded["all"]
        assert (loaded["programs"], used["programs"]) == (0, used["compiled"])
        assert (used["programs"] > 0) == (page.backend in GPUS)
        assert (used["tensors"], used["bytes"]) == (loaded["tensors"], loaded["bytes"])
        assert found["after"] == before | {"numBytesInGPU": found["after"]["numBytesInGPU"]}
        assert found["error"] == f'Model "{name}" has been disposed: load it anew'
