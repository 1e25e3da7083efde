"""Rules of the convolutional LSTMs: cells whose products are convolutions."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.activations import activation
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.rules.recurrent import SEQUENCE, finish, in_cell, sequence
from tfjs_build.convert.keras.to_graph.windows import around, channels_first, layout, padding, plane


class _Cell:
    """An LSTM over images, channels last. The input is convolved as the layer says, the state with padding."""

    def __init__(self, c: Context, count: int, channels: int, lengths: Sequence[int]) -> None:
        self.c = c
        self.count = count
        filters = c.config.size("filters")
        size = c.config.sizes("kernel_size", count)
        self.strides = c.config.sizes("strides", count, (1,) * count)
        self.dilations = c.config.sizes("dilation_rate", count, (1,) * count)
        self.padding = padding(c)
        self.kernel = c.weight("kernel", *size, channels, 4 * filters)
        self.recurrent = c.weight("recurrent_kernel", *size, filters, 4 * filters)
        self.bias = c.weight("bias", 4 * filters) if c.config.boolean("use_bias", True) else None
        self.activation = activation(c)
        self.gate = activation(c, "recurrent_activation")
        places = []
        for n, k, s, d in zip(lengths, size, self.strides, self.dilations, strict=True):
            places.append(-(-(n if self.padding == "SAME" else n - (k - 1) * d) // s))
        self.states: Sequence[tuple[int | None, ...]] = [(*places, filters)] * 2
        self.output: tuple[int | None, ...] = (*places, filters)

    def _convolved(self, x: Value, kernel: Value, strides: Sequence[int], dilations: Sequence[int], pads: str) -> Value:
        b = self.c.b
        flat = self.count == 1
        if flat:
            x, kernel = b.ExpandDims(x, 1), b.ExpandDims(kernel, 0)
        settings = {
            "strides": around(plane(tuple(strides))),
            "dilations": around(plane(tuple(dilations))),
            "padding": pads,
            "data_format": layout(self.count),
        }
        y = b.node("Conv3D" if self.count == 3 else "Conv2D", [x, kernel], settings)[0]
        return b.Squeeze(y, squeeze_dims=[1]) if flat else y

    def project(self, x: Value) -> Value:
        """Convolve all steps as one batch."""
        b, c = self.c.b, self.c
        sizes = c.sizes(x)
        from tfjs_build.convert.graph.sizes import product, reshape

        joined = reshape(b, x, [product(b, sizes[:2]), *sizes[2:]])
        y = self._convolved(joined, self.kernel, self.strides, self.dilations, self.padding)
        y = y if self.bias is None else b.BiasAdd(y, self.bias)
        return reshape(b, y, [*sizes[:2], *c.sizes(y)[1:]])

    def step(self, projected: Value, states: Sequence[Value]) -> tuple[Value, list[Value]]:
        b = self.c.b
        h, carry = states
        ones = [1] * self.count
        whole = projected + self._convolved(h, self.recurrent, ones, ones, "SAME")
        i, f, g, o = b.multi("Split", self.c.ints(self.count + 1), whole, num_split=4)
        carry = self.gate(b, f) * carry + self.gate(b, i) * self.activation(b, g)
        h = self.gate(b, o) * self.activation(b, carry)
        return h, [h, carry]


@layer("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", variables=in_cell, floats=True, takes=SEQUENCE)
def conv_lstm(c: Context) -> list[Value]:
    """An LSTM over a sequence of images."""
    count = int(c.layer.class_name[-2])
    x, initial = sequence(c, count + 3)
    first = channels_first(c)
    last, first_order = [0, *range(2, count + 2), 1], [0, count + 1, *range(1, count + 1)]
    if first:
        x = c.b.Transpose(x, [0, *(axis + 1 for axis in last)])
        initial = [c.b.Transpose(state, last) for state in initial]
    lengths = [c.fixed(x, axis + 2) for axis in range(count)]
    cell = _Cell(c, count, c.fixed(x, -1), lengths)
    results = finish(c, cell, x, initial)
    if not first:
        return results
    output, *states = results
    every = c.rank(output) == count + 3
    output = c.b.Transpose(output, [0, 1, *(axis + 1 for axis in first_order[1:])] if every else first_order)
    return [output, *(c.b.Transpose(state, first_order) for state in states)]
