"""Seeded, non-trivial values for every variable of a model: a network fresh from its initializers proves nothing."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

CALIBRATION_BATCH = 16


def randomize(model: Any, seed: str) -> None:
    """Give every weight of `model` values that depend on `seed` alone and that keep signals alive.

    Kernels are scaled by their fan-in; biases, offsets and moving statistics are away from their initial 0 and 1.
    """
    for index, variable in enumerate(variables(model)):
        name = _last_name(variable)
        shape = tuple(variable.shape)
        rng = np.random.default_rng(zlib.crc32(f"{seed}/{index}/{name}".encode()))
        variable.assign(_values(rng, name, shape).astype(np.float32))
    for layer in _all_layers(model):
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()  # Normalization computes with copies of its variables


def variables(model: Any) -> list[Any]:
    """Return the weights of `model`, but for vocabularies and the like, which a layer has adapted or was given."""
    return [weight for weight in model.weights if hasattr(weight, "shape") and None not in tuple(weight.shape)]


def calibrate(keras: Any, model: Any, batch: Any, seed: str) -> None:
    """Set the moving statistics of every BatchNormalization to those of real activations, each a little off."""
    norms = [layer for layer in _all_layers(model) if type(layer).__name__ == "BatchNormalization"]
    momenta = [layer.momentum for layer in norms]
    keras.utils.set_random_seed(zlib.crc32(seed.encode()))
    for layer in norms:
        layer.momentum = 0.0
    model(batch, training=True)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
    rng = np.random.default_rng(zlib.crc32(f"{seed}/statistics".encode()))
    for layer in norms:
        mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
        layer.moving_mean.assign(mean + 0.2 * np.sqrt(variance) * rng.standard_normal(mean.shape))
        layer.moving_variance.assign(variance * rng.uniform(0.8, 1.25, variance.shape) + 1e-3)


def _values(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name == "depthwise_kernel":
        return rng.standard_normal(shape) * np.sqrt(1.5 / np.prod(shape[:-2]))
    if "kernel" in name:
        # Transposed convolutions swap the last two axes; the larger of both bounds keeps either kind from exploding.
        fan_in = np.prod(shape[:-2]) * max(shape[-2:]) if len(shape) > 2 else shape[0]
        return rng.standard_normal(shape) * np.sqrt(1.5 / fan_in)
    if name == "embeddings":
        return rng.standard_normal(shape)
    if name == "gamma" or "variance" in name:
        return rng.uniform(0.5, 1.5, shape)
    if name == "alpha":
        return rng.uniform(0.1, 0.5, shape)
    return 0.3 * rng.standard_normal(shape)


def _last_name(variable: Any) -> str:
    return str(getattr(variable, "path", variable.name)).rpartition("/")[2].partition(":")[0]


def _all_layers(model: Any) -> list[Any]:
    layers = []
    for layer in model.layers:
        layers.append(layer)
        if hasattr(layer, "layers"):
            layers.extend(_all_layers(layer))
    return layers
