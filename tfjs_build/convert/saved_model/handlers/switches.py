"""Branches of TensorFlow 1, raised to StatelessIf.

A Switch sends a value to one of two branches, by a predicate; a Merge takes what arrives. Constants inside a branch are
bound to it by a control edge from a pivot, a Switch of the predicate itself. The predicate of a Merge is the one on
whose two sides its inputs lie; the branch is what lies between its input and the Switches of that predicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.saved_model.handlers.branches import Branch, choose, truth
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.saved_model.source import Body, SourceNode
from tfjs_build.convert.saved_model.trace import NEEDS, Frame, handles
from tfjs_build.errors import RefusedError

Place: TypeAlias = "tuple[str, int]"
Gate: TypeAlias = "tuple[Place, int]"
"""A predicate, and on which side of it something lies (0: false, 1: true)."""

_SWITCHES = ("Switch", "RefSwitch")
_MERGES = ("Merge", "RefMerge")


def _predicate(body: Body, switch: SourceNode) -> Place:
    """Return the predicate of a Switch, behind the identities in between."""
    return body.behind_identities(switch.inputs[1])


def _decides_loop(body: Body, switch: SourceNode) -> bool:
    return body.op_of(switch.inputs[1]) == "LoopCond"


def _gates(body: Body, place: Place) -> frozenset[Gate]:
    """Return the gates that a value lies behind."""
    known: dict[Place, frozenset[Gate]] = body.gates
    path: set[Place] = set()
    stack = [place]
    while stack:
        here = stack[-1]
        needs = _gate_inputs(body, here) if here not in known else []
        missing = [other for other in needs if other not in known and other not in path]
        if here not in known and missing and here not in path:
            path.add(here)
            stack += missing
            continue
        if here not in known:
            known[here] = _through(body, here, [known.get(other, frozenset()) for other in needs])
        path.discard(here)
        stack.pop()
    return known[place]


def _gate_inputs(body: Body, place: Place) -> list[Place]:
    node = body.nodes.get(place[0])
    if node is None or node.op in ("Placeholder", "VarHandleOp", "VariableV2"):
        return []
    if node.op in _MERGES:
        return [body.resolve(each) for each in node.inputs if not body.op_of(each).endswith("NextIteration")]
    if node.op in _SWITCHES:
        return [body.resolve(node.inputs[0])]
    return [body.resolve(reference) for reference in node.inputs] + [(name, 0) for name in node.controls]


def _through(body: Body, place: Place, inputs: Sequence[frozenset[Gate]]) -> frozenset[Gate]:
    node = body.nodes.get(place[0])
    union = frozenset[Gate]().union(*inputs)
    if node is not None and node.op in _SWITCHES and not _decides_loop(body, node):
        return union | {(_predicate(body, node), place[1])}
    if node is not None and node.op in _MERGES:
        return frozenset((predicate, side) for predicate, side in union if (predicate, 1 - side) not in union)
    return union


def _sides(body: Body, merge: SourceNode) -> tuple[Place, str, str]:
    """Return the predicate of a Merge, and its inputs for true and for false."""
    if len(merge.inputs) == 2:
        first, second = (_gates(body, body.resolve(reference)) for reference in merge.inputs)
        for predicate, side in first:
            if (predicate, 1 - side) in second:
                yes, no = (merge.inputs[0], merge.inputs[1]) if side else (merge.inputs[1], merge.inputs[0])
                return predicate, yes, no
    raise RefusedError(
        f"Merge ({merge.name}) joins branches, and the condition that chooses between them is not found.",
        hint="Convert the model with TensorFlow 2's control flow.",
    )


def _captured(body: Body, reference: str, predicate: Place) -> list[SourceNode]:
    """Return the Switches by which values come into a branch."""
    found: dict[str, SourceNode] = {}
    seen: set[str] = set()
    stack = [body.resolve(reference)[0]]
    while stack:
        name = stack.pop()
        node = body.nodes.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if node.op in _SWITCHES and not _decides_loop(body, node) and _predicate(body, node) == predicate:
            found[name] = node
            continue
        stack += [body.resolve(each)[0] for each in node.inputs]
    return list(found.values())


def _merge_needs(frame: Frame, node: SourceNode) -> list[str]:
    body = frame.body
    predicate, *sides = _sides(body, node)
    places = [predicate]
    for side in sides:
        places += [body.resolve(switch.inputs[0]) for switch in _captured(body, side, predicate)]
    return [name for name, index in places if (name, index) not in frame.bound]


NEEDS["Merge"] = NEEDS["RefMerge"] = _merge_needs


@handles("Merge", "RefMerge")
def _merge(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    body = frame.body
    predicate, *sides = _sides(body, node)
    condition = frame.value(f"{predicate[0]}:{predicate[1]}" if predicate[1] else predicate[0])
    captured: dict[str, Traced] = {}
    for side in sides:
        for switch in _captured(body, side, predicate):
            captured[switch.name] = frame.get(switch.inputs[0])

    def branch(reference: str, side: int) -> Branch:
        def build(builder: Builder, given: Sequence[Traced]) -> list[Traced]:
            bound = {(name, side): value for name, value in zip(captured, given, strict=True)}
            inner = frame.inside(builder, {**_outside(frame), **bound})
            return [inner.value(reference)]

        return build

    b = frame.builder
    then, otherwise = branch(sides[0], 1), branch(sides[1], 0)
    name = frame.prefix + node.name
    results = choose(b, truth(b, condition), then, otherwise, list(captured.values()), name)
    return [results[0], b.Cast(condition, DstT="int32")]


def _outside(frame: Frame) -> dict[Place, Traced]:
    """Return what a branch sees of its surroundings without a Switch: constants and handles."""
    return {
        place: value
        for place, value in frame.bound.items()
        if not isinstance(value, Value) or value.constant is not None
    }


def never_runs(frame: Frame, node: SourceNode) -> bool:
    """Whether a node lies in a branch that is never taken, as its condition is known."""
    for (name, index), side in _gates(frame.body, (node.name, 0)):
        condition = frame.get(f"{name}:{index}" if index else name)
        constant = condition.constant if isinstance(condition, Value) else None
        if constant is not None and bool(constant.array().any()) != bool(side):
            return True
    return False


@handles("Switch", "RefSwitch")
def _switch(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    """Outside the branch that it guards, a Switch is met where its predicate is known, or where nothing merges."""
    value = frame.get(node.inputs[0])
    predicate = frame.value(node.inputs[1])
    if predicate.constant is None:
        raise RefusedError(
            f"Switch ({frame.prefix}{node.name}) belongs to a branch that no Merge ends, which is not supported."
        )
    return [value, value]
