# ruff: noqa: E501 -- the texts stand as a person sees them
"""What a person sees when something is wrong: the whole text, as it stands on the terminal."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from tests.support.keras_files import dense_config, write_archive, write_dense
from tests.support.project import Project

MANIFEST = "version: 1\noutput: public/models\nmodels:\n  net:\n    source: {source}\n"
EXPORT = (
    "  Export the model as a SavedModel (model.export('folder')) and list that folder instead, or replace the layer.\n"
)
PLACE = "  tfjs.yaml:4:3\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "app")


def said(project: Project, source: str, *arguments: str) -> str:
    project.manifest(MANIFEST.format(source=source))
    result = project.run("build", *arguments)
    assert result.code == 1, result
    assert result.out == ""
    *lines, summary = result.err.replace(str(project.root), "…").splitlines(keepends=True)
    assert summary.startswith("1 failed (")
    return "".join(lines)


def test_a_missing_source(project: Project) -> None:
    write_dense(project.root / "network.keras")
    assert said(project, "netwrk.keras") == (
        "✗ net: source not found: …/netwrk.keras\n  Did you mean network.keras?\n" + PLACE
    )
    assert said(project, "missing/net.keras") == (
        "✗ net: source not found: …/missing/net.keras\n  There is no folder …/missing.\n" + PLACE
    )


def _truncated_keras(path: Path) -> None:
    write_dense(path)
    path.write_bytes(path.read_bytes()[:900])


def _truncated_h5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["x"] = list(range(1000))
    path.write_bytes(path.read_bytes()[:1500])


def _weights_only(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = ["dense"]
        file.create_group("dense").attrs["weight_names"] = ["dense/kernel:0"]


def _zip_of_something_else(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


@pytest.mark.parametrize(
    ("name", "make", "expected"),
    [
        ("net.keras", lambda path: path.write_bytes(b""), ("✗ net: …/net.keras: the file is empty\n" + PLACE)),
        (
            "net.keras",
            _truncated_keras,
            (
                "✗ net: …/net.keras: the archive is damaged or cut short (File is not a zip file)\n"
                "  Save the model again, or copy it again.\n" + PLACE
            ),
        ),
        (
            "net.keras",
            _zip_of_something_else,
            (
                "✗ net: …/net.keras: the archive has no `config.json`, so it is not a Keras model\n"
                "  A .keras file holds config.json, metadata.json and model.weights.h5 (model.save('model.keras')).\n"
                + PLACE
            ),
        ),
        (
            "net.keras",
            lambda path: path.write_text("<html>not found</html>"),
            (
                "✗ net: …/net.keras: neither a .keras archive nor an HDF5 file\n"
                "  Save the whole model: model.save('model.keras').\n" + PLACE
            ),
        ),
        ("net.h5", lambda path: path.write_bytes(b""), ("✗ net: …/net.h5: the file is empty\n" + PLACE)),
        (
            "net.h5",
            _truncated_h5,
            (
                "✗ net: …/net.h5: the HDF5 data is damaged or cut short (Unable to synchronously open file (truncated file: eof = 1500, sblock->base_addr = 0, stored_eof = 10048))\n"
                "  Save the model again, or copy it again.\n" + PLACE
            ),
        ),
        (
            "net.h5",
            _weights_only,
            (
                "✗ net: …/net.h5: holds a model's weights only (model.save_weights): its layers are not in it\n"
                "  Save the whole model: model.save('model.keras'). Where only the weights are left, build the same model in Python again, read them into it (model.load_weights('net.h5')), and save that.\n"
                + PLACE
            ),
        ),
        (
            "net.model",
            lambda path: path.write_bytes(b"\x08\x07"),
            (
                "✗ net: not a model: …/net.model\n"
                "  Known by their names: .keras, .h5, .hdf5, .pb, .tar.gz, model.json, .tflite, and SavedModel folders. `input_format` names the kind of a source that is called otherwise.\n"
                + PLACE
            ),
        ),
    ],
)
def test_damaged_files(project: Project, name: str, make: Callable[[Path], Any], expected: str) -> None:
    make(project.root / name)
    assert said(project, name) == expected


def _with_layer(path: Path, layer: dict[str, Any]) -> None:
    config: Any = dense_config()
    config["config"]["layers"].insert(1, layer)
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_group("layers")
    write_archive(path, config, weights.getvalue())


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (
            {"module": "keras.layers", "class_name": "HashedCrossing", "config": {"name": "hc"}},
            "✗ net: layer `hc` (HashedCrossing): TensorFlow.js has no op that crosses several features\n"
            "  Replace the layer, or compute this in the page, outside the model: a SavedModel of it is refused as well.\n"
            + PLACE,
        ),
        (
            {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "twice"}},
            "✗ net: layer `twice` (Lambda): it needs Python code of your own, which is not in the file\n"
            "  If you trust that code, TensorFlow can run it: add `allow_code: true` to `net`. "
            + EXPORT.lstrip()
            + PLACE,
        ),
        (
            {
                "module": "my_package.layers",
                "class_name": "Scale",
                "config": {"name": "scale"},
                "registered_name": "my_package>Scale",
            },
            "✗ net: layer `scale` (my_package>Scale): it needs Python code of your own, which is not in the file\n"
            "  If you trust that code, TensorFlow can run it: add `imports: [my_package]` at the top of tfjs.yaml and "
            "`allow_code: true` to `net`. " + EXPORT.lstrip() + PLACE,
        ),
    ],
)
def test_layers_that_cannot_be_converted(project: Project, layer: dict[str, Any], expected: str) -> None:
    _with_layer(project.root / "net.keras", layer)
    assert said(project, "net.keras") == expected


MANY_FAULTS = """\
…/tfjs.yaml:3:11: `language` takes typescript or javascript, not `typescrypt`
3 | language: typescrypt
  |           ^^^^^^^^^^
Did you mean `typescript`?

…/tfjs.yaml:6:5: unknown key `sorce`
6 |     sorce: net.keras
  |     ^^^^^
Did you mean `source`?

…/tfjs.yaml:7:5: unknown key `quantise`
7 |     quantise: uint8
  |     ^^^^^^^^
Did you mean `quantize`?

…/tfjs.yaml has 3 faults
"""


def test_a_manifest_with_many_faults(project: Project) -> None:
    project.manifest(
        "version: 1\noutput: public/models\nlanguage: typescrypt\nmodels:\n  net:\n    sorce: net.keras\n    quantise: uint8\n"
    )
    result = project.run("build")
    assert result.code == 2
    assert result.out == ""
    assert result.err.replace(str(project.root), "…") == MANY_FAULTS


def test_no_manifest(tmp_path: Path) -> None:
    result = Project(tmp_path / "empty").run("build")
    assert result.code == 2
    assert result.err.replace(str(tmp_path), "…") == (
        "there is no tfjs.yaml in …/empty or above it\n`tfjs-build init` writes one; `-c FILE` names another.\n"
    )
