"""Tells the cells that have a short spelling by what their loops compute: LSTM, GRU and the simple recurrent cell.

    LSTM    c' = sigmoid(f) c + sigmoid(i) tanh(g)            h' = sigmoid(o) tanh(c')
    GRU     h' = sigmoid(z) h + (1 - sigmoid(z)) n            n = tanh(x + sigmoid(r) y), or tanh(x + (sigmoid(r) h) U)
    simple  h' = tanh(x)

i, f, g, o, z, r, x and y are sums of products with constant kernels, and of biases (`linear.py`).

Where a mask chooses between the new states and the old ones, it becomes a part of the gates: what is 1 in masked
steps, and 0 in others, is multiplied by numbers so large that the gates open or close. A state that no gate can keep is
kept by one more, k: h'' = sigmoid(k) h' + (1 - sigmoid(k)) h.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import broadcast
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.recurrent.linear import SUMS, Bias, Parts, Sequence, Term, Tracer, sequence_of
from tfjs_build.convert.graph.recurrent.turns import Loop
from tfjs_build.records import record

Kind = Literal["lstm", "gru", "gru_before", "simple"]
"""Of the GRU that resets the state before the product, `gru_before`, the candidate has no part y."""

GATES: Final[dict[Kind, str]] = {"lstm": "ifgok", "gru": "zrxy", "gru_before": "zrx", "simple": "xk"}
"""The gates of each; k is there in masked cells only."""

_MASKED: Final[dict[Kind, dict[str, int]]] = {
    "lstm": {"i": -1, "f": 1},
    "gru": {"z": 1},
    "gru_before": {"z": 1},
    "simple": {},
}
"""What a masked step does to gates: closes or opens them."""

_CLOSED: Final = 1000.0
"""Its sigmoid is 1, and that of its negative is 0, whatever else is added."""


@record(frozen=True)
class Cell:
    """A loop that is one of these cells. `gates` are the parts of each gate, in the order of `GATES`; `hidden` are the
    positions of variables that hold h, the state itself first, `carry` is that of c. `mask` is the tensor outside
    [steps, batch, 1] that says which steps count; in those that do not, the variables and lists at `zeroed` are 0."""

    loop: Loop
    kind: Kind
    units: int
    gates: tuple[Parts, ...]
    hidden: tuple[int, ...]
    carry: int | None
    mask: Value | None = None
    zeroed: frozenset[int] = frozenset()

    @property
    def terms(self) -> list[Term]:
        """All products with kernels."""
        return [part for parts in self.gates for part in parts if isinstance(part, Term)]

    @property
    def sequences(self) -> list[Sequence]:
        """The sequences that are read, each once: that of the layer, and the mask if there is one."""
        return list(dict.fromkeys(term.source for term in self.terms if isinstance(term.source, Sequence)))

    @property
    def read(self) -> Sequence:
        """The sequence that the layer reads."""
        return next(each for each in self.sequences if not each.is_mask)


def cell_of(loop: Loop) -> Cell | None:
    """Return the cell that a loop runs, None if it is none of these."""
    found = next(_cells(loop), None)
    if found is None or len(found.sequences) != 1 or loop.known == 0:
        return None
    cell = _with_outputs(found)
    if cell is None or not all(_fits(parts, cell.units) for parts in cell.gates):
        return None
    return cell if cell.mask is None else _masked(cell)


@record(frozen=True)
class _Made:
    """What a turn makes of a variable: `new` where the mask of the step holds, if there is one, else `old`."""

    new: Value
    mask: Value | None = None
    old: Value | None = None


def _made(loop: Loop, value: Value) -> _Made:
    node = value.node
    if node.op == "SelectV2":
        mask, new, old = node.inputs
        tensor = loop.sequence(mask)
        spread = broadcast(mask.shape, new.shape) if mask.shape is not None else None
        single = tensor is not None and tensor.rank == 3 and tensor.shape is not None and tensor.shape[2] == 1
        if single and new.shape is not None and spread == new.shape:
            return _Made(new, tensor, old)
    return _Made(value)


def _with_outputs(cell: Cell) -> Cell | None:
    """Return the cell with its mask, and what its lists and other variables hold; None where that is something else."""
    loop = cell.loop
    state = _made(loop, loop.result(cell.hidden[0]))
    if state.new.dtype != "float32" or (state.mask is not None and state.old is not loop.argument(cell.hidden[0])):
        return None
    if cell.carry is not None:
        carry = _made(loop, loop.result(cell.carry))
        if carry.mask is not state.mask or (carry.mask is not None and carry.old is not loop.argument(cell.carry)):
            return None
    hidden, zeroed = [cell.hidden[0]], []
    outputs = {at: loop.result(at) for at in loop.states if at not in (cell.hidden[0], cell.carry)}
    for at, value in (*outputs.items(), *((at, item) for at, (_, item) in loop.lists.items())):
        made = _made(loop, value)
        if made.new is not state.new or made.mask is not state.mask:
            return None
        if made.mask is not None and made.old is not None and is_zero(loop.constants.get(made.old, made.old)):
            zeroed.append(at)
        elif made.mask is not None and made.old is not loop.argument(cell.hidden[0]):
            # The output before: as long as all begin with zeros, that is the state.
            before = next((each for each in outputs if loop.argument(each) is made.old), None)
            if before is None or outputs[before] is not value:
                return None
            if not (is_zero(loop.node.inputs[before]) and is_zero(loop.node.inputs[cell.hidden[0]])):
                return None
        if at in outputs:
            hidden.append(at)
    return replace(cell, hidden=tuple(hidden), mask=state.mask, zeroed=frozenset(zeroed))


def _masked(cell: Cell) -> Cell | None:
    """Return a cell whose gates keep the states in masked steps, None where sequence and mask have another order."""
    b = Builder()
    assert cell.mask is not None  # which the caller has looked at
    masked = sequence_of(cell.mask, 0)
    if masked.backwards != cell.read.backwards:
        return None

    def shown(part: Term | Bias) -> Term | Bias:
        # What is read in masked steps may be too large for any gate to close, or no number.
        if not isinstance(part, Term) or not isinstance(part.source, Sequence):
            return part
        return replace(part, source=replace(part.source, mask=masked.tensor, mask_axis=masked.axis))

    def term(sign: int) -> Term:
        return Term(masked, b.const(np.full((1, cell.units), sign * _CLOSED, np.float32)), 0, cell.units)

    signs, names = _MASKED[cell.kind], GATES[cell.kind]
    gates: list[Parts] = []
    for name, parts in zip(names, cell.gates, strict=False):
        gates.append((*map(shown, parts), *([term(signs[name])] if name in signs else [])))
    if "k" in names:
        gates.append((Bias(b.const(np.full(cell.units, _CLOSED / 2, np.float32)), 0, cell.units), term(-1)))
    return replace(cell, gates=tuple(gates))


def is_zero(value: Value) -> bool:
    """Whether a tensor surely has zeros alone."""
    if value.node.op == "ZerosLike":
        return True
    if value.node.op == "Fill":
        value = value.node.inputs[1]
    constant = value.constant
    return constant is not None and constant.size <= 1 << 16 and not np.any(constant.array())


def _fits(parts: Parts, units: int) -> bool:
    """Whether a gate is a product at least, all its parts have the cell's units, and kernels the rows of what they are
    multiplied with."""
    terms = [part for part in parts if isinstance(part, Term)]
    for term in terms:
        rows = term.kernel.shape[0] if term.kernel.shape else None
        if not rows or rows != (term.source.width if isinstance(term.source, Sequence) else units):
            return False
    return bool(terms) and all(part.stop - part.start == units for part in parts)


def _cells(loop: Loop) -> Iterator[Cell]:
    for at in loop.states:
        h, after = loop.argument(at), _made(loop, loop.result(at)).new
        units = after.shape[-1] if after.shape and len(after.shape) == 2 else None
        if units is None or h.shape != after.shape:
            continue
        for kind, gates, carry in (*_lstm(loop, h, after), *_gru(loop, h, after), *_simple(loop, h, after)):
            yield Cell(loop, kind, units, gates, (at,), carry)


Found = tuple[Kind, tuple[Parts, ...], "int | None"]


def _lstm(loop: Loop, h: Value, after: Value) -> Iterator[Found]:
    for out, squashed in _pairs(after, "Mul"):
        carry = squashed.node.inputs[0] if squashed.node.op == "Tanh" else None
        at = next((each for each in loop.states if _made(loop, loop.result(each)).new is carry), None)
        if carry is None or at is None or out.node.op != "Sigmoid":
            continue
        for kept, added in _sums(carry):
            for forget, before in _pairs(kept, "Mul"):
                for enter, candidate in _pairs(added, "Mul"):
                    parts = (enter, forget, candidate, out)
                    ops = ("Sigmoid", "Sigmoid", "Tanh", "Sigmoid")
                    if before is loop.argument(at) and all(v.node.op == op for v, op in zip(parts, ops, strict=True)):
                        gates = _traced(Tracer(loop, h), parts)
                        if gates is not None:
                            yield "lstm", gates, at


def _gru(loop: Loop, h: Value, after: Value) -> Iterator[Found]:
    for update, candidate in _mixed(after, h):
        if update.node.op != "Sigmoid" or candidate.node.op != "Tanh":
            continue
        inner = candidate.node.inputs[0]
        for reset, product, rest in _with_product(inner):
            if reset.node.op == "Sigmoid":
                gates = _traced(Tracer(loop, h), (update, reset))
                outer = _all(Tracer(loop, h), rest)
                recurrent = Tracer(loop, h).parts(product)
                if gates is not None and outer is not None and recurrent is not None:
                    yield "gru", (*gates, outer, recurrent), None
        for reset, scaled in _resets(inner, h):
            gates = _traced(Tracer(loop, h), (update, reset))
            whole = Tracer(loop, h, scaled).parts(inner)
            if gates is not None and whole is not None:
                yield "gru_before", (*gates, whole), None


def _simple(loop: Loop, h: Value, after: Value) -> Iterator[Found]:
    if after.node.op == "Tanh":
        gates = _traced(Tracer(loop, h), (after,))
        if gates is not None:
            yield "simple", gates, None


def _traced(tracer: Tracer, gates: tuple[Value, ...]) -> tuple[Parts, ...] | None:
    """Return what goes into activations."""
    found = [tracer.parts(gate.node.inputs[0]) for gate in gates]
    return None if None in found else tuple(found)  # type: ignore[arg-type]  # None is not in it


def _all(tracer: Tracer, values: list[Value]) -> Parts | None:
    joined: list[Term | Bias] = []
    for value in values:
        parts = tracer.parts(value)
        if parts is None:
            return None
        joined += parts
    return tuple(joined)


def _pairs(value: Value, op: str) -> Iterator[tuple[Value, Value]]:
    """Yield the operands of an op in both orders."""
    if value.node.op == op:
        first, second = value.node.inputs
        yield first, second
        yield second, first


def _sums(value: Value) -> Iterator[tuple[Value, Value]]:
    if value.node.op in SUMS:
        yield from _pairs(value, value.node.op)


def _mixed(value: Value, h: Value) -> Iterator[tuple[Value, Value]]:
    """Yield (z, n) of z h + (1 - z) n, or n + z (h - n)."""
    for first, second in _sums(value):
        for z, kept in _pairs(first, "Mul"):
            for rest, candidate in _pairs(second, "Mul"):
                minus = rest.node.inputs if rest.node.op == "Sub" else None
                if kept is h and minus is not None and _is_one(minus[0]) and minus[1] is z:
                    yield z, candidate
            if kept.node.op == "Sub" and kept.node.inputs == (h, second):
                yield z, second


def _is_one(value: Value) -> bool:
    return value.constant is not None and value.constant.size == 1 and value.constant.item() == 1


def _with_product(value: Value) -> Iterator[tuple[Value, Value, list[Value]]]:
    """Yield (r, y, the rest) for each product r y among the parts of a sum."""
    parts = _flat(value)
    for at, part in enumerate(parts):
        for reset, product in _pairs(part, "Mul"):
            yield reset, product, parts[:at] + parts[at + 1 :]


def _flat(value: Value) -> list[Value]:
    if value.node.op in SUMS or value.node.op == "BiasAdd":
        return [part for each in value.node.inputs for part in _flat(each)]
    return [value]


def _resets(value: Value, h: Value) -> Iterator[tuple[Value, Value]]:
    """Yield (r, r h) for each matrix r h that is multiplied by a kernel among the parts of a sum."""
    for part in _flat(value):
        if part.node.op == "MatMul":
            scaled = part.node.inputs[0]
            for reset, state in _pairs(scaled, "Mul"):
                if state is h and reset.node.op == "Sigmoid":
                    yield reset, scaled
