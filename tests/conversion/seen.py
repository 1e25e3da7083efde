"""What has been seen right, by content: files with a short hash a line, one for each backend.

For webgl and webgpu a hash stands for a published graph with its weights and the ordinary samples of its inputs, under
one version of TensorFlow.js: what is the same gives the same, and need not be run again. What it should give does not
count: that is compared in Node.

For cpu and wasm, in Node, it stands for a published model with its weights and all samples, with what `tfjs: minimal`
would have for it, and with the scripts and locked packages that wrote the source and what it should give. Only what was
right in everything is remembered: each sample, odd ones too, and no tensor left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from math import prod
from pathlib import Path

from tests.conversion.oracle import ORDINARY, Files
from tests.oracle.tensors import read_groups
from tests.support.project import REPOSITORY
from tfjs_build.kernels import kernels_of, needs_of

MEMORY = Path(__file__).with_name("seen_right")
DIGITS = 14
SHARE = 61
"""Every how many-th of the graphs that have been seen is run again, so that each run sees some."""

LARGE = 1_000_000
"""Weights of a network that is known by its graph, without their values."""

_TENSORFLOW_JS = REPOSITORY / "tests" / "node" / "node_modules" / "@tensorflow" / "tfjs" / "package.json"


def read(backend: str, folder: Path | None = None) -> frozenset[str]:
    """Return the hashes of what has been seen right on a backend."""
    path = (folder or MEMORY) / f"{backend}.txt"
    return frozenset(path.read_text(encoding="ascii").split()) if path.exists() else frozenset()


def write(backend: str, hashes: Collection[str], folder: Path | None = None) -> None:
    """Write the hashes of what has been seen right on a backend."""
    folder = folder or MEMORY
    folder.mkdir(exist_ok=True)
    (folder / f"{backend}.txt").write_text("".join(f"{each}\n" for each in sorted(hashes)), encoding="ascii")


def in_sample(graph: str) -> bool:
    """Return whether a graph is run although it has been seen."""
    return int(graph, 16) % SHARE == 0


def graph_of(model: Path, inputs: Path) -> str:
    """Return the hash of a published graph model (its folder) with the ordinary samples of `inputs`, a tensor file.

    The values of the weights do not count for `LARGE` networks: their batch statistics are those of real activations,
    which are other floats on another machine, and software takes minutes for each of them on webgpu.
    """
    document = json.loads((model / "model.json").read_text(encoding="utf-8"))
    manifest = document["weightsManifest"]
    specs = [spec for group in manifest for spec in group["weights"]]
    digest = hashlib.sha256(json.dumps([_version(), document["modelTopology"], specs], sort_keys=True).encode())
    if sum(prod(spec["shape"]) for spec in specs) < LARGE:
        for group in manifest:
            for name in group["paths"]:
                digest.update((model / name).read_bytes())
    for sample in read_groups(inputs)[: len(ORDINARY)]:
        for name, array in sample.items():
            digest.update(json.dumps([name, array.dtype.kind, array.shape]).encode())
            digest.update(json.dumps(array.tolist()).encode() if array.dtype == object else array.tobytes())
    return digest.hexdigest()[:DIGITS]


def run_of(model: Path, files: Files, content: str) -> str:
    """Return the hash of a run of a published model (its folder) in Node, whose job has a `content`; of files that no
    script of the oracle wrote, nothing."""
    if not files.scripts:
        return ""
    document = json.loads((model / "model.json").read_text(encoding="utf-8"))
    graph = document["format"] == "graph-model"
    kernels = sorted(kernels_of(needs_of(document))) if graph else []
    text = json.dumps([_version(), content, files.scripts, kernels])
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _version() -> str:
    version: str = json.loads(_TENSORFLOW_JS.read_text(encoding="utf-8"))["version"]
    return version
