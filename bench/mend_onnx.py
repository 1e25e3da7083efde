"""Writes an ONNX file of tf2onnx's as ONNX Runtime likes it: `mend_onnx.py FILE NEW`; runs with tf2onnx's packages.

The batch is one, so that shapes are known when a session begins; and Erfc, which ONNX does not have and tf2onnx leaves
in, is spelled by Erf, in GELU so that ONNX Runtime sees it.
"""

from __future__ import annotations

import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper


def main(old: str, new: str) -> None:
    """Read one, and write the other."""
    model = onnx.load(old)
    for each in model.graph.input:
        each.type.tensor_type.shape.dim[0].dim_value = 1
    nodes = [mended for node in model.graph.node for mended in erf(model.graph, node)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    # What Erf no longer needs, nothing needs: ONNX Runtime leaves it out by itself.
    onnx.save(model, new)


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


main(*sys.argv[1:])
