"""TensorFlow.js models as sources: what was published once gives its source's numbers when it is published again."""

from __future__ import annotations

import base64
import json
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

pytestmark = pytest.mark.full

SUITES = {
    "graphs.models": ({"format": "graph"}, 9),
    "graphs.ops": ({"format": "graph"}, 60),
}
"""How the sources are published first, and of how many one is taken."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder from which Node finds TensorFlow.js."""
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as name:
        yield Path(name)


def again(built: Build, folder: Path, **keys: Any) -> Build:
    """Publish anew what a build has published."""
    return build_models(folder, {name: {"source": str(built.models / name), **keys} for name in built.written})


@pytest.mark.parametrize("suite", SUITES)
def test_published_models_are_sources(suite: str, folder: Path) -> None:
    keys, every = SUITES[suite]
    taken = dict(list(files(suite).items())[::every])
    first = build_models(folder / "first", {name: source_keys(each) | keys for name, each in taken.items()})
    second = again(first, folder / "second")
    assert second.failed == {}
    assert len(second.written) >= 10
    found = []
    for built in (first, second):
        jobs = {name: job_of(built, name, taken[name], "cpu") for name in second.written}
        runs = run_jobs(list(jobs.values()), built.project.root / "node")
        found.append({name: judge(taken[name], runs[job.id]) for name, job in jobs.items()})
    assert found[1] == found[0]


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


def fused(activation: str) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """A graph of the stock converter: a convolution and a product, with all that can be fused with them."""
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
    listed = {"fused_ops": {"list": {"s": ["Qmlhc0FkZA==", _base64(activation)]}}}
    window = {
        "strides": {"list": {"i": ["1", "1", "1", "1"]}},
        "padding": {"s": _base64("SAME")},
        "data_format": {"s": _base64("NHWC")},
        "dilations": {"list": {"i": ["1", "1", "1", "1"]}},
        **floats,
        **listed,
    }
    further = ["slopes"] if activation == "Prelu" else []
    count = {"num_args": {"i": str(1 + len(further))}, "leakyrelu_alpha": {"f": 0.3}}
    shape = {"dim": [{"size": "-1"}, {"size": "4"}, {"size": "4"}, {"size": "2"}]}
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}},
        *({"name": name, "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}} for name in weights),
        {"name": "axes", "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}}},
        {"name": "conv", "op": "_FusedConv2D", "input": ["x", "kernel", "bias", *further], "attr": window | count},
        {
            "name": "deep",
            "op": "FusedDepthwiseConv2dNative",
            "input": ["conv", "depthwise", "bias", *further],
            "attr": window | count,
        },
        {
            "name": "mean",
            "op": "Mean",
            "input": ["deep", "axes"],
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


@pytest.mark.parametrize("activation", ["Relu", "Relu6", "Elu", "LeakyRelu", "Prelu"])
def test_fused_ops_give_what_they_gave(activation: str, folder: Path) -> None:
    write_model(folder / "source", *fused(activation))
    built = build_models(folder / "built", {"net": {"source": str(folder / "source")}})
    assert set(built.written) == {"net"}, built.result
    random = np.random.default_rng(1)
    write_groups(folder / "inputs", [{"x": random.normal(size=(2, 4, 4, 2)).astype(np.float32)}])
    (folder / "bare.js").write_text(BARE, encoding="utf-8")
    models = {"before": folder / "source", "after": built.models / "net"}
    jobs = [
        Job(key, folder / "bare.js", (model / "model.json").as_uri(), "cpu", folder / "inputs", folder / key)
        for key, model in models.items()
    ]
    runs = run_jobs(jobs, folder / "node")
    assert [run.error for run in runs.values()] == [None, None]
    (before,), (after,) = read_groups(folder / "before"), read_groups(folder / "after")
    assert np.abs(before["place_0"]).max() > 0.1
    assert np.allclose(before["place_0"], after["place_0"], rtol=1e-4, atol=1e-5)
