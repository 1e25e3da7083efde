"""Small models to verify, and what may become of them once they are published."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tests.support.keras_files import write_archive
from tests.support.project import REPOSITORY, Project

MODULES = REPOSITORY / "tests" / "node" / "node_modules"
"""What has TensorFlow.js with all of its backends."""

INPUTS, UNITS = 8, 64


def write_pair(path: Path, *, seed: int = 0) -> Path:
    """Write a `.keras` file with two dense layers beside each other, `x` → `a` and `b`, each with a softmax."""
    random = np.random.default_rng(seed)
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        for place, name in (("dense", "a"), ("dense_1", "b")):
            group = file.create_group(f"layers/{place}/vars")
            group.attrs["name"] = name
            group["0"] = random.normal(size=(INPUTS, UNITS)).astype(np.float32)
            group["1"] = random.normal(size=(UNITS,)).astype(np.float32)
    write_archive(path, _config(), weights.getvalue())
    return path


def pair(path: Path, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return what the network in a file gives, by NumPy."""
    import zipfile

    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        found = {}
        for place, name in (("dense", "a"), ("dense_1", "b")):
            group = file[f"layers/{place}/vars"]
            scores = x @ group["0"][()] + group["1"][()]
            powers = np.exp(scores - scores.max(-1, keepdims=True))
            found[name] = powers / powers.sum(-1, keepdims=True)
    return found


def _config() -> dict[str, object]:
    history = {"class_name": "__keras_tensor__", "config": {"shape": [None, INPUTS], "keras_history": ["x", 0, 0]}}

    def dense(name: str) -> dict[str, object]:
        return {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {"name": name, "units": UNITS, "activation": "softmax", "use_bias": True, "dtype": "float32"},
            "registered_name": None,
            "build_config": {"input_shape": [None, INPUTS]},
            "name": name,
            "inbound_nodes": [{"args": [history], "kwargs": {}}],
        }

    first: dict[str, object] = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, INPUTS], "dtype": "float32", "name": "x"},
        "registered_name": None,
        "name": "x",
        "inbound_nodes": [],
    }
    config = {
        "name": "pair",
        "trainable": True,
        "layers": [first, dense("a"), dense("b")],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["a", 0, 0], ["b", 0, 0]],
    }
    return {"module": "keras", "class_name": "Functional", "config": config, "registered_name": None}


def save_samples(path: Path, **arrays: NDArray[Any]) -> None:
    """Write an `.npz`."""
    np.savez(path, **arrays)  # type: ignore[arg-type]  # none is called like an option


def project(root: Path, models: Mapping[str, Mapping[str, object]], **top: object) -> Project:
    """Make a project with TensorFlow.js, whose models are all of one file unless they say otherwise."""
    made = Project(root)
    (root / "node_modules").symlink_to(MODULES)
    write_pair(root / "pair.keras")
    document = {
        "version": 1,
        "output": "public/models",
        "stubs": "src/models",
        **top,
        "models": {name: {"source": "pair.keras", **keys} for name, keys in models.items()},
    }
    made.manifest(json.dumps(document, indent=1))
    return made


def change(root: Path, model: str, edit: Callable[[dict[str, Any]], None]) -> None:
    """Edit a published model.json by hand."""
    path = root / "public" / "models" / model / "model.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    edit(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def change_weight(root: Path, model: str) -> None:
    """Change one weight on the disk; what is linked to the file stays as it is."""
    [shard] = (root / "public" / "models" / model).glob("*.bin")
    data = np.frombuffer(shard.read_bytes(), np.float32).copy()
    data[0] = 50
    shard.unlink()
    shard.write_bytes(data.tobytes())


def forge_weight(root: Path, model: str) -> None:
    """The same, and have model.json say that it is to be so."""
    import hashlib

    change_weight(root, model)
    [shard] = (root / "public" / "models" / model).glob("*.bin")
    sha256 = hashlib.sha256(shard.read_bytes()).hexdigest()

    def edit(document: dict[str, Any]) -> None:
        document["userDefinedMetadata"]["tfjs-build"]["shards"][shard.name] = sha256

    change(root, model, edit)


def swap(document: dict[str, Any]) -> None:
    """Have the outputs change their names."""
    a, b = document["userDefinedMetadata"]["tfjs-build"]["signature"]["outputs"]
    a["name"], b["name"] = b["name"], a["name"]


def divide_otherwise(document: dict[str, Any]) -> None:
    """Multiply an output by the floor of e, less 1: by 1, but on webgl by 2, where FloorDiv rounds floats first."""
    ours = document["userDefinedMetadata"]["tfjs-build"]["signature"]["outputs"]
    output = ours[0]["node"]

    def node(name: str, op: str, *inputs: str) -> str:
        described = {"name": name, "op": op, "input": list(inputs), "attr": {"T": {"type": "DT_FLOAT"}}}
        document["modelTopology"]["node"].append(described)
        return name

    ones = node("ones", "OnesLike", output)
    factor = node("factor", "Sub", node("floor", "FloorDiv", node("e", "Exp", ones), ones), ones)
    ours[0]["node"] = node("scaled", "Mul", output, factor)
    document["signature"]["outputs"]["a"]["name"] = f"{ours[0]['node']}:0"
