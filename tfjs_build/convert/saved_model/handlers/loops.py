"""Loops of TensorFlow 2: `While` becomes StatelessWhile, over what changes in it or must be passed in.

1. A handle that the body hands through is the same in every turn: the body sees the variable itself.
2. So is a constant that is handed through. What else is handed through is an input, and its value after the loop is
   the one before it.
3. Shapes of loop variables are those before the first turn, widened until the body gives what it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import common
from tfjs_build.convert.graph.ir import Dims, Graph, Port, Value
from tfjs_build.convert.saved_model.handlers.branches import function, truth
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.saved_model.source import Body, SourceNode
from tfjs_build.convert.saved_model.trace import Frame, handles
from tfjs_build.errors import RefusedError, SourceError

Function = Callable[[Builder, "Sequence[Traced]"], "list[Traced]"]


@handles("While", "StatelessWhile")
def _while(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    body, cond = (function(frame, node, attr) for attr in ("body", "cond"))
    arguments = [frame.get(reference) for reference in node.inputs]
    for each, count in ((body, len(arguments)), (cond, 1)):
        if len(each.args) != len(arguments) or len(each.results) != count:
            raise SourceError(
                f"{node.op} ({node.name}) hands {len(arguments)} tensors to the function {each.name} and takes {count}"
                f" from it, which has {len(each.args)} arguments and {len(each.results)} results."
            )
    handed = [_handed_through(body, position) for position in range(len(arguments))]

    def run(each: Body) -> Function:
        return lambda builder, given: frame.call(each, given, frame.prefix, builder).results()

    return loop(frame.builder, run(cond), run(body), arguments, handed, frame.prefix + node.name)


def _handed_through(body: Body, position: int) -> bool:
    """Whether a body returns its argument at `position` unchanged."""
    return body.behind_identities(body.results[position])[0] == body.args[position][0]


def loop(
    b: Builder, cond: Function, body: Function, arguments: Sequence[Traced], handed: Sequence[bool], name: str
) -> list[Traced]:
    """Return what the loop variables are after the loop; `handed` tells which of them the body hands through."""
    fixed: dict[int, Traced] = {}
    varying: dict[int, Value] = {}
    for position, argument in enumerate(arguments):
        if not isinstance(argument, Value):
            if not handed[position]:
                raise RefusedError(f"The loop {name} exchanges the handle of {argument.name}, which is not supported.")
            fixed[position] = argument
        elif handed[position] and argument.constant is not None:
            fixed[position] = argument
        else:
            varying[position] = argument
    shapes: dict[int, Dims] = {position: value.shape for position, value in varying.items()}
    while True:
        inputs, results = _trace(body, fixed, varying, shapes, name)
        wider = {position: common(shapes[position], _tensor(results[position], name).shape) for position in varying}
        if wider == shapes:
            break
        shapes = wider
    ports = [Port(value.node.name, value) for value in inputs.values()]
    body_graph = Graph(ports, [Port(f"output_{i}", _tensor(results[i], name)) for i in varying])
    inputs, [decision] = _trace(cond, fixed, varying, shapes, name)
    ports = [Port(value.node.name, value) for value in inputs.values()]
    condition = _tensor(decision, name)
    cond_graph = Graph(ports, [Port("output_0", truth(condition.node.builder, condition))])
    outputs = b.node(
        "StatelessWhile",
        list(varying.values()),
        {"cond": cond_graph, "body": body_graph},
        name=name,
        given=[(shapes[position], value.dtype) for position, value in varying.items()],
    )
    after: dict[int, Traced] = dict(zip(varying, outputs, strict=True))
    return [argument if handed[position] else after[position] for position, argument in enumerate(arguments)]


def _trace(
    build: Function, fixed: dict[int, Traced], varying: dict[int, Value], shapes: dict[int, Dims], name: str
) -> tuple[dict[int, Value], list[Traced]]:
    inner = Builder(name)
    inputs = {
        position: inner.input(f"{name}/arg_{position}", shapes[position], value.dtype)
        for position, value in varying.items()
    }
    given = [fixed[i] if i in fixed else inputs[i] for i in range(len(fixed) + len(varying))]
    return inputs, build(inner, given)


def _tensor(traced: Traced, name: str) -> Value:
    if not isinstance(traced, Value):
        raise RefusedError(f"The loop {name} computes the handle of {traced.name}, which is not supported.")
    return traced
