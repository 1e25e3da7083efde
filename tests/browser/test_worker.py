"""Models in workers: the numbers are those of the page, which goes on meanwhile, and nothing is left."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Playwright

from tests.browser.backends.page import BACKENDS, browser_for_backends
from tests.browser.test_pixels import CASES, EXPECTED, KINDS, PICTURES
from tests.browser.workers.site import build_site, opened_site
from tests.support.keras_files import write_dense, write_layers
from tests.support.project import Project

pytestmark = pytest.mark.full

COMPARED = ("bytes", "cover", "gray")
VERSIONS = ("tiny-1", "tiny-2")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with models for what is tried, built, and the module with every backend that their loaders import."""
    project = Project(tmp_path_factory.mktemp("workers") / "app")
    models: dict[str, dict[str, Any]] = {}
    same = {"class_name": "Activation", "name": "y", "activation": "linear"}
    for name in COMPARED:
        write_layers(project.root / f"{name}.keras", tuple(CASES[name]["shape"]), same)
        models[name] = {"source": f"{name}.keras", "inputs": {"image": {"pixels": CASES[name]["pixels"]}}}
    mean = {"class_name": "GlobalAveragePooling2D", "name": "y", "data_format": "channels_last", "keepdims": False}
    write_layers(project.root / "colours.keras", (None, 8, 8, 3), mean)
    models["colours"] = {
        "source": "colours.keras",
        "inputs": {"image": {"pixels": [0, 1]}},
        "labels": ["red", "green", "blue"],
    }
    pool = {"class_name": "AveragePooling2D", "pool_size": [9, 9], "strides": [1, 1], "padding": "same"}
    write_layers(project.root / "heavy.keras", (None, 192, 192, 3), *({**pool, "name": name} for name in "abcy"))
    write_layers(project.root / "free.keras", (None, None, None, 3), {**same, "activation": "relu"})
    models |= {name: {"source": f"{name}.keras"} for name in ("heavy", "free")}
    for seed, name in enumerate(("small", *VERSIONS)):
        write_dense(project.root / f"{name}.keras", seed=seed)
        models[name] = {"source": f"{name}.keras"}
    return build_site(project, models)


@pytest.fixture(scope="module")
def page(playwright: Playwright, site: Path) -> Iterator[Page]:
    """A page that runs what `workers.js` exports."""
    with browser_for_backends(playwright) as browser, opened_site(browser, site, files=PICTURES) as opened:
        yield opened


def call(page: Page, name: str, *arguments: object) -> Any:
    """Call what `workers.js` exports; every worker ends then."""
    found = page.evaluate("([name, ...given]) => call(name, ...given)", [name, *arguments])
    for worker in page.workers:
        with contextlib.suppress(PlaywrightError):  # it has ended meanwhile
            worker.evaluate("new Promise((_, refuse) => setTimeout(refuse, 30_000))")
    assert page.workers == []
    return found


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_numbers_are_those_of_the_page(page: Page, backend: str) -> None:
    jobs = [(case, kind, "/files/tall.png") for case in COMPARED for kind in KINDS]
    for (case, kind, _), (shape, values) in zip(jobs, call(page, "results", backend, jobs), strict=True):
        expected = EXPECTED[f"{case} tall"]
        error = np.abs(np.reshape(values, shape) - expected).max() / max(1.0, float(np.abs(expected).max()))
        assert error < 1e-5, f"{case} {kind}: {error}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_500_predictions_leave_nothing_behind(page: Page, backend: str) -> None:
    found = call(page, "many", backend, 500)
    assert found["labels"] == (["red", "green", "blue"] * 167)[:500]
    assert found["after"] == found["before"]


def test_the_page_goes_on_meanwhile(page: Page) -> None:
    found = call(page, "turns")
    assert found["inPage"] <= 3  # while it begins, and while its values are read
    assert found["inWorker"] > 20


def test_values_are_copied_unless_they_are_given_away(page: Page) -> None:
    found = call(page, "values")
    assert found == {
        "kind": "Float32Array",
        "shape": [1, 1, 2, 3],
        "values": [1, 2, 3, 4, 5, 6],
        "kept": 6,
        "gone": [0, 0],
        "label": "red",
        "again": [1, 2, 3],
        "sized": [1, 2, 3, 4, 5, 6],
        "transferred": 'TypeError: Input "image" of model "free" takes float32 [?, ?, ?, 3] as tensor or Float32Array '
        "with its `shape`, not ArrayBuffer",
    }


