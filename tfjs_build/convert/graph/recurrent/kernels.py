"""The kernels of lanes side by side, put together when the graph runs: in the file stay the variables of the source.

What the lanes read stands in one row of columns: the states of the lanes, one after the other, then the steps of the
sequences. A gate's columns are those of the lanes, one after the other.

    rows                 columns of gate i        of gate f …
    state of lane 0      U₀ᵢ   0                  U₀f   0
    state of lane 1      0     U₁ᵢ                0     U₁f
    sequence of lane 0   W₀ᵢ   0                  W₀f   0
    sequence of lane 1   0     W₁ᵢ                0     W₁f
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Value
from tfjs_build.convert.graph.recurrent.linear import Bias, Parts, Term
from tfjs_build.records import record


@record(frozen=True)
class Row:
    """The place of what one source is among the columns that are read."""

    start: int
    width: int


@record(frozen=True)
class Placed:
    """A term and the rows of its source."""

    term: Term
    row: Row


def bias(gates: Sequence[Sequence[Parts]], units: Sequence[int], factors: Sequence[float]) -> Array:
    """Return the biases of gates, each by lane, as one vector."""
    columns = []
    for lanes, factor in zip(gates, factors, strict=True):
        for parts, count in zip(lanes, units, strict=True):
            total = np.zeros(count, np.float32)
            for part in parts:
                if isinstance(part, Bias):
                    assert part.vector.constant is not None  # which the tracer has seen to
                    total = total + part.vector.constant.array()[part.start : part.stop]
            columns.append(total * np.float32(factor))
    return np.concatenate(columns)


def kernel(
    b: Builder,
    gates: Sequence[Sequence[Sequence[Placed]]],
    units: Sequence[int],
    rows: Row,
    factors: Sequence[float],
) -> Value:
    """Return the kernel [1, 1, rows, gates · units] of gates, each by lane, for the columns `rows` of what is read."""
    count = len(gates)
    lanes = []
    for lane, width in enumerate(units):
        placed: dict[Row, list[list[Term]]] = {}
        for gate, each in enumerate(gates):
            for one in each[lane]:
                placed.setdefault(one.row, [[] for _ in gates])[gate].append(one.term)
        blocks = []
        at = rows.start
        for number, (row, terms) in enumerate(sorted(placed.items(), key=lambda item: item[0].start)):
            stop = rows.start + rows.width if number == len(placed) - 1 else row.start + row.width
            # The last gate of masked cells has nothing of state and sequence: zeros that need not be in the file.
            there = max(gate + 1 for gate, each in enumerate(terms) if each)
            pads = [[row.start - at, stop - row.start - row.width], [0, (count - there) * width]]
            block = _block(b, terms[:there], row.width, width)
            blocks.append(b.Pad(block, pads, _keep=True) if any(map(any, pads)) else block)
            at = stop
        whole = blocks[0] if len(blocks) == 1 else b.ConcatV2(*blocks, 0, _keep=True)
        lanes.append(whole)
    columns = count * sum(units)
    joined = lanes[0]
    if len(lanes) > 1:
        each_gate = [b.Reshape(lane, [rows.width, count, width]) for lane, width in zip(lanes, units, strict=True)]
        joined = b.Reshape(b.ConcatV2(*each_gate, 2, _keep=True), [rows.width, columns])
    if set(factors) != {1.0}:
        # A power of two changes no digit; and what was divided has zeros beyond its edges (`portable/products.py`).
        joined = b.RealDiv(joined, np.repeat(1.0 / np.asarray(factors, np.float32), sum(units)))
    return b.Reshape(joined, [1, 1, rows.width, columns])


def _block(b: Builder, gates: Sequence[Sequence[Term]], rows: int, units: int) -> Value:
    """Return the kernels of one lane and one source [rows, gates · units]: of one variable, if its columns are in this
    order, the variable itself."""
    spans = [[(term.kernel, term.start, term.stop) for term in terms] for terms in gates]
    firsts = [span[0] if len(span) == 1 else None for span in spans]
    first = firsts[0]
    if first is not None and None not in firsts and all(each[0] is first[0] for each in firsts if each is not None):
        starts = [each[1] for each in firsts if each is not None]
        if starts == [first[1] + units * gate for gate in range(len(gates))]:
            return _cut(b, first[0], first[1], first[1] + units * len(gates))
    columns = []
    for span in spans:
        parts = [_cut(b, *each) for each in span] or [b.const(np.zeros((rows, units), np.float32))]
        total = parts[0]
        for part in parts[1:]:
            total = b.AddV2(total, part)
        columns.append(total)
    return columns[0] if len(columns) == 1 else b.ConcatV2(*columns, 1, _keep=True)


def _cut(b: Builder, matrix: Value, start: int, stop: int) -> Value:
    if matrix.static is not None and (start, stop) == (0, matrix.static[1]):
        return matrix
    return b.Slice(matrix, [0, start], [-1, stop - start], _keep=True)
