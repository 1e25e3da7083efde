"""What once ended in an internal error: each is refused in one clear line, or read where it has a meaning."""

from __future__ import annotations

import copy
import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.faults.harness import run
from tests.support.keras_files import dense_config, write_archive, write_dense
from tfjs_build.errors import ManifestError
from tfjs_build.fs import StatKey
from tfjs_build.manifest.load import parse
from tfjs_build.sources.keras import KIND
from tfjs_build.sources.opening import import_converters
from tfjs_build.state import State, StateFolder

import_converters([KIND])  # once, for all processes that are forked

_MANIFEST = "version: 1\noutput: models\nmodels:\n  net: {source: %s}\n"
_INPUT = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}


def refused(root: Path, message: str, source: str = "net.keras", more: str = "") -> None:
    """Build, and see that it fails with this message and no other."""
    (root / "tfjs.yaml").write_text(_MANIFEST % (source + more))
    outcome = run(root, "build")
    assert outcome.code == 1, outcome.printed
    assert message in outcome.printed
    assert "Traceback" not in outcome.printed
    assert "net: a bug in" not in outcome.printed


def weights(fill: Callable[[h5py.Group], None] | None = None) -> bytes:
    """Return the weights of the dense layer, or what `fill` puts in their place."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        group = file.create_group("layers/dense/vars")
        if fill is not None:
            fill(group)
        else:
            group["0"], group["1"] = np.ones((3, 2), np.float32), np.ones(2, np.float32)
    return data.getvalue()


def functional(node: object) -> dict[str, Any]:
    """Return the dense model as a functional one, whose second layer is called as `node` says."""
    config: Any = copy.deepcopy(dense_config())
    config["class_name"] = "Functional"
    for layer, name in zip(config["config"]["layers"], "xy", strict=True):
        layer |= {"name": name, "inbound_nodes": [] if name == "x" else [node]}
    config["config"] |= {"input_layers": ["x", 0, 0], "output_layers": ["y", 0, 0]}
    return dict(config)


@pytest.mark.parametrize("items", [None, 5])
def test_a_tuple_without_items(tmp_path: Path, items: object) -> None:
    node = {"args": [_INPUT], "kwargs": {"training": {"class_name": "__tuple__", "items": items}}}
    write_archive(tmp_path / "net.keras", functional(node), weights())
    refused(tmp_path, "does not list what is in it")


@pytest.mark.parametrize("wrapper", [{"class_name": "__tuple__", "items": [None]}, {"type": "ndarray", "value": 5}])
def test_a_configuration_that_is_written_like_a_tuple(tmp_path: Path, wrapper: dict[str, object]) -> None:
    config: Any = dense_config()
    config["config"]["layers"][1]["config"] = wrapper
    write_archive(tmp_path / "net.keras", config, weights())
    refused(tmp_path, "net: layer `dense`: its configuration has no `units`")


@pytest.mark.parametrize(
    "node",
    [
        [["x", 0, 0, {"training": {"class_name": "__tuple__", "items": [1]}}]],
        [["x", 0, 0, {"training": {"type": "ndarray", "value": 5}}]],
        [["_CONSTANT_VALUE", -1]],
    ],
)
def test_arguments_of_keras_2(tmp_path: Path, node: object) -> None:
    with h5py.File(tmp_path / "net.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(functional(node))
        file.attrs["keras_version"] = "2.9.0"
    refused(tmp_path, "net: layer `y`", "net.h5")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_of_every_method(tmp_path: Path, method: int) -> None:
    path = write_dense(tmp_path / "net.keras")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    (tmp_path / "tfjs.yaml").write_text(_MANIFEST % "net.keras")
    assert run(tmp_path, "build").code == 0
    whole = path.read_bytes()
    at = whole.index(b"config.json") + 30  # in its data
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    refused(tmp_path, "`config.json` in the archive cannot be read")
    at = whole.index(b"PK\x01\x02") + 6  # the version of zip that the first member needs
    path.write_bytes(whole[:at] + struct.pack("<H", 99) + whole[at + 2 :])
    refused(tmp_path, "of a kind of zip that Python cannot read (zip file version 9.9)")
    at += 4
    path.write_bytes(whole[:at] + struct.pack("<H", 93) + whole[at + 2 :])
    refused(tmp_path, "`metadata.json` in the archive cannot be read (That compression method is not supported)")


@pytest.mark.parametrize("dtype", ["f4", h5py.string_dtype()])
def test_a_dataset_without_a_dataspace(tmp_path: Path, dtype: object) -> None:
    def fill(group: h5py.Group) -> None:
        group["0"], group["1"] = h5py.Empty(dtype), np.ones(2, np.float32)

    write_archive(tmp_path / "net.keras", dense_config(), weights(fill))
    refused(tmp_path, "`layers/dense/vars/0` is there without any data")


def test_a_dataset_without_data(tmp_path: Path) -> None:
    def fill(group: h5py.Group) -> None:
        group.create_dataset("0", (3, 2), "f4")
        group.create_dataset("1", (2,), "f4")

    write_archive(tmp_path / "net.keras", dense_config(), weights(fill))
    refused(tmp_path, "`layers/dense/vars/0` claims 24 bytes and holds 0")


@pytest.mark.parametrize(("wrapper", "depth"), [("Sequential", 300), ("Sequential", 3000), ("TimeDistributed", 310)])
def test_models_in_models(tmp_path: Path, wrapper: str, depth: int) -> None:
    text = json.dumps(dense_config())
    for index in range(depth):
        inner = f'"layers": [{text}]' if wrapper == "Sequential" else f'"layer": {text}'
        text = f'{{"module": "keras", "class_name": "{wrapper}", "config": {{"name": "n{index}", {inner}}}}}'
    write_archive(tmp_path / "net.keras", None, weights())
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", weights())
    refused(tmp_path, "nested too deep" if wrapper == "Sequential" else "net: ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'node { name: "\xe9" op: "Const" }', "g.pbtxt is not UTF-8 text: the byte 0xE9 at 14"),
        (b"unknown { " * 100_000, "g.pbtxt is nested too deep"),
        (b'node { name: "' + b"x" * 100_000, "g.pbtxt is damaged: "),
    ],
)
def test_graphs_that_are_text(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "g.pbtxt").write_bytes(data)
    refused(tmp_path, message, "g.pbtxt", ", input_format: tf_frozen_model, outputs: [y]")
    assert len(run(tmp_path, "build").printed) < 1000
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pbtxt").write_bytes(data)
    refused(tmp_path, message.replace("g.pbtxt", "saved_model.pbtxt"), "saved")


@pytest.mark.parametrize("place", ["lock", "tfjs.yaml.state.json", "tfjs.yaml.journal", "cache", "staging", "logs"])
def test_another_thing_in_the_place_of_ours(tmp_path: Path, place: str) -> None:
    write_dense(tmp_path / "net.keras")
    (tmp_path / "tfjs.yaml").write_text(_MANIFEST % "net.keras")
    ours = tmp_path / ".tfjs-build" / place
    if place in ("cache", "staging", "logs"):
        ours.parent.mkdir()
        ours.write_text("a file")
    else:
        (ours / "folder").mkdir(parents=True)
    for command in ("build", "build", "clean"):
        outcome = run(tmp_path, command)
        assert outcome.code == 0, outcome.printed
    assert not ours.parent.exists()


def test_the_state_holds_paths_that_are_not_utf_8(tmp_path: Path) -> None:
    folder = StateFolder(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9")) / "tfjs.yaml")
    folder.path.parent.mkdir()
    source = write_dense(folder.path.parent / "net.keras")
    state = State()
    key = StatKey.of(source)
    assert key is not None
    state.hashes[str(source)] = key, "0" * 64
    folder.save(state)
    assert folder.load().hashes == state.hashes


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"a\\\uD83D\uDE00b\ud83d\ude01"', "a\\\U0001f600b\U0001f601"),
        (r"'\ud83d\uDE00'", r"\ud83d\uDE00"),
        (r'"\\ud83d\\uDE00"', r"\ud83d\uDE00"),
        ('"\ue000\ue700"', "\ue000\ue700"),
    ],
)
def test_pairs_of_escapes_in_the_manifest(tmp_path: Path, written: str, read: str) -> None:
    text = f"version: 1\noutput: models\nmodels:\n  net: {{source: n.keras, metadata: {{a: {written}}}}}\n"
    assert parse(text, tmp_path / "tfjs.yaml").models[0].metadata == {"a": read}


@pytest.mark.parametrize("written", [r'"\ud83d"', r'"\ude00\ud83d"', '"\ue000\ue700\\ud83d\\ude00"'])
def test_halves_of_characters_in_the_manifest(tmp_path: Path, written: str) -> None:
    text = f"version: 1\noutput: models\nmodels:\n  net: {{source: n.keras, metadata: {{a: {written}}}}}\n"
    with pytest.raises(ManifestError, match=r"tfjs\.yaml:4:"):
        parse(text, tmp_path / "tfjs.yaml")
