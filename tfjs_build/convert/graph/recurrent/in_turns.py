"""Cells whose steps are not written out: a loop of several steps a turn, each in as few calls as elsewhere.

In a loop a call costs TensorFlow.js about twice as much as outside, and a turn some more. The sequences are made longer
by zeros, so that the last turn has all its steps; what these give is cut off.

    for i in 0, 8, 16 … while i < n: state, items[i / 8] = eight steps(state, x[i : i + 8])
    outputs = items, joined, up to n
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.convert.graph.lists import WHOLE
from tfjs_build.convert.graph.recurrent.cuts import cut
from tfjs_build.convert.graph.recurrent.lanes import Group
from tfjs_build.convert.graph.recurrent.side_by_side import Now, Writer, read_of
from tfjs_build.convert.graph.rewrite import rewrite
from tfjs_build.convert.graph.sizes import vector
from tfjs_build.records import record

_STEPS: Final = 8


@record(frozen=True)
class Turned:
    """The states of lanes after each step [batch, steps, columns]; the lane's own are `units` columns from `start` on,
    or all. Carries are not kept."""

    states: Value
    count: Value
    start: int
    units: int
    alone: bool

    def last(self, b: Builder) -> Value:
        """Return the last state [batch, units]."""
        begin = b.Pack(0, b.Sub(self.count, 1), self.start, axis=0)
        return b.Reshape(b.Slice(self.states, begin, [-1, 1, self.units]), [-1, self.units])

    def every(self, b: Builder) -> Value:
        """Return the states [batch, steps, units]."""
        return self.states if self.alone else b.Slice(self.states, [0, 0, self.start], [-1, -1, self.units])


def in_turns(b: Builder, group: Group, new: Callable[[Value], Value]) -> list[Turned]:
    """Return what each lane of a group gives."""
    writer = Writer(b, group, new)
    loop = group[0].cell.loop
    count = b.const(loop.known) if loop.known is not None else new(loop.count)
    whole = _sequences(writer)
    step, carry = writer.cell()
    state = writer.state()
    element = b.const([-1, _STEPS, writer.width], "int32")
    turns = b.FloorDiv(count + (_STEPS - 1), _STEPS)
    items = b.TensorListReserve(element, turns, element_dtype="float32")
    begins = [b.const(0), b.const(0), count, whole, items, state, *([] if carry is None else [carry])]

    inputs = [b.input(f"{b.scope}/turn_{at}", value.shape, value.dtype) for at, value in enumerate(begins)]
    time, turn, stop, read, filled, *states = inputs

    def steps(start: int, stop: int) -> Sequence[Value]:
        part = b.Slice(read, b.Pack(0, time, start, axis=0), [-1, _STEPS, stop - start])
        return cut(b, b.Reshape(part, [-1, 1, _STEPS, stop - start]), 2)

    middle, end = writer.flags - writer.width, writer.total - writer.width
    masks = steps(middle, end) if middle < end else ()
    last, kept = states[0], states[1] if len(states) > 1 else None
    outputs = []
    for at, piece in enumerate(steps(0, middle)):
        now = Now([piece], masks[at : at + 1])
        last, kept = step(last, kept, now, writer.joined(last, now))
        outputs.append(last)
    item = b.Reshape(b.ConcatV2(*outputs, 1), [-1, _STEPS, writer.width])
    put = b.TensorListSetItem(filled, turn, item, element_dtype="float32")
    results = [time + _STEPS, turn + 1, stop, read, put, last, *([] if kept is None else [kept])]
    body = _function([*inputs, *writer.kernels], [*results, *writer.kernels])
    test = [b.input(value.node.name, value.shape, value.dtype) for value in (*inputs, *writer.kernels)]
    specs = [(value.shape, value.dtype) for value in (*inputs, *writer.kernels)]
    graphs = {"cond": _function(test, [b.Less(test[0], test[2])]), "body": body}
    done = b.node("StatelessWhile", [*begins, *writer.kernels], graphs, name=f"{b.scope}/turns", given=specs)

    batch = whole.shape[0] if whole.shape is not None else None
    attrs = {"element_dtype": "float32", "num_elements": -1, WHOLE: True}
    shape = (None, batch, _STEPS, writer.width)
    [stacked] = b.node("TensorListStack", [done[4], element], attrs, given=[(shape, "float32")])
    joined = b.Reshape(b.Transpose(stacked, [1, 0, 2, 3]), vector(b, [-1, turns * _STEPS, writer.width]))
    shown = b.Slice(joined, [0, 0, 0], vector(b, [-1, count, -1]))
    return [
        Turned(shown, count, writer.rows["state", number].start, lane.cell.units, len(group) == 1)
        for number, lane in enumerate(group)
    ]


def _sequences(writer: Writer) -> Value:
    """Return what the lanes read beside each other [batch, steps and more, columns]."""
    b = writer.b
    each = []
    for read, _ in writer.reads:
        value = read_of(b, read, writer.new)
        each.append(b.ReverseV2(value, [1]) if read.backwards else value)
    joined = each[0] if len(each) == 1 else b.ConcatV2(*each, 2)
    return b.Pad(joined, [[0, 0], [0, _STEPS - 1], [0, 0]])


def _function(inputs: Sequence[Value], outputs: Sequence[Value]) -> Graph:
    """Return a function of its own: what it is given becomes its arguments, whatever that is outside."""
    return rewrite(
        Graph(
            [Port(f"arg_{at}", value) for at, value in enumerate(inputs)],
            [Port(f"output_{at}", value) for at, value in enumerate(outputs)],
        ),
        [],
    )
