"""Rules of the recurrent layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Generation
from tfjs_build.convert.keras.renamed import CUDNN
from tfjs_build.convert.keras.to_graph.cells import cell_of
from tfjs_build.convert.keras.to_graph.context import Context, values_in
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.steps import Cell, Options, run, zeros
from tfjs_build.convert.keras.variables import VariableSpec, with_bias

SEQUENCE: Final[Mapping[Generation, str]] = {
    2: "mask training initial_state constants",
    3: "initial_state mask training",
}
"""What recurrent layers take besides the sequence."""


_CELL = with_bias("kernel", "recurrent_kernel")


def in_cell(config: Config) -> list[VariableSpec]:
    """Return the variables of a layer whose cell has them; CuDNN's layers have no cell that could."""
    return [replace(spec, attribute="" if config.get(CUDNN) else "cell") for spec in _CELL(config)]


@layer("SimpleRNN", "LSTM", "GRU", variables=in_cell, floats=True, takes=SEQUENCE)
def recurrent(c: Context) -> list[Value]:
    """A layer that is its cell."""
    x, initial = sequence(c, 3)
    return finish(c, cell_of(c, c.layer, c.fixed(x, -1)), x, initial)


@layer("RNN", floats=True, takes=SEQUENCE)
def rnn(c: Context) -> list[Value]:
    """A layer that runs a cell, or a stack of them."""
    x, initial = sequence(c, 3)
    return finish(c, cell_of(c, c.child("cell"), c.fixed(x, -1)), x, initial)


@layer("StackedRNNCells", floats=True, takes="states training")
@layer("SimpleRNNCell", "LSTMCell", "GRUCell", variables=_CELL, floats=True, takes="states training")
def single_step(c: Context) -> list[Value]:
    """One step of a cell: its output and its new states, from an input and states."""
    x, *states = c.inputs
    states += values_in(c.argument(1, "states"))
    cell = cell_of(c, c.layer, c.fixed(x, -1))
    c.require(len(states) == len(cell.states), f"expects {len(cell.states)} states, got {len(states)}")
    output, new = cell.step(cell.project(x), [c.as_float(state) for state in states])
    return [output, *new]


def no_constants(c: Context) -> None:
    """Refuse tensors that a cell is given at every step besides its input."""
    c.require(not values_in(c.kwargs.get("constants")), "a tensor as the argument `constants` is not supported")


def sequence(c: Context, rank: int) -> tuple[Value, list[Value]]:
    """Return the sequence with its steps on axis 1, and the initial state: tensors after the sequence in Keras 2
    (`standardize_args` in tf_keras/src/layers/rnn/rnn_utils.py), the argument `initial_state` in Keras 3."""
    x, *states = c.inputs
    c.expect_rank(x, rank)
    states += values_in(c.kwargs.get("initial_state"))
    no_constants(c)
    if c.config.boolean("time_major", False):
        c.require(c.mask is None, "a mask is not supported with time_major=True")
        x = _exchanged(c, x)
    return x, [c.as_float(state) for state in states]


def _exchanged(c: Context, x: Value) -> Value:
    return c.b.Transpose(x, [1, 0, *range(2, c.rank(x))])


def finish(c: Context, cell: Cell, x: Value, initial: list[Value]) -> list[Value]:
    """Run a cell as the layer's options say."""
    if c.config.boolean("stateful", False):
        c.host.note(f"{c.layer.label} is stateful: every prediction begins with zeros, as after reset_states()")
    c.require(
        len(initial) in (0, len(cell.states)), f"expects {len(cell.states)} states as initial_state, got {len(initial)}"
    )
    states = initial or [zeros(c, x, shape) for shape in cell.states]
    every = c.config.boolean("return_sequences", False)
    options = Options(
        backwards=c.config.boolean("go_backwards", False),
        every_step=every,
        zero_output=c.config.boolean("zero_output_for_mask", False),
    )
    mask = c.mask
    output, last = run(c, cell, x, states, mask, options)
    if every and c.config.boolean("time_major", False):
        output = _exchanged(c, output)
    handed = c.previous_masks()
    c.output_masks = [handed[0] if every and handed else None]
    return [output, *last] if c.config.boolean("return_state", False) else [output]
