"""TensorFlow.js models as sources: what is read of them, and what is said of those that are damaged."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.convert.tfjs import open_tfjs_model
from tfjs_build.convert.tfjs.document import read_document
from tfjs_build.convert.tfjs.weights import read_weights
from tfjs_build.errors import Location, RefusedError, SourceError
from tfjs_build.model import Model
from tfjs_build.watch.inputs import picture, watched_paths

GRAPH: dict[str, list[Any]] = {"node": [{"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}}]}


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


def teachable(folder: Path, metadata: object = None) -> Path:
    """Write a model as @teachablemachine/image saves it: `LayersModel.save` of TensorFlow.js 1.x, with no `format`, its
    layers at the top of `modelTopology`, and the classes in a metadata.json beside it."""
    random = np.random.default_rng(3)
    weights = {
        "conv_pad/kernel": random.normal(size=(3, 3, 3, 4)),
        "dense_Dense1/kernel": random.normal(size=(4, 5)),
        "dense_Dense1/bias": random.normal(size=5),
        "dense_Dense2/kernel": random.normal(size=(5, 3)),
    }
    features = {
        "class_name": "Sequential",
        "config": {
            "name": "sequential_1",
            "layers": [
                {
                    "class_name": "Conv2D",
                    "config": {
                        "name": "conv_pad",
                        "batch_input_shape": [None, 8, 8, 3],
                        "filters": 4,
                        "kernel_size": [3, 3],
                        "use_bias": False,
                    },
                },
                {"class_name": "GlobalAveragePooling2D", "config": {"name": "average"}},
            ],
        },
    }
    head = {
        "class_name": "Sequential",
        "config": {
            "name": "sequential_3",
            "layers": [
                {
                    "class_name": "Dense",
                    "config": {
                        "name": "dense_Dense1",
                        "units": 5,
                        "activation": "relu",
                        "use_bias": True,
                        "batch_input_shape": [None, 4],
                    },
                },
                {
                    "class_name": "Dense",
                    "config": {"name": "dense_Dense2", "units": 3, "activation": "softmax", "use_bias": False},
                },
            ],
        },
    }
    topology = {
        "class_name": "Sequential",
        "config": {"name": "sequential_4", "layers": [features, head]},
        "keras_version": "tfjs-layers 1.3.1",
        "backend": "tensor_flow.js",
    }
    specs = [{"name": name, "shape": list(a.shape), "dtype": "float32"} for name, a in weights.items()]
    folder.mkdir(parents=True)
    document = {"modelTopology": topology, "weightsManifest": [{"paths": ["./weights.bin"], "weights": specs}]}
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "weights.bin").write_bytes(b"".join(a.astype("<f4").tobytes() for a in weights.values()))
    said = {
        "tfjsVersion": "1.3.1",
        "tmVersion": "2.4.5",
        "packageVersion": "0.8.4-alpha2",
        "packageName": "@teachablemachine/image",
        "timeStamp": "2023-01-01T00:00:00.000Z",
        "userMetadata": {},
        "modelName": "tm-my-image-model",
        "labels": ["Cat", "Dog", "Neither"],
        "imageSize": 224,
    }
    (folder / "metadata.json").write_text(json.dumps(said if metadata is None else metadata), encoding="utf-8")
    return folder


def labels_of(project: Project) -> Any:
    document = json.loads((project.root / "out" / "net" / "model.json").read_text(encoding="utf-8"))
    return document["userDefinedMetadata"]["tfjs-build"].get("labels")


def teaching(folder: Path, keys: str = "", metadata: object = None) -> Project:
    """A project whose model comes from Teachable Machine."""
    made = Project(folder / "app")
    teachable(made.root / "tm", metadata)
    made.manifest(
        "version: 1\noutput: out\nstubs: stubs\nlanguage: javascript\n"
        f"models:\n  net: {{ source: tm/model.json{keys} }}\n"
    )
    return made


def test_teachable_machine(tmp_path: Path) -> None:
    project = teaching(tmp_path)
    assert project.run("build").code == 0
    assert labels_of(project) == ["Cat", "Dog", "Neither"]
    types = (project.root / "stubs" / "net.d.ts").read_text(encoding="utf-8")
    assert all(
        text in types
        for text in ('["Cat", "Dog", "Neither"]', "sequential_1_input: runtime.Input<", "runtime.Classifier<")
    )
    assert project.run("build", "--check").code == 0
    metadata = project.root / "tm" / "metadata.json"
    metadata.write_text(metadata.read_text(encoding="utf-8").replace("Dog", "Hound"), encoding="utf-8")
    stale = project.run("build", "--check", "--json").of("stale")
    assert "source metadata.json changed" in stale[0]["reasons"]
    assert project.run("build").code == 0
    assert labels_of(project) == ["Cat", "Hound", "Neither"]


def test_labels_go_along_when_a_model_is_published_again(tmp_path: Path) -> None:
    project = teaching(tmp_path)
    assert project.run("build").code == 0
    (project.root / "out" / "net").rename(project.root / "first")
    project.manifest("version: 1\noutput: out\nmodels:\n  net: { source: first }\n")
    assert project.run("build").code == 0
    assert labels_of(project) == ["Cat", "Dog", "Neither"]


def test_labels_of_the_manifest_come_first(tmp_path: Path) -> None:
    project = teaching(tmp_path, ", labels: [a, b, c]")
    assert project.run("build").code == 0
    assert labels_of(project) == ["a", "b", "c"]


def test_labels_of_sounds(tmp_path: Path) -> None:
    project = teaching(tmp_path, metadata={"wordLabels": ["a", "b", "c"]})
    assert project.run("build").code == 0
    assert labels_of(project) == ["a", "b", "c"]


@pytest.mark.parametrize("metadata", [{}, {"labels": {"0": "a"}}, {"labels": [1, 2, 3]}, {"labels": []}])
def test_other_metadata_names_no_classes(tmp_path: Path, metadata: object) -> None:
    project = teaching(tmp_path, metadata=metadata)
    assert project.run("build").code == 0
    assert labels_of(project) is None


def test_labels_of_a_source_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    project = teaching(tmp_path, metadata={"labels": ["a", "b"]})
    result = project.run("build", "--json")
    assert result.code == 0
    assert [each["message"] for each in result.of("note") if "labels" in each["message"]] == [
        "the 2 labels of the source itself are left out: no output has as many classes"
    ]
    assert labels_of(project) is None
    assert project.run("build", "--check").code == 0


def test_damaged_metadata_is_told(tmp_path: Path) -> None:
    project = teaching(tmp_path)
    (project.root / "tm" / "metadata.json").write_text("{", encoding="utf-8")
    result = project.run("build")
    assert result.code == 1
    assert "metadata.json cannot be read" in result.err
    assert "give the model's `labels` in the manifest" in result.err
    project.manifest("version: 1\noutput: out\nmodels:\n  net: { source: tm, labels: [a, b, c] }\n")
    assert project.run("build").code == 0


def test_a_watch_looks_at_what_lies_beside_a_model_json(tmp_path: Path) -> None:
    folder = teachable(tmp_path / "tm")
    model = Model("net", str(folder / "model.json"), Location(tmp_path, 1, 1))
    before = picture(watched_paths(model))
    assert {Path(name).name for name in before} == {"model.json", "weights.bin", "metadata.json"}
    (folder / "metadata.json").write_text("{}", encoding="utf-8")
    assert picture(watched_paths(model)) != before
    assert watched_paths(Model("net", str(folder), Location(tmp_path, 1, 1))) == [folder]


OLD_FORMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "the configuration under model_config": lambda d: {
        **d,
        "modelTopology": {
            "model_config": {key: d["modelTopology"][key] for key in ("class_name", "config")},
            "keras_version": "2.2.4",
            "backend": "tensorflow",
        },
    },
    "a topology in the topology": lambda d: {**d, "modelTopology": {"modelTopology": d["modelTopology"]}},
    "one group for each weight": lambda d: {
        **d,
        "weightsManifest": [
            {"paths": [f"part{index}.bin"], "weights": [spec]}
            for index, spec in enumerate(d["weightsManifest"][0]["weights"])
        ],
    },
}


@pytest.mark.parametrize("form", OLD_FORMS)
def test_older_forms_are_the_same_model(tmp_path: Path, form: str) -> None:
    project = teaching(tmp_path)
    assert project.run("build").code == 0
    index = project.root / "tm" / "model.json"
    document = json.loads(index.read_text(encoding="utf-8"))
    data, at = (project.root / "tm" / "weights.bin").read_bytes(), 0
    for number, spec in enumerate(document["weightsManifest"][0]["weights"]):
        end = at + 4 * int(np.prod(spec["shape"]))
        (project.root / "tm" / f"part{number}.bin").write_bytes(data[at:end])
        at = end
    published = project.files()
    index.write_text(json.dumps(OLD_FORMS[form](document)), encoding="utf-8")
    assert project.run("build", "--force").code == 0
    after = project.files()
    shards = [name for name in published if name.startswith("out/net/weights")]
    assert shards
    assert all(after[name] == published[name] for name in shards)


@pytest.mark.parametrize("place", ["at the top", "in userDefinedMetadata"])
def test_a_signature_names_what_goes_in_and_comes_out(tmp_path: Path, place: str) -> None:
    nodes = [*GRAPH["node"], {"name": "node", "op": "Neg", "input": ["x"]}]
    info = {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "-1"}]}}
    said = {"inputs": {"given": {"name": "x:0", **info}}, "outputs": {"taken": {"name": "node:0", **info}}}
    keys = {"signature": said} if place == "at the top" else {"userDefinedMetadata": {"signature": said}}
    write(tmp_path / "net", modelTopology={"node": nodes}, **keys)
    with open_tfjs_model(tmp_path / "net", "auto") as artifacts:
        signature = artifacts.signature
    assert [each.name for each in signature.inputs] == ["given"]
    assert [(each.name, each.shape) for each in signature.outputs] == [("taken", (None,))]


def test_quantized_weights_that_become_floats_are_told_of(project: Project) -> None:
    (project.root / "first").rename(project.root / "was")
    models = "version: 1\noutput: {0}\nmodels:\n  net: {{ source: {1}{2} }}\n"
    notes = {}
    for output, source, keys in (
        ("half", "was/graph", ", quantize: float16"),
        ("float", "kept/net", ""),
        ("again", "kept/net", ", quantize: float16"),
    ):
        project.manifest(models.format(output, source, keys))
        result = project.run("build", "--json")
        assert result.code == 0, result
        said = [each["message"] for each in result.of("note") if "float16" in each["message"]]
        # What a coding costs is told of each build of a quantized model.
        notes[output] = [message for message in said if " of weights are " not in message]
        assert ("no output changes" in " ".join(said)) == (output == "again")
        if output == "half":  # else it is cleared away with the next output
            shutil.copytree(project.root / "half", project.root / "kept")
    assert notes == {
        "half": [],
        "float": [
            "the source has its weights as float16; they are published as float32, 2 times their size there: "
            "`quantize: float16` keeps them small and loses nothing"
        ],
        "again": [],
    }
    files = project.files()
    shards = {name.rpartition("/")[2]: data for name, data in files.items() if name.startswith("kept/net/weights")}
    assert shards
    assert shards == {name.rpartition("/")[2]: d for name, d in files.items() if name.startswith("again/net/weights")}
