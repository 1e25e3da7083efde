"""Recurrent networks that are one operator. Each prediction begins with states of zeros.

The inputs of UNIDIRECTIONAL_SEQUENCE_LSTM (tensorflow/lite/kernels/unidirectional_sequence_lstm.cc): the sequence; four
kernels, four recurrent ones, three for peepholes, four biases, each for the gates of input, forgetting, cell and output
in this order; a projection with its bias; two states; four factors of normalizations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, size, vector
from tfjs_build.convert.saved_model.handlers.loops import loop
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import rule
from tfjs_build.errors import SourceError

_KERNELS, _RECURRENT, _PEEPHOLES, _BIASES, _PROJECTION, _STATE, _NORMS = 1, 5, 9, 12, 16, 18, 20
_GATES: Final = 4
_TANH: Final = 4
"""TANH in ActivationFunctionType, the only activation that Keras and TensorFlow write here."""
_UNROLLED: Final = 64
"""Up to so many steps are written out: such a graph runs without `executeAsync`."""


@rule("UNIDIRECTIONAL_SEQUENCE_LSTM")
def lstm(c: Call) -> Value:
    """A layer of LSTM cells, which gives its output of every step."""
    b, x = c.b, c.x
    if c.rank(x) != 3:
        raise SourceError(f"{c.label} is damaged: its sequence has {x.rank} axes, not 3")
    if c.option("fused_activation_function") != _TANH:
        raise c.refuse("only the activation TANH is supported")
    for place in (*range(_PEEPHOLES, _BIASES), _PROJECTION, *range(_NORMS, _NORMS + _GATES)):
        if c.optional(place) is not None:
            raise c.refuse("peepholes, projections and normalizations are not supported in it")
    if c.optional(_KERNELS) is None:
        raise c.refuse("cells whose gates are coupled are not supported")
    if c.option("diagonal_recurrent_tensors"):
        raise c.refuse("diagonal recurrent weights are not supported")
    kernel, recurrent = (_joined(c, start) for start in (_KERNELS, _RECURRENT))
    if recurrent.constant is None:
        raise c.refuse("recurrent weights that are computed are not supported")
    bias = b.ConcatV2(*(c.value(_BIASES + gate) for gate in range(_GATES)), 0)
    steps = x if c.option("time_major") else b.Transpose(x, [1, 0, 2])
    units, width = c.size(recurrent, 0), c.size(kernel, 0)
    count, batch = size(b, steps, 0), size(b, steps, 1)
    projected = b.BiasAdd(b.MatMul(b.Reshape(steps, [-1, width]), kernel), bias)
    projected = b.Reshape(projected, vector(b, [-1, batch, _GATES * units]))
    state = b.Fill(vector(b, [batch, units]), 0.0)

    most = c.option("cell_clip", 0.0)

    def step(inner: Builder, part: Value, output: Value, cell: Value) -> tuple[Value, Value]:
        gates = inner.multi("Split", 1, inner.AddV2(part, inner.MatMul(output, recurrent)), num_split=_GATES)
        enters, keeps, leaves = (inner.Sigmoid(gates[place]) for place in (0, 1, 3))
        cell = inner.AddV2(inner.Mul(keeps, cell), inner.Mul(enters, inner.Tanh(gates[2])))
        cell = inner.ClipByValue(cell, -most, most) if most > 0 else cell
        return inner.Mul(leaves, inner.Tanh(cell)), cell

    if isinstance(count, int) and count <= _UNROLLED:
        outputs = _unrolled(b, projected, count, state, step)
    else:
        outputs = _looped(b, projected, count, state, step)
    return outputs if c.option("time_major") else b.Transpose(outputs, [1, 0, 2])


Step = Callable[[Builder, Value, Value, Value], "tuple[Value, Value]"]
"""Returns the new output and cell from what the input contributes, the output and the cell before."""


def _joined(c: Call, start: int) -> Value:
    """Return the matrices of the gates side by side, as [in, 4 * units]."""
    parts = [c.value(start + gate) for gate in range(_GATES)]
    if any(c.rank(part) != 2 for part in parts):
        raise SourceError(f"{c.label} is damaged: its weights are no matrices")
    return c.b.Transpose(c.b.ConcatV2(*parts, 0), [1, 0])


def _unrolled(b: Builder, projected: Value, count: int, state: Value, step: Step) -> Value:
    output = cell = state
    outputs = []
    for part in b.multi("Unpack", projected, num=count, axis=0):
        output, cell = step(b, part, output, cell)
        outputs.append(output)
    return b.Pack(*outputs, axis=0)


def _looped(b: Builder, projected: Value, count: Size, state: Value, step: Step) -> Value:
    number = b.const(count, "int32") if isinstance(count, int) else count
    shape = b.const([-1 if each is None else each for each in state.shape or ()], "int32")
    items = b.TensorListReserve(shape, number, element_dtype="float32")

    def cond(inner: Builder, given: Sequence[Traced]) -> list[Traced]:
        time, last = (each for each in given[:2] if isinstance(each, Value))
        return [inner.Less(time, last)]

    def body(inner: Builder, given: Sequence[Traced]) -> list[Traced]:
        time, last, parts, output, cell, made = (each for each in given if isinstance(each, Value))
        output, cell = step(inner, inner.GatherV2(parts, time, 0), output, cell)
        made = inner.TensorListSetItem(made, time, output, element_dtype="float32")
        return [inner.AddV2(time, 1), last, parts, output, cell, made]

    start = [b.const(0, "int32"), number, projected, state, state, items]
    after = loop(b, cond, body, start, [False, True, True, False, False, False], b.scope)
    made = after[-1]
    assert isinstance(made, Value)
    known = count if isinstance(count, int) else -1
    return b.TensorListStack(made, shape, element_dtype="float32", num_elements=known)
