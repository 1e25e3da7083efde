"""How long tensor lists are, and whether all of their elements are written.

TensorFlow reserves elements, and gives zeros for those that were not written; TensorFlow.js knows what has been
written only (up to the last one), and changes a list in place. So where a list is read as a whole, either

1. nothing was reserved beyond what is written (not `reserved`): the list was made empty, or of a tensor, and grew; or
2. every element is written (`whole`), one by one, or by a loop that counts from 0 to the length; or
3. the length is known (`length`), so that zeros can be added to what TensorFlow.js gives.

Lists whose making is out of sight, because they come into a function as an argument, are left to `check_lists`, which
follows them from outside. What it cannot tell is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.sizes import Size, size
from tfjs_build.errors import RefusedError

WHOLE: Final = "_whole"
"""An attribute of reading ops: all that they read is written, or what is not has been seen to."""

_LOOP, _BRANCH = "StatelessWhile", "StatelessIf"
_READERS: Final = frozenset(
    {"TensorListConcat", "TensorListGather", "TensorListLength", "TensorListPushBack", "TensorListStack"}
)
_DEEPEST: Final = 40


def length(b: Builder, value: Value) -> Size | None:
    """Return how many elements a list has room for, None where its making is out of sight, or it grows in a loop."""
    node = value.node
    match node.op:
        case "EmptyTensorList":
            return 0
        case "TensorListReserve":
            return node.inputs[1].ints[0] if node.inputs[1].ints else node.inputs[1]
        case "TensorListFromTensor":
            return size(b, node.inputs[0], 0)
        case "TensorListResize":
            return node.inputs[1].ints[0] if node.inputs[1].ints else node.inputs[1]
        case "TensorListPushBack":
            before = length(b, node.inputs[0])
            return before if before is None else before + 1
        case "TensorListSetItem":
            before = length(b, node.inputs[0])
            if before is None or not grows(node):
                return before
            index = node.inputs[1]
            if isinstance(before, int) and index.ints:
                return max(before, index.ints[0] + 1)
            return b.Maximum(b.const(before, "int32") if isinstance(before, int) else before, index + 1)
        case "TensorListScatter" | "TensorListScatterV2":
            last = max(node.inputs[1].ints) if node.inputs[1].ints else None
            given = node.inputs[3] if node.op == "TensorListScatterV2" else None
            if given is None or given.ints == (-1,):
                return None if last is None else last + 1
            return given.ints[0] if given.ints else given
        case "StatelessWhile":
            body: Graph = node.attrs["body"]
            changed = _changes(body.outputs[value.index].value, body.inputs[value.index].value)
            before = None if changed is None else length(b, node.inputs[value.index])
            return _grown(b, value, before) if changed else before
        case "StatelessIf":
            return _of_branches(b, value)
    return None


def _grown(b: Builder, value: Value, before: Size | None) -> Size | None:
    """Return the length of a list that may have grown since it had `before` elements."""
    if before is None:
        return None
    now = known_to_tfjs(b, value)
    return now if before == 0 else b.Maximum(b.const(before, "int32") if isinstance(before, int) else before, now)


def known_to_tfjs(b: Builder, value: Value) -> Value:
    """Return how many elements of a list TensorFlow.js knows of: up to the last one that is written."""
    return b.node("TensorListLength", [value], {WHOLE: True})[0]


def _of_branches(b: Builder, value: Value) -> Size | None:
    """Return the length of a list that both branches get, and write to without growing it."""
    before = _passed(value)
    return None if before is None else length(b, before)


def _passed(value: Value) -> Value | None:
    """Return the list that both branches of a node make their result `value` of, without growing it."""
    sources = set()
    for _, graph in value.node.graphs:
        for at, port in enumerate(graph.inputs):
            if _changes(graph.outputs[value.index].value, port.value) is False:
                sources.add(value.node.inputs[1 + at])
    return sources.pop() if len(sources) == 1 else None


def grows(node: Node) -> bool:
    """Whether a write may make its list longer."""
    return node.op == "TensorListPushBack" or bool(node.attrs.get("resize_if_index_out_of_bounds"))


def _changes(value: Value, argument: Value) -> bool | None:
    """Whether a function's list is its argument made longer (or written to only); None where it is another list."""
    grown = False
    while value is not argument:
        node = value.node
        if node.op in ("TensorListSetItem", "TensorListPushBack"):
            grown = grown or grows(node)
            value = node.inputs[0]
        elif node.op == _LOOP:
            body: Graph = node.attrs["body"]
            inner = _changes(body.outputs[value.index].value, body.inputs[value.index].value)
            if inner is None:
                return None
            grown = grown or inner
            value = node.inputs[value.index]
        elif node.op == _BRANCH and (before := _passed(value)) is not None:
            value = before
        else:
            return None
    return grown


