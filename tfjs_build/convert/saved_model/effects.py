"""Variables that the exported graph writes while it runs.

Control edges are not kept: they matter only where a variable is written on the way to a result that reads it, in any
order. Such a model keeps state between calls, and is refused by the variable's name. Writing what nothing reads (a
counter, a metric) changes no result.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tfjs_build.convert.saved_model.resources import Table, Variable
from tfjs_build.convert.saved_model.source import Body, Function, SourceNode
from tfjs_build.convert.saved_model.trace import Frame
from tfjs_build.errors import RefusedError

_WRITES: Final = frozenset(
    {
        "Assign",
        "AssignAdd",
        "AssignAddVariableOp",
        "AssignSub",
        "AssignSubVariableOp",
        "AssignVariableOp",
        "LookupTableImportV2",
        "LookupTableInsertV2",
        "LookupTableRemoveV2",
        "RngReadAndSkip",
        "RngSkip",
        "ScatterAdd",
        "ScatterNdUpdate",
        "ScatterUpdate",
        "StatefulUniform",
    }
)
_PREFIXES: Final = ("ResourceScatter", "ResourceApply", "ResourceSparseApply", "Stateful")


def refuse_state(frame: Frame, outputs: list[str]) -> None:
    """Raise RefusedError if a run of the main graph up to `outputs` writes a variable that its results read."""
    session = frame.session
    checked: dict[str, bool] = {}
    read, tables = dict(session.read), set(session.used_tables)  # looking for writes may read more
    for target, where in _written(frame, _ancestors(frame.body, outputs), checked):
        if target in read or (isinstance(target, Table) and target.name in tables):
            reader = read.get(target, "") if isinstance(target, Variable) else "a look-up"
            raise RefusedError(
                f"The signature reads {target.name} (by {reader}) and also writes it ({where}) while it runs;"
                " TensorFlow.js keeps no state between calls.",
                hint="Export a signature that takes the state as an input and returns it as an output; random layers"
                " must be called with training=False.",
            )


def _ancestors(body: Body, outputs: list[str]) -> list[SourceNode]:
    """Return the nodes of the main graph that run for `outputs`."""
    stack = [body.resolve(reference)[0] for reference in outputs]
    seen: dict[str, SourceNode] = {}
    while stack:
        name = stack.pop()
        node = body.nodes.get(name)
        if node is None or name in seen:
            continue
        seen[name] = node
        stack += [body.resolve(reference)[0] for reference in node.inputs] + node.controls
    return list(seen.values())


def _written(frame: Frame, nodes: list[SourceNode], checked: dict[str, bool]) -> Iterator[tuple[Variable | Table, str]]:
    for node in nodes:
        if _writes(node):
            target = frame.get(node.inputs[0])
            if isinstance(target, (Variable, Table)):
                yield target, f"{node.op} {frame.prefix}{node.name}"
            continue
        for function in _functions(node):
            body = frame.session.library.body(function)
            if not _may_write(frame, body, checked):
                continue
            given = node.inputs[len(node.inputs) - len(body.args) :]
            inner = frame.call(body, [frame.get(reference) for reference in given], frame.prefix)
            yield from _written(inner, list(body.nodes.values()), checked)


def _writes(node: SourceNode) -> bool:
    return bool(node.inputs) and (
        node.op in _WRITES or (node.op.startswith(_PREFIXES) and node.op != "StatefulPartitionedCall")
    )


def _functions(node: SourceNode) -> list[str]:
    if node.op not in {
        "PartitionedCall",
        "StatefulPartitionedCall",
        "If",
        "StatelessIf",
        "Case",
        "StatelessCase",
        "While",
        "StatelessWhile",
    }:
        return []
    named = [value for value in node.attrs.values() if isinstance(value, Function)]
    listed = [value for value in node.attrs.get("branches") or [] if isinstance(value, Function)]
    return [function.name for function in named + listed]


def _may_write(frame: Frame, body: Body, checked: dict[str, bool]) -> bool:
    """Whether a function, or one that it calls, writes anything."""
    if body.name not in checked:
        checked[body.name] = False  # a function that calls itself adds nothing
        library = frame.session.library
        checked[body.name] = any(
            _writes(node) or any(_may_write(frame, library.body(name), checked) for name in _functions(node))
            for node in body.nodes.values()
        )
    return checked[body.name]
