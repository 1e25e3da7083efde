"""Writes small models as a build publishes them, with the weights and signature that a test wants."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Spec = tuple[str, str, list[int | None] | None, str]
"""Name, node, shape and dtype of an input or output."""

VERSION = "00112233445566ff"

PIXELS = {"channels": "rgb", "first": False, "scale": 1 / 255, "offset": 0.0, "fit": "stretch", "resize": "bilinear"}
"""How pictures become an input where the manifest says `pixels: [0, 1]`."""


def metadata(
    inputs: Sequence[Spec],
    outputs: Sequence[Spec],
    *,
    labels: Sequence[str] = (),
    classify: Mapping[str, Any] | None = None,
    pixels: Mapping[str, Any] | None = None,
    asynchronous: bool = False,
    version: str = VERSION,
    shards: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the object `tfjs-build` of `userDefinedMetadata`."""
    keys = ("name", "node", "shape", "dtype")
    return {
        "signature": {
            "inputs": [dict(zip(keys, spec, strict=True)) for spec in inputs],
            "outputs": [dict(zip(keys, spec, strict=True)) for spec in outputs],
        },
        "async": asynchronous,
        **({"labels": list(labels)} if labels else {}),
        **({"classify": dict(classify)} if classify else {}),
        **({"pixels": dict(pixels)} if pixels else {}),
        "fingerprint": "0" * 64,
        "version": version,
        "shards": dict(shards or {}),
        "digest": "0" * 64,
    }


def publish(
    folder: Path,
    topology: Mapping[str, Any],
    weights: Mapping[str, tuple[list[int], list[float]]],
    inputs: Sequence[Spec],
    outputs: Sequence[Spec],
    *,
    format: str = "layers",
    cut: Sequence[int] = (),
    signature: Mapping[str, Any] | None = None,
    compressed: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Write model.json and shards into `folder`, and return the metadata that describes them.

    `weights` are float32 (shape, values); `cut` are the bytes at which one shard ends and the next begins.
    `signature` is TensorFlow.js's own; `compressed` is whether each shard has a `.gz`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = b"".join(struct.pack(f"<{len(values)}f", *values) for _, values in weights.values())
    shards = {}
    for start, end in zip([0, *cut], [*cut, len(data)], strict=True) if data else ():
        digest = hashlib.sha256(data[start:end]).hexdigest()
        name = f"weights.{digest[:16]}.bin"
        (folder / name).write_bytes(data[start:end])
        if compressed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data[start:end]))
        shards[name] = digest
    described = metadata(inputs, outputs, shards=shards, **options) | (
        {"compressed": list(shards)} if compressed else {}
    )
    specs = [{"name": name, "shape": shape, "dtype": "float32"} for name, (shape, _) in weights.items()]
    model = {
        "format": f"{format}-model",
        "generatedBy": "a test",
        "convertedBy": "tfjs-build",
        "modelTopology": topology,
        "weightsManifest": [{"paths": list(shards), "weights": specs}],
        "userDefinedMetadata": {"tfjs-build": described},
        **({} if signature is None else {"signature": signature}),
    }
    (folder / "model.json").write_text(json.dumps(model, sort_keys=True), encoding="utf-8")
    return described


def dense_model(folder: Path, *, bias: float = 0.0, **options: Any) -> dict[str, Any]:
    """A layers model `x` [?, 2] → `y` [?, 3]: y = x · [[1, 2, 3], [4, 5, 6]] + [10, 20, 30] + bias.

    It is in two shards of which the second is the larger, a case that TensorFlow.js's own decoding gets wrong.
    """
    topology = functional(
        [
            layer("InputLayer", "in", batch_input_shape=[None, 2], dtype="float32"),
            layer("Dense", "out", inbound=[["in", 0, 0, {}]], units=3, activation="linear", use_bias=True),
        ],
        ["in"],
        ["out"],
    )
    weights = {"out/kernel": ([2, 3], [1.0, 2, 3, 4, 5, 6]), "out/bias": ([3], [10 + bias, 20 + bias, 30 + bias])}
    options = {"cut": (8,)} | options
    return publish(
        folder, topology, weights, [("x", "in", [None, 2], "float32")], [("y", "out", [None, 3], "float32")], **options
    )