def reserved(value: Value, outside: Mapping[Value, bool] | None = None) -> bool | None:
    """Whether a list may have elements behind the last one that is written; None where its making is out of sight.

    `outside` tells it of the arguments of functions.
    """
    node = value.node
    match node.op:
        case "EmptyTensorList" | "TensorListFromTensor" | "TensorListScatter":
            return False
        case "TensorListReserve":
            return node.inputs[1].ints != (0,)
        case "TensorListScatterV2":
            indices, count = node.inputs[1], node.inputs[3]
            if count.ints == (-1,):
                return False
            if indices.ints and count.ints:
                return max(indices.ints) + 1 != count.ints[0]
            return not (indices.node.op == "Range" and same(indices.node.inputs[1], count))
        case "TensorListSetItem" | "TensorListPushBack":
            return reserved(node.inputs[0], outside)
        case "StatelessWhile":
            before = reserved(node.inputs[value.index], outside)
            body: Graph = node.attrs["body"]
            arguments = {body.inputs[value.index].value: before is not False}
            after = reserved(body.outputs[value.index].value, arguments)
            return before if after is before or after is False else True
        case "StatelessIf":
            graphs = [graph for _, graph in node.graphs]
            places = [{port.value: at for at, port in enumerate(graph.inputs)} for graph in graphs]
            each = []
            for graph, place in zip(graphs, places, strict=True):
                lists = {argument: at for argument, at in place.items() if argument.dtype == "variant"}
                given = {
                    argument: reserved(node.inputs[1 + at], outside) is not False for argument, at in lists.items()
                }
                each.append(reserved(graph.outputs[value.index].value, given))
            return any(found is not False for found in each)
        case "TensorListResize":
            return True
        case "Placeholder":
            return (outside or {}).get(value)
    return True


_MOST_ITEMS: Final = 1 << 16
"""Of a list that is longer, the elements are not looked at one by one."""


def items(value: Value) -> list[Value | None] | None:
    """Return the elements of a list that was reserved and filled one by one at known places, None for those that nobody
    has written; None for any other list."""
    writes: list[tuple[int | None, Value]] = []
    while value.node.op in ("TensorListSetItem", "TensorListPushBack"):
        node = value.node
        index = node.inputs[1].ints if node.op == "TensorListSetItem" else None
        if node.op == "TensorListSetItem" and not index:
            return None
        writes.append((index[0] if index else None, node.inputs[-1 if node.op == "TensorListPushBack" else 2]))
        value = node.inputs[0]
    room = value.node.inputs[1].ints if value.node.op == "TensorListReserve" else None
    if not writes or not (room or value.node.op == "EmptyTensorList"):
        return None
    if max(room[0] if room else 0, *(at or 0 for at, _ in writes)) > _MOST_ITEMS:
        return None
    found: list[Value | None] = [None] * (room[0] if room else 0)
    for index_, item in reversed(writes):
        at = len(found) if index_ is None else index_
        found += [None] * (at + 1 - len(found))
        found[at] = item
    return found


def written(value: Value) -> set[int]:
    """Return the elements of a list of which it is known that they are written."""
    found: set[int] = set()
    while value.node.op == "TensorListSetItem":
        found.update((value.node.inputs[1].ints or ())[:1])
        value = value.node.inputs[0]
    node = value.node
    if node.op in ("TensorListScatter", "TensorListScatterV2"):
        found.update(node.inputs[1].ints or ())
    if node.op == "TensorListFromTensor" and node.inputs[0].shape:
        found.update(range(min(node.inputs[0].shape[0] or 0, _MOST_ITEMS)))
    return found


def whole(value: Value) -> bool:
    """Whether every element of a list is surely written."""
    found = written(value)
    while value.node.op == "TensorListSetItem":
        value = value.node.inputs[0]
    node = value.node
    if node.op in ("TensorListReserve", "TensorListScatterV2"):
        count = node.inputs[1 if node.op == "TensorListReserve" else 3].ints
        if count and count[0] >= 0:
            return len(found) >= count[0] and found >= set(range(count[0]))
        return reserved(value) is False
    if node.op == _LOOP:
        return _filled_by(node, value.index) or reserved(value) is False
    return reserved(value) is False


def _filled_by(loop: Node, position: int) -> bool:
    """Whether a loop writes every element of the list at `position`: at a counter, which goes through them all."""
    body: Graph = loop.attrs["body"]
    made, write = loop.inputs[position].node, body.outputs[position].value.node
    if made.op != "TensorListReserve" or write.op != "TensorListSetItem" or write.inputs[0] is not _at(body, position):
        return False
    counts = made.inputs[1]
    counters = {_at(body, at): at for at in range(len(body.inputs)) if _steps(loop, at) is not None}
    at = counters.get(write.inputs[1])
    if at is None:
        return False
    if _steps(loop, at) == 1:
        return loop.inputs[at].ints == (0,) and _runs_to(loop, counts)
    return _runs_down(loop, at, counts)


def _at(graph: Graph, position: int) -> Value:
    return graph.inputs[position].value


