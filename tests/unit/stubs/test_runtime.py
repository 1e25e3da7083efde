"""Runs `tests/node/stubs.test.js`: generated loaders with the real TensorFlow.js, in Node."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tfjs_build.stubs.describe import describe
from tfjs_build.stubs.render import render_runtime, render_stub

from . import publish
from .publish import FLOAT, small_graph
from .publish import node as node_of


def test_generated_loaders_in_node(node: Path, work: Path) -> None:
    models = work / "models"
    published = {
        "dense": publish.dense_model(models / "dense"),
        "dense2": publish.dense_model(models / "dense2", bias=1.0, version="2222222222222222"),
        "compressed": publish.dense_model(models / "compressed", compressed=True),
        "corrupt": publish.dense_model(models / "corrupt"),
        "classes": publish.dense_model(
            models / "classes", labels=["low", "middle", "high"], classify={"output": "y", "softmax": True}
        ),
        "unknown": publish.unknown_layer_model(models / "unknown"),
        "pair": publish.pair_model(models / "pair"),
        "outputs": publish.outputs_model(models / "outputs"),
        "sum": publish.graph_model(models / "sum"),
        "later": publish.graph_model(models / "later", asynchronous=True),
        "dtypes": publish.dtypes_model(models / "dtypes"),
        "dynamic": publish.dynamic_model(models / "dynamic"),
        "crossed": publish.crossed_model(models / "crossed"),
        "free": small_graph(models / "free", [node_of("y", "Identity", ["x"], T=FLOAT)], [None, None]),
        "unranked": small_graph(models / "unranked", [node_of("y", "Identity", ["x"], T=FLOAT)], None),
        "mystery": small_graph(models / "mystery", [node_of("y", "Mystery", ["x"], T=FLOAT)], [None]),
        "broken": small_graph(models / "broken", [node_of("y", "Identity", ["nowhere"], T=FLOAT)], [None]),
        "picture": small_graph(models / "picture", [node_of("y", "Identity", ["x"], T=FLOAT)], [None, 1, 1, 3])
        | {"pixels": {"x": publish.PIXELS}, "labels": ["red", "green", "blue"]}
        | {"classify": {"output": "y", "softmax": False}},
    }
    shard = sorted((models / "corrupt").glob("*.bin"))[0]
    shard.write_bytes(shard.read_bytes()[:-1] + b"?")

    files = render_runtime(tfjs="@tensorflow/tfjs")
    for name, metadata in published.items():
        kind_of = json.loads((models / name / "model.json").read_text(encoding="utf-8"))["format"]
        model = describe(name, kind_of.removesuffix("-model"), metadata, public_url="/models")
        files |= render_stub(model, language="javascript", tfjs="@tensorflow/tfjs")
    (work / "stubs").mkdir()
    for name, text in files.items():
        (work / "stubs" / name).write_text(text, encoding="utf-8")

    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", "--test-timeout=60000", "stubs.test.js"],
        cwd=node,
        env=os.environ | {"STUBS": str(work)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = "".join(path.read_text(encoding="utf-8") for path in (node / "stubs").glob("*.js"))
    assert len(re.findall(r"^ok ", done.stdout, re.MULTILINE)) > len(re.findall(r"^test\(", written, re.MULTILINE))
