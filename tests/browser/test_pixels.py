"""Pictures of a page as inputs: the numbers are TensorFlow's and Keras's on every backend, and nothing is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Playwright

from tests.browser.backends.page import BACKENDS, BackendPage, browser_for_backends, served_roots
from tests.oracle.tensors import read_groups
from tests.support.keras_files import write_layers
from tests.support.project import REPOSITORY, Project

PICTURES = REPOSITORY / "tests" / "fixtures" / "pictures"
CASES: dict[str, dict[str, Any]] = json.loads((PICTURES / "cases.json").read_text(encoding="utf-8"))
EXPECTED = read_groups(PICTURES / "expected")[0]
KINDS = (
    "HTMLImageElement",
    "shown",
    "HTMLCanvasElement",
    "OffscreenCanvas",
    "ImageBitmap",
    "ImageData",
    "raw",
    "VideoFrame",
    "Blob",
    "File",
)
GPUS = ("webgpu", "webgl")
MODULE = "/pictures/pictures.js"

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose models give their inputs, one for each case, and one that tells colours, built."""
    project = Project(tmp_path_factory.mktemp("pixels") / "app")
    models = {}
    for name, case in CASES.items():
        same = {"class_name": "Activation", "name": "y", "activation": "linear"}
        dtype = "int32" if name == "integers" else "float32"
        write_layers(project.root / f"{name}.keras", tuple(case["shape"]), same, dtype=dtype)
        models[name] = {"source": f"{name}.keras", "inputs": {"image": {"pixels": case["pixels"]}}}
    shape = (None, 8, 8, 3)
    mean = {"class_name": "GlobalAveragePooling2D", "name": "y", "data_format": "channels_last", "keepdims": False}
    write_layers(project.root / "colours.keras", shape, mean)
    models["colours"] = {
        "source": "colours.keras",
        "inputs": {"image": {"pixels": [0, 1]}},
        "labels": ["red", "green", "blue"],
    }
    project.manifest(
        json.dumps({"version": 1, "output": "public", "stubs": "stubs", "language": "javascript", "models": models})
    )
    result = project.run("build", "--json")
    assert result.code == 0, result
    return project.root


@pytest.fixture(scope="module", params=BACKENDS)
def page(request: pytest.FixtureRequest, playwright: Playwright, site: Path) -> Iterator[BackendPage]:
    roots = {"site": site, "pictures": Path(__file__).with_name("pictures"), "files": PICTURES}
    with browser_for_backends(playwright) as browser, served_roots(roots) as url:
        opened = BackendPage(browser, url, request.param, {})
        yield opened
        opened.close()


def at(name: str) -> dict[str, str]:
    return {"stub": f"/site/stubs/{name}.js", "url": f"/site/public/{name}/model.json"}


def test_the_numbers_of_tensorflow(page: BackendPage) -> None:
    named = [key.split(" ") for key in EXPECTED]
    jobs = [{**at(case), "kind": "ImageData", "picture": f"/files/{name}.png"} for case, name in named]
    found = page.call(MODULE, "results", jobs)
    for key, (shape, values) in zip(EXPECTED, found, strict=True):
        expected = EXPECTED[key]
        assert tuple(shape) == expected.shape, key
        scale = max(1.0, float(np.abs(expected).max()))
        error = np.abs(np.reshape(values, shape) - expected).max() / scale
        assert error < 1e-5, f"{key}: {error}"


def test_each_kind_of_picture_has_the_same_numbers(page: BackendPage) -> None:
    cases = ("bytes", "cover", "gray")
    pairs = [(case, kind) for case in cases for kind in KINDS]
    jobs = [{**at(case), "kind": kind, "picture": "/files/tall.png"} for case, kind in pairs]
    for (case, kind), (shape, values) in zip(pairs, page.call(MODULE, "results", jobs), strict=True):
        expected = EXPECTED[f"{case} tall"]
        error = np.abs(np.reshape(values, shape) - expected).max() / max(1.0, float(np.abs(expected).max()))
        assert error < 1e-5, f"{case} {kind}: {error}"


@pytest.mark.parametrize(
    "kind", ["HTMLImageElement", "HTMLCanvasElement", "OffscreenCanvas", "ImageBitmap", "ImageData", "VideoFrame"]
)
def test_many_pictures_leave_nothing_behind(page: BackendPage, kind: str) -> None:
    found = page.call(MODULE, "colouredPictures", *at("colours").values(), kind, 200)
    assert [label for label, _ in found["labels"]] == (["red", "green", "blue"] * 67)[:200]
    assert all(abs(score - 1) < 0.02 for _, score in found["labels"])
    assert found["after"] == found["before"]


def test_a_video(page: BackendPage) -> None:
    frames = 200 if page.backend in GPUS else 20
    found = page.call(MODULE, "video", *at("colours").values(), "/files/colours.webm", [0.2, 0.7, 1.2], frames)
    assert found["early"].endswith("shows no frame now: await its `loadeddata` or `seeked` event")
    assert [label for label, _ in found["seen"]] == ["red", "green", "blue"]
    assert all(difference < 0.02 for _, difference in found["seen"]), found["seen"]
    assert found["after"] == found["before"]


def test_a_gpu_takes_pixels_without_the_cpu(page: BackendPage) -> None:
    kinds = ["HTMLImageElement", "shown", "HTMLCanvasElement", "OffscreenCanvas", "ImageBitmap"]
    found = page.call(MODULE, "readBack", *at("cover").values(), kinds, "/files/tall.png")
    assert found == (0 if page.backend in GPUS else len(kinds))


REFUSED = {
    "new Image()": "is not loaded: await its `decode()`",
    "Object.assign(document.createElement('canvas'), { width: 0 })": "has no pixels: it is empty, or closed",
    "createImageBitmap(new ImageData(2, 2)).then((it) => (it.close(), it))": "has no pixels: it is empty, or closed",
    "new Blob(['no picture'], { type: 'text/plain' })": "is a file in which the browser finds no picture",
    "({ image: { data: new Uint8Array(15), width: 2, height: 2 } })": "expects 4 values a pixel: 2 × 2 need 16, got 15",
    "({ image: '/tall.png' })": "takes float32 [?, 16, 12, 3] as tensor or picture or Float32Array, not String",
}


@pytest.mark.parametrize("made", REFUSED)
def test_what_has_no_pixels(page: BackendPage, made: str) -> None:
    message = page.call(MODULE, "refusal", *at("unit").values(), made)
    assert message.startswith(f'TypeError: Input "image" of model "unit" {REFUSED[made]}')


def test_files_take_time(page: BackendPage) -> None:
    message = page.call(MODULE, "refusal", *at("unit").values(), "new Blob(['x'])", "predict")
    assert "takes time to decode: `run` and `classify` do so" in message
