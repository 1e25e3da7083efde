"""Which cells run side by side, as lanes of one: half the calls, for a state twice as wide.

1. Cells of one kind and as many steps, of which none needs another's results: the two directions of a layer.
2. A cell that reads what another gives at every step, and begins with zeros: a layer on a layer. It runs one step
   behind.

The kernel of lanes has blocks of zeros. What they cost is less than the calls that are saved as long as it is small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tfjs_build.convert.graph.ir import Graph, Node, Port
from tfjs_build.convert.graph.lists import same
from tfjs_build.convert.graph.recurrent import linear
from tfjs_build.convert.graph.recurrent.cells import GATES, Cell, is_zero
from tfjs_build.records import record

_LARGEST: Final = 1 << 18
"""Most numbers in a kernel of lanes side by side: 1 MB."""

_FEWEST_STEPS: Final = 6
"""For fewer steps, putting the kernel together costs more than the calls that are saved."""


@record(frozen=True)
class Lane:
    """A cell that is `delay` steps behind the first; `above` is the number of the lane whose state it reads, if any."""

    cell: Cell
    delay: int = 0
    above: int | None = None


Group = tuple[Lane, ...]


def groups(graph: Graph, cells: Sequence[Cell], *, behind: bool = True) -> list[Group]:
    """Return the cells, in the order of their nodes, as lanes; those that are one step `behind` others only if that is
    wanted."""
    found: list[Group] = []
    reach = _Reach(graph)
    for cell in cells:
        for at, group in enumerate(found):
            lane = _beside(group, cell, reach) or (_behind(group, cell) if behind else None)
            if lane is not None and _pays((*group, lane)):
                found[at] = (*group, lane)
                break
        else:
            found.append((Lane(cell),))
    return found


class _Reach:
    """Which loops of a graph need the results of which others."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._needs: dict[Node, set[Node]] = {}

    def needs(self, node: Node) -> set[Node]:
        """Return all nodes that must run before `node`."""
        if node not in self._needs:
            self._needs[node] = set(Graph([], [Port("", value) for value in node.inputs]).nodes())
        return self._needs[node]


def _beside(group: Group, cell: Cell, reach: _Reach) -> Lane | None:
    if any(lane.delay for lane in group) or not _alike(group, cell):
        return None
    own = reach.needs(cell.loop.node)
    for lane in group:
        if lane.cell.loop.node in own or cell.loop.node in reach.needs(lane.cell.loop.node):
            return None
    return Lane(cell)


def _behind(group: Group, cell: Cell) -> Lane | None:
    """Return a lane that reads the last one's outputs."""
    last = group[-1]
    if len({lane.delay for lane in group}) != len(group) or not _alike(group, cell) or cell.kind == "gru_before":
        return None
    read = cell.read
    stacked = read.tensor.node
    if read.axis != 0 or read.backwards or stacked.op != "TensorListStack":
        return None
    made = stacked.inputs[0]
    loop = last.cell.loop
    if made.node is not loop.node or made.index not in loop.lists or made.index in last.cell.zeroed:
        return None
    if loop.lists[made.index][0] != "every":
        return None
    begins = [cell.loop.node.inputs[at] for at in (*cell.hidden[:1], *(() if cell.carry is None else (cell.carry,)))]
    return Lane(cell, last.delay + 1, len(group) - 1) if all(map(is_zero, begins)) else None


def _alike(group: Group, cell: Cell) -> bool:
    first = group[0].cell
    return (
        first.kind == cell.kind
        and (first.mask is None) == (cell.mask is None)
        and same(first.loop.count, cell.loop.count)
    )


def _pays(group: Group) -> bool:
    units = sum(lane.cell.units for lane in group)
    width = sum(read.width for read, _ in external(group))
    steps = group[0].cell.loop.known
    return (units + width) * len(GATES[group[0].cell.kind]) * units <= _LARGEST and (
        steps is None or steps >= _FEWEST_STEPS
    )


def external(group: Group) -> list[tuple[linear.Sequence, int]]:
    """Return the sequences from outside that lanes read, and how many steps behind, each once: masks come last."""
    found = [(read, lane) for lane in group for read in lane.cell.sequences]
    each = dict.fromkeys((read, lane.delay) for read, lane in found if read.is_mask or lane.above is None)
    return sorted(each, key=lambda one: one[0].is_mask)


def order(graph: Graph, found: Sequence[Group]) -> list[Node]:
    """Return the nodes of a graph so that what any lane of a group needs comes before its first lane, and the others
    after that. Raises ValueError where there is no such order."""
    after: dict[Node, list[Node]] = {}
    for group in found:
        first, *others = (lane.cell.loop.node for lane in group)
        beside = [lane.cell.loop.node for lane in group[1:] if not lane.delay]
        masks = [read.tensor.node for lane in group[1:] for read in lane.cell.sequences if read.is_mask]
        after[first] = [*(value.node for node in beside for value in node.inputs), *masks]
        after.update((node, [first]) for node in others)
    return graph.nodes(after)


def first_lanes(found: Sequence[Group]) -> Mapping[Node, Group]:
    """Return the groups by the nodes of their first lanes."""
    return {group[0].cell.loop.node: group for group in found}
