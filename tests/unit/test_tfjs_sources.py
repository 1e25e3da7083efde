"""TensorFlow.js models as sources: what is read of them, and what is said of those that are damaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.convert.tfjs.document import read_document
from tfjs_build.convert.tfjs.weights import read_weights
from tfjs_build.errors import RefusedError, SourceError

GRAPH = {"node": [{"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}}]}


def write(folder: Path, specs: Sequence[Mapping[str, Any]] = (), data: bytes = b"", **keys: Any) -> Path:
    """Write a model.json with one file of weights; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "group1-shard1of1.bin").write_bytes(data)
    manifest = [{"paths": ["group1-shard1of1.bin"], "weights": list(specs)}]
    document = {"modelTopology": GRAPH, "weightsManifest": manifest, **keys}
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def one(folder: Path, dtype: str, shape: list[int], data: bytes, **keys: Any) -> np.ndarray[Any, Any]:
    write(folder, [{"name": "w", "dtype": dtype, "shape": shape, **keys}], data)
    return read_weights(read_document(folder))["w"]


@pytest.mark.parametrize(
    ("dtype", "shape", "values", "stored"),
    [
        ("float32", [2], [1.5, -2.0], np.array([1.5, -2.0], "<f4")),
        ("int32", [2, 1], [[3], [-4]], np.array([3, -4], "<i4")),
        ("bool", [3], [True, False, True], np.array([1, 0, 7], "u1")),
        ("complex64", [1], [1 + 2j], np.array([1 + 2j], "<c8")),
        ("float32", [0, 2], np.zeros((0, 2)), np.array([], "<f4")),
        ("float32", [], 2.5, np.array(2.5, "<f4")),
    ],
)
def test_weights(tmp_path: Path, dtype: str, shape: list[int], values: Any, stored: np.ndarray[Any, Any]) -> None:
    found = one(tmp_path, dtype, shape, stored.tobytes())
    assert found.dtype == dtype
    assert np.array_equal(found, values)


@pytest.mark.parametrize(
    ("dtype", "quantization", "stored", "values"),
    [
        ("float32", {"dtype": "uint8", "scale": 0.5, "min": -1.0}, np.array([0, 255], "u1"), [-1.0, 126.5]),
        ("float32", {"dtype": "uint16", "scale": 0.1, "min": 0.0}, np.array([65535], "<u2"), [np.float32(6553.5)]),
        ("float32", {"dtype": "float16"}, np.array([1.5, -0.25], "<f2"), [1.5, -0.25]),
        ("int32", {"dtype": "uint8", "scale": 1.0, "min": -3.5}, np.array([0, 2], "u1"), [-3, -1]),
    ],
    ids=["uint8", "uint16", "float16", "integers are rounded as JavaScript does"],
)
def test_quantized_weights(
    tmp_path: Path, dtype: str, quantization: dict[str, Any], stored: np.ndarray[Any, Any], values: list[float]
) -> None:
    found = one(tmp_path, dtype, [len(values)], stored.tobytes(), quantization=quantization)
    assert found.dtype == dtype
    assert found.tolist() == values


def test_strings(tmp_path: Path) -> None:
    texts = [b"a", b"", "ü".encode()]
    data = b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    assert one(tmp_path, "string", [3], data).tolist() == texts


def test_weights_lie_one_behind_the_other(tmp_path: Path) -> None:
    specs = [{"name": name, "dtype": "float32", "shape": [1]} for name in "ab"]
    write(tmp_path, specs, np.array([1, 2], "<f4").tobytes())
    document = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    data = (tmp_path / "group1-shard1of1.bin").read_bytes()
    (tmp_path / "one").write_bytes(data[:3])
    (tmp_path / "two").write_bytes(data[3:])
    document["weightsManifest"][0]["paths"] = ["one", "two"]
    (tmp_path / "model.json").write_text(json.dumps(document), encoding="utf-8")
    found = read_weights(read_document(tmp_path / "model.json"))
    assert {name: float(value[0]) for name, value in found.items()} == {"a": 1.0, "b": 2.0}


