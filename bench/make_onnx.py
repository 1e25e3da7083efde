"""Writes a SavedModel as ONNX, by tf2onnx, as ONNX Runtime likes it: `make_onnx.py FOLDER FILE`.

Runs in the environment that has TensorFlow, with tf2onnx on the path. Functions that are to be compiled by XLA, which
tf2onnx would leave as calls, are like others. The batch is one, so that shapes are known when a session begins. Erfc,
which ONNX does not have and tf2onnx leaves in, is spelled by Erf, in GELU so that ONNX Runtime sees it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import onnx
import tf2onnx.convert
from onnx import helper, numpy_helper
from tensorflow.core.protobuf import saved_model_pb2

OPSET = "17"
"""The first that has layer normalization."""


def main(source: Path, file: Path) -> None:
    """Read one, and write the other."""
    with tempfile.TemporaryDirectory() as folder:
        place, converted = Path(folder, "model"), Path(folder, "model.onnx")
        without_xla(source, place)
        sys.argv[1:] = ["--opset", OPSET, "--saved-model", str(place), "--output", str(converted)]
        tf2onnx.convert.main()
        model = onnx.load(converted)
    for each in model.graph.input:
        each.type.tensor_type.shape.dim[0].dim_value = 1
    # Negations that nothing needs any longer, ONNX Runtime leaves out by itself.
    nodes = [spelled for node in model.graph.node for spelled in erf(model.graph, node)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, file)


def without_xla(source: Path, place: Path) -> None:
    """Copy a SavedModel, its functions without the wish to be compiled."""
    place.mkdir()
    (place / "variables").symlink_to(source.resolve() / "variables")
    saved = saved_model_pb2.SavedModel.FromString((source / "saved_model.pb").read_bytes())
    for graph in (each.graph_def for each in saved.meta_graphs):
        for each in (*graph.library.function, *(node for f in graph.library.function for node in f.node_def)):
            each.attr.pop("_XlaMustCompile", None)
    (place / "saved_model.pb").write_bytes(saved.SerializeToString())


def erf(graph, node):  # type: ignore[no-untyped-def]
    """Return what takes a node's place: erfc(−x · c) is 1 + erf(x / (1 / c)), any other erfc(v) is 1 + erf(−v)."""
    if node.op_type != "Erfc":
        return [node]
    (v,), (result,) = node.input, node.output
    one, names = constant(graph, f"{result}/one", 1.0), [f"{result}/x", f"{result}/erf"]
    product = producer(graph, v, "Mul")
    negated = product and producer(graph, product.input[0], "Neg")
    (factor,) = [each for each in graph.initializer if product and each.name == product.input[1]] or [None]
    if negated and factor is not None:
        inverse = constant(graph, f"{result}/inverse", 1 / float(numpy_helper.to_array(factor)))
        argument = helper.make_node("Div", [negated.input[0], inverse], names[:1])
    else:
        argument = helper.make_node("Neg", [v], names[:1])
    return [
        argument,
        helper.make_node("Erf", names[:1], names[1:]),
        helper.make_node("Add", [names[1], one], [result]),
    ]


def producer(graph, name, op):  # type: ignore[no-untyped-def]
    """Return the node that gives a value, if it is of this op."""
    return next((node for node in graph.node if name in node.output and node.op_type == op), None)


def constant(graph, name, value):  # type: ignore[no-untyped-def]
    """Add a number to the graph; returns its name."""
    graph.initializer.append(numpy_helper.from_array(np.array(value, np.float32), name))
    return name


main(Path(sys.argv[1]), Path(sys.argv[2]))
