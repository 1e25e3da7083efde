"""How pictures become inputs: what the manifest says, held against the inputs' shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.keras_files import write_layers
from tests.support.project import Project
from tfjs_build.convert.artifacts import Shape, Signature, TensorSpec
from tfjs_build.errors import ModelError
from tfjs_build.model import InputOptions, Pixels
from tfjs_build.pixels import prepared

MANIFEST = "version: 1\noutput: public\nstubs: src\nmodels:\n  net:\n    source: net.keras\n    inputs: {}\n"
RGB: Shape = (None, 8, 6, 3)
GRAY: Shape = (None, 8, 6, 1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "app")


def preparation(shape: Shape | None = RGB, dtype: str = "float32", **pixels: Any) -> dict[str, Any]:
    signature = Signature((TensorSpec("image", "node", shape, dtype),), ())
    return prepared({"image": InputOptions(Pixels(**pixels))}, signature)["image"]


def test_what_is_left_out() -> None:
    assert preparation() == {
        "channels": "rgb",
        "first": False,
        "scale": pytest.approx(1 / 255),
        "offset": 0.0,
        "fit": "stretch",
        "resize": "bilinear",
    }
    assert preparation(GRAY)["channels"] == "gray"
    assert prepared({"image": InputOptions()}, Signature((TensorSpec("image", "node", RGB, "float32"),), ())) == {}


@pytest.mark.parametrize(
    ("pixels", "black", "white"),
    [
        ({"range": (0.0, 1.0)}, 0, 1),
        ({"range": (-1.0, 1.0)}, -1, 1),
        ({"range": (0.0, 255.0)}, 0, 255),
        ({"mean": (0.5,), "std": (0.5,)}, -1, 1),
        ({"mean": (127.5,), "std": (127.5,)}, -1, 1),
        ({"mean": (0.5,)}, -0.5, 0.5),
        ({"std": (255.0,)}, 0, 1),
        ({"mean": (100.0,)}, -100, 155),
        ({"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}, -0.485 / 0.229, (1 - 0.485) / 0.229),
        ({"mean": (103.939, 116.779, 123.68), "channels": "bgr"}, -103.939, 255 - 103.939),
    ],
)
def test_what_black_and_white_become(pixels: dict[str, Any], black: float, white: float) -> None:
    found = preparation(**pixels)
    scale, offset = (value[0] if isinstance(value, list) else value for value in (found["scale"], found["offset"]))
    assert [offset, 255 * scale + offset] == pytest.approx([black, white])


def test_a_number_for_each_channel() -> None:
    found = preparation(mean=(0.1, 0.2, 0.3), std=(0.5,))
    assert found["scale"] == pytest.approx([1 / 255 / 0.5] * 3)
    assert found["offset"] == pytest.approx([-0.2, -0.4, -0.6])


@pytest.mark.parametrize(
    ("shape", "channels", "first"),
    [
        (RGB, "rgb", False),
        ((None, None, None, 3), "rgb", False),
        ((1, 8, 6, 1), "gray", False),
        ((8, 6, 3), "rgb", False),
        ((None, 3, 8, 6), "rgb", True),
        ((None, 1, None, None), "gray", True),
        ((3, 8, 6), "rgb", True),
        ((None, 3, 8, 3), "rgb", False),
        ((None, None, None, None), "rgb", False),
        ((None, 3, None, None), "rgb", True),
    ],
)
def test_where_the_channels_are(shape: Shape, channels: str, first: bool) -> None:
    found = preparation(shape)
    assert (found["channels"], found["first"]) == (channels, first)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        (None, "float32"),
        ((None, 64), "float32"),
        ((None, 8, 6, 4), "float32"),
        ((2, 8, 6, 3), "float32"),
        ((None, 5, 8, 6, 3), "float32"),
        (RGB, "bool"),
        (RGB, "string"),
    ],
)
def test_what_is_no_picture(shape: Shape | None, dtype: str) -> None:
    with pytest.raises(ModelError, match="which is no picture") as caught:
        preparation(shape, dtype)
    assert caught.value.key == "inputs"


def test_channels_that_the_input_does_not_have() -> None:
    with pytest.raises(ModelError, match=r"`channels: gray` does not fit .* three channels"):
        preparation(channels="gray")
    with pytest.raises(ModelError, match=r"`channels: bgr` does not fit .* one channel"):
        preparation(GRAY, channels="bgr")
    with pytest.raises(ModelError, match="`mean` has 3 numbers"):
        preparation(GRAY, mean=(0.1, 0.2, 0.3))


def test_an_input_that_is_not_there() -> None:
    signature = Signature((TensorSpec("image", "node", RGB, "float32"),), ())
    with pytest.raises(ModelError, match="has no input 'imgae'") as caught:
        prepared({"imgae": InputOptions(Pixels())}, signature)
    assert caught.value.hint == "Did you mean 'image'?"


def test_from_the_manifest_to_the_loader(project: Project) -> None:
    write_layers(project.root / "net.keras", RGB, {"class_name": "Activation", "name": "y", "activation": "linear"})
    project.manifest(MANIFEST.replace("{}", "{ image: { pixels: { range: [-1, 1], fit: cover } } }"))
    result = project.run("build", "--json")
    assert result.code == 0, result
    document = json.loads((project.root / "public/net/model.json").read_bytes())
    assert document["userDefinedMetadata"]["tfjs-build"]["pixels"] == {
        "image": {
            "channels": "rgb",
            "first": False,
            "scale": 2 / 255,
            "offset": -1.0,
            "fit": "cover",
            "resize": "bilinear",
        }
    }
    stub = (project.root / "src/net.ts").read_text(encoding="utf-8")
    assert 'image: runtime.Input<"float32", [number, 8, 6, 3]> | runtime.Picture;' in stub
    assert "pixels: runtime.pixels({" in stub
    # Another way to prepare them is another stub, and the model is published anew.
    project.manifest(MANIFEST.replace("{}", "{ image: { pixels: [0, 1] } }"))
    assert project.run("build", "--check", "--json").code == 1
    assert project.run("build", "--json").code == 0
    assert "offset: 0.0" in (project.root / "src/net.ts").read_text(encoding="utf-8")
    project.manifest(MANIFEST.replace("{}", "{ picture: { pixels: [0, 1] } }"))
    result = project.run("build", "--json")
    assert result.code == 1
    (failed,) = result.of("failed")
    assert failed["message"].startswith("inputs: the model has no input 'picture'")
    assert failed["line"] == 7
