"""Writes a loop out as it is, turn by turn, where the number of turns is known."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.lists import items
from tfjs_build.convert.graph.recurrent.cuts import entries
from tfjs_build.convert.graph.recurrent.inlining import inlined, size_of
from tfjs_build.records import record


@record(frozen=True)
class Unrolled:
    """The results of a loop, and how many nodes were written."""

    outputs: Sequence[Value]
    nodes: int


def unrolled(b: Builder, loop: Node, inputs: Sequence[Value], most: int) -> Unrolled | None:
    """Return what the loop comes to, None where its condition is not known in advance, or it is more than `most`
    nodes."""
    cond: Graph = loop.attrs["cond"]
    body: Graph = loop.attrs["body"]
    per_turn = max(1, size_of(body))  # a loop that does nothing may be one without an end
    values, cuts, written = list(inputs), _Cuts(b), 0
    while True:
        go = inlined(b, cond, values, cuts.instead)[0].constant
        if go is None:
            return None
        if not bool(go.item()):
            return Unrolled(values, written)
        written += per_turn
        if written > most:
            return None
        values = inlined(b, body, values, cuts.instead)


class _Cuts:
    """The entries of sequences along their first axis, cut once."""

    def __init__(self, b: Builder) -> None:
        self.b = b
        self._found: dict[Value, Sequence[Value]] = {}

    def entry(self, tensor: Value, index: int) -> Value | None:
        """Return one entry, None where there is none, or their number is not known."""
        count = tensor.shape[0] if tensor.shape else None
        if count is None or not 0 <= index < count:
            return None
        if tensor not in self._found:
            self._found[tensor] = entries(self.b, tensor, 0)
        return self._found[tensor][index]

    def instead(self, node: Node, inputs: Sequence[Value]) -> Value | None:
        """Return the entry of a sequence or of a list that a node reads at a known place."""
        index = inputs[1].ints if len(inputs) > 1 and inputs[1].shape == () else None
        if index is None:
            return None
        if node.op == "GatherV2" and inputs[0].constant is None and inputs[0].dtype in ("float32", "int32", "bool"):
            axis = inputs[2].ints if len(inputs) > 2 else (0,)
            return self.entry(inputs[0], index[0]) if axis == (0,) and not node.attrs.get("batch_dims") else None
        if node.op == "TensorListGetItem":
            if inputs[0].node.op == "TensorListFromTensor":
                return self.entry(inputs[0].node.inputs[0], index[0])
            each = items(inputs[0])
            return each[index[0]] if each and 0 <= index[0] < len(each) else None
        return None
