"""Writes networks as `.keras`, `.h5` and SavedModel each, into the folder that is its argument.

Runs in the environment that has TensorFlow; it stands outside `tests/oracle`, whose suites are written anew for each
script there that changes.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

keras: Any = importlib.import_module("keras")

INPUT: dict[str, Any] = {"input_shape": (32, 32, 3), "weights": None, "classes": 10}
APPLICATIONS = keras.applications


def _transformer() -> Any:
    layers = keras.layers
    x = tokens = keras.Input((8, 12))
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        x = x + layers.MultiHeadAttention(3, 4)(y, y)
        y = layers.LayerNormalization()(x)
        x = x + layers.Dense(12)(layers.Dense(24, activation="gelu")(y))
    return keras.Model(tokens, layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling1D()(x)))


def _module(name: str) -> Any:
    """Return a family's module, whose builders take other widths and depths than its networks have."""
    return importlib.import_module(f"keras.src.applications.{name}")


def _convnext() -> Any:
    return _module("convnext").ConvNeXt([1, 1, 1, 1], [8, 16, 24, 32], name="convnext", **INPUT)


def _densenet() -> Any:
    return _module("densenet").DenseNet([1, 1, 1, 1], **INPUT)


NETWORKS = {
    "mobilenet_v2": lambda: APPLICATIONS.MobileNetV2(alpha=0.35, **INPUT),
    "mobilenet_v3": lambda: APPLICATIONS.MobileNetV3Small(alpha=0.75, **INPUT),
    "efficientnet_b0": lambda: APPLICATIONS.EfficientNetB0(**INPUT),
    "resnet50": lambda: APPLICATIONS.ResNet50(**INPUT),
    "densenet": _densenet,
    "convnext": _convnext,
    "transformer": _transformer,
}


def _trained(model: Any) -> Any:
    """Return the model with norms and biases as training leaves them: fresh ones do nothing, and are left out."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        shape, name = tuple(weight.shape), weight.path.rpartition("/")[2]
        if name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, shape))
        elif name in ("bias", "beta", "moving_mean"):
            weight.assign(rng.normal(0, 0.1, shape))
    return model


def main(folder: Path) -> None:
    for name, make in NETWORKS.items():
        model = _trained(make())
        model.save(folder / f"{name}.keras")
        model.save(folder / f"{name}.h5")
        model.export(folder / name, verbose=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
