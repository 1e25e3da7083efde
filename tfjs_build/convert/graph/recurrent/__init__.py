"""Loops over steps whose number is known, written out in the fewest calls: TensorFlow.js then runs the graph at once.

In a loop each turn costs TensorFlow.js more than a small cell does; and it takes a second function to run such graphs.

1. Cells that are told (`cells.py`) run side by side where they can (`lanes.py`), each step in a few calls
   (`side_by_side.py`).
2. Other loops are written out as they are (`unrolled.py`).
3. Both only up to `MOST_NODES`, since each node is some bytes to load. What is longer, or of a length that is not known
   when converting, stays a loop; of cells that are told, one of several steps a turn (`in_turns.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.lists import WHOLE, items
from tfjs_build.convert.graph.optimizing import optimized
from tfjs_build.convert.graph.recurrent import lanes
from tfjs_build.convert.graph.recurrent.cells import Cell, cell_of
from tfjs_build.convert.graph.recurrent.cuts import cut
from tfjs_build.convert.graph.recurrent.in_turns import in_turns
from tfjs_build.convert.graph.recurrent.linear import Sequence as Read
from tfjs_build.convert.graph.recurrent.shown import Results, Zeroed
from tfjs_build.convert.graph.recurrent.side_by_side import Ran, Steps, Writer, read_of
from tfjs_build.convert.graph.recurrent.turns import LOOP, loop_of
from tfjs_build.convert.graph.recurrent.unrolled import unrolled
from tfjs_build.convert.graph.rewrite import Context, rewrite
from tfjs_build.convert.graph.simplify import simplify

MOST_NODES: Final = 6000
"""How many nodes loops may become, in a graph."""

_NODES: Final = {"lstm": 9, "gru": 9, "gru_before": 9, "simple": 4}
"""What one step of a cell is, about."""


def written_out(graph: Graph) -> Graph:
    """Return the graph without loops whose number of turns is known, as far as they are short enough."""
    if not any(node.op == LOOP for node in graph.nodes()):
        return graph
    short, long = _cells(graph) if optimized() else ([], [])
    found = [*lanes.groups(graph, short), *lanes.groups(graph, long, behind=False)]
    try:
        order = lanes.order(graph, found)
    except ValueError:  # two groups that each need a result of the other
        found = [(lanes.Lane(cell),) for cell in (*short, *long)]
        order = graph.nodes()
    return simplify(rewrite(graph, [_Rule(found, short)], order=order))


def _nodes(cells: Sequence[Cell]) -> int:
    """Return how many nodes cells are when they are written out, about."""
    return sum((cell.loop.known or 0) * _NODES[cell.kind] for cell in cells)


def _cells(graph: Graph) -> tuple[list[Cell], list[Cell]]:
    """Return the cells of a graph that are told, in order: those to be written out, and those to be loops."""
    readers: dict[Value, list[Node]] = {}
    for node in graph.nodes():
        for value in node.inputs:
            readers.setdefault(value, []).append(node)
    results = {port.value for port in graph.outputs}
    short: list[Cell] = []
    long: list[Cell] = []
    for node in graph.nodes():
        loop = loop_of(node)
        cell = None if loop is None else cell_of(loop)
        if cell is None:
            continue
        lists = [node.outputs[at] for at in cell.loop.lists]
        if any(value in results or not all(map(_is_told, readers.get(value, ()))) for value in lists):
            continue
        if cell.loop.known is not None and _nodes([*short, cell]) <= MOST_NODES:
            short.append(cell)
        elif cell.carry is None or not (readers.get(node.outputs[cell.carry]) or node.outputs[cell.carry] in results):
            long.append(cell)
    return short, long


def _is_told(reader: Node) -> bool:
    return reader.op == "TensorListStack" or (reader.op == "TensorListLength" and bool(reader.attrs.get(WHOLE)))


class _Rule:
    """Replaces loops, and what reads the lists that they have written; of cells, `short` are to be written out."""

    def __init__(self, found: Sequence[lanes.Group], short: Sequence[Cell]) -> None:
        self.first = lanes.first_lanes(found)
        self.ran: dict[Node, tuple[Cell, Results]] = {}
        self.written: dict[Value, tuple[str, Results, Value]] = {}
        self.cuts: dict[Read, Sequence[Value]] = {}
        self.short = {cell.loop.node for cell in short}
        self.nodes = _nodes(short)

    def __call__(self, context: Context, node: Node) -> Sequence[Value] | Value | None:
        """Return what a node of the old graph becomes."""
        if node.op == LOOP:
            return self._loop(context, node)
        if node.op in ("TensorListStack", "TensorListLength"):
            return self._list(context, node)
        return None

    def _loop(self, context: Context, node: Node) -> Sequence[Value] | None:
        b = context.builder
        if node in self.first:
            group = self.first[node]
            for lane, ran in zip(group, self._group(context, group), strict=True):
                self.ran[lane.cell.loop.node] = (lane.cell, ran)
        if node in self.ran:
            return self._results(context, *self.ran[node])
        found = unrolled(b, node, context.inputs(node), MOST_NODES - self.nodes)
        if found is None:
            return None
        self.nodes += found.nodes
        return found.outputs

    def _group(self, context: Context, group: lanes.Group) -> Sequence[Results]:
        if group[0].cell.loop.node in self.short:
            return Writer(context.builder, group, context.new).run(self._steps(context))
        return in_turns(context.builder, group, context.new)

    def _steps(self, context: Context) -> Steps:
        def steps(read: Read) -> Sequence[Value]:
            b, key = context.builder, replace(read, backwards=False)
            if key not in self.cuts:
                tensor = read_of(b, read, context.new)
                count = tensor.shape[1] if tensor.shape is not None else None
                assert count is not None  # which cells are looked at for
                self.cuts[key] = cut(b, b.Reshape(tensor, [-1, 1, count, read.width]), 2)
            return self.cuts[key]

        return steps

    def _results(self, context: Context, cell: Cell, ran: Results) -> list[Value]:
        b, loop = context.builder, cell.loop
        count = b.const(loop.known) if loop.known is not None else context.new(loop.count)
        results = []
        for at, _ in enumerate(loop.node.outputs):
            argument = loop.argument(at)
            if at in loop.lists:
                kind, made = loop.lists[at][0], context.new(loop.node.inputs[at]).node
                [value] = b.node("TensorListReserve", made.inputs, made.attrs)  # never there: its readers are told
                shown = self._shown(context, cell, ran, at)
                self.written[value] = (kind, shown, count if kind == "every" else b.const(1))
            elif at == cell.carry:
                # A loop is only for cells whose carry nobody reads.
                value = ran.last_carry(b) if isinstance(ran, Ran) else context.new(loop.node.inputs[at])
            elif at in cell.hidden:
                value = self._shown(context, cell, ran, at).last(b)
            elif argument in loop.counters:
                value = count
            else:
                value = context.new(loop.node.inputs[at])
            results.append(value)
        return results

    def _shown(self, context: Context, cell: Cell, ran: Results, at: int) -> Results:
        """Return what stands at a position: in masked steps, zeros if it is one of those."""
        if at not in cell.zeroed or cell.mask is None:
            return ran
        return Zeroed(ran, context.builder.Cast(context.new(cell.mask), DstT="float32"))

    def _list(self, context: Context, node: Node) -> Value | None:
        b = context.builder
        source = context.new(node.inputs[0])
        if source in self.written:
            kind, ran, count = self.written[source]
            if node.op == "TensorListLength":
                return count
            return b.ExpandDims(ran.last(b), 0) if kind == "last" else b.Transpose(ran.every(b), [1, 0, 2])
        each = items(source)
        first = next((item for item in each if item is not None), None) if each else None
        if each is None or first is None or (None in each and (first.static is None or first.dtype == "string")):
            return None
        if node.op == "TensorListLength":
            return b.const(len(each)) if node.attrs.get(WHOLE) else None
        nothing = first if None not in each else b.const(np.zeros(first.static or (), numpy_dtype(first.dtype)))
        return b.Pack(*(nothing if item is None else item for item in each), axis=0)