def _steps(loop: Node, position: int) -> int | None:
    """Return by how much a loop variable goes up at each turn, None where that is not always the same."""
    body: Graph = loop.attrs["body"]
    argument, after = _at(body, position), body.outputs[position].value.node
    if after.op in ("Add", "AddV2", "Sub") and argument in after.inputs:
        first, second = after.inputs
        other = second if first is argument else first
        if other.ints and len(other.ints) == 1 and (after.op != "Sub" or first is argument):
            return -other.ints[0] if after.op == "Sub" else other.ints[0]
    return None


def _terms(value: Value) -> list[Value]:
    """Return the conditions that must all hold."""
    if value.node.op == "LogicalAnd":
        return [term for part in value.node.inputs for term in _terms(part)]
    return [value]


def _runs_to(loop: Node, counts: Value) -> bool:
    """Whether a loop makes at least `counts` turns: each condition lets a counter run from 0 up to it."""
    cond: Graph = loop.attrs["cond"]
    places = {port.value: at for at, port in enumerate(cond.inputs)}
    for term in _terms(cond.outputs[0].value):
        if term.node.op not in ("Less", "Greater"):
            return False
        low, high = term.node.inputs if term.node.op == "Less" else reversed(term.node.inputs)
        at = places.get(low)
        if at is None or _steps(loop, at) != 1 or loop.inputs[at].ints != (0,):
            return False
        bound = _before(loop, places, high)
        if bound is None or not (same(bound, counts) or _at_least(bound, counts)):
            return False
    return True


def _runs_down(loop: Node, position: int, counts: Value) -> bool:
    """Whether a counter goes from `counts` - 1 down to 0, and nothing else ends the loop (as in a reversed scan)."""
    cond: Graph = loop.attrs["cond"]
    start = loop.inputs[position]
    from_end = start.ints and counts.ints and start.ints[0] == counts.ints[0] - 1
    minus = start.node
    if not from_end and not (minus.op == "Sub" and same(minus.inputs[0], counts) and minus.inputs[1].ints == (1,)):
        return False
    if _steps(loop, position) != -1:
        return False
    places = {port.value: at for at, port in enumerate(cond.inputs)}
    terms = _terms(cond.outputs[0].value)
    downs = [
        term
        for term in terms
        if term.node.op == "GreaterEqual"
        and places.get(term.node.inputs[0]) == position
        and term.node.inputs[1].ints == (0,)
    ]
    others = [term for term in terms if term not in downs]
    return bool(downs) and all(_counts_up(loop, places, term, counts) for term in others)


def _counts_up(loop: Node, places: Mapping[Value, int], term: Value, counts: Value) -> bool:
    if term.node.op != "Less":
        return False
    at, bound = places.get(term.node.inputs[0]), _before(loop, places, term.node.inputs[1])
    if at is None or bound is None or _steps(loop, at) != 1 or loop.inputs[at].ints != (0,):
        return False
    return same(bound, counts) or _at_least(bound, counts)


def _before(loop: Node, places: Mapping[Value, int], value: Value) -> Value | None:
    """Return what a value of the condition is outside the loop, None where it changes in it."""
    if value.ints:
        return value
    at = places.get(value)
    body: Graph = loop.attrs["body"]
    if at is None or body.outputs[at].value is not _at(body, at):
        return None
    return loop.inputs[at]


def _at_least(first: Value, second: Value) -> bool:
    return bool(first.ints and second.ints and len(first.ints) == 1 and first.ints[0] >= second.ints[0])


def same(first: Value, second: Value, depth: int = 0) -> bool:
    """Whether two values are surely equal: the same, or computed in the same way from the same."""
    if first is second:
        return True
    if first.ints is not None and first.shape == second.shape:
        return first.ints == second.ints
    one, other = first.node, second.node
    if depth > _DEEPEST or one.op != other.op or first.index != second.index or one.op in ("Placeholder", "Const"):
        return False
    if one.graphs or len(one.inputs) != len(other.inputs) or dict(one.attrs) != dict(other.attrs) or not one.inputs:
        return False
    return all(same(a, b, depth + 1) for a, b in zip(one.inputs, other.inputs, strict=True))


def check_lists(graph: Graph) -> None:
    """Raise RefusedError where a list is read as a whole of which TensorFlow.js may know a part only."""
    _check(graph, {})


def _check(graph: Graph, outside: Mapping[Value, bool]) -> None:
    for node in graph.nodes():
        if node.op in _READERS and not node.attrs.get(WHOLE) and reserved(node.inputs[0], outside) is not False:
            raise RefusedError(
                f"{node.op} ({node.name}) reads a list that may have room for more than is written by then: TensorFlow"
                " counts such elements as zeros, TensorFlow.js does not know of them.",
                hint="Make the TensorArray with `size=0, dynamic_size=True`, or read it after the loop that fills it.",
            )
        offset = 1 if node.op == _BRANCH else 0
        for _, inner in node.graphs:
            given = {
                port.value: reserved(node.inputs[offset + at], outside) is not False
                for at, port in enumerate(inner.inputs)
                if port.value.dtype == "variant"
            }
            _check(inner, given)
