"""Layers as graphs, beside their formulas in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.keras.files import layer
from tests.unit.keras.to_graph.making import Array, chain, numbers, predicted

X = numbers(2, 3, 4)


def _normalized(x: Array, axes: tuple[int, ...], epsilon: float) -> Array:
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return np.asarray((x - mean) / np.sqrt(variance + epsilon))


@pytest.mark.parametrize(
    ("entry", "arrays", "expected"),
    [
        pytest.param(
            layer("Dense", "l", units=2, use_bias=True, activation="relu"),
            {"kernel": numbers(4, 2, seed=1), "bias": numbers(2, seed=2)},
            lambda w: np.maximum(X @ w["kernel"] + w["bias"], 0),
            id="dense",
        ),
        pytest.param(
            layer("LayerNormalization", "l", axis=[2], epsilon=0.01),
            {"gamma": numbers(4, seed=1), "beta": numbers(4, seed=2)},
            lambda w: _normalized(X, (2,), 0.01) * w["gamma"] + w["beta"],
            id="layer normalization",
        ),
        pytest.param(
            layer("LayerNormalization", "l", axis=[2], epsilon=0.01, rms_scaling=True),
            {"gamma": numbers(4, seed=1)},
            lambda w: X / np.sqrt((X**2).mean(2, keepdims=True) + 0.01) * w["gamma"],
            id="layer normalization without the mean",
        ),
        pytest.param(
            layer("GroupNormalization", "l", groups=2, axis=-1, epsilon=0.01),
            {"gamma": numbers(4, seed=1), "beta": numbers(4, seed=2)},
            lambda w: _normalized(X.reshape(2, 3, 2, 2), (1, 3), 0.01).reshape(2, 3, 4) * w["gamma"] + w["beta"],
            id="group normalization",
        ),
        pytest.param(
            layer("BatchNormalization", "l", axis=1, epsilon=0.01, scale=False),
            {"beta": numbers(3), "moving_mean": numbers(3, seed=1), "moving_variance": numbers(3, seed=2) ** 2},
            lambda w: (
                (X - w["moving_mean"][:, None]) / np.sqrt(w["moving_variance"][:, None] + 0.01) + w["beta"][:, None]
            ),
            id="batch normalization of axis 1",
        ),
        pytest.param(
            layer("PReLU", "l", shared_axes=[1]),
            {"alpha": numbers(1, 4, seed=1)},
            lambda w: np.where(X > 0, X, X * w["alpha"]),
            id="prelu",
        ),
        pytest.param(
            layer("ReLU", "l", max_value=1.0, negative_slope=0.5, threshold=0.25),
            {},
            lambda _: np.where(X > 0.25, np.minimum(X, 1), 0.5 * (X - 0.25)),
            id="relu with everything",
        ),
        pytest.param(
            layer("Reshape", "l", target_shape=[2, -1]), {}, lambda _: X.reshape(2, 2, 6), id="reshape to what is left"
        ),
        pytest.param(layer("UpSampling1D", "l", size=2), {}, lambda _: np.repeat(X, 2, axis=1), id="every step twice"),
        pytest.param(layer("Cropping1D", "l", cropping=[1, 0]), {}, lambda _: X[:, 1:], id="cropping"),
        pytest.param(
            layer("Discretization", "l", bin_boundaries=[-0.5, 0.5], output_mode="int"),
            {},
            lambda _: np.digitize(X, [-0.5, 0.5]),
            id="discretization",
        ),
        pytest.param(layer("RandomRotation", "l", factor=0.2), {}, lambda _: X, id="augmentation is for training"),
    ],
)
def test_a_layer_gives_its_formula(
    entry: dict[str, Any], arrays: dict[str, Array], expected: Callable[[dict[str, Array]], Array]
) -> None:
    [y] = predicted(chain(entry, shape=(3, 4)), {"x": X}, {"l": arrays})
    np.testing.assert_allclose(y, expected(arrays), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("generation", "expected"), [(2, [0.0, 0.5, 1.0]), (3, [0.0, 0.5, 1.0])])
def test_the_generations_have_their_own_hard_sigmoid(generation: Any, expected: list[float]) -> None:
    edges = {2: [-2.5, 0.0, 2.5], 3: [-3.0, 0.0, 3.0]}[generation]
    entry = layer("Activation", "l", activation="hard_sigmoid")
    [y] = predicted(chain(entry, shape=(3,)), {"x": [edges]}, generation=generation)
    np.testing.assert_allclose(y, [expected], atol=1e-6)


def test_integers_are_counted_and_embedded() -> None:
    tokens = np.array([[0, 2, 2]], np.int32)
    table = numbers(3, 2)
    entry = layer("Embedding", "l", input_dim=3, output_dim=2, mask_zero=False)
    [y] = predicted(chain(entry, shape=(3,), dtype="int32"), {"x": tokens}, {"l": {"embeddings": table}})
    np.testing.assert_array_equal(y, table[tokens])
    entry = layer("CategoryEncoding", "l", num_tokens=3, output_mode="count")
    [y] = predicted(chain(entry, shape=(3,), dtype="int32"), {"x": tokens})
    np.testing.assert_array_equal(y, [[1, 0, 2]])


@pytest.mark.parametrize("generation", [2, 3])
def test_the_mask_of_fractions_is_that_before_they_are_cast(generation: Any) -> None:
    entry = layer("Embedding", "e", input_dim=3, output_dim=1, mask_zero=True)
    average = layer("GlobalAveragePooling1D", "a", data_format="channels_last")
    [found] = predicted(
        chain(entry, average, shape=(3,)),
        {"x": np.array([[0.5, 0.0, 2.5]], np.float32)},
        {"e": {"embeddings": np.array([[1], [2], [4]], np.float32)}},
        generation,
    )
    np.testing.assert_allclose(found, [[2.5]])  # of rows 0 and 2, where 0.5 counts as row 0 and is not masked
