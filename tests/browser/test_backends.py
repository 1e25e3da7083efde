"""Models that webgl or webgpu had wrong, in Chromium on both: what is right on cpu is right there."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Playwright

from tests.browser.backends.page import BackendPage, array_of, browser_for_backends, described, served_roots
from tests.conversion.build import Build, build_models
from tests.conversion.compare import mismatches
from tests.conversion.folders import own_folder
from tests.conversion.graphs import graph_cases
from tests.conversion.node import WORK
from tests.conversion.oracle import ORDINARY, Files, files
from tests.conversion.suite import source_keys
from tests.oracle.tensors import read_groups
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.emit import emit
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.graph.portable import portable

SUITE, THEME = "reported", "backends"
CASES = [name for name, case in graph_cases(SUITE).items() if case.family == THEME]
GPU_BACKENDS = ("webgl", "webgpu")

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def sources() -> Mapping[str, Files]:
    return files(SUITE)


@pytest.fixture(scope="module")
def built(sources: Mapping[str, Files]) -> Build:
    return build_models(own_folder(WORK, "on-gpus"), {name: source_keys(sources[name]) for name in CASES})


@pytest.fixture(scope="module", params=GPU_BACKENDS)
def page(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[BackendPage]:
    with (
        browser_for_backends(playwright) as browser,
        served_roots({"built": WORK}) as url,
    ):
        opened = BackendPage(browser, url, request.param, {})
        yield opened
        opened.close()


@pytest.mark.parametrize("case", CASES)
def test_gives_the_numbers_of_its_source(
    case: str, page: BackendPage, built: Build, sources: Mapping[str, Files]
) -> None:
    assert built.failed == {}
    of = sources[case]
    samples = read_groups(of.inputs)[: len(ORDINARY)]
    job = {
        "id": case,
        "stub": _address(built.stub(case)),
        "url": _address(built.models / case / "model.json"),
        "samples": [{name: described(array) for name, array in sample.items()} for sample in samples],
    }
    result = page.run_stub(job)
    assert "error" not in result, result["error"]
    got = [{name: array_of(tensor) for name, tensor in group} for group in result["outputs"]]
    expected = read_groups(of.outputs)[: len(samples)]
    assert [mismatches(want, given) for want, given in zip(expected, got, strict=True)] == [[]] * len(samples)


def test_products_of_computed_tensors_count_nothing_beyond_an_edge(page: BackendPage) -> None:
    """webgl adds what is beyond an odd edge, which a cosine makes 1."""
    random = np.random.default_rng(7)
    jobs, expected = [], {}
    for terms in (4, 5, 11):
        x, y = (np.asarray(random.normal(size=shape), np.float32) for shape in ((3, terms), (terms, 7)))
        b = Builder()
        ports = [Port("x", b.input("x", x.shape, "float32")), Port("y", b.input("y", y.shape, "float32"))]
        product = b.MatMul(*[b.Cos(port.value) for port in ports])
        emitted = emit(portable(Graph(ports, [Port("z", product)])))
        one = next(iter(emitted.weights), None)
        jobs.append(
            {
                "id": str(terms),
                "topology": emitted.topology,
                "specs": [{"name": one.name, "shape": [], "dtype": "float32"}] if one else [],
                "weights": base64.b64encode(np.float32(1).tobytes() if one else b"").decode(),
                "inputs": {"x": described(x), "y": described(y)},
                "outputs": [spec.node for spec in emitted.signature.outputs],
                "asynchronous": False,
            }
        )
        expected[str(terms)] = np.cos(x) @ np.cos(y)
    for result in page.run_all(jobs):
        [[_, tensor]] = result["outputs"]
        np.testing.assert_allclose(array_of(tensor), expected[result["id"]], atol=5e-3)  # software's cosines are off


def _address(path: Path) -> str:
    return f"/built/{path.resolve().relative_to(WORK.resolve()).as_posix()}"
