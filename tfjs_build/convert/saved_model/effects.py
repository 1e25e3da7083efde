"""Variables that the exported graph writes while it runs.

Control edges are not kept: they matter only where an output depends on a variable that is written, in any order: read
after the write, the output needs it; read before, the next call would. Such a model keeps state between calls, and is
refused by the variable's name. Writing what no output depends on (a counter, a metric, the moving averages of a batch
normalization in training) changes no output; nor does a write that never happens, in a branch that is never taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tfjs_build.convert.dtypes import INTEGER
from tfjs_build.convert.saved_model.handlers.branches import function
from tfjs_build.convert.saved_model.handlers.switches import never_runs
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


class StateError(RefusedError):
    """A signature keeps state between calls."""


def conflicts(frame: Frame, outputs: list[str]) -> dict[Variable, RefusedError]:
    """Return the variables that a run of the main graph up to `outputs` both reads and writes, with the refusal that is
    due where an output depends on what is read. Raises RefusedError for a table that is looked up and written."""
    session = frame.session
    read, tables = dict(session.read), set(session.used_tables)  # looking for writes may read more
    found: dict[Variable, RefusedError] = {}
    for target, where in _written(frame, _ancestors(frame.body, outputs), {}):
        if isinstance(target, Table) and target.name in tables:
            raise _refusal(target.name, "a look-up", where)
        if isinstance(target, Variable) and target in read:
            found.setdefault(target, _refusal(target.name, read[target], where))
    return found


def _refusal(name: str, reader: str, where: str) -> StateError:
    return StateError(
        f"The signature reads {name} (by {reader}) and also writes it ({where}) while it runs;"
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
        if (_writes(node) or _functions(node)) and never_runs(frame, node):
            continue
        if _writes(node):
            target = frame.get(node.inputs[0])
            if isinstance(target, (Variable, Table)):
                yield target, f"{node.op} {frame.prefix}{node.name}"
            continue
        for name in _taken(frame, node):
            body = frame.session.library.body(name)
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


def _taken(frame: Frame, node: SourceNode) -> list[str]:
    """Return the functions that a node runs: of branches, the one that is taken, where that is known."""
    functions = _functions(node)
    if node.op in ("If", "StatelessIf", "Case", "StatelessCase"):
        decision = frame.value(node.inputs[0]).constant
        if decision is not None and node.op.endswith("If"):
            return [function(frame, node, "then_branch" if decision.array().any() else "else_branch").name]
        if decision is not None and functions and decision.size == 1 and decision.dtype in INTEGER:
            index = int(decision.array().item())
            return [functions[index if 0 <= index < len(functions) else -1]]
    return functions


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
