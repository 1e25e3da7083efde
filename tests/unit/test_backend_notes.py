"""What single backends cannot do: a note where the manifest says no backends, else a build that fails."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.support.keras_files import write_archive
from tests.support.project import Project
from tfjs_build.convert.artifacts import Caution, Limit, ModelArtifacts, Signature
from tfjs_build.convert.backend_notes import told
from tfjs_build.errors import RefusedError

NO_KERNEL = Limit("wasm", "no kernel", "FFT", "sound/FFT")
THROWS = Limit("webgl", "throws", "MirrorPad", "pad/MirrorPad, pad_1/MirrorPad")
WRONG = Limit("webgpu", "wrong", "DenseBincount", "count/Bincount")

MANIFEST = """\
version: 1
output: models
{backends}
models:
  net: {{ source: net.keras }}
"""


def _artifacts(*limits: Limit, cautions: tuple[Caution, ...] = ()) -> ModelArtifacts:
    return ModelArtifacts("graph", {}, (), Signature((), ()), "test", limits=limits, cautions=cautions)


def test_without_backends_each_is_a_note() -> None:
    more = Limit("wasm", "no kernel", "RFFT", "sound/RFFT")
    assert told(_artifacts(NO_KERNEL, more, THROWS, WRONG), None) == [
        "The wasm backend of TensorFlow.js has no kernel for FFT (sound/FFT), RFFT (sound/RFFT): use another backend.",
        "The webgl backend of TensorFlow.js cannot run MirrorPad (pad/MirrorPad, pad_1/MirrorPad) as this model has it:"
        " use another backend.",
        "The webgpu backend of TensorFlow.js gives wrong numbers for DenseBincount (count/Bincount) as this model has"
        " it: use another backend.",
    ]
    assert told(_artifacts(), None) == told(_artifacts(), ["wasm"]) == []


def test_backends_that_are_not_declared_do_not_count() -> None:
    assert told(_artifacts(NO_KERNEL, THROWS, WRONG), ["cpu"]) == []


def test_what_depends_on_the_numbers_is_a_note_about_the_declared_backends() -> None:
    artifacts = _artifacts(cautions=(Caution(("webgl", "webgpu"), "there are no whole numbers beyond."),))
    assert told(artifacts, None) == ["On webgl and webgpu, there are no whole numbers beyond."]
    assert told(artifacts, ["webgpu", "cpu"]) == ["On webgpu, there are no whole numbers beyond."]
    assert told(artifacts, ["wasm"]) == []


def test_what_is_rare_is_told_where_it_is_asked_for() -> None:
    artifacts = _artifacts(cautions=(Caution(("webgpu",), "no images are an error.", rare=True),))
    assert told(artifacts, None) == []
    assert told(artifacts, None, rare=True) == ["On webgpu, no images are an error."]


def test_a_declared_backend_that_cannot_run_the_model_fails_it() -> None:
    with pytest.raises(RefusedError) as caught:
        told(_artifacts(NO_KERNEL, THROWS, WRONG), ["webgl", "wasm", "cpu"])
    assert caught.value.key == "backends"
    assert caught.value.message == (
        "The wasm backend of TensorFlow.js has no kernel for FFT (sound/FFT); the webgl backend of TensorFlow.js cannot"
        " run MirrorPad (pad/MirrorPad, pad_1/MirrorPad) as this model has it"
    )
    assert caught.value.hint == (
        "Take wasm and webgl out of `backends` and run this model on cpu, or replace the layer."
    )
    with pytest.raises(RefusedError) as caught:
        told(_artifacts(WRONG), ["webgpu"])
    assert caught.value.hint == "Name a backend that can run it in `backends`, or replace the layer."


def write_convolution(path: Path) -> None:
    """A convolution of images of any size, whose strides exceed its kernel: wasm pads that wrongly."""
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        group = file.create_group("layers/conv2d/vars")
        group.attrs["name"] = "c"
        group["0"] = np.ones((3, 3, 2, 1), np.float32)
    layers: list[dict[str, object]] = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, None, None, 2], "dtype": "float32", "name": "x"}},
        {
            "class_name": "Conv2D",
            "config": {
                "name": "c",
                "filters": 1,
                "kernel_size": [3, 3],
                "strides": [4, 4],
                "padding": "same",
                "use_bias": False,
                "dtype": "float32",
            },
        },
    ]
    for layer in layers:
        layer |= {"module": "keras.layers", "registered_name": None}
    config = {"module": "keras", "class_name": "Sequential", "registered_name": None}
    write_archive(path, {**config, "config": {"name": "net", "layers": layers}}, weights.getvalue())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    write_convolution(tmp_path / "net.keras")
    return project


def test_a_model_that_is_wrong_on_a_declared_backend_fails_the_build(project: Project) -> None:
    project.manifest(MANIFEST.format(backends="backends: [webgl, wasm]"))
    result = project.run("build")
    assert result.code == 1
    assert result.err.splitlines()[:-1] == [
        "✗ net: The wasm backend of TensorFlow.js gives wrong numbers for Conv2D (c/Conv2D) as this model has it",
        "  Take wasm out of `backends` and run this model on webgl, or replace the layer.",
        "  tfjs.yaml:3:1",
    ]
    assert not (project.root / "models" / "net").exists()


def test_it_is_built_for_other_backends(project: Project) -> None:
    project.manifest(MANIFEST.format(backends="backends: [webgpu, webgl, cpu]"))
    result = project.run("build", "--json")
    assert (result.code, result.of("note")) == (0, [])

    project.manifest(MANIFEST.format(backends=""))
    result = project.run("build", "--json")
    assert [note["message"] for note in result.of("note")] == [
        "The wasm backend of TensorFlow.js gives wrong numbers for Conv2D (c/Conv2D) as this model has it: use another"
        " backend."
    ]


def test_backends_are_part_of_the_fingerprint(project: Project) -> None:
    project.manifest(MANIFEST.format(backends="backends: [webgl, cpu]"))
    assert project.run("build", "--json").steps[:2] == ["started", "written"]
    project.manifest(MANIFEST.format(backends="backends: [cpu, webgl]"))
    assert project.run("build", "--json").steps[0] == "fresh"
    project.manifest(MANIFEST.format(backends="backends: [wasm]"))
    (stale,) = project.run("build", "--check", "--json").of("stale")
    assert stale["reasons"] == ['backends changed from ["cpu", "webgl"] to ["wasm"]']
