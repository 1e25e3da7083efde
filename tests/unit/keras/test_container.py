"""Which files are taken, and what is said about those that are not."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.unit.keras import files
from tfjs_build.convert.keras import archive, open_model
from tfjs_build.errors import SourceError

NET = files.sequential("net", [files.input_layer("x", 3), files.dense("one", 2)])
ARRAYS = {"layers/dense/vars/0": files.ramp(3, 2), "layers/dense/vars/1": files.ramp(2)}


def refusal(path: Path) -> str:
    """Open a file, read all that it says, and return the error, the path left out."""
    with pytest.raises(SourceError) as caught, open_model(path) as model:
        for layer in model.graph.layers():
            for weight in model.weights(layer).values():
                list(weight.blocks())
    return str(caught.value).replace(str(path), "FILE")


def test_an_archive_with_compressed_members_is_read(tmp_path: Path) -> None:
    path = files.write_keras(tmp_path / "net.keras", NET, ARRAYS, compression=zipfile.ZIP_DEFLATED)
    with open_model(path) as model:
        [kernel] = model.weights(list(model.graph.layers())[1])["kernel"].blocks()
    np.testing.assert_array_equal(kernel, ARRAYS["layers/dense/vars/0"].reshape(-1))
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.keras"]


def test_kind_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    path = files.write_keras(tmp_path / "net.h5", NET, ARRAYS)
    with open_model(path) as model:
        assert (model.generation, model.version) == (3, "3.15.1")


@pytest.mark.parametrize(
    ("version", "generation"), [("2.2.4", 2), ("2.15.0", 2), ("2.19.0", 2), ("3.0.5", 3), ("3.15.1", 3)]
)
def test_generation(tmp_path: Path, version: str, generation: int) -> None:
    path = files.write_h5(tmp_path / "net.h5", NET, {"one": []}, version=version)
    with open_model(path) as model:
        assert model.generation == generation


def test_keras_1(tmp_path: Path) -> None:
    path = files.write_h5(tmp_path / "net.h5", NET, {"one": []}, version="1.2.2")
    assert refusal(path) == (
        "Keras 1.2.2 wrote the file; files from Keras 2 on can be read\n"
        "Today's Keras cannot load it either: build the network again there, set its weights from the file (h5py reads "
        "them), and save that (model.save('model.keras'))."
    )


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    path.touch()
    assert refusal(path) == "FILE: the file is empty"


def test_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "net.keras") == "FILE: cannot be read (No such file or directory)"


def test_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith("FILE: a folder, not a Keras file")


def test_another_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    path.write_text("not a model")
    assert refusal(path) == (
        "FILE: neither a .keras archive nor an HDF5 file\nSave the whole model: model.save('model.keras')."
    )


def test_another_archive(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("../config.json", "{}")
    assert refusal(path) == (
        "FILE: the archive has no `config.json`, so it is not a Keras model\n"
        "A .keras file holds config.json, metadata.json and model.weights.h5 (model.save('model.keras'))."
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_archive(tmp_path: Path, share: float) -> None:
    path = files.write_keras(tmp_path / "net.keras", NET, ARRAYS)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path) == (
        "FILE: the archive is damaged or cut short (File is not a zip file)\nSave the model again, or copy it again."
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_hdf5(tmp_path: Path, share: float) -> None:
    path = files.write_h5(tmp_path / "net.h5", NET, {"one": [("kernel", files.ramp(400, 20))]})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    message = refusal(path)
    assert message.startswith("FILE: the HDF5 data is damaged or cut short (")
    assert message.endswith(")\nSave the model again, or copy it again.")


def test_truncated_weights_inside_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("config.json", json.dumps(NET))
        target.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        target.writestr("model.weights.h5", files.weights_file(ARRAYS)[:3000])
    assert refusal(path).startswith("FILE: the HDF5 data is damaged or cut short (")


def test_damaged_configuration(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("config.json", '{"class_name": ')
        target.writestr("model.weights.h5", files.weights_file(ARRAYS))
    assert refusal(path).startswith("FILE: `config.json` is not JSON (")


@pytest.mark.parametrize("text", [b'{"class_name": "\xed\xa0\x80"}', b'{"class_name": "\\uD800"}'])
def test_half_a_character_in_the_configuration(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("config.json", text)
        target.writestr("model.weights.h5", files.weights_file(ARRAYS))
    assert refusal(path).startswith("FILE: `config.json` is not JSON (")


def test_bytes_that_are_no_text_in_an_attribute(tmp_path: Path) -> None:
    path = files.write_h5(tmp_path / "net.h5", NET, {"one": []})
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"class_name"', b'"class\xffname"', 1))
    assert refusal(path).startswith("FILE: `model_config` is not JSON (")


@pytest.mark.parametrize(
    ("group", "name", "value"), [("/", "model_config", None), ("model_weights/one", "weight_names", 7)]
)
def test_damaged_attributes(tmp_path: Path, group: str, name: str, value: object) -> None:
    path = files.write_h5(tmp_path / "net.h5", NET, {"one": [("kernel", files.ramp(3, 2)), ("bias", files.ramp(2))]})
    if value is None:  # the message that holds the attribute, no longer understood
        content = path.read_bytes()
        at = content.index(name.encode()) - 8
        path.write_bytes(content[:at] + b"\xff" * 8 + content[at + 8 :])
    else:
        with h5py.File(path, "a") as file:
            file[group].attrs[name] = value
    assert refusal(path).startswith(f"FILE: `{name}` cannot be read; the file is damaged (")


def test_configuration_nested_without_end(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("config.json", "[" * 200_000)
        target.writestr("model.weights.h5", files.weights_file(ARRAYS))
    assert refusal(path) == "FILE: `config.json` is nested too deep"


def test_weights_without_a_model(tmp_path: Path) -> None:
    keras3 = tmp_path / "net.weights.h5"
    keras3.write_bytes(files.weights_file(ARRAYS))
    keras2 = tmp_path / "weights.h5"
    with h5py.File(keras2, "w") as file:
        file.attrs["layer_names"] = [b"dense"]
    for path in (keras3, keras2):
        assert refusal(path) == (
            "FILE: holds a model's weights only (model.save_weights): its layers are not in it\n"
            "Save the whole model: model.save('model.keras'). Where only the weights are left, build the same model in "
            f"Python again, read them into it (model.load_weights('{path.name}')), and save that."
        )


def test_hdf5_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["table"] = [1, 2, 3]
    assert refusal(path).startswith("FILE: an HDF5 file, but not a Keras model")


def test_decompression_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "BOMB_FLOOR_BYTES", 100_000)
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("config.json", json.dumps(NET))
        target.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        target.writestr("model.weights.h5", bytes(1 << 20))
    assert " would unpack from " in refusal(path)
    assert refusal(path).endswith("bytes; refused as a decompression bomb")


def test_description_of_absurd_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TEXT_BYTES", 1000)
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("config.json", bytes(1001))
    assert refusal(path) == "FILE: `config.json` claims 1001 bytes, too many for a model's configuration"


def test_member_that_lies_about_its_place(tmp_path: Path) -> None:
    path = files.write_keras(tmp_path / "net.keras", NET, ARRAYS)
    content = bytearray(path.read_bytes())
    place = content.index(b"model.weights.h5") - 30
    content[place : place + 4] = b"XXXX"
    path.write_bytes(content)
    assert refusal(path) == "FILE: the archive is damaged: `model.weights.h5` is not where its directory says"


def test_links_out_of_the_file_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as other:
        other["vars/0"] = files.ramp(3, 2)
        other["vars/1"] = files.ramp(2)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_group("layers")["dense"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/")
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("config.json", json.dumps(NET))
        target.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        target.writestr("model.weights.h5", buffer.getvalue())
    assert refusal(path) == "FILE: `dense` is a link to somewhere else; refused"


def test_data_in_other_files_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(24))
    path = files.write_h5(tmp_path / "net.h5", NET, {"one": [("bias", files.ramp(2))]})
    with h5py.File(path, "a") as file:
        group = file["model_weights/one"]
        group.create_dataset("kernel", (3, 2), "f4", external=[(str(tmp_path / "secret.bin"), 0, 24)])
        group.attrs["weight_names"] = [b"kernel", b"bias"]
    assert refusal(path) == "FILE: `model_weights/one/kernel` keeps its data in another file; refused"


def test_data_that_was_never_written(tmp_path: Path) -> None:
    config = files.sequential("net", [files.input_layer("x", 1 << 20), files.dense("one", 1 << 12)])
    path = files.write_h5(tmp_path / "net.h5", config, {"one": [("bias", files.ramp(2))]})
    with h5py.File(path, "a") as file:
        group = file["model_weights/one"]
        group.create_dataset("kernel", (1 << 20, 1 << 12), "f4", chunks=(1 << 10, 1 << 10))
        group.attrs["weight_names"] = [b"kernel", b"bias"]
    assert refusal(path) == (
        "FILE: `model_weights/one/kernel` claims 17179869184 bytes and holds 0; the file is damaged"
    )
