"""TensorFlow.js models as sources: what was published once gives its source's numbers when it is published again."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from tests.conversion.build import Build, build_models
from tests.conversion.node import WORK, Job, run_jobs
from tests.conversion.oracle import files
from tests.conversion.suite import job_of, judge, source_keys
from tests.oracle.tensors import read_groups, write_groups

SUITES = [
    pytest.param("graphs.models", "graph", "graph", 18, id="graphs, some"),
    pytest.param("graphs.models", "graph", "graph", 4, id="graphs", marks=pytest.mark.full),
    pytest.param("graphs.ops", "graph", "graph", 20, id="ops", marks=pytest.mark.full),
    pytest.param("keras_layers", "layers", "layers", 29, id="layers as layers", marks=pytest.mark.full),
    pytest.param("keras_layers", "layers", "graph", 31, id="layers as graphs", marks=pytest.mark.full),
]
"""A suite, how its sources are published first and then, and of how many one is taken."""


LEAST = 8
"""Models of a suite that are published twice, at least."""
LARGE = 20_000_000
"""Bytes of a source from which on it is left to the other tests: it takes a minute on cpu, for no op more."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder from which Node finds TensorFlow.js."""
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as name:
        yield Path(name)


def again(built: Build, folder: Path, **keys: Any) -> Build:
    """Publish anew what a build has published."""
    return build_models(folder, {name: {"source": str(built.models / name), **keys} for name in built.written})


@pytest.mark.parametrize(("suite", "format", "then", "every"), SUITES)
def test_published_models_are_sources(suite: str, format: str, then: str, every: int, folder: Path) -> None:
    taken = {name: each for name, each in list(files(suite).items())[::every] if size(each.source) < LARGE}
    keys = {name: source_keys(each) | {"format": format} for name, each in taken.items()}
    first = build_models(folder / "first", keys)
    second = again(first, folder / "second", format=then)
    assert second.failed == {}
    assert len(second.written) >= LEAST
    assert signatures(second) == {name: each for name, each in signatures(first).items() if name in second.written}
    found = []
    for built in (first, second):
        jobs = {name: job_of(built, name, taken[name], "cpu") for name in second.written}
        runs = run_jobs(list(jobs.values()), built.project.root / "node")
        found.append({name: judge(taken[name], runs[job.id]) for name, job in jobs.items()})
    if then != format:  # graphs take some of what layers do not
        found = [{name: each.ordinary for name, each in verdicts.items()} for verdicts in found]
    assert found[1] == found[0]


def size(source: Path) -> int:
    """Return the bytes of a file or of a folder's files."""
    each = source.rglob("*") if source.is_dir() else [source]
    return sum(path.stat().st_size for path in each if path.is_file())


def signatures(built: Build) -> dict[str, Any]:
    """Return names, types and shapes of what goes in and comes out, by model."""
    found: dict[str, Any] = {}
    for name in built.written:
        document = json.loads((built.models / name / "model.json").read_text(encoding="utf-8"))
        said = document["userDefinedMetadata"]["tfjs-build"]["signature"]
        found[name] = [[(each["name"], each["dtype"], each["shape"]) for each in said[role]] for role in sorted(said)]
    return found


# Loads a model.json as any page does, and gives its outputs by their places.
BARE = """
import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
export async function loadBare({ url }) {
  const json = JSON.parse(await readFile(new URL(url)));
  const paths = json.weightsManifest.flatMap(({ paths }) => paths);
  const files = await Promise.all(paths.map((path) => readFile(new URL(path, url))));
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  const weightData = new Uint8Array(Buffer.concat(files)).buffer;
  const model = await tf.loadGraphModel({ load: async () => ({ ...json, weightSpecs, weightData }) });
  return {
    predict: ({ x }) => Object.fromEntries([model.predict(x)].flat().map((t, i) => [`place_${i}`, t])),
    dispose: () => model.dispose(),
  };
}
"""


