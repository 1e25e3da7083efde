"""Runs a cell over the steps of a sequence.

It is a loop (`StatelessWhile`), which `convert/graph/recurrent` writes out where the number of steps is known. The
product of the whole sequence with the cell's kernel is taken before, in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tfjs_build.convert.graph.ir import Dims, Graph, Port, Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.records import record


class Cell(Protocol):
    """One step of a recurrent layer. `states` are the shapes of its states, without the batch."""

    states: Sequence[tuple[int | None, ...]]
    output: tuple[int | None, ...]

    def project(self, x: Value) -> Value:
        """Return the part of the step that depends on the input alone, for one step or for a whole sequence."""

    def step(self, projected: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
        """Return the output of a step and the new states."""


@record(frozen=True)
class Options:
    """How a recurrent layer runs its cell. With `zero_output`, the outputs of masked steps are zeros, else those of the
    step before."""

    backwards: bool
    every_step: bool
    zero_output: bool


def run(
    c: Context, cell: Cell, x: Value, initial: Sequence[Value], mask: Value | None, options: Options
) -> tuple[Value, list[Value]]:
    """Return the outputs (of every step, or of the last one) and the last states; `x` has its steps on axis 1."""
    mask = None if mask is None else c.b.ExpandDims(mask, -1)  # as Keras itself has it
    if options.backwards:
        x = c.b.ReverseV2(x, c.ints([1]))
        mask = None if mask is None else c.b.ReverseV2(mask, c.ints([1]))
    return _loop(c, cell, cell.project(x), initial, mask, options)


def _chosen(c: Context, mask: Value, yes: Value, no: Value) -> Value:
    """Return one where the mask of the step holds, else the other."""
    for _ in range((yes.rank or 2) - 2):
        mask = c.b.ExpandDims(mask, -1)
    return c.b.SelectV2(mask, yes, no)


def _loop(
    c: Context, cell: Cell, projected: Value, initial: Sequence[Value], mask: Value | None, options: Options
) -> tuple[Value, list[Value]]:
    b = c.b
    rank = c.rank(projected)
    steps = b.Transpose(projected, [1, 0, *range(2, rank)])
    count = c.size(steps, 0)
    number = c.ints(count) if isinstance(count, int) else count
    batch = None if projected.shape is None else projected.shape[0]
    element = c.ints([-1 if size is None else size for size in (batch, *cell.output)])
    kept_before = mask is not None and not options.zero_output
    variables: list[tuple[Value, Dims]] = [(c.ints(0), ()), (number, ()), (steps, steps.shape)]
    if mask is not None:
        turned = b.Transpose(mask, [1, 0, 2])
        variables.append((turned, turned.shape))
    first_state = len(variables)
    variables += [(state, (batch, *size)) for state, size in zip(initial, cell.states, strict=True)]
    last = len(variables)
    [nothing] = [b.Fill(_sizes(c, projected, cell.output), 0.0)]
    variables.append((nothing, (batch, *cell.output)))
    if options.every_step:
        items = b.TensorListReserve(element, number, element_dtype="float32")
        variables.append((items, ()))

    def inputs() -> list[Value]:
        return [b.input(f"{b.scope}/turn_{i}", shape, v.dtype) for i, (v, shape) in enumerate(variables)]

    cond = inputs()
    decision = b.Less(cond[0], cond[1])
    body = inputs()
    time, _, sequence = body[:3]
    states = body[first_state:last]
    output, new = cell.step(b.GatherV2(sequence, time, c.ints(0)), states)
    if mask is not None:
        kept = b.GatherV2(body[3], time, c.ints(0))
        output = _chosen(c, kept, output, body[last] if kept_before else b.ZerosLike(output))
        new = [_chosen(c, kept, after, old) for after, old in zip(new, states, strict=True)]
    results = [time + 1, *body[1:first_state], *new, output]
    if options.every_step:
        results.append(b.TensorListSetItem(body[last + 1], time, output, element_dtype="float32"))
    after = b.node(
        "StatelessWhile",
        [value for value, _ in variables],
        {
            "cond": _graph(cond, [decision]),
            "body": _graph(body, results),
        },
        name=f"{b.scope}/loop",
        given=[(shape, value.dtype) for value, shape in variables],
    )
    final = list(after[first_state:last])
    if not options.every_step:
        return after[last], final
    known = count if isinstance(count, int) else -1
    stacked = b.TensorListStack(after[last + 1], element, element_dtype="float32", num_elements=known)
    return b.Transpose(stacked, [1, 0, *range(2, len(cell.output) + 2)]), final


def _sizes(c: Context, x: Value, shape: tuple[int | None, ...]) -> Value:
    from tfjs_build.convert.graph.sizes import vector

    c.require(None not in shape, "the size of its state is not known when converting")
    return vector(c.b, [c.size(x, 0), *(size for size in shape if size is not None)])


def zeros(c: Context, x: Value, shape: tuple[int | None, ...]) -> Value:
    """Return a state of zeros, one for each of the samples in `x`."""
    return c.b.Fill(_sizes(c, x, shape), 0.0)


def _graph(inputs: Sequence[Value], outputs: Sequence[Value]) -> Graph:
    return Graph(
        [Port(value.node.name, value) for value in inputs],
        [Port(f"output_{index}", value) for index, value in enumerate(outputs)],
    )
