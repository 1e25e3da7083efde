"""`tfjs: minimal` for a sample of the graphs, bundled as a site does, in Chromium on every backend: numbers are right,
and a kernel that is missing is an error that says how it is added."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.browser.backends.page import (
    BACKENDS,
    BackendPage,
    array_of,
    browser_for_backends,
    described,
    served_roots,
)
from tests.conversion.build import Build, build_models
from tests.conversion.compare import mismatches
from tests.conversion.folders import own_folder
from tests.conversion.graphs import OPS, graph_cases
from tests.conversion.node import WORK
from tests.conversion.oracle import ORDINARY, files
from tests.conversion.suite import source_keys
from tests.oracle.tensors import read_groups
from tests.support.project import REPOSITORY

pytestmark = pytest.mark.full

NODE = REPOSITORY / "tests" / "node"
EVERY = 60
ALIASED = ("@tensorflow/tfjs-core/dist/ops/ops_for_converter", "@tensorflow/tfjs-backend-cpu/dist/shared")
HTML = '<!doctype html><meta charset="utf-8" /><title>minimal</title><script type="module" src="dist/run.js"></script>'


def bundle(folder: Path, entries: Sequence[Path], *, stubs: Path, aliased: bool) -> None:
    """Bundle modules into `folder`; TensorFlow.js is what the loaders in `stubs` have of it."""
    alias = dict.fromkeys(ALIASED, str(stubs / "_tfjs_ops.js")) if aliased else {}
    options = json.dumps({"tfjs": str(stubs / "_tfjs.js"), "alias": alias})
    command = ["node", str(NODE / "bundle.mjs"), str(folder), options, *map(str, entries)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def sample() -> Iterator[Build]:
    """Every so many of the graphs, published and bundled, with the alias and without it."""
    of = files(OPS)
    cases = list(graph_cases(OPS).values())[::EVERY]
    folder = own_folder(WORK, "minimal")
    models = {case.name: {**source_keys(of[case.name]), **case.options} for case in cases}
    build = build_models(folder, models, tfjs="minimal", backends=list(BACKENDS))
    runner = build.project.root / "run.js"
    shutil.copy(REPOSITORY / "tests" / "browser" / "backends" / "run.js", runner)
    stubs = build.project.root / "stubs"
    for name in ("plain", "aliased"):
        bundle(
            folder / name / "dist", [runner, *map(build.stub, build.written)], stubs=stubs, aliased=name == "aliased"
        )
        (folder / name / "index.html").write_text(HTML, encoding="utf-8")
    yield build
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    ("backend", "kind"), [("webgl", "aliased"), ("webgpu", "plain"), ("wasm", "aliased"), ("cpu", "plain")]
)
def test_a_sample_gives_its_numbers(sample: Build, backend: str, kind: str) -> None:
    of = files(OPS)
    found = []
    with (
        sync_playwright() as playwright,
        browser_for_backends(playwright) as browser,
        served_roots({"site": sample.project.root}) as url,
    ):
        page = BackendPage(browser, f"{url}site/{kind}/index.html", backend, {})
        for name in sample.written:
            if any(f"The {backend} backend" in note for note in sample.notes.get(name, ())):
                continue
            samples = read_groups(of[name].inputs)[: len(ORDINARY)]
            job = {
                "id": name,
                "stub": f"/site/{kind}/dist/{name}.js",
                "url": f"/site/models/{name}/model.json",
                "samples": [{key: described(array) for key, array in each.items()} for each in samples],
            }
            result = page.run_stub(job)
            if "error" in result:
                found.append(f"{name}: {result['error']}")
                continue
            for want, got in zip(read_groups(of[name].outputs), result["outputs"], strict=False):
                tensors = {key: array_of(tensor) for key, tensor in got}
                found += [f"{name}: {text}" for text in mismatches(want, tensors, tolerance=1e-3)]
        missing = "globalThis.tensorflow.engine().runKernel('LRN', {}, {})"
        with pytest.raises(Error) as raised:
            page._page.evaluate(missing)
        page.close()
    assert found == []
    assert len(sample.written) > 15
    assert (
        "Kernel 'LRN' is not in _tfjs.js, which has what the models of tfjs.yaml need: "
        "add it with `tfjs: { minimal: { kernels: [LRN] } }`"
    ) in raised.value.message