def fused(activation: str, deep: str) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """A graph of the stock converter: a convolution and a product, with all that can be fused with them. `deep` is what
    is fused with the depthwise convolution, nothing where that is an op of its own."""
    random = np.random.default_rng(5)
    weights = {
        "kernel": random.normal(size=(3, 3, 2, 4)),
        "bias": random.normal(size=4),
        "slopes": random.normal(size=4),
        "depthwise": random.normal(size=(3, 3, 4, 1)),
        "matrix": random.normal(size=(4, 3)),
        "offset": random.normal(size=3),
    }
    floats = {"T": {"type": "DT_FLOAT"}}
    listed = {"fused_ops": {"list": {"s": [_base64("BiasAdd"), _base64(activation)]}}}
    further_listed = {"fused_ops": {"list": {"s": [_base64("BiasAdd"), *([_base64(deep)] if deep else [])]}}}
    window = {
        "strides": {"list": {"i": ["1", "1", "1", "1"]}},
        "padding": {"s": _base64("SAME")},
        "data_format": {"s": _base64("NHWC")},
        "dilations": {"list": {"i": ["1", "1", "1", "1"]}},
        **floats,
    }
    further = ["slopes"] if activation == "Prelu" else []
    count = {"num_args": {"i": str(1 + len(further))}, "leakyrelu_alpha": {"f": 0.3}}
    shape = {"dim": [{"size": "-1"}, {"size": "4"}, {"size": "4"}, {"size": "2"}]}
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}},
        *({"name": name, "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}} for name in weights),
        {"name": "axes", "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}}},
        {
            "name": "conv",
            "op": "_FusedConv2D",
            "input": ["x", "kernel", "bias", *further],
            "attr": window | count | listed,
        },
        {
            "name": "deep",
            "op": "FusedDepthwiseConv2dNative",
            "input": ["conv", "depthwise", "bias", *further],
            "attr": window | count | further_listed,
        },
        *([] if deep else [{"name": "act", "op": activation, "input": ["deep"], "attr": {"alpha": {"f": 0.3}}}]),
        {
            "name": "mean",
            "op": "Mean",
            "input": ["deep" if deep else "act", "axes"],
            "attr": {"keep_dims": {"b": False}, **floats, "Tidx": {"type": "DT_INT32"}},
        },
        {
            "name": "y",
            "op": "_FusedMatMul",
            "input": ["mean", "matrix", "offset"],
            "attr": {"fused_ops": {"list": {"s": ["Qmlhc0FkZA=="]}}, "num_args": {"i": "1"}, **floats},
        },
    ]
    if not further:  # what nothing reads would come out
        nodes = [node for node in nodes if node["name"] != "slopes"]
        del weights["slopes"]
    arrays = {name: array.astype(np.float32) for name, array in weights.items()}
    return {"node": nodes, "versions": {"producer": 27}}, {**arrays, "axes": np.array([1, 2], np.int32)}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def write_model(folder: Path, topology: Mapping[str, Any], weights: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write a model.json as other tools do: without a signature, in two shards that a weight crosses."""
    folder.mkdir(parents=True)
    data = b"".join(array.tobytes() for array in weights.values())
    (folder / "group1-shard1of2.bin").write_bytes(data[:101])
    (folder / "group1-shard2of2.bin").write_bytes(data[101:])
    specs = [{"name": name, "shape": list(a.shape), "dtype": a.dtype.name} for name, a in weights.items()]
    manifest = [{"paths": ["group1-shard1of2.bin", "group1-shard2of2.bin"], "weights": specs}]
    document = {"format": "graph-model", "modelTopology": topology, "weightsManifest": manifest}
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")


ACTIVATIONS = ("Relu", "Relu6", "Elu", "LeakyRelu", "Prelu")


def outputs_of(models: Mapping[str, Path], folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Return what models give for the same numbers, each loaded as any page does."""
    random = np.random.default_rng(1)
    write_groups(folder / "inputs", [{"x": random.normal(size=(2, 4, 4, 2)).astype(np.float32)}])
    (folder / "bare.js").write_text(BARE, encoding="utf-8")
    jobs = [
        Job(key, folder / "bare.js", (model / "model.json").as_uri(), "cpu", folder / "inputs", folder / key)
        for key, model in models.items()
    ]
    runs = run_jobs(jobs, folder / "node")
    assert {run.error for run in runs.values()} == {None}
    return {key: read_groups(folder / key)[0]["place_0"] for key in models}


def test_fused_ops_give_what_they_gave(folder: Path) -> None:
    for activation in ACTIVATIONS:
        write_model(folder / "before" / activation, *fused(activation, "" if activation == "LeakyRelu" else activation))
    built = build_models(folder / "built", {name: {"source": str(folder / "before" / name)} for name in ACTIVATIONS})
    assert set(built.written) == {*ACTIVATIONS}, built.result
    models = {f"{name} before": folder / "before" / name for name in ACTIVATIONS}
    given = outputs_of(models | {f"{name} after": built.models / name for name in ACTIVATIONS}, folder)
    for name in ACTIVATIONS:
        assert np.abs(given[f"{name} before"]).max() > 0.1
        assert np.allclose(given[f"{name} before"], given[f"{name} after"], rtol=1e-4, atol=1e-5), name


def test_a_leaky_depthwise_convolution_is_mended(folder: Path) -> None:
    """TensorFlow.js's executor does not pass on the slope of FusedDepthwiseConv2dNative: its list of the op's
    attributes lacks `leakyrelu_alpha`. What it was fused of tells what it should give."""
    write_model(folder / "fused", *fused("LeakyRelu", "LeakyRelu"))
    write_model(folder / "apart", *fused("LeakyRelu", ""))
    built = build_models(folder / "built", {"net": {"source": str(folder / "fused")}})
    models = {"fused": folder / "fused", "apart": folder / "apart", "after": built.models / "net"}
    given = outputs_of(models, folder)
    assert np.isnan(given["fused"]).all()
    assert np.allclose(given["apart"], given["after"], rtol=1e-4, atol=1e-5)


def _node(name: str, op: str, *inputs: str, **attr: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": attr}


SHAPE = {"shape": {"dim": [{"size": "-1"}, {"size": "-1"}, {"size": "-1"}, {"size": "2"}]}}
INTS = {"axis": 1, "start": 0, "limit": 2, "step": 1, "sizes": [1, 3], "one": [1]}
SILENT = {
    "range": [
        _node("range", "Range", "start", "limit", "step"),
        _node("half", "Mul", "range", "half_of"),
        _node("y", "Mul", "x", "half"),
    ],
    "concat": [_node("y", "ConcatV2", "x", "x", "x", "axis")],
    "unpack": [_node("rows", "Unpack", "x", axis={"i": "1"}), _node("y", "Sub", "rows", "rows:2")],
    "split_v": [_node("parts", "SplitV", "x", "sizes", "axis"), _node("y", "Neg", "parts:1")],
    "split": [_node("parts", "Split", "axis", "x"), _node("y", "Neg", "parts")],
    "norm": [_node("y", "FusedBatchNormV3", "x", *["variances"] * 4)],
}
"""Graphs that leave out what the executor need not be told, by what is special to them."""


def test_what_a_graph_leaves_out_is_what_the_executor_takes(folder: Path) -> None:
    floats = {"half_of": np.float32(0.5), "variances": np.array([1e-3, 2e-3], np.float32)}
    arrays = {name: np.array(value, np.int32) for name, value in INTS.items()} | floats
    placeholder = _node("x", "Placeholder", dtype={"type": "DT_FLOAT"}, shape=SHAPE)
    for name, nodes in SILENT.items():
        read = {each for node in nodes for each in node["input"]}
        used = {key: np.asarray(array) for key, array in arrays.items() if key in read}
        types = {key: {"type": "DT_INT32" if array.dtype == np.int32 else "DT_FLOAT"} for key, array in used.items()}
        consts = [_node(key, "Const", dtype=dtype) for key, dtype in types.items()]
        write_model(folder / "before" / name, {"node": [placeholder, *consts, *nodes], "versions": {}}, used)
    built = build_models(folder / "built", {name: {"source": str(folder / "before" / name)} for name in SILENT})
    assert set(built.written) == {*SILENT}, built.result
    models = {f"{name} before": folder / "before" / name for name in SILENT}
    given = outputs_of(models | {f"{name} after": built.models / name for name in SILENT}, folder)
    for name in SILENT:
        before, after = given[f"{name} before"], given[f"{name} after"]
        assert before.shape == after.shape, name
        assert np.allclose(before, after, rtol=1e-5, atol=1e-6), name


# Makes a model as Teachable Machine does, and saves it as its library does: a truncated network and a head, each a
# Sequential, in a Sequential, with metadata.json beside it.
TEACHABLE = """
import { writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
console.log = console.info = console.warn = () => {};
const [folder] = process.argv.slice(2);
const at = (seed) => tf.initializers.randomNormal({ mean: 0.1, stddev: 0.6, seed });
const input = tf.input({ shape: [16, 16, 3], name: "input_1" });
let x = tf.layers.zeroPadding2d({ padding: [[0, 1], [0, 1]], name: "Conv1_pad" }).apply(input);
const first = { filters: 6, kernelSize: 3, strides: 2, useBias: false, kernelInitializer: at(1), name: "Conv1" };
x = tf.layers.conv2d(first).apply(x);
const norm = { name: "bn_Conv1", betaInitializer: at(2), movingMeanInitializer: at(3) };
x = tf.layers.batchNormalization(norm).apply(x);
x = tf.layers.reLU({ maxValue: 6, name: "Conv1_relu" }).apply(x);
const deep = { kernelSize: 3, padding: "same", depthwiseInitializer: at(4), name: "expanded_conv_depthwise" };
const side = tf.layers.depthwiseConv2d(deep).apply(x);
x = tf.layers.add({ name: "block_add" }).apply([side, x]);
const network = tf.model({ inputs: input, outputs: x, name: "model1" });
const features = tf.sequential({ name: "sequential_1" });
features.add(network);
features.add(tf.layers.globalAveragePooling2d({ name: "global_average_pooling2d_GlobalAveragePooling2D1" }));
const head = tf.sequential({ name: "sequential_3" });
const wide = { inputShape: [6], units: 10, activation: "relu", kernelInitializer: at(5), name: "dense_Dense1" };
head.add(tf.layers.dense(wide));
const narrow = { units: 3, activation: "softmax", useBias: false, kernelInitializer: at(6), name: "dense_Dense2" };
head.add(tf.layers.dense(narrow));
const whole = tf.sequential({ name: "sequential_4" });
whole.add(features);
whole.add(head);
await whole.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
  const weightsManifest = [{ paths: ["./weights.bin"], weights: weightSpecs }];
  writeFileSync(`${folder}/model.json`, JSON.stringify({ modelTopology, weightsManifest }));
  writeFileSync(`${folder}/weights.bin`, Buffer.from(weightData));
  const metadata = { tfjsVersion: tf.version.tfjs, packageName: "@teachablemachine/image", userMetadata: {} };
  writeFileSync(`${folder}/metadata.json`, JSON.stringify({ ...metadata, labels: ["a", "b", "c"], imageSize: 16 }));
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
}));
"""


def test_a_model_of_teachable_machine_gives_what_it_gave(folder: Path) -> None:
    (folder / "before").mkdir()
    (folder / "teach.mjs").write_text(TEACHABLE, encoding="utf-8")
    subprocess.run(["node", str(folder / "teach.mjs"), str(folder / "before")], check=True, capture_output=True)
    models = {
        "graph": {"source": str(folder / "before")},
        "layers": {"source": str(folder / "before" / "model.json"), "format": "layers"},
    }
    built = build_models(folder / "built", models)
    assert set(built.written) == {"graph", "layers"}, built.result
    random = np.random.default_rng(1)
    write_groups(folder / "inputs", [{"x": random.normal(size=(2, 16, 16, 3)).astype(np.float32)}])
    given = {}
    for name, path, load in (
        ("before", folder / "before", "loadLayersModel"),
        ("graph", built.models / "graph", "loadGraphModel"),
        ("layers", built.models / "layers", "loadLayersModel"),
    ):
        module = folder / f"{name}.js"
        module.write_text(BARE.replace("loadGraphModel", load), encoding="utf-8")
        url = (path / "model.json").as_uri()
        run = run_jobs([Job(name, module, url, "cpu", folder / "inputs", folder / name)], folder / "node")[name]
        assert run.error is None
        given[name] = read_groups(folder / name)[0]["place_0"]
        document = json.loads((path / "model.json").read_text(encoding="utf-8"))
        if name != "before":
            assert document["userDefinedMetadata"]["tfjs-build"]["labels"] == ["a", "b", "c"]
    assert np.ptp(given["before"]) > 0.05
    for name in models:
        assert np.allclose(given["before"], given[name], rtol=1e-4, atol=1e-6), name
