"""Weights in the order of CuDNN's layers give what the same numbers give in Keras's order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.keras.files import layer
from tests.unit.keras.to_graph.making import Array, chain, numbers, predicted
from tfjs_build.errors import RefusedError

X = numbers(2, 4, 3)
UNITS = 2


def _stored(gates: int) -> dict[str, Array]:
    """Return weights as CuDNN's layers write them."""
    return {
        "kernel": numbers(3, gates * UNITS, seed=1),
        "recurrent_kernel": numbers(UNITS, gates * UNITS, seed=2),
        "bias": numbers(2 * gates * UNITS, seed=3),
    }


def _in_keras_order(stored: dict[str, Array], gates: int) -> dict[str, Array]:
    """Return them as Keras's layers have them: gate by gate, entry by entry."""
    kernel, recurrent = np.empty_like(stored["kernel"]), np.empty_like(stored["recurrent_kernel"])
    for gate in range(gates):
        columns = slice(gate * UNITS, (gate + 1) * UNITS)
        flat = stored["kernel"][:, columns].reshape(-1)  # unit by unit, each with all its inputs
        for place, value in enumerate(flat):
            kernel[:, columns][place % 3, place // 3] = value
        recurrent[:, columns] = stored["recurrent_kernel"][:, columns].T
    halves = stored["bias"].reshape(2, -1)
    bias = halves if gates == 3 else halves[0] + halves[1]
    return {"kernel": kernel, "recurrent_kernel": recurrent, "bias": bias}


@pytest.mark.parametrize(("name", "gates"), [("CuDNNLSTM", 4), ("CuDNNGRU", 3)])
def test_numbers(name: str, gates: int) -> None:
    stored = _stored(gates)
    options: dict[str, Any] = {"units": UNITS, "return_sequences": True}
    functions: dict[str, Any] = {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True}
    [found] = predicted(chain(layer(name, "r", **options), shape=(4, 3)), {"x": X}, {"r": stored}, generation=2)
    plain = layer(name.removeprefix("CuDNN"), "r", **options, **functions)
    [expected] = predicted(chain(plain, shape=(4, 3)), {"x": X}, {"r": _in_keras_order(stored, gates)}, generation=2)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    # A file that calls the layer by its plain name has the same weights: the bias tells.
    [renamed] = predicted(chain(plain, shape=(4, 3)), {"x": X}, {"r": stored}, generation=2)
    np.testing.assert_array_equal(renamed, found)


def test_a_gru_that_cannot_have_them() -> None:
    gru = layer("GRU", "r", units=UNITS, activation="tanh", recurrent_activation="sigmoid", reset_after=False)
    with pytest.raises(RefusedError, match="weights in CuDNN's order are not supported with reset_after=False"):
        predicted(chain(gru, shape=(4, 3)), {"x": X}, {"r": _stored(3)}, generation=2)
