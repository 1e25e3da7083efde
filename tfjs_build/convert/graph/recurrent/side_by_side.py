"""Writes the steps of cells out, one after the other, in the fewest calls.

What counts in TensorFlow.js is the number of kernels that are called, and for webgl that they are packed.

1. State and steps have the shape [batch, 1, 1, columns]. A convolution is then the one kernel call that multiplies,
   adds the bias and takes the sigmoid (a matrix product needs three reshapes besides), and
2. a normalization with "statistics" that are tensors is (x - mean) · scale · constant + offset in one call.
3. tanh(x) = 2 sigmoid(2 x) - 1: all gates of an LSTM are one sigmoid, and so is its output's; the factors are in the
   kernel, and in 2. The carry is kept doubled.
4. The step of the sequence stands beside the state: one product, and its bias and sigmoid in the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.recurrent.cells import GATES, is_zero
from tfjs_build.convert.graph.recurrent.kernels import Placed, Row, bias, kernel
from tfjs_build.convert.graph.recurrent.lanes import Group, Lane, external
from tfjs_build.convert.graph.recurrent.linear import Parts, Source, Term
from tfjs_build.convert.graph.recurrent.linear import Sequence as Read
from tfjs_build.convert.graph.sizes import size, vector
from tfjs_build.records import record

_CONV: Final[dict[str, Any]] = {
    "strides": [1, 1, 1, 1],
    "dilations": [1, 1, 1, 1],
    "padding": "VALID",
    "data_format": "NHWC",
}

Steps = Callable[[Read], Sequence[Value]]
"""Gives the steps of a sequence, each [batch, 1, 1, columns]."""


@record(frozen=True)
class Ran:
    """The states of lanes after each step of one of them [batch, 1, 1, columns], and the last carries. The lane's own
    are `units` columns from `start` on, or all."""

    states: Sequence[Value]
    carry: Value | None
    start: int
    units: int
    alone: bool

    def last(self, b: Builder) -> Value:
        """Return the last state [batch, units]."""
        return b.Reshape(self._own(b, self.states[-1]), [-1, self.units])

    def last_carry(self, b: Builder) -> Value:
        """Return the last carry [batch, units]."""
        assert self.carry is not None
        return b.Reshape(self._own(b, self.carry), [-1, self.units]) * 0.5

    def every(self, b: Builder) -> Value:
        """Return the states [batch, steps, units]."""
        count = len(self.states)
        joined = b.ConcatV2(*self.states, 1) if count > 1 else self.states[0]
        return b.Reshape(self._own(b, joined), [-1, count, self.units])

    def _own(self, b: Builder, value: Value) -> Value:
        return value if self.alone else b.Slice(value, [0, 0, 0, self.start], [-1, -1, -1, self.units])


def read_of(b: Builder, read: Read, new: Callable[[Value], Value]) -> Value:
    """Return the numbers that are read of a sequence [batch, steps, columns]: of a mask, 1 for steps that do not
    count, and of what it masks, zeros there, whatever the numbers are."""

    def turned(tensor: Value, axis: int) -> Value:
        return new(tensor) if axis == 1 else b.Transpose(new(tensor), [1, 0, 2])

    tensor = turned(read.tensor, read.axis)
    if read.is_mask:
        return 1.0 - b.Cast(tensor, DstT="float32")
    if read.mask is None:
        return tensor
    return b.SelectV2(turned(read.mask, read.mask_axis), tensor, b.const(0.0))


@record(frozen=True)
class Now:
    """What is read at one step: of the layers' sequences, and of masks."""

    reads: Sequence[Value]
    flags: Sequence[Value]