def layer(kind: str, name: str, inbound: Sequence[Any] = (), **config: Any) -> dict[str, Any]:
    """One layer of a functional model as tfjs-layers reads it."""
    nodes = [list(inbound)] if inbound else []
    return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def functional(layers: Sequence[Mapping[str, Any]], inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, Any]:
    """A functional model whose inputs and outputs are the only tensors of the layers named."""
    return {
        "class_name": "Functional",
        "config": {
            "name": "model",
            "layers": list(layers),
            "input_layers": [[name, 0, 0] for name in inputs],
            "output_layers": [[name, 0, 0] for name in outputs],
        },
    }


def node(name: str, op: str, inputs: Sequence[str] = (), **attr: Any) -> dict[str, Any]:
    """One node of a GraphDef as JSON; attributes as `dtype="float32"`, `shape=[-1, 2]`, `value` for a Const."""
    return {"name": name, "op": op, "input": list(inputs), "attr": attr}


FLOAT = {"type": "DT_FLOAT"}


def shape_attribute(shape: Sequence[int]) -> dict[str, Any]:
    """An attribute that holds a shape; -1 where a size is free."""
    return {"shape": {"dim": [{"size": str(size)} for size in shape]}}


def graph_topology(nodes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A GraphDef as JSON."""
    return {"node": list(nodes), "versions": {"producer": 1, "minConsumer": 0}, "library": {}}


def graph_model(folder: Path, **options: Any) -> dict[str, Any]:
    """A graph of all that is hard about outputs: `a` [?, 2] and `b` [2] → their sum twice, `a` itself, and a weight."""
    nodes = [
        node("a_in", "Placeholder", dtype=FLOAT, shape=shape_attribute([-1, 2])),
        node("b_in", "Placeholder", dtype=FLOAT, shape=shape_attribute([2])),
        node("w", "Const", dtype=FLOAT, value={"tensor": {"dtype": "DT_FLOAT", "tensorShape": {}}}),
        node("scaled", "Mul", ["b_in", "w"], T=FLOAT),
        node("sum", "AddV2", ["a_in", "scaled"], T=FLOAT),
    ]
    matrix: list[int | None] = [None, 2]
    return publish(
        folder,
        graph_topology(nodes),
        {"w": ([2], [100.0, 1000.0])},
        [("b", "b_in", [2], "float32"), ("a", "a_in", matrix, "float32")],
        [
            ("sum", "sum", matrix, "float32"),
            ("same", "sum:0", matrix, "float32"),
            ("constructor", "a_in", matrix, "float32"),
            ("__proto__", "w", [2], "float32"),
        ],
        format="graph",
        **options,
    )


def outputs_model(folder: Path) -> dict[str, Any]:
    """A layers model whose outputs repeat: `x` [?, 2] → 2x, `x` itself, 2x again, and `x` again."""
    topology = functional(
        [
            layer("InputLayer", "in", batch_input_shape=[None, 2], dtype="float32"),
            layer("Dense", "twice", inbound=[["in", 0, 0, {}]], units=2, activation="linear", use_bias=False),
        ],
        ["in"],
        ["twice", "in", "twice", "in"],
    )
    shape: list[int | None] = [None, 2]
    return publish(
        folder,
        topology,
        {"twice/kernel": ([2, 2], [2.0, 0, 0, 2])},
        [("x", "in", shape, "float32")],
        [(name, node, shape, "float32") for name, node in (("a", "twice"), ("b", "in"), ("c", "twice"), ("d", "in"))],
    )


def pair_model(folder: Path) -> dict[str, Any]:
    """A layers model of two inputs, `second` [?] and `first` [?, 2], given in this order: first + 10 · [second]."""
    topology = functional(
        [
            layer("InputLayer", "in1", batch_input_shape=[None], dtype="float32"),
            layer("InputLayer", "in2", batch_input_shape=[None, 2], dtype="float32"),
            layer("Reshape", "column", inbound=[["in1", 0, 0, {}]], target_shape=[1]),
            layer("Dense", "ten", inbound=[["column", 0, 0, {}]], units=2, activation="linear", use_bias=False),
            layer("Add", "sum", inbound=[["in2", 0, 0, {}], ["ten", 0, 0, {}]]),
        ],
        ["in1", "in2"],
        ["sum"],
    )
    return publish(
        folder,
        topology,
        {"ten/kernel": ([1, 2], [10.0, 10.0])},
        [("second", "in1", [None], "float32"), ("first", "in2", [None, 2], "float32")],
        [("sum", "sum", [None, 2], "float32")],
    )


def unknown_layer_model(folder: Path) -> dict[str, Any]:
    """A layers model that TensorFlow.js refuses, once it has made the variables of the layer before the unknown one."""
    topology = {
        "class_name": "Sequential",
        "config": {
            "name": "model",
            "layers": [
                {"class_name": "Dense", "config": {"name": "dense", "units": 2, "batch_input_shape": [None, 2]}},
                {"class_name": "Mystery", "config": {"name": "mystery"}},
            ],
        },
    }
    shape: list[int | None] = [None, 2]
    weights = {"dense/kernel": ([2, 2], [0.0] * 4), "dense/bias": ([2], [0.0] * 2)}
    return publish(folder, topology, weights, [("x", "in", shape, "float32")], [("y", "out", shape, "float32")])


def crossed_model(folder: Path) -> dict[str, Any]:
    """A graph p - q whose inputs are called by each other's nodes, in TensorFlow.js's signature as in ours."""
    nodes = [
        node("p", "Placeholder", dtype=FLOAT, shape=shape_attribute([1])),
        node("q", "Placeholder", dtype=FLOAT, shape=shape_attribute([1])),
        node("difference", "Sub", ["p", "q"], T=FLOAT),
    ]
    return publish(
        folder,
        graph_topology(nodes),
        {},
        [("p", "q", [1], "float32"), ("q", "p", [1], "float32")],
        [("p", "difference", [1], "float32"), ("difference", "q", [1], "float32")],
        format="graph",
        signature={
            "inputs": {"p": {"name": "q:0", "dtype": "DT_FLOAT"}, "q": {"name": "p:0", "dtype": "DT_FLOAT"}},
            "outputs": {"p": {"name": "difference:0"}, "difference": {"name": "q:0"}},
        },
    )


def small_graph(folder: Path, nodes: Sequence[Mapping[str, Any]], shape: list[int | None] | None) -> dict[str, Any]:
    """A graph from the placeholder `x` by `nodes` to `y`, with a weight `w`; without a shape, of any rank."""
    known: dict[str, Any] = (
        {} if shape is None else {"shape": shape_attribute([-1 if size is None else size for size in shape])}
    )
    first = [
        node("x", "Placeholder", dtype=FLOAT, **known),
        node("w", "Const", dtype=FLOAT, value={"tensor": {"dtype": "DT_FLOAT", "tensorShape": {}}}),
    ]
    return publish(
        folder,
        graph_topology([*first, *nodes]),
        {"w": ([1], [7.0])},
        [("x", "x", shape, "float32")],
        [("y", "y", shape, "float32")],
        format="graph",
    )


_TYPES = {
    "float32": "DT_FLOAT",
    "int32": "DT_INT32",
    "bool": "DT_BOOL",
    "string": "DT_STRING",
    "complex64": "DT_COMPLEX64",
}


def dtypes_model(folder: Path) -> dict[str, Any]:
    """A graph that gives back its inputs, one of each dtype, all [?, 2]."""
    nodes = []
    for dtype, code in _TYPES.items():
        kind = {"type": code}
        nodes.append(node(f"in_{dtype}", "Placeholder", dtype=kind, shape=shape_attribute([-1, 2])))
        nodes.append(node(f"out_{dtype}", "Identity", [f"in_{dtype}"], T=kind))
    shape: list[int | None] = [None, 2]
    return publish(
        folder,
        graph_topology(nodes),
        {},
        [(dtype, f"in_{dtype}", shape, dtype) for dtype in _TYPES],
        [(dtype, f"out_{dtype}", shape, dtype) for dtype in _TYPES],
        format="graph",
    )


def dynamic_model(folder: Path) -> dict[str, Any]:
    """A graph that only executeAsync can run: the places where `x` [?] is true, twice, beside `x` and a weight."""
    integers, boolean = {"type": "DT_INT64"}, {"type": "DT_BOOL"}
    nodes = [
        node("x", "Placeholder", dtype=boolean, shape=shape_attribute([-1])),
        node("w", "Const", dtype=FLOAT, value={"tensor": {"dtype": "DT_FLOAT", "tensorShape": {}}}),
        node("where", "Where", ["x"], T=boolean),
        node("counted", "CountedIdentity", ["where"], T=integers),
    ]
    places: list[int | None] = [None, 1]
    return publish(
        folder,
        graph_topology(nodes),
        {"w": ([1], [7.0])},
        [("x", "x", [None], "bool")],
        [
            ("places", "counted", places, "int32"),
            ("again", "counted", places, "int32"),
            ("given", "x", [None], "bool"),
            ("weight", "w", [1], "float32"),
        ],
        format="graph",
        asynchronous=True,
    )
