"""What a loop over the steps of sequences does: how many turns it makes, what it reads at each, and what it writes.

A loop of this kind has counters that go up from 0 by one, variables that stay what they are, tensor lists that are
written at the counter (or always at 0), and states: whatever else it carries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.lists import same
from tfjs_build.records import record

LOOP: Final = "StatelessWhile"

Written = Literal["every", "last"]
"""Whether a list gets an item for every step, or has one place, which the last step is the last to fill."""


@record(frozen=True)
class Loop:
    """A loop that makes `count` turns, a number outside or a constant. Its variables by what they are: arguments of the
    body that count from 0, those that stay what they are outside, positions of lists with the item that is written at
    each turn, and positions of states."""

    node: Node
    count: Value
    counters: frozenset[Value]
    constants: Mapping[Value, Value]
    lists: Mapping[int, tuple[Written, Value]]
    states: tuple[int, ...]

    @property
    def known(self) -> int | None:
        """How many turns it makes, where that is known when converting."""
        return max(0, self.count.ints[0]) if self.count.ints else None

    @property
    def body(self) -> Graph:
        """What one turn computes."""
        body: Graph = self.node.attrs["body"]
        return body

    def argument(self, position: int) -> Value:
        """Return a variable as the body sees it at the beginning of a turn."""
        return self.body.inputs[position].value

    def result(self, position: int) -> Value:
        """Return a variable as the body leaves it."""
        return self.body.outputs[position].value

    def sequence(self, value: Value) -> Value | None:
        """Return the tensor outside, its steps on axis 0, of which a value of the body is the entry of the turn."""
        node = value.node
        if node.op == "GatherV2" and node.inputs[1] in self.counters:
            axis = node.inputs[2].ints if len(node.inputs) > 2 else (0,)
            tensor = self.constants.get(node.inputs[0])
            return tensor if axis == (0,) and not node.attrs.get("batch_dims") else None
        if node.op == "TensorListGetItem" and node.inputs[1] in self.counters:
            filled = self.constants.get(node.inputs[0])
            if filled is not None and filled.node.op == "TensorListFromTensor":
                return filled.node.inputs[0]
        return None


def loop_of(node: Node) -> Loop | None:
    """Return what a loop does, None where it is no loop over steps."""
    if node.op != LOOP:
        return None
    body: Graph = node.attrs["body"]
    counters = {at for at in counters_of(node) if node.inputs[at].ints == (0,)}
    bounds = bounds_of(node, counters)
    if not bounds:
        return None
    known = [each.ints[0] for each in bounds if each.ints is not None]
    count = bounds[known.index(min(known))] if len(known) == len(bounds) else bounds[0]
    if len(known) != len(bounds) and not all(same(each, count) for each in bounds):
        return None
    arguments = [port.value for port in body.inputs]
    constants = {arguments[at]: node.inputs[at] for at in _constants(node)}
    counted = frozenset(arguments[at] for at in counters)
    lists: dict[int, tuple[Written, Value]] = {}
    states = []
    for at, argument in enumerate(arguments):
        if argument in constants or at in counters:
            continue
        if argument.dtype == "variant":
            written = _written(node, at, counted, count)
            if written is None:
                return None
            lists[at] = written
        else:
            states.append(at)
    return Loop(node, count, counted, constants, lists, tuple(states))


def counters_of(node: Node) -> set[int]:
    """Return the positions of the integers that go up by one at each turn of a loop."""
    body: Graph = node.attrs["body"]
    pairs = enumerate(zip(body.inputs, body.outputs, strict=True))
    return {at for at, (argument, result) in pairs if _goes_up(argument.value, result.value)}


def _goes_up(argument: Value, result: Value) -> bool:
    if result.node.op not in ("Add", "AddV2") or argument.dtype != "int32" or argument.shape != ():
        return False
    first, second = result.node.inputs
    return (first is argument and second.ints == (1,)) or (second is argument and first.ints == (1,))


def _constants(node: Node) -> list[int]:
    """Return the positions of variables that stay what they are."""
    body: Graph = node.attrs["body"]
    return [at for at, port in enumerate(body.outputs) if port.value is body.inputs[at].value]


def bounds_of(node: Node, counters: Collection[int]) -> list[Value] | None:
    """Return the numbers outside below which counters must be for another turn, None where something else decides as
    well."""
    cond: Graph = node.attrs["cond"]
    places = {port.value: at for at, port in enumerate(cond.inputs)}
    kept = set(_constants(node))
    bounds: list[Value] = []
    waiting = [cond.outputs[0].value]
    while waiting:
        term = waiting.pop().node
        if term.op == "LogicalAnd":
            waiting += term.inputs
            continue
        if term.op not in ("Less", "Greater"):
            return None
        low, high = term.inputs if term.op == "Less" else reversed(term.inputs)
        if places.get(low) not in counters:
            return None
        if high in places:
            if places[high] not in kept:
                return None
            high = node.inputs[places[high]]
        elif high.constant is None:
            return None
        bounds.append(high)
    return bounds


def _written(node: Node, at: int, counters: frozenset[Value], count: Value) -> tuple[Written, Value] | None:
    """Return what a loop writes into a list that was made for it, None where it does something else with a list."""
    body: Graph = node.attrs["body"]
    write, made = body.outputs[at].value.node, node.inputs[at].node
    if write.op != "TensorListSetItem" or write.inputs[0] is not body.inputs[at].value:
        return None
    if made.op != "TensorListReserve":
        return None
    if write.inputs[1] in counters and same(made.inputs[1], count):
        return "every", write.inputs[2]
    return ("last", write.inputs[2]) if write.inputs[1].ints == (0,) and made.inputs[1].ints == (1,) else None