class Writer:
    """Writes the steps of one group of lanes. `new` gives values of the new graph for those of the old one."""

    def __init__(self, b: Builder, group: Group, new: Callable[[Value], Value]) -> None:
        self.b = b
        self.group = group
        self.new = new
        self.kind = group[0].cell.kind
        self.units = [lane.cell.units for lane in group]
        self.width = sum(self.units)
        self.masked = group[0].cell.mask is not None
        self.reads = external(group)
        self.rows: dict[object, Row] = {}
        self.kernels: list[Value] = []
        at = 0
        for number, lane in enumerate(group):
            self.rows["state", number] = Row(at, lane.cell.units)
            at += lane.cell.units
        self.flags = at + sum(read.width for read, _ in self.reads if not read.is_mask)
        for read, delay in self.reads:
            self.rows[read, delay] = Row(at, read.width)
            at += read.width
        self.total = at
        self.half = b.const(np.full((1, 1, 1, 1), 0.5, np.float32))
        self.zero = b.const(np.zeros((1, 1, 1, 1), np.float32))

    def row(self, number: int, source: Source) -> Row:
        """Return the rows of what a lane multiplies."""
        lane = self.group[number]
        if not isinstance(source, Read):
            return self.rows["state", number]
        if lane.above is not None and not source.is_mask:
            return self.rows["state", lane.above]
        return self.rows[source, lane.delay]

    def product(self, letters: str, activation: str | None = None, factors: Sequence[float] | None = None) -> _Product:
        """Return the product of some gates, made ready."""
        names = GATES[self.kind]
        factors = factors or [1.0] * len(letters)
        gates: list[list[Parts]] = [[lane.cell.gates[names.index(each)] for lane in self.group] for each in letters]
        placed = [
            [
                [Placed(part, self.row(number, part.source)) for part in parts if isinstance(part, Term)]
                for number, parts in enumerate(lanes)
            ]
            for lanes in gates
        ]
        needed = {one.row for lanes in placed for each in lanes for one in each}
        over, rows = "all", Row(0, self.total)
        if all(row.start < self.width for row in needed):
            over, rows = "state", Row(0, self.width)
        elif len(self.reads) == 1 and all(row.start >= self.width for row in needed):
            over, rows = "read", Row(self.width, self.total - self.width)
        elif self.masked and all(row.start >= self.flags for row in needed):
            over, rows = "flags", Row(self.flags, self.total - self.flags)
        vector_ = bias(gates, self.units, factors)
        self.kernels.append(kernel(self.b, placed, self.units, rows, factors))
        return _Product(
            over,
            self.kernels[-1],
            self.b.const(vector_) if vector_.any() else None,
            activation,
        )

    def joined(self, state: Value, now: Now) -> Value:
        """Return all that is read beside each other."""
        return self.b.ConcatV2(state, *now.reads, *now.flags, 3)

    def multiply(self, product: _Product, state: Value, now: Now, joined: Value) -> Value:
        """Return a product of the state, of the step that is read, of its masks, or of all, which are `joined`."""
        match product.over:
            case "state":
                x = state
            case "read":
                [x] = now.reads
            case "flags":
                x = now.flags[0] if len(now.flags) == 1 else self.b.ConcatV2(*now.flags, 3)
            case _:
                x = joined
        if product.bias is None and product.activation is None:
            return self.b.node("Conv2D", [x, product.kernel], _CONV)[0]
        inputs = [x, product.kernel, *([] if product.bias is None else [product.bias])]
        fused = ["noop" if product.bias is None else "BiasAdd", *([product.activation] if product.activation else [])]
        attrs = {**_CONV, "num_args": len(inputs) - 2, "fused_ops": fused}
        return self.b.node("_FusedConv2D", inputs, attrs)[0]

    def mixed(self, x: Value, scale: Value, offset: Value, mean: Value | None = None, factor: float = 1.0) -> Value:
        """Return (x - mean) · scale · factor + offset."""
        b = self.b
        variance = b.const(np.full((1, 1, 1, 1), factor**-2, np.float32))
        inputs = [x, scale, offset, self.zero if mean is None else mean, variance]
        return b.node("FusedBatchNormV3", inputs, {"epsilon": 0.0, "is_training": False})[0]

    def keep(self) -> _Product | None:
        """Return the product of the gate that keeps the state in masked steps."""
        return self.product("k", "Sigmoid") if self.masked else None

    def kept(self, old: Value, new: Value, keep: _Product | None, now: Now) -> Value:
        """Return the new state, or the old one where that gate is closed."""
        return new if keep is None else self.mixed(new, self.multiply(keep, old, now, old), old, old)

    def beginning(self, position: Callable[[Lane], int], factor: float) -> Value:
        """Return the first states of the lanes [batch, 1, 1, columns]."""
        b = self.b
        old = [lane.cell.loop.node.inputs[position(lane)] for lane in self.group]
        if all(map(is_zero, old)):
            return self.zeros(self.width)
        # What a lane that comes later begins with is not there yet: it is zeros.
        each = [
            self.zeros(count) if is_zero(value) else b.Reshape(self.new(value), [-1, 1, 1, count])
            for value, count in zip(old, self.units, strict=True)
        ]
        value = each[0] if len(each) == 1 else b.ConcatV2(*each, 3)
        return value if factor == 1.0 else value * factor

    def zeros(self, count: int) -> Value:
        """Return `count` zeros for each sample [batch, 1, 1, count]."""
        read, _ = self.reads[0]
        batch = size(self.b, self.new(read.tensor), 1 - read.axis)
        return self.b.Fill(vector(self.b, [batch, 1, 1, count]), 0.0)

    def reset(self, value: Value, step: int) -> Value:
        """Return a state with zeros for the lanes that have not begun."""
        begun = [np.full(n, lane.delay <= step) for lane, n in zip(self.group, self.units, strict=True)]
        return value * np.concatenate(begun).astype(np.float32)

    def state(self) -> Value:
        """Return the state to begin with."""
        return self.beginning(lambda lane: lane.cell.hidden[0], 1.0)

    def run(self, steps: Steps) -> list[Ran]:
        """Return what each lane gives, all steps written out."""
        count = self.group[0].cell.loop.known
        assert count is not None  # or they would be a loop
        last = max(lane.delay for lane in self.group)
        each = [(steps(read), read.backwards, delay) for read, delay in self.reads]
        masks = sum(not read.is_mask for read, _ in self.reads)
        step, carry = self.cell()
        state = self.state()
        states: list[Value] = []
        carries: list[Value | None] = []
        for number in range(count + last):
            reads = []
            for values, backwards, delay in each:
                at = min(max(0, number - delay), count - 1)
                reads.append(values[count - 1 - at if backwards else at])
            now = Now(reads[:masks], reads[masks:])
            state, carry = step(state, carry, now, self.joined(state, now))
            states.append(state)
            carries.append(carry)
            if number < last:
                state = self.reset(state, number)
                carry = None if carry is None else self.reset(carry, number)
        return [
            Ran(
                states[lane.delay : lane.delay + count],
                carries[lane.delay + count - 1],
                self.rows["state", number].start,
                lane.cell.units,
                len(self.group) == 1,
            )
            for number, lane in enumerate(self.group)
        ]

    def cell(self) -> tuple[_Step, Value | None]:
        """Return what one step does, and the carry it begins with."""
        return {"lstm": self.lstm, "gru": self.gru, "gru_before": self.gru_before, "simple": self.simple}[self.kind]()

    def lstm(self) -> tuple[_Step, Value | None]:
        """With C = 2 c: C' = f C + i · 4 (sigmoid(2 g) - 1/2), and h' = o · 2 (sigmoid(C') - 1/2)."""
        b = self.b
        gates = self.product("ifgo", "Sigmoid", [1.0, 1.0, 2.0, 1.0])
        keep = self.keep()

        def step(state: Value, carry: Value | None, now: Now, joined: Value) -> _Stepped:
            assert carry is not None
            whole = self.multiply(gates, state, now, joined)
            i, f, g, o = b.multi("Split", b.const(3), whole, num_split=4)
            added = self.mixed(g, i, self.zero, self.half, 4.0)
            carry = self.mixed(f, carry, added)
            new = self.mixed(b.Sigmoid(carry), o, self.zero, self.half, 2.0)
            return self.kept(state, new, keep, now), carry

        def position(lane: Lane) -> int:
            assert lane.cell.carry is not None
            return lane.cell.carry

        return step, self.beginning(position, 2.0)

    def gru(self) -> tuple[_Step, Value | None]:
        """h' = (h - n) z + n, where n = tanh(r y + x)."""
        b = self.b
        update, reset = self.product("z", "Sigmoid"), self.product("r", "Sigmoid")
        outer, inner = self.product("x"), self.product("y")

        def step(state: Value, _carry: Value | None, now: Now, joined: Value) -> _Stepped:
            z, r, x, y = (self.multiply(each, state, now, joined) for each in (update, reset, outer, inner))
            new = b.Tanh(self.mixed(r, y, x))
            return self.mixed(state, z, new, new), None

        return step, None

    def gru_before(self) -> tuple[_Step, Value | None]:
        """h' = (h - n) z + n, where n is the hyperbolic tangent of a product of r h and the step."""
        b = self.b
        update, reset, candidate = self.product("z", "Sigmoid"), self.product("r", "Sigmoid"), self.product("x")

        def step(state: Value, _carry: Value | None, now: Now, joined: Value) -> _Stepped:
            z, r = (self.multiply(each, state, now, joined) for each in (update, reset))
            kept = r * state
            new = b.Tanh(self.multiply(candidate, kept, now, self.joined(kept, now)))
            return self.mixed(state, z, new, new), None

        return step, None

    def simple(self) -> tuple[_Step, Value | None]:
        """h' = tanh(x)."""
        product = self.product("x")
        keep = self.keep()

        def step(state: Value, _carry: Value | None, now: Now, joined: Value) -> _Stepped:
            new = self.b.Tanh(self.multiply(product, state, now, joined))
            return self.kept(state, new, keep, now), None

        return step, None


@record(frozen=True)
class _Product:
    """A product made ready: what it is of (`all` that is read, the `state`, or the one `read`), and what follows it."""

    over: str
    kernel: Value
    bias: Value | None
    activation: str | None


_Stepped = tuple[Value, "Value | None"]
_Step = Callable[[Value, "Value | None", Now, Value], _Stepped]
