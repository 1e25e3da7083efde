"""Puts what a function computes in the place where it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Node, Value

Instead = Callable[[Node, Sequence[Value]], "Value | None"]
"""Gives what stands in the place of a node with certain inputs, None where it is the node itself."""


def inlined(b: Builder, graph: Graph, inputs: Sequence[Value], instead: Instead) -> list[Value]:
    """Return what a function gives for these inputs."""
    values = {port.value: value for port, value in zip(graph.inputs, inputs, strict=True)}
    for node in graph.nodes():
        if node.outputs[0] in values:
            continue
        if node.op == "Const":
            values[node.outputs[0]] = node.outputs[0]
            continue
        read = [values[value] for value in node.inputs]
        found = instead(node, read)
        if found is not None:
            values[node.outputs[0]] = found
            continue
        given = [(value.shape, value.dtype) for value in node.outputs]
        values.update(zip(node.outputs, b.node(node.op, read, node.attrs, name=node.name, given=given), strict=True))
    return [values[port.value] for port in graph.outputs]


def size_of(graph: Graph) -> int:
    """Return how many nodes a function is, with those of functions inside it, besides constants."""
    return sum(node.op not in ("Const", "Placeholder") for node in graph.walk())
