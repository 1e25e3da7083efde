"""Recurrent layers as graphs: written out, as loops, with masks and states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.keras.files import functional, layer, node
from tests.unit.keras.to_graph.making import Array, chain, converted, numbers, predicted
from tfjs_build.convert.graph.recurrent import MOST_NODES

X = numbers(2, 5, 3)
UNITS = 2
LSTM = {
    "kernel": numbers(3, 4 * UNITS, seed=1),
    "recurrent_kernel": numbers(UNITS, 4 * UNITS, seed=2),
    "bias": numbers(4 * UNITS, seed=3),
}
GRU = {
    "kernel": numbers(3, 3 * UNITS, seed=1),
    "recurrent_kernel": numbers(UNITS, 3 * UNITS, seed=2),
    "bias": numbers(2, 3 * UNITS, seed=3),
}


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _lstm(x: Array, mask: Array | None = None) -> Array:
    """Return the outputs of every step; where a step is masked, those of the one before."""
    h = c = np.zeros((len(x), UNITS))
    outputs = []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ LSTM["kernel"] + h @ LSTM["recurrent_kernel"] + LSTM["bias"], 4, axis=1)
        new_c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        new_h = _sigmoid(o) * np.tanh(new_c)
        kept = np.ones(len(x), bool) if mask is None else mask[:, t]
        h, c = np.where(kept[:, None], new_h, h), np.where(kept[:, None], new_c, c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def _gru(x: Array) -> Array:
    h = np.zeros((len(x), UNITS))
    for t in range(x.shape[1]):
        xz, xr, xh = np.split(x[:, t] @ GRU["kernel"] + GRU["bias"][0], 3, axis=1)
        hz, hr, hh = np.split(h @ GRU["recurrent_kernel"] + GRU["bias"][1], 3, axis=1)
        z = _sigmoid(xz + hz)
        h = z * h + (1 - z) * np.tanh(xh + _sigmoid(xr + hr) * hh)
    return h


def _recurrent(class_name: str, **options: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "units": UNITS,
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "use_bias": True,
    }
    return layer(class_name, "l", **settings, **options)


def test_lstm_of_known_length_is_written_out() -> None:
    model = chain(_recurrent("LSTM", return_sequences=True), shape=(5, 3))
    np.testing.assert_allclose(predicted(model, {"x": X}, {"l": LSTM})[0], _lstm(X), rtol=1e-5, atol=1e-6)
    assert not converted(model, {"l": LSTM}).asynchronous


def test_gru_resets_after_the_product() -> None:
    model = chain(_recurrent("GRU", reset_after=True), shape=(5, 3))
    np.testing.assert_allclose(predicted(model, {"x": X}, {"l": GRU})[0], _gru(X), rtol=1e-5, atol=1e-6)


def test_backwards_the_outputs_are_in_the_order_of_computation() -> None:
    model = chain(_recurrent("LSTM", return_sequences=True, go_backwards=True), shape=(5, 3))
    [y] = predicted(model, {"x": X}, {"l": LSTM})
    np.testing.assert_allclose(y, _lstm(X[:, ::-1]), rtol=1e-5, atol=1e-6)


def test_masked_steps_keep_state_and_output() -> None:
    padded = X.copy()
    padded[0, 3:] = padded[1, :2] = 0.0
    model = chain(layer("Masking", "m", mask_value=0.0), _recurrent("LSTM", return_sequences=True), shape=(5, 3))
    [y] = predicted(model, {"x": padded}, {"l": LSTM})
    np.testing.assert_allclose(y, _lstm(padded, padded.any(-1)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(None, 3), (MOST_NODES, 3)])
def test_other_lengths_are_loops(shape: tuple[int | None, ...]) -> None:
    length = shape[0] or 5
    x = numbers(2, length, 3)
    model = chain(layer("Masking", "m", mask_value=0.0), _recurrent("LSTM"), shape=shape)
    [y] = predicted(model, {"x": x}, {"l": LSTM})
    np.testing.assert_allclose(y, _lstm(x)[:, -1], rtol=1e-4, atol=1e-5)
    assert converted(model, {"l": LSTM}).asynchronous


def test_states_go_in_and_out() -> None:
    model = functional(
        "net",
        [
            layer("InputLayer", "x", batch_shape=[None, 5, 3]),
            layer("InputLayer", "h", batch_shape=[None, UNITS]),
            layer("InputLayer", "c", batch_shape=[None, UNITS]),
            {
                **_recurrent("LSTM", return_state=True),
                "inbound_nodes": [node("x", initial_state=[node("h")["args"][0], node("c")["args"][0]])],
            },
        ],
        [["x", 0, 0], ["h", 0, 0], ["c", 0, 0]],
        [["l", 0, 0], ["l", 0, 2]],
    )
    zero = np.zeros((2, UNITS), np.float32)
    output, carry = predicted(model, {"x": X, "h": zero, "c": zero}, {"l": LSTM})
    np.testing.assert_allclose(output, _lstm(X)[:, -1], rtol=1e-5, atol=1e-6)
    assert carry.shape == (2, UNITS)


def test_stateful_layers_begin_with_zeros_and_say_so() -> None:
    artifacts = converted(chain(_recurrent("LSTM", stateful=True), shape=(5, 3)), {"l": LSTM})
    assert artifacts.notes == (
        "layer `l` (LSTM) is stateful: every prediction begins with zeros, as after reset_states()",
    )
