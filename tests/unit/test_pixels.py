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
    assert "offset: 0," in (project.root / "src/net.ts").read_text(encoding="utf-8")
    project.manifest(MANIFEST.replace("{}", "{ picture: { pixels: [0, 1] } }"))
    result = project.run("build", "--json")
    assert result.code == 1
    (failed,) = result.of("failed")
    assert failed["message"].startswith("inputs: the model has no input 'picture'")
    assert failed["line"] == 7


PHOTO: Shape = (None, 16, 16, 3)
DRAWING: Shape = (None, 28, 28, 1)
RESCALED = {"class_name": "Rescaling", "name": "r"}
RESIZED = {"class_name": "Resizing", "name": "z", "height": 8, "width": 8, "interpolation": "bilinear"}
RELU = {"class_name": "Activation", "name": "y", "activation": "relu"}
BEGINNINGS: dict[str, Any] = {
    "bytes": (PHOTO, [RESCALED | {"scale": 1 / 127.5, "offset": -1.0}], [0, 255], True),
    "units": (PHOTO, [RESCALED | {"scale": 2.0, "offset": -1.0}], [0, 1], True),
    "twice": (
        PHOTO,
        [RESCALED | {"scale": 1 / 255, "offset": 0.0}, RESCALED | {"name": "s", "scale": 2.0, "offset": -1.0}],
        [0, 255],
        True,
    ),
    "resized": (PHOTO, [RESIZED, RESCALED | {"scale": 1 / 127.5, "offset": -1.0}], [0, 255], True),
    "shifted": (PHOTO, [RESCALED | {"scale": 1.0, "offset": -120.0}], [0, 255], True),
    "channels": (PHOTO, [RESCALED | {"scale": [0.017, 0.0175, 0.0174], "offset": [-2.1, -2.0, -1.8]}], [0, 255], True),
    "unknown": (DRAWING, [], [0, 1], False),
    "sixteen": (DRAWING, [RESCALED | {"scale": 1 / 16, "offset": 0.0}], [0, 1], False),
}


@pytest.mark.parametrize(
    ("name", "format"),
    [
        (name, format)
        for name in BEGINNINGS
        for format in ("graph", "layers")
        if (name, format) != ("resized", "layers")
    ],
)
def test_the_range_that_a_model_tells_by_how_it_begins(project: Project, name: str, format: str) -> None:
    shape, layers, expected, sure = BEGINNINGS[name]
    write_layers(project.root / "net.keras", shape, *layers, RELU)
    manifest = MANIFEST.replace("    inputs: {}\n", f"    format: {format}\n")
    project.manifest(manifest)
    (event,) = project.run("inspect", "net", "--json").of("inspected")
    assert event["pictures"] == [{"input": "image", "range": expected, "sure": sure}]
    line = f"`inputs: {{ image: {{ pixels: {expected} }} }}`"
    assert [note for note in event["notes"] if line in note]
    # What it says is what the manifest takes, and is not said again.
    project.manifest(manifest + f"    {line.strip('`')}\n")
    (event,) = project.run("inspect", "net", "--json").of("inspected")
    assert event["notes"] == []
    assert project.run("build", "--json").of("note") == []


def test_what_does_not_look_like_a_picture(project: Project) -> None:
    shapes: list[Shape] = [(None, 8), (None, 8, 8, 5), (None, 4, 4, 3), (2, 8, 8, 3), (None, None, None, None)]
    for shape in shapes:
        write_layers(project.root / "net.keras", shape, RELU)
        (event,) = project.run("inspect", "net.keras", "--json").of("inspected")
        assert event["pictures"] == [], shape


@pytest.mark.parametrize(
    ("scale", "pixels", "told"),
    [
        (1 / 255, "[0, 1]", "seems to take values from 0 to 255"),
        (1 / 255, "[-1, 1]", "seems to take values from 0 to 255"),
        (4.4, "[0, 255]", "seems to take values from 0 to 1"),
        (1 / 255, "[0, 255]", None),
        (2.0, "[0, 1]", None),
    ],
)
def test_pictures_that_are_scaled_twice_are_noted(
    project: Project, scale: float, pixels: str, told: str | None
) -> None:
    write_layers(project.root / "net.keras", PHOTO, RESCALED | {"scale": scale, "offset": 0.0}, RELU)
    project.manifest(MANIFEST.replace("{}", f"{{ image: {{ pixels: {pixels} }} }}"))
    notes = [note["message"] for note in project.run("build", "--json").of("note")]
    assert len(notes) == (told is not None)
    assert all(told is not None and told in note for note in notes)


def test_init_writes_what_the_models_tell(project: Project) -> None:
    write_layers(project.root / "bytes.keras", PHOTO, RESCALED | {"scale": 1 / 255, "offset": 0.0}, RELU)
    write_layers(project.root / "unknown.keras", DRAWING, RELU)
    (project.root / "broken.keras").write_text("no model")
    assert project.run("init").code == 0
    text = (project.root / "tfjs.yaml").read_text(encoding="utf-8")
    assert '    source: "bytes.keras"\n    inputs: { image: { pixels: [0, 255] } }\n' in text
    assert '    source: "unknown.keras"\n    # inputs: { image: { pixels: [0, 1] } }' in text
    assert text.count("inputs:") == 2
    result = project.run("build", "--json")
    assert [event["model"] for event in result.of("failed")] == ["broken"]
