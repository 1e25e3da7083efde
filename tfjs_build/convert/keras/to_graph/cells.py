"""The recurrent cells as formulas: SimpleRNN, LSTM, GRU, and stacks of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.description import Layer
from tfjs_build.convert.keras.hints import OTHERWISE
from tfjs_build.convert.keras.to_graph import cudnn
from tfjs_build.convert.keras.to_graph.activations import Function, activation
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.rules.core import matmul
from tfjs_build.convert.keras.to_graph.steps import Cell
from tfjs_build.convert.keras.user_code import CODE


class _Dense:
    """What the three cells have in common: `gates` · units columns in both kernels."""

    gates: ClassVar[int] = 1

    def __init__(self, c: Context, inputs: int) -> None:
        self.c = c
        self.units = units = c.config.size("units")
        width = self.gates * units
        self.kernel = c.weight("kernel", inputs, width)
        self.recurrent = c.weight("recurrent_kernel", units, width)
        self.bias: Value | None = None
        if c.config.boolean("use_bias", True):
            if cudnn.is_cudnn(c, self.gates, units):
                found = cudnn.weights(c, self.kernel, self.recurrent, self.bias_shape(width))
                self.kernel, self.recurrent, self.bias = found
            else:
                self.bias = c.weight("bias", *self.bias_shape(width))
        self.activation = activation(c)
        self.states: Sequence[tuple[int | None, ...]] = [(units,)]
        self.output: tuple[int | None, ...] = (units,)

    def bias_shape(self, width: int) -> tuple[int, ...]:
        return (width,)

    def project(self, x: Value) -> Value:
        y = matmul(self.c, x, self.kernel)
        return y if self.bias is None else self.c.b.BiasAdd(y, self.bias)

    def step(self, projected: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
        raise NotImplementedError

    def parts(self, value: Value) -> tuple[Value, ...]:
        return self.c.b.multi("Split", self.c.ints(1), value, num_split=self.gates)


class SimpleRNN(_Dense):
    """h = activation(x W + b + h U)."""

    def step(self, projected: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
        b = self.c.b
        h = self.activation(b, projected + b.MatMul(states[0], self.recurrent))
        return h, [h]


class LSTM(_Dense):
    """Gates in the order input, forget, cell, output."""

    gates = 4

    def __init__(self, c: Context, inputs: int) -> None:
        super().__init__(c, inputs)
        self.gate: Function = activation(c, "recurrent_activation")
        self.states = [(self.units,), (self.units,)]

    def step(self, projected: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
        b = self.c.b
        h, carry = states
        i, f, g, o = self.parts(projected + b.MatMul(h, self.recurrent))
        carry = self.gate(b, f) * carry + self.gate(b, i) * self.activation(b, g)
        h = self.gate(b, o) * self.activation(b, carry)
        return h, [h, carry]


class GRU(_Dense):
    """Gates in the order update, reset, candidate; the reset comes after the recurrent product, or before it."""

    gates = 3

    def __init__(self, c: Context, inputs: int) -> None:
        self.after = c.config.boolean("reset_after", c.generation == 3)
        super().__init__(c, inputs)
        self.gate: Function = activation(c, "recurrent_activation")
        self.inner_bias: Value | None = None
        if self.after and self.bias is not None:
            outer, inner = c.b.multi("Unpack", self.bias, num=2, axis=0)
            self.bias, self.inner_bias = outer, inner

    def bias_shape(self, width: int) -> tuple[int, ...]:
        return (2, width) if self.after else (width,)

    def step(self, projected: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
        b = self.c.b
        [h] = states
        xz, xr, xh = self.parts(projected)
        if self.after:
            inner = b.MatMul(h, self.recurrent)
            inner = inner if self.inner_bias is None else b.BiasAdd(inner, self.inner_bias)
            hz, hr, hh = self.parts(inner)
            z, r = self.gate(b, xz + hz), self.gate(b, xr + hr)
            candidate = self.activation(b, xh + r * hh)
        else:
            uz, ur, uh = self.parts(self.recurrent)
            z, r = self.gate(b, xz + b.MatMul(h, uz)), self.gate(b, xr + b.MatMul(h, ur))
            candidate = self.activation(b, xh + b.MatMul(r * h, uh))
        h = z * h + (1.0 - z) * candidate
        return h, [h]


class Stack:
    """Cells one after the other in each step; the first one's input is taken care of for all steps at once."""

    def __init__(self, c: Context, cells: Sequence[Cell]) -> None:
        self.cells = cells
        # Keras 2 can list the states from the last cell to the first.
        self.reverse = c.config.boolean("reverse_state_order", False)
        ordered = cells[::-1] if self.reverse else cells
        self.states: Sequence[tuple[int | None, ...]] = [state for cell in ordered for state in cell.states]
        self.output = cells[-1].output

    def project(self, x: Value) -> Value:
        return self.cells[0].project(x)

    def step(self, projected: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
        ordered = self.cells[::-1] if self.reverse else self.cells
        own: dict[int, list[Value]] = {}
        rest = list(states)
        for cell in ordered:
            count = len(cell.states)
            own[id(cell)], rest = rest[:count], rest[count:]
        value = projected
        for index, cell in enumerate(self.cells):
            value, own[id(cell)] = cell.step(value if index == 0 else cell.project(value), own[id(cell)])
        return value, [state for cell in ordered for state in own[id(cell)]]


_CELLS = {"SimpleRNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU}


def cell_of(c: Context, layer: Layer, inputs: int) -> Cell:
    """Return the cell that a layer is, or runs. Raises RefusedError for a custom class."""
    inner = Context(c.host, layer, (), {})
    name = layer.class_name
    if layer.code is None and name == "StackedRNNCells":
        cells: list[Cell] = []
        for attribute in layer.children:
            cells.append(cell_of(c, inner.child(attribute), inputs))
            width = cells[-1].output[-1]
            inputs = width if width is not None else 0
        inner.require(bool(cells), "expects one cell or more, got none")
        return Stack(inner, cells)
    found = _CELLS.get(name.removesuffix("Cell"))
    if layer.code is not None or found is None:
        raise c.refuse(f"its cell `{name}` is a class of your own: {CODE}", OTHERWISE)
    return found(inner, inputs)
