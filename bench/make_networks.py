"""Writes the networks whose first predictions are timed; runs in the environment that has TensorFlow.

Weights are random, and images small: programs (shaders) depend on the layers.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PATCH, WIDTH, HEADS, BLOCKS = 16, 192, 3, 6


def main(folder: Path, side: int) -> None:
    """Write every file that is not there yet into `folder`; images have `side` rows and columns."""
    import keras

    folder.mkdir(parents=True, exist_ok=True)
    shape = (side, side, 3)
    makers = {
        "mobilenet_v2.keras": lambda: keras.applications.MobileNetV2(shape, weights=None),
        "efficientnet_b0.keras": lambda: keras.applications.EfficientNetB0(input_shape=shape, weights=None),
        "vit": lambda: _vit(keras, shape),
    }
    keras.utils.set_random_seed(1)
    for name, make in makers.items():
        path = folder / name
        if not path.exists():
            partial = path.with_name(f"partial-{name}")
            model = make()
            if path.suffix:
                model.save(partial)
            else:
                model.export(partial, verbose=False)
            partial.replace(path)


def _vit(keras, shape):  # type: ignore[no-untyped-def]
    """A small vision transformer: patches, positions, and blocks of attention and of two dense layers."""
    layers = keras.layers

    class Positions(layers.Layer):  # type: ignore[misc,name-defined]
        def build(self, shape):  # type: ignore[no-untyped-def]
            self.positions = self.add_weight(shape=(1, *shape[1:]), name="positions")

        def call(self, x):  # type: ignore[no-untyped-def]
            return x + self.positions

    image = keras.Input(shape)
    x = layers.Conv2D(WIDTH, PATCH, PATCH)(image)
    x = Positions()(layers.Reshape((-1, WIDTH))(x))
    for _ in range(BLOCKS):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = x + layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(y, y)
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(4 * WIDTH, activation="gelu")(y)
        x = x + layers.Dense(WIDTH)(y)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x))
    return keras.Model(image, layers.Dense(1000, activation="softmax")(x))


main(Path(sys.argv[1]), int(sys.argv[2]))
