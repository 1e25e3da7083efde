"""Branches of TensorFlow 2: `If` and `Case` become StatelessIf, or the one branch that is always taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import common
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.convert.graph.op_calls import OpCalls
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.saved_model.source import Body, Function, SourceNode
from tfjs_build.convert.saved_model.trace import Frame, handles
from tfjs_build.errors import RefusedError, SourceError

Branch = Callable[[Builder, "Sequence[Traced]"], "list[Traced]"]
"""Builds a branch from its arguments."""


def function(frame: Frame, node: SourceNode, attr: str) -> Body:
    """Return the function that an attribute names."""
    named = node.attrs.get(attr)
    if not isinstance(named, Function):
        raise SourceError(f"{node.op} ({node.name}) does not say what its {attr} is.")
    return frame.session.library.body(named.name)


@handles("If", "StatelessIf")
def _if(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    predicate = truth(frame.builder, frame.value(node.inputs[0]))
    arguments = [frame.get(reference) for reference in node.inputs[1:]]
    then, otherwise = (_branch(frame, function(frame, node, attr)) for attr in ("then_branch", "else_branch"))
    return choose(frame.builder, predicate, then, otherwise, arguments, frame.prefix + node.name)


@handles("Case", "StatelessCase")
def _case(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    index = frame.value(node.inputs[0])
    arguments = [frame.get(reference) for reference in node.inputs[1:]]
    functions = [each for each in node.attrs.get("branches") or [] if isinstance(each, Function)]
    if not functions:
        raise SourceError(f"{node.op} ({node.name}) has no branches.")
    branches = [_branch(frame, frame.session.library.body(each.name)) for each in functions]
    return _cases(frame.builder, index, branches, arguments, frame.prefix + node.name, 0)


def _cases(
    b: Builder, index: Value, branches: Sequence[Branch], arguments: Sequence[Traced], name: str, number: int
) -> list[Traced]:
    """Choose the branch `index`; the last one serves for all that is out of range, as in TensorFlow."""
    if len(branches) == 1:
        return branches[0](b, arguments)

    def rest(inner: Builder, given: Sequence[Traced]) -> list[Traced]:
        assert isinstance(given[0], Value)
        return _cases(inner, given[0], branches[1:], given[1:], name, number + 1)

    def first(inner: Builder, given: Sequence[Traced]) -> list[Traced]:
        return branches[0](inner, given[1:])

    return choose(b, b.Equal(index, number), first, rest, [index, *arguments], name)


def _branch(frame: Frame, body: Body) -> Branch:
    return lambda builder, arguments: frame.call(body, arguments, frame.prefix, builder).results()


def truth(b: OpCalls, value: Value) -> Value:
    """Return a condition as a scalar bool: TensorFlow takes numbers (not zero) as well."""
    if value.dtype == "bool":
        return value
    if value.dtype == "string":
        raise RefusedError("A string as the condition of a branch is not supported.")
    return b.NotEqual(value, b.ZerosLike(value))


def choose(
    b: Builder, predicate: Value, then: Branch, otherwise: Branch, arguments: Sequence[Traced], name: str
) -> list[Traced]:
    """Return the outputs of a branch node, or of the branch that a constant predicate takes.

    Handles and constants are seen by the branches as they are; the other arguments are inputs of both functions.
    """
    if predicate.constant is not None:
        taken = then if bool(predicate.constant.array().any()) else otherwise
        return taken(b, arguments)
    tensors = [value for value in arguments if isinstance(value, Value) and value.constant is None]
    passed = list(dict.fromkeys(tensors))
    graphs = []
    for branch in (then, otherwise):
        inner = Builder(name)
        inputs = {value: inner.input(f"{name}/arg_{i}", value.shape, value.dtype) for i, value in enumerate(passed)}
        given = [inputs.get(value, value) if isinstance(value, Value) else value for value in arguments]
        results = branch(inner, given)
        outputs = []
        for i, result in enumerate(results):
            if not isinstance(result, Value):
                raise RefusedError(f"A branch of {name} returns the handle of {result.name}, which is not supported.")
            outputs.append(Port(f"output_{i}", result))
        graphs.append(Graph([Port(value.node.name, value) for value in inputs.values()], outputs))
    counts = [len(graph.outputs) for graph in graphs]
    if counts[0] != counts[1]:
        raise SourceError(f"The branches of {name} return {counts[0]} and {counts[1]} tensors.")
    specs = [
        (common(yes.value.shape, no.value.shape), yes.value.dtype)
        for yes, no in zip(graphs[0].outputs, graphs[1].outputs, strict=True)
    ]
    attrs = {"then_branch": graphs[0], "else_branch": graphs[1]}
    return list(b.node("StatelessIf", [predicate, *passed], attrs, name=name, given=specs))
