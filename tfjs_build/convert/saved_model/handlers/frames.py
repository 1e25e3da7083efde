"""Loops of TensorFlow 1, raised to StatelessWhile.

A loop is a frame, which values come into by Enter. A loop variable is Enter → Merge, where it meets what NextIteration
brings from the turn before; LoopCond decides in a Switch whether it goes into the body or, by Exit, out. So the
condition is what LoopCond needs of the Merges, the body what the NextIterations need of the Switches. An Enter without
Merge brings in what does not change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.saved_model.handlers.loops import loop
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.saved_model.source import Body, SourceNode
from tfjs_build.convert.saved_model.trace import NEEDS, Frame, handles
from tfjs_build.errors import RefusedError, SourceError


@dataclass
class _Variable:
    """A loop variable by its nodes; a variable that is not read after the loop has no Switch."""

    enter: SourceNode
    merge: SourceNode
    following: SourceNode
    switch: SourceNode | None = None


@dataclass
class _Loop:
    """A loop of a body."""

    name: str
    variables: list[_Variable] = field(default_factory=list)
    constants: list[SourceNode] = field(default_factory=list)
    condition: SourceNode | None = None


def find_loops(body: Body) -> dict[str, _Loop]:
    """Return the loops of a body by the name of their frame."""
    if body.loops is None:
        body.loops = _find(body)
    loops: dict[str, _Loop] = body.loops
    return loops


def _find(body: Body) -> dict[str, _Loop]:
    loops: dict[str, _Loop] = {}
    readers: dict[str, list[SourceNode]] = defaultdict(list)
    for node in body.nodes.values():
        if node.op in ("Merge", "Switch", "RefMerge", "RefSwitch"):
            for reference in node.inputs:
                readers[body.resolve(reference)[0]].append(node)
    for node in body.nodes.values():
        if node.op not in ("Enter", "RefEnter"):
            continue
        name = str(node.attrs["frame_name"])
        found = loops.setdefault(name, _Loop(name))
        merge = next((other for other in readers[node.name] if other.op.endswith("Merge")), None)
        if merge is None:
            found.constants.append(node)
            continue
        following = [body.nodes.get(body.resolve(reference)[0]) for reference in merge.inputs]
        back = next((other for other in following if other and other.op.endswith("NextIteration")), None)
        if back is None:
            raise RefusedError(
                f"The loop {name} is not in the form that TensorFlow writes: no NextIteration leads to {merge.name}."
            )
        variable = _Variable(node, merge, back)
        for switch in readers[merge.name]:
            if not switch.op.endswith("Switch"):
                continue
            decision = body.nodes.get(body.resolve(switch.inputs[1])[0])
            if decision is not None and decision.op == "LoopCond":
                variable.switch = switch
                found.condition = decision
        found.variables.append(variable)
    return loops


def loop_of_exit(body: Body, node: SourceNode) -> tuple[_Loop, int]:
    """Return the loop that an Exit leaves, and the position of its variable."""
    switch = body.resolve(node.inputs[0])[0]
    for found in find_loops(body).values():
        for position, variable in enumerate(found.variables):
            if variable.switch is not None and variable.switch.name == switch:
                return found, position
    raise RefusedError(f"Exit ({node.name}) does not belong to a loop in the form that TensorFlow writes.")


def _reachable_constants(body: Body, found: _Loop) -> list[SourceNode]:
    """Return the loop's constants that its condition or body needs."""
    constants = {node.name for node in found.constants}
    seen: set[str] = set()
    stack = [variable.following.name for variable in found.variables]
    stack += [found.condition.name] if found.condition else []
    stops = {variable.enter.name for variable in found.variables}
    while stack:
        name = stack.pop()
        if name in seen or name in stops or name not in body.nodes:
            continue
        seen.add(name)
        if name not in constants:
            stack += [body.resolve(reference)[0] for reference in body.nodes[name].inputs]
    return [node for node in found.constants if node.name in seen]


def _exit_needs(frame: Frame, node: SourceNode) -> list[str]:
    found, _ = loop_of_exit(frame.body, node)
    enters = [variable.enter for variable in found.variables] + _reachable_constants(frame.body, found)
    places = (frame.body.resolve(enter.inputs[0]) for enter in enters)
    return [name for name, index in places if (name, index) not in frame.bound]


NEEDS["Exit"] = NEEDS["RefExit"] = _exit_needs


@handles("Exit", "RefExit")
def _exit(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    found, position = loop_of_exit(frame.body, node)
    if found.name not in frame.results_of_loops:
        frame.results_of_loops[found.name] = _run(frame, found)
    return [frame.results_of_loops[found.name][position]]


def _run(frame: Frame, found: _Loop) -> list[Traced]:
    body, variables = frame.body, found.variables
    if found.condition is None:
        raise SourceError(f"The loop {found.name} has no condition.")
    condition = found.condition.inputs[0]
    constants = _reachable_constants(body, found)
    arguments = [frame.get(enter.inputs[0]) for enter in [*(v.enter for v in variables), *constants]]
    handed = [_handed_through(body, variable) for variable in variables] + [True] * len(constants)

    def bound(given: Sequence[Traced]) -> dict[tuple[str, int], Traced]:
        places: dict[tuple[str, int], Traced] = {}
        for variable, value in zip(variables, given, strict=False):
            places[variable.merge.name, 0] = value
            if variable.switch is not None:
                places[variable.switch.name, 1] = value
        for constant, value in zip(constants, given[len(variables) :], strict=True):
            places[constant.name, 0] = value
        return places

    def cond(builder: Builder, given: Sequence[Traced]) -> list[Traced]:
        return [frame.inside(builder, bound(given)).get(condition)]

    def turn(builder: Builder, given: Sequence[Traced]) -> list[Traced]:
        inner = frame.inside(builder, bound(given))
        results = [inner.get(variable.following.inputs[0]) for variable in variables]
        return [*results, *given[len(variables) :]]

    name = frame.prefix + found.name.strip("/")
    return loop(frame.builder, cond, turn, arguments, handed, name)


def _handed_through(body: Body, variable: _Variable) -> bool:
    place = body.behind_identities(variable.following.inputs[0])
    return variable.switch is not None and place == (variable.switch.name, 1)
