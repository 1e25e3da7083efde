"""`tfjs: minimal` for a sample of the graphs, bundled as a site does: numbers are right, and a kernel that is missing
is an error that says how it is added. In Chromium graphs share a module, on every backend; in Node each has its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

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
from tests.conversion.build import Build, build_models, published_ops
from tests.conversion.compare import mismatches
from tests.conversion.folders import own_folder
from tests.conversion.graphs import MODELS, OPS, graph_cases
from tests.conversion.in_browsers import announced
from tests.conversion.keras_cases import LAYERS, MATRIX
from tests.conversion.minimal import Loader, models_of, run_lean
from tests.conversion.minimal import sample as sample_of
from tests.conversion.node import WORK
from tests.conversion.oracle import ORDINARY, Files, files
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


SHARES = {OPS: 60, MODELS: 40, "reported": 14, LAYERS: 100, MATRIX: 250}
"""One in how many cases of each suite is run in Node."""


@pytest.fixture(scope="module")
def loaders() -> Iterator[dict[str, Loader]]:
    """A sample of every suite that has graphs, built as one manifest."""
    folder = own_folder(WORK, "lean-built")
    models: dict[str, dict[str, Any]] = {}
    numbers: dict[str, Files] = {}
    for suite, share in SHARES.items():
        of, names = files(suite), sample_of(suite, share)
        models |= {f"{suite.replace('.', '-')}-{name}": keys for name, keys in models_of(suite, of, names).items()}
        numbers |= {f"{suite.replace('.', '-')}-{name}": of[name] for name in names}
    build = build_models(folder, models, tfjs="minimal")
    yield {
        name: Loader(build.models / name, build.stub(name), numbers[name], _backends(build, name))
        for name in build.written
    }
    shutil.rmtree(folder, ignore_errors=True)


def _backends(build: Build, name: str) -> list[str]:
    """Those in Node of which no note of the build says that they cannot run a model."""
    return [each for each in ("cpu", "wasm") if each not in announced(build.notes.get(name, ()), [each])]


def test_a_sample_of_every_suite_gives_its_numbers_with_modules_of_their_own(loaders: dict[str, Loader]) -> None:
    lean = run_lean(own_folder(WORK, "lean"), loaders)
    assert lean.wrong == {}
    assert {key: verdict.text for key, verdict in lean.verdicts.items() if verdict.kind != "matching"} == {}
    assert {suite: sum(name.startswith(suite.replace(".", "-")) for name in loaders) > 0 for suite in SHARES} == (
        dict.fromkeys(SHARES, True)
    )
    assert lean.modules > 30


def test_a_kernel_too_few_is_noticed_and_named(loaders: dict[str, Loader]) -> None:
    """Else the sample would prove nothing."""
    with_it = {name: each for name, each in loaders.items() if "_FusedMatMul" in published_ops(each.model)}
    name, loader = next(iter(with_it.items()))
    lean = run_lean(own_folder(WORK, "lean-without"), {name: loader}, without="_FusedMatMul")
    assert lean.apart.keys() == lean.verdicts.keys()
    told = (
        "Error: Kernel '_FusedMatMul' is not in _tfjs.js, which has what the models of tfjs.yaml need: "
        "add it with `tfjs: { minimal: { kernels: [_FusedMatMul] } }`"
    )
    expected = "\n".join(f"sample {name}, {told}" for name in ORDINARY)
    assert {verdict.text for verdict in lean.verdicts.values()} == {expected}
