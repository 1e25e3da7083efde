"""Weights in the order of CuDNN's recurrent layers, as those of LSTM and of GRU(reset_after=True).

Keras itself tells them by the shape of the bias, which has one for the input and one for the state in a row; a file's
layer may be called LSTM by now and still have them. Each gate's kernel is transposed and lies column by column
(`_convert_rnn_weights` in tf_keras/src/saving/legacy/hdf5_format.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.keras.to_graph.context import Context


def is_cudnn(c: Context, gates: int, units: int) -> bool:
    """Whether the layer's weights are in CuDNN's order."""
    return gates in (3, 4) and c.weight_shape("bias") == (2 * gates * units,)


def weights(c: Context, kernel: Value, recurrent: Value, bias_shape: Sequence[int]) -> tuple[Value, Value, Value]:
    """Return kernel, recurrent kernel and bias in Keras's order; an LSTM has the sum of both biases."""
    gates = 3 if c.layer.class_name.startswith("GRU") else 4
    c.require(gates == 4 or len(bias_shape) == 2, "weights in CuDNN's order are not supported with reset_after=False")
    return (
        _changed(c, kernel, kernel.static or (), lambda array: _by_gate(array, gates, _input_kernel)),
        _changed(c, recurrent, recurrent.static or (), lambda array: _by_gate(array, gates, np.transpose)),
        _changed(c, c.any_weight("bias"), bias_shape, lambda array: _bias(array, bias_shape)),
    )


def _changed(c: Context, value: Value, shape: Sequence[int], change: Callable[[NDArray[Any]], NDArray[Any]]) -> Value:
    stored = value.constant
    assert stored is not None
    return c.named(Constant(tuple(shape), stored.dtype, lambda: change(stored.array()), name=stored.name))


def _by_gate(array: NDArray[Any], gates: int, change: Callable[[NDArray[Any]], NDArray[Any]]) -> NDArray[Any]:
    return np.ascontiguousarray(np.hstack([change(part) for part in np.hsplit(array, gates)]))


def _input_kernel(part: NDArray[Any]) -> NDArray[Any]:
    changed: NDArray[Any] = part.T.reshape(part.shape, order="F")
    return changed


def _bias(array: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    pairs: NDArray[Any] = array.reshape(2, -1)
    return pairs if len(shape) == 2 else pairs[0] + pairs[1]
