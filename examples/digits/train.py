"""Trains a small convolutional network on scikit-learn's handwritten digits and writes what tfjs.yaml builds from.

    pip install "keras>=3" tensorflow scikit-learn
    python train.py

Writes model/digits.keras, the same network as a SavedModel in model/digits_saved_model/, and test_digits.json: held-out
digits for the test of the page.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from scipy import ndimage
from sklearn.datasets import load_digits

HERE = Path(__file__).parent
SEED = 1
ROUNDS = 20
"""How often training sees each digit as it is; every time it also sees the digit distorted in two new ways."""

BATCH = 64

HELD_OUT = 360
"""Digits at the end of the set that training never sees. The set is left in its order, in which neighbours share a
hand: shuffled, the same hands would be on both sides, and the figure would flatter."""

TESTED = 5
"""Held-out digits of each kind in test_digits.json."""


def main() -> None:
    """Train, say how good the network is on digits that it never saw, and write the files."""
    keras.utils.set_random_seed(SEED)
    digits = load_digits()
    images = digits.images.astype("float32")  # (1797, 8, 8), each pixel 0 to 16
    seen, held_out = slice(None, -HELD_OUT), slice(-HELD_OUT, None)

    model = train(images[seen], digits.target[seen])
    guesses = model.predict(images[held_out, ..., None], verbose=0).argmax(axis=1)
    right = int((guesses == digits.target[held_out]).sum())
    print(f"{right} of {HELD_OUT} held-out digits right: {right / HELD_OUT:.1%}")

    (HERE / "model").mkdir(exist_ok=True)
    model.save(HERE / "model" / "digits.keras")
    model.export(HERE / "model" / "digits_saved_model", verbose=False)
    text = json.dumps(samples(images[held_out], digits.target[held_out]), separators=(",", ":"))
    (HERE / "test_digits.json").write_text(text.replace("},", "},\n") + "\n", encoding="utf-8")


def network() -> keras.Sequential:
    """Return the network: counts of dark pixels (batch, 8, 8, 1), 0 to 16, in; ten probabilities (batch, 10) out."""
    layers = keras.layers

    def convolution(filters: int) -> list[keras.layers.Layer]:
        return [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]

    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Rescaling(1 / 16),
            *convolution(32),
            *convolution(32),
            layers.MaxPooling2D(),
            *convolution(64),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax", name="probs"),
        ],
        name="digits",
    )


def train(images: np.ndarray, labels: np.ndarray) -> keras.Sequential:
    """Return a network trained on the digits and on distorted copies of them."""
    rng = np.random.default_rng(SEED)
    rounds = [version for _ in range(ROUNDS) for version in (images, distorted(images, rng), distorted(images, rng))]
    x, y = np.concatenate(rounds)[..., None], keras.utils.to_categorical(np.tile(labels, len(rounds)))
    rate = keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=len(x) // BATCH)
    model = network()
    # Without smoothing the network is sure of everything; the page shows how sure it is.
    model.compile(keras.optimizers.Adam(rate), keras.losses.CategoricalCrossentropy(label_smoothing=0.05))
    model.fit(x, y, batch_size=BATCH, verbose=0)

    # What compile added, the optimizer's state above all, has no place in a file that is made to predict.
    trained = keras.Sequential.from_config(model.get_config())
    trained.set_weights(model.get_weights())
    return trained


def distorted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the digits (n, 8, 8) as other hands might write them: turned, slanted, stretched, thicker, thinner.

    The set's images are counts: each pixel says how many of 4×4 pixels of a 32×32 bitmap are dark. A distorted digit is
    made in the same way, from a bitmap: the image, seen through the distortion, dark where it exceeds a threshold.
    """
    n = len(images)
    turn, slant = rng.normal(0, 0.12, n), rng.normal(0, 0.2, n)
    wide, high = rng.uniform(0.8, 1.1, n), rng.uniform(0.94, 1.06, n)
    # Matrices (n, 2, 2) from a place (y, x) of the bitmap to the place in the image, about the middle of both.
    rotation = np.stack([np.cos(turn), -np.sin(turn), np.sin(turn), np.cos(turn)], axis=-1).reshape(n, 2, 2)
    scale = np.stack([1 / high, np.zeros(n), slant, 1 / wide], axis=-1).reshape(n, 2, 2)
    middles = (np.arange(32) + 0.5) / 4 - 4
    grid = np.stack(np.meshgrid(middles, middles, indexing="ij"))
    places = np.einsum("nij,jyx->nyxi", rotation @ scale, grid) + 3.5 + rng.normal(0, 0.2, (n, 1, 1, 2))

    which = np.broadcast_to(np.arange(n)[:, None, None], (n, 32, 32))
    ink = ndimage.map_coordinates(images, [which, places[..., 0], places[..., 1]], order=1)
    bitmap = ink > rng.uniform(0.3, 0.65, (n, 1, 1)) * 16
    return bitmap.reshape(n, 8, 4, 8, 4).sum(axis=(2, 4)).astype("float32")


def samples(images: np.ndarray, labels: np.ndarray) -> list[dict[str, Any]]:
    """Return the first few digits of each kind, in the set's order, as plain values."""
    chosen = sorted(int(i) for digit in range(10) for i in np.flatnonzero(labels == digit)[:TESTED])
    return [{"label": int(labels[i]), "pixels": images[i].astype(int).tolist()} for i in chosen]


if __name__ == "__main__":
    main()
