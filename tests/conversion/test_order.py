"""A bare `tf.loadGraphModel(…).predict` takes and gives its tensors in the source's order."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from tests.conversion.build import build_models
from tests.conversion.node import WORK, Job, run_jobs
from tests.oracle.tensors import read_groups, write_groups
from tests.unit.keras.files import functional, input_layer, layer, node, write_keras
from tests.unit.saved_model.making import Model, Type, add_node
from tfjs_build.convert.saved_model.source import Function

# Feeds `zeta` and `alpha` by their places, and names outputs after theirs.
BARE = """
import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
export async function loadBare({ url }) {
  const { modelTopology, signature, format } = JSON.parse(await readFile(new URL(url)));
  const weights = { weightSpecs: [], weightData: new ArrayBuffer(0) };
  const model = await tf.loadGraphModel({ load: async () => ({ modelTopology, signature, format, ...weights }) });
  return {
    predict: ({ zeta, alpha }) => Object.fromEntries(model.predict([zeta, alpha]).map((t, i) => [`place_${i}`, t])),
    dispose: () => model.dispose(),
  };
}
"""


def saved_model(folder: Path) -> Path:
    model = Model()
    for name in ("zeta", "alpha"):
        model.placeholder(name, (None, 2))
    nodes = model.function("f", {"z": "float32", "a": "float32"}, {"second": "sub:z:0", "first": "add:z:0"})
    add_node(nodes, "Sub", "sub", ["z", "a"], T=Type("float32"))
    add_node(nodes, "AddV2", "add", ["z", "a"], T=Type("float32"))
    model.node(
        "PartitionedCall",
        "call",
        ["zeta", "alpha"],
        f=Function("f"),
        Tin=[Type("float32")] * 2,
        Tout=[Type("float32")] * 2,
    )
    model.signature({"alpha": "alpha:0", "zeta": "zeta:0"}, {"first": "call:1", "second": "call:0"})
    return model.save(folder)


def keras_file(path: Path) -> Path:
    layers = [
        input_layer("zeta", 2),
        input_layer("alpha", 2),
        layer("Subtract", "second", [node([_tensor("zeta"), _tensor("alpha")])]),
        layer("Add", "first", [node([_tensor("zeta"), _tensor("alpha")])]),
    ]
    places = [["zeta", 0, 0], ["alpha", 0, 0]]
    return write_keras(path, functional("net", layers, places, [["second", 0, 0], ["first", 0, 0]]), {})


def _tensor(name: str) -> dict[str, object]:
    config = {"shape": [None, 2], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


@pytest.mark.parametrize("kind", ["saved_model", "keras"])
def test_tensors_are_in_the_sources_order(kind: str) -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as name:
        folder = Path(name)
        source = saved_model(folder / "source") if kind == "saved_model" else keras_file(folder / "source.keras")
        build = build_models(folder / "project", {"net": {"source": str(source)}})
        assert not build.failed
        (folder / "bare.mjs").write_text(BARE, encoding="utf-8")
        z, a = np.array([[1.0, 2.0]], np.float32), np.array([[10.0, 30.0]], np.float32)
        write_groups(folder / "inputs", [{"alpha": a, "zeta": z}])
        url = (build.models / "net" / "model.json").as_uri()
        [run] = run_jobs(
            [Job("bare", folder / "bare.mjs", url, "cpu", folder / "inputs", folder / "outputs")], folder / "node"
        ).values()
        assert run.error is None
        [outputs] = read_groups(folder / "outputs")
    np.testing.assert_array_equal(outputs["place_0"], z - a)
    np.testing.assert_array_equal(outputs["place_1"], z + a)
