"""Loops and branches: what they carry along for nothing, and what TensorFlow.js would dispose too early.

1. A loop variable that neither the condition, nor a result that is read, nor a variable that is needed depends on, is
   gone; so are results of branches that nothing reads, and inputs that no function uses.
2. TensorFlow.js disposes what a function has computed when it returns, also what it has put into a tensor list. Such an
   item is returned as well, level by level: an extra variable of the loop, an extra result of the branch. It must be
   the very tensor, not a copy: an item that cannot be an output as it is becomes one by an Identity before the write.
3. TensorFlow.js changes a list in place, where TensorFlow makes a new one. A list that is read besides being written is
   read first (the write waits for it); one that is written twice, or written and returned, is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfjs_build.convert.graph.ir import Graph, Node, Port, Value
from tfjs_build.convert.graph.rewrite import Context, rewrite
from tfjs_build.errors import RefusedError

_WRITERS: Final = {"TensorListSetItem": 2, "TensorListPushBack": 1}
"""Ops that change their list, and which input the item is."""

_LOOP, _BRANCH = "StatelessWhile", "StatelessIf"


def prune_loops(graph: Graph) -> Graph:
    """Return the graph with loops and branches that carry only what is needed (rule 1)."""
    return rewrite(graph, [_prune])


def keep_items(graph: Graph) -> Graph:
    """Return the graph with list items kept alive and writes in order (rules 2 and 3). Raises RefusedError."""
    if not any(node.graphs or node.op in _WRITERS for node in graph.nodes()):
        return graph
    _check_lists(graph)
    return rewrite(_ordered(graph), [_return_items])


# --- rule 1 ---------------------------------------------------------------------------------------------------------


def _prune(context: Context, node: Node) -> Sequence[Value] | None:
    if node.op not in (_LOOP, _BRANCH):
        return None
    graphs = {key: prune_loops(value) for key, value in node.graphs}
    read = [index for index, value in enumerate(node.outputs) if context.uses(value)]
    if node.op == _LOOP:
        kept_outputs = kept_inputs = _needed_variables(graphs["cond"], graphs["body"], read)
        offset = 0
        graphs["cond"] = _part(graphs["cond"], kept_inputs, [0])
        graphs["body"] = _part(graphs["body"], kept_inputs, kept_outputs)
    else:
        kept_outputs = read or [0]
        offset = 1
        graphs = {key: _part(graph, range(len(graph.inputs)), kept_outputs) for key, graph in graphs.items()}
        used = {i for graph in graphs.values() for i in _inputs_of(graph, range(len(graph.outputs)))}
        kept_inputs = sorted(used)
        graphs = {key: _part(graph, kept_inputs, range(len(graph.outputs))) for key, graph in graphs.items()}
    inputs = [context.new(value) for value in node.inputs]
    passed = [*inputs[:offset], *(inputs[offset + i] for i in kept_inputs)]
    given = [(node.outputs[i].shape, node.outputs[i].dtype) for i in kept_outputs]
    built = context.builder.node(node.op, passed, graphs, name=node.name, given=given)
    outputs = dict(zip(kept_outputs, built, strict=True))
    # Results that nothing reads may have any value.
    return [outputs.get(i, passed[0]) for i in range(len(node.outputs))]


def _needed_variables(cond: Graph, body: Graph, read: Sequence[int]) -> list[int]:
    needed: set[int] = set()
    more = {*read, *_inputs_of(cond, [0])}
    while more:
        needed |= more
        more = _inputs_of(body, sorted(more)) - needed
    return sorted(needed) or [0]


def _inputs_of(graph: Graph, outputs: Sequence[int] | range) -> set[int]:
    """Return the positions of the inputs that some outputs depend on."""
    part = Graph([], [graph.outputs[i] for i in outputs])
    nodes = set(part.nodes())
    return {i for i, port in enumerate(graph.inputs) if port.value.node in nodes}


def _part(graph: Graph, inputs: Sequence[int] | range, outputs: Sequence[int] | range) -> Graph:
    return Graph([graph.inputs[i] for i in inputs], [graph.outputs[i] for i in outputs])


# --- rule 2 ---------------------------------------------------------------------------------------------------------


def _items(graph: Graph) -> list[Value]:
    """Return what a function, or one inside it, puts into lists, as values of this graph."""
    found: dict[Value, None] = {}
    for node in graph.nodes():
        found.update((node.inputs[position], None) for position in _item_positions(node))
        for _, inner in node.graphs:
            for value in _items(inner):  # inside, what is no input is returned already
                found.update((node.outputs[i], None) for i, port in enumerate(inner.outputs) if port.value is value)
    return [value for value in found if value.constant is None]


def _item_positions(node: Node) -> list[int]:
    """Return which inputs of a node go into a list."""
    if node.op in _WRITERS:
        return [_WRITERS[node.op]]
    offset = 1 if node.op == _BRANCH else 0
    positions: dict[int, None] = {}
    for _, inner in node.graphs:
        places = {port.value: i for i, port in enumerate(inner.inputs)}
        positions.update((offset + places[value], None) for value in _items(inner) if value in places)
    return list(positions)


def _return_items(context: Context, node: Node) -> Sequence[Value] | None:
    """Give a loop or branch the items of its functions as extra results."""
    if node.op not in (_LOOP, _BRANCH):
        return None
    graphs = {key: _own_items(rewrite(value, [_return_items])) for key, value in node.graphs}
    written = {key: _unreturned(graph) for key, graph in graphs.items() if key != "cond"}
    count = sum(len(values) for values in written.values())
    inputs = context.inputs(node)
    b = context.builder
    given = [(value.shape, value.dtype) for value in node.outputs]
    if count:
        nothing = b.const(0.0)
        items = [(key, value) for key, values in written.items() for value in values]
        for key, graph in graphs.items():
            if key == "cond":
                outputs = list(graph.outputs)
            else:
                results = [value if key == owner else nothing for owner, value in items]
                outputs = [*graph.outputs, *(Port(f"item_{i}", value) for i, value in enumerate(results))]
            extra = [b.input(f"{node.name}/item_{i}", None, value.dtype) for i, (_, value) in enumerate(items)]
            ports = [*graph.inputs, *(Port(v.node.name, v) for v in extra if node.op == _LOOP)]
            graphs[key] = Graph(ports, outputs)
        if node.op == _LOOP:
            inputs += [nothing] * count
        given += [(None, value.dtype) for _, value in items]
    outputs_ = b.node(node.op, inputs, graphs, name=node.name, given=given)
    return outputs_[: len(node.outputs)]


def _own_items(graph: Graph) -> Graph:
    """Give items nodes of their own, so that they are returned without being copied."""
    firsts: dict[Node, Value] = {}
    for port in graph.outputs:
        firsts.setdefault(port.value.node, port.value)

    def rule(context: Context, node: Node) -> Sequence[Value] | None:
        inputs = context.inputs(node)
        changed = False
        for position in _item_positions(node):
            item = node.inputs[position]
            single = item.index == 0 and firsts.get(item.node, item) is item
            if not single and item.node.op not in ("Const", "Placeholder"):
                new = inputs[position]
                own = Node(context.builder, "Identity", (new,), {}, f"{node.name}/item", [(new.shape, new.dtype)])
                inputs[position] = own.outputs[0]
                changed = True
        if not changed:
            return None
        given = [(value.shape, value.dtype) for value in node.outputs]
        return context.builder.node(node.op, inputs, node.attrs, name=node.name, given=given)

    return rewrite(graph, [rule])


def _unreturned(graph: Graph) -> list[Value]:
    """Return the items of a function that it does not return or get from outside anyway."""
    known = {port.value for port in (*graph.inputs, *graph.outputs)}
    return [value for value in _items(graph) if value not in known]


# --- rule 3 ---------------------------------------------------------------------------------------------------------


def _written_inputs(graph: Graph) -> set[Value]:
    """Return the lists of a graph that it, or a function inside it, changes."""
    return {value for node in graph.nodes() for value in _written_by(node)}


def _written_by(node: Node) -> list[Value]:
    if node.op in _WRITERS:
        return [node.inputs[0]]
    offset = 1 if node.op == _BRANCH else 0
    changed: dict[Value, None] = {}
    for _, inner in node.graphs:
        written = _written_inputs(inner)
        changed.update((node.inputs[offset + i], None) for i, p in enumerate(inner.inputs) if p.value in written)
    return list(changed)


def _check_lists(graph: Graph) -> None:
    """Raise RefusedError for a list whose old state is needed after it was written."""
    writers: dict[Value, Node] = {}
    for node in graph.nodes():
        for value in _written_by(node):
            if value in writers:
                raise _refusal(value, f"{writers[value].name} and {node.name} both write it")
            writers[value] = node
        for _, inner in node.graphs:
            _check_lists(inner)
    returned = {port.value for port in graph.outputs}
    for value, writer in writers.items():
        if value in returned:
            raise _refusal(value, f"{writer.name} writes it, and its old state is a result")
        if writer.op not in _WRITERS:
            readers = [node for node in graph.nodes() if node is not writer and value in node.inputs]
            if readers:
                raise _refusal(value, f"{writer.name} writes it, and {readers[0].name} reads it")


def _refusal(value: Value, why: str) -> RefusedError:
    return RefusedError(
        f"The tensor list {value.node.name} is read in two states: {why}. TensorFlow.js changes lists in place,"
        " and keeps one state only.",
        hint="Write to a TensorArray once at each step, and read it when it is done.",
    )


def _ordered(graph: Graph) -> Graph:
    """Make writes wait for the reads of the list's old state, by an input that the executor does not look at."""
    readers: dict[Value, list[Node]] = {}
    for node in graph.nodes():
        for value in node.inputs:
            if value.dtype == "variant" and node.op not in _WRITERS and not node.graphs:
                readers.setdefault(value, []).append(node)
    first = {
        node: readers[node.inputs[0]] for node in graph.nodes() if node.op in _WRITERS and node.inputs[0] in readers
    }

    def rule(context: Context, node: Node) -> Sequence[Value] | None:
        if node.graphs:
            graphs = {key: _ordered(value) for key, value in node.graphs}
            given = [(value.shape, value.dtype) for value in node.outputs]
            return context.builder.node(node.op, context.inputs(node), graphs, name=node.name, given=given)
        if node not in first:
            return None
        inputs = [*context.inputs(node), *(context.new(reader.outputs[0]) for reader in first[node])]
        return context.builder.node(node.op, inputs, node.attrs, name=node.name)

    try:
        order = graph.nodes(first)
    except ValueError:
        writer, [reader, *_] = next(iter(first.items()))
        why = f"{writer.name} writes it, and {reader.name} reads its old state afterwards"
        raise _refusal(writer.inputs[0], why) from None
    return rewrite(graph, [rule], order=order)