FLOATS = {"name": "w", "dtype": "float32", "shape": [2]}
DAMAGED: dict[str, tuple[Sequence[Mapping[str, Any]], bytes, dict[str, Any], str]] = {
    "cut short": ([FLOATS], b"1234567", {}, "weight w is cut short: its files end before its data does"),
    "strings cut short": ([{**FLOATS, "dtype": "string"}], b"\xff\xff\xff\xff", {}, "is cut short: its files end"),
    "no name": ([{"dtype": "float32", "shape": [1]}], b"1234", {}, "a weight lacks its name, dtype or shape"),
    "negative": ([{**FLOATS, "shape": [-1]}], b"", {}, "the weight w has the shape [-1]"),
    "twice": ([FLOATS, FLOATS], b"0" * 16, {}, "has two weights called w"),
    "unknown dtype": (
        [{**FLOATS, "dtype": "float64"}],
        b"0" * 16,
        {},
        "has the dtype float64, which TensorFlow.js lacks",
    ),
    "unknown quantization": ([{**FLOATS, "quantization": {"dtype": "int4"}}], b"0" * 8, {}, "is quantized as int4"),
    "no scale": ([{**FLOATS, "quantization": {"dtype": "uint8"}}], b"00", {}, "is quantized without `scale` and `min`"),
    "a shape of another type": ([{**FLOATS, "shape": [1e400]}], b"", {}, "the weight w has the shape [inf]"),
    "a dtype of another type": ([{**FLOATS, "dtype": {}}], b"", {}, "a weight lacks its name, dtype or shape"),
    "outside": (
        [],
        b"",
        {"weightsManifest": [{"paths": ["../x.bin"], "weights": []}]},
        "that is not beside it: ../x.bin",
    ),
    "no files": ([], b"", {"weightsManifest": [{"weights": []}]}, "does not list files and weights"),
    "missing": ([], b"", {"weightsManifest": [{"paths": ["x.bin"], "weights": []}]}, "cannot be read: No such file"),
    "no topology": ([], b"", {"modelTopology": None}, "is no TensorFlow.js model: it has no `modelTopology`"),
    "other content": (
        [],
        b"1234",
        {"userDefinedMetadata": {"tfjs-build": {"shards": {"group1-shard1of1.bin": hashlib.sha256(b"").hexdigest()}}}},
        "is damaged: it is not what was published",
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_damaged_models_are_refused(tmp_path: Path, what: str) -> None:
    specs, data, keys, text = DAMAGED[what]
    with pytest.raises((SourceError, RefusedError)) as caught:
        read_weights(read_document(write(tmp_path, specs, data, **keys)))
    assert text in str(caught.value)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose first models are published, for others to be made of."""
    made = Project(tmp_path / "app")
    write_dense(made.root / "dense.keras")
    made.manifest(
        "version: 1\noutput: first\nmodels:\n"
        "  graph: { source: dense.keras }\n  layers: { source: dense.keras, format: layers }\n"
    )
    assert made.run("build").code == 0
    return made


@pytest.mark.parametrize(
    ("source", "keys", "format"),
    [
        ("first/graph", "", "graph"),
        ("first/graph/model.json", "", "graph"),
        ("first/layers", "", "graph"),
        ("first/layers", "format: layers", "layers"),
        ("first/layers", "format: layers, quantize: uint8", "layers"),
    ],
)
def test_what_was_published_is_a_source(project: Project, source: str, keys: str, format: str) -> None:
    (project.root / "sources").mkdir()
    (project.root / "first").rename(project.root / "sources" / "first")
    project.manifest(
        f"version: 1\noutput: second\nmodels:\n  net: {{ source: sources/{source}{', ' if keys else ''}{keys} }}\n"
    )
    result = project.run("build", "--json")
    assert result.code == 0, result
    (written,) = result.of("written")
    assert written["format"] == format
    document = json.loads((project.root / "second" / "net" / "model.json").read_text(encoding="utf-8"))
    signature = document["userDefinedMetadata"]["tfjs-build"]["signature"]
    assert [[each["name"] for each in signature[role]] for role in ("inputs", "outputs")] == [["x"], ["y"]]
    assert project.run("build", "--check").code == 0


def test_a_graph_has_no_layers(project: Project) -> None:
    (project.root / "first").rename(project.root / "was")
    project.manifest("version: 1\noutput: second\nmodels:\n  net: { source: was/graph, format: layers }\n")
    result = project.run("build")
    assert result.code == 1
    assert "holds a graph, not layers" in result.err
