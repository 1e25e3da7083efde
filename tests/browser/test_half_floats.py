"""Models on webgl with half-float textures, as phones have them: numbers where the source has numbers, and its rows."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Playwright

from tests.browser.backends.page import BackendPage, array_of, browser_for_backends, described, served_roots
from tests.browser.half_floats import CASES, Case
from tests.unit.graph.running import run
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.graph.ir import Array

HALF_FLOATS = {"WEBGL_FORCE_F16_TEXTURES": True}

TOLERANCE = 5e-3
"""Largest difference as a part of the largest number: five times what a half float rounds."""

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def page(playwright: Playwright) -> Iterator[BackendPage]:
    with browser_for_backends(playwright) as browser, served_roots({}) as url:
        opened = BackendPage(browser, url, "webgl", HALF_FLOATS)
        yield opened
        opened.close()


@pytest.mark.parametrize("name", CASES)
def test_gives_the_numbers_of_its_source(name: str, page: BackendPage) -> None:
    case = CASES[name]
    artifacts = compile_graph(case.graph(), generated_by="test")
    (result,) = page.run_all([_job(case, artifacts)])
    assert "error" not in result, result["error"]
    got = array_of(result["outputs"][0][1]).astype(np.float64)
    want = _expected(case)
    assert got.shape == want.shape
    assert np.isfinite(got).all()
    assert np.abs(got - want).max() <= TOLERANCE * np.abs(want).max()
    assert _rows_off(got, want) <= 0.03


def _rows_off(got: Array, want: Array) -> float:
    """Return the largest difference in a row, as a part of the row's largest number, where that is no small one."""
    got, want = (each.reshape(len(each), -1) for each in (got, want))
    largest = np.abs(want).max(axis=1)
    kept = largest >= 1e-4
    return float((np.abs(got - want).max(axis=1)[kept] / largest[kept]).max(initial=0.0))


def _expected(case: Case) -> Array:
    return np.asarray(run(decompose(case.graph()), case.feeds)["y"], np.float64)


def _job(case: Case, artifacts: ModelArtifacts) -> Mapping[str, Any]:
    data = b"".join(block.tobytes() for weight in artifacts.weights for block in weight.blocks())
    return {
        "id": "case",
        "topology": artifacts.topology,
        "specs": [{"name": w.name, "shape": list(w.shape), "dtype": w.dtype} for w in artifacts.weights],
        "weights": base64.b64encode(data).decode(),
        "inputs": {spec.node: described(case.feeds[spec.name]) for spec in artifacts.signature.inputs},
        "outputs": [spec.node for spec in artifacts.signature.outputs],
        "asynchronous": artifacts.asynchronous,
    }
