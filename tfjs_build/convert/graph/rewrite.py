"""How passes change a graph: it is built anew from the inputs on, node by node, with rules in between.

A rule looks at a node of the old graph (patterns are matched there) and either returns the new values of its outputs,
built from the new values of what it reads, or None to keep the node. As every node goes through the builder, what has
become constant is folded and shapes that have become known are used, in each pass anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Node, Port, Value


class Context:
    """What a rule sees beside its node: the builder (scoped to the node's layer), the new values of old ones, and how
    often old values are read."""

    def __init__(self, graph: Graph, builder: Builder) -> None:
        self.builder = builder
        self.values: dict[Value, Value] = {}
        self.graph = graph
        self._uses: Counter[Value] | None = None

    def new(self, value: Value) -> Value:
        """Return the new value of an old one."""
        return self.values[value]

    def inputs(self, node: Node) -> list[Value]:
        """Return the new values of what a node reads."""
        return [self.values[value] for value in node.inputs]

    def uses(self, value: Value) -> int:
        """Return how often an old value is read."""
        if self._uses is None:
            self._uses = self.graph.uses()
        return self._uses[value]

    def only_use(self, value: Value) -> bool:
        """Whether an old value is read exactly once."""
        return self.uses(value) == 1


Rule: TypeAlias = "Callable[[Context, Node], Sequence[Value] | Value | None]"


def rewrite(
    graph: Graph,
    rules: Sequence[Rule],
    make_builder: Callable[[], Builder] = Builder,
    *,
    order: Sequence[Node] | None = None,
) -> Graph:
    """Return the graph with the first rule applied that fits each node, in functions inside it as well.

    `order` are the nodes in the order in which rules are to see them, where that matters.
    """
    context = Context(graph, make_builder())
    for port in graph.inputs:
        value = port.value
        context.values[value] = context.builder.input(value.node.name, value.shape, value.dtype)
    for node in order if order is not None else graph.nodes():
        if node.outputs[0] in context.values:
            continue  # an input
        context.builder.scope = node.name
        replaced = _apply(context, node, rules, make_builder)
        for old, new in zip(node.outputs, replaced, strict=True):
            context.values[old] = new
    return Graph(
        [Port(port.name, context.new(port.value)) for port in graph.inputs],
        [Port(port.name, context.new(port.value)) for port in graph.outputs],
    )


def _apply(context: Context, node: Node, rules: Sequence[Rule], make_builder: Callable[[], Builder]) -> Sequence[Value]:
    if node.op == "Const":
        return node.outputs
    for rule in rules:
        result = rule(context, node)
        if result is not None:
            return [result] if isinstance(result, Value) else result
    attrs = {
        key: rewrite(value, rules, make_builder) if isinstance(value, Graph) else value
        for key, value in node.attrs.items()
    }
    given = [(value.shape, value.dtype) for value in node.outputs]
    return context.builder.node(node.op, context.inputs(node), attrs, name=node.name, given=given)
