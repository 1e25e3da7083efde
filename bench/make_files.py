"""Writes the models that the benchmark converts; runs in the environment that has TensorFlow.

Weights are random: what is measured does not depend on them. Nor does the conversion depend on the size of images,
which is small, so that the cpu backend of TensorFlow.js runs the networks in a second.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(folder: Path) -> None:
    """Write every file that is not there yet into `folder`."""
    import keras
    import tf_keras

    folder.mkdir(parents=True, exist_ok=True)
    makers = {
        # The stock tool reads Keras 2's h5; it writes files that no browser loads for Keras 3's. Both are timed.
        "small.keras": lambda: _small(keras),
        "mobilenet_v2.h5": lambda: tf_keras.applications.MobileNetV2(weights=None),
        "mobilenet_v2.keras": lambda: _normalized(keras.applications.MobileNetV2((96, 96, 3), weights=None)),
        "large.h5": lambda: _large(tf_keras),
        # SavedModels, of Keras 2: the stock tool's graphs of Keras 3's batch norms fail on the wasm backend.
        "small": lambda: _small(tf_keras),
        "mobilenet_v2": lambda: _normalized(tf_keras.applications.MobileNetV2((96, 96, 3), weights=None)),
        "resnet50": lambda: _normalized(tf_keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3))),
        "lstm": lambda: _lstm(tf_keras),
    }
    tf_keras.utils.set_random_seed(1)
    for name, make in makers.items():
        path = folder / name
        if not path.exists():
            partial = path.with_name(f"partial-{name}")
            if path.suffix:
                make().save(partial)
            else:
                make().export(partial)
            partial.replace(path)


def _small(keras):  # type: ignore[no-untyped-def]
    return keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Conv2D(8, 3), keras.layers.Flatten(), keras.layers.Dense(10)]
    )


def _large(keras):  # type: ignore[no-untyped-def]
    """1 GB: sixteen dense layers of 4096 × 4096 float32."""
    return keras.Sequential([keras.Input((4096,)), *(keras.layers.Dense(4096) for _ in range(16))])


def _lstm(keras):  # type: ignore[no-untyped-def]
    layers = keras.layers
    return keras.Sequential([keras.Input((50, 16)), layers.LSTM(64), layers.Dense(4, activation="softmax")])


def _normalized(model):  # type: ignore[no-untyped-def]
    """Return the model with batch norms as training leaves them: fresh ones do next to nothing, and may be left out."""
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            shape = tuple(layer.gamma.shape)
            gamma, variance = rng.uniform(0.5, 1.5, shape), rng.uniform(0.5, 1.5, shape)
            beta, mean = rng.normal(0, 0.2, shape), rng.normal(0, 0.2, shape)
            layer.set_weights([gamma, beta, mean, variance])
    return model


main(Path(sys.argv[1]))