SCRIPT = 'ModelLoadError: Model "colours" cannot be loaded: colours.worker.js cannot be started: '
MISSING = (
    f"{SCRIPT}it is not there, or a module that it imports is not. "
    "Import maps do not reach workers: without a bundler, `tfjs` in tfjs.yaml must be an address"
)
SAID = {
    "name": 'TypeError: Model "colours" has no input "picture"; it takes "image"',
    "rank": 'TypeError: Input "image" of model "colours" takes float32 [?, 8, 8, 3] as tensor or picture or '
    "Float32Array, not 5 values: a multiple of 192 fill it",
    "tensor": 'TypeError: The input of model "colours" is a tensor, and workers share none with the page: give its '
    "values, as `await tensor.data()` has them",
    "code": 'TypeError: Input "image" of model "colours" cannot be sent to a worker: Function',
    "promise": 'TypeError: Input "image" of model "colours" cannot be sent to a worker: Promise: await it first',
    "loading": 'TypeError: The input of model "colours" is not loaded: await its `decode()`',
    "foreign": 'TypeError: The inputs of model "colours" cannot be sent to a worker; pictures of another site must be '
    "loaded with `crossOrigin`, which that site must allow: Failed to execute 'postMessage' on 'Worker': "
    "Non-origin-clean ImageBitmap cannot be transferred.",
    "file": 'TypeError: Input "image" of model "colours" is a file in which the browser finds no picture: The '
    "source image could not be decoded.",
    "classes": "RangeError: `topK` is how many classes are given: 1 or more, not 0",
    "disposed": 'Error: Model "colours" has been disposed: load it anew',
    "place": 'ModelLoadError: Model "colours" cannot be loaded: URL/nowhere/model.json?v=VERSION was answered '
    "with status 404",
    "backend": "Error: Backend name 'abacus' not found in registry",
    "wasmPaths": "Error: `wasmPaths` are for the backend wasm, which is not among the `backends` of tfjs.yaml",
    "script": MISSING,
    "broken": f"{SCRIPT}Uncaught RangeError: not today",
    "bare": MISSING,
    "started": f"{SCRIPT}no workers today",
}


def test_what_is_wrong_is_told_in_the_page(page: Page, site: Path) -> None:
    document = json.loads((site / "public" / "colours" / "model.json").read_text(encoding="utf-8"))
    version = document["userDefinedMetadata"]["tfjs-build"]["version"]
    found = {key: text.replace(version, "VERSION") for key, text in call(page, "refusals").items()}
    found["place"] = found["place"].replace(page.url.removesuffix("/workers/index.html"), "URL")
    assert found == SAID


def test_a_model_that_cannot_be_loaded(page: Page) -> None:
    found = call(page, "loadError")
    assert found.pop("reason") == "was answered with status 404"
    assert found == {"known": True, "name": "ModelLoadError", "model": "colours", "url": "/nowhere/model.json"}


def test_what_fails_in_the_worker_fails_the_calls_that_wait(page: Page) -> None:
    failed = 'Error: The worker of model "heavy" failed: Uncaught RangeError: what a day'
    assert call(page, "failures") == {"predicted": failed, "failed": failed, "afterwards": 192 * 192 * 3}


def test_loading_can_be_given_up(page: Page) -> None:
    expected = {"early": "too late", "late": "enough", "fetching": "not now", "stopped": True}
    assert call(page, "aborted") == expected


def test_a_model_that_is_disposed_ends_what_it_has_begun(page: Page) -> None:
    gone = 'Error: Model "heavy" has been disposed: load it anew'
    assert call(page, "disposed") == {"values": 192 * 192 * 3, "then": gone}


def test_the_options_of_loaders(page: Page) -> None:
    found = call(page, "options")
    assert found["asked"] == [["model.json", True], ["weights.bin", True]]
    assert found["progress"] == [{"loaded": 0, "total": 32}, {"loaded": 32, "total": 32}]
    assert (found["warm"], found["proxied"], len(found["offline"])) == (True, True, 2)


def published(site: Path, name: str, **changed: object) -> dict[str, Any]:
    """Return what a loader knows of a model, under one name for all."""
    document = json.loads((site / "public" / name / "model.json").read_text(encoding="utf-8"))
    ours = document["userDefinedMetadata"]["tfjs-build"]
    url = f"/site/public/{name}/model.json"
    known = {"name": "tiny", "version": ours["version"], "url": url, "engine": {"kind": "graph"}}
    return {**known, **ours["signature"], **changed}


def test_a_new_version_comes_by_message(page: Page, site: Path) -> None:
    first, second = (published(site, name) for name in VERSIONS)
    other = {**second, "version": "0" * 16, "labels": ["a", "b"]}
    found = call(page, "reloaded", [first, second, other], "/site/stubs/small.worker.js")
    for key, seed in (("first", 1), ("second", 2)):
        random = np.random.default_rng(seed)
        kernel, bias = random.normal(size=(3, 2)), random.normal(size=(2,))
        assert np.allclose(found[key], np.array([1, 2, 3]) @ kernel + bias, rtol=1e-4)
    assert found["version"] == found["shown"] == second["version"]
    assert found["told"] == ['model "tiny" has other inputs, outputs or labels']
    assert found["tensors"] == 2
    assert found["started"] == [0, 1]


def test_a_version_that_is_there_before_its_loader_is_waited_for(page: Page, site: Path) -> None:
    first, second = (published(site, name) for name in VERSIONS)
    behind = {**second, "version": first["version"]}
    found = call(page, "overtaken", behind, second, "/site/stubs/small.worker.js")
    assert found["version"] == second["version"]
    assert f"is version {second['version']}, not {first['version']}" in found["reason"]
