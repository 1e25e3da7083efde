"""Trains a small convolutional network to say what a drawing shows that somebody holds before a camera.

    pip install "keras>=3" tensorflow scikit-learn
    python train.py [--sheet FILE]

Composes pictures out of drawings/ as a camera might see them (scenes.py), trains on all styles of drawing but one, says
how good the network is on that one, and writes model/drawings.keras and labels.txt. `--sheet` writes a few of the
pictures as a PNG, to look at.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
from scenes import SIDE, Scenes

HERE = Path(__file__).parent
SEED = 1
HELD_OUT = "twemoji"
"""The style that training never sees. None of the others was drawn by the same hands."""

NOTHING = "nothing"
"""The label of pictures without any of the things."""

ROUNDS, PICTURES, TIMES, BATCH = 10, 3072, 4, 32
"""How often new pictures are composed, how many, how often each is learned from, and how many at once."""

TESTED = 3072
"""Pictures of the held-out style."""


def main() -> None:
    """Train, say how good the network is on a style that it never saw, and write the files."""
    parser = argparse.ArgumentParser(description="trains model/drawings.keras")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="a PNG of pictures that it learns from, and no more")
    sheet = parser.parse_args().sheet
    keras.utils.set_random_seed(SEED)
    labels = [*sorted(path.name for path in (HERE / "drawings").iterdir() if path.is_dir()), NOTHING]
    files = [(path, labels.index(path.parent.name)) for path in sorted((HERE / "drawings").glob("*/*.png"))]
    seen = Scenes([each for each in files if style(each[0]) != HELD_OUT], len(labels) - 1, held_out=False)
    unseen = Scenes([each for each in files if style(each[0]) == HELD_OUT], len(labels) - 1, held_out=True)
    if sheet is not None:
        pictures, _ = seen.compose(12 * 20, np.random.default_rng(SEED))
        rows = pictures.reshape(12, 20, SIDE, SIDE, 3).transpose(0, 2, 1, 3, 4).reshape(12 * SIDE, 20 * SIDE, 3)
        sheet.write_bytes(tf.io.encode_png((rows * 255).astype("uint8")).numpy())
        return

    model = train(seen, len(labels))
    pictures, truth = unseen.compose(TESTED, np.random.default_rng(SEED + 1))
    guesses = model.predict(pictures, batch_size=256, verbose=0).argmax(axis=1)
    print(f"{(guesses == truth).mean():.1%} of {TESTED} pictures of {HELD_OUT}, which it never saw, right")
    for index, label in enumerate(labels):
        answers, counts = np.unique(guesses[truth == index], return_counts=True)
        wrong = [f"{labels[answer]} {count / counts.sum():.0%}" for answer, count in zip(answers, counts, strict=True)]
        print(f"  {label + ':':10} {', '.join(sorted(wrong, key=lambda part: -int(part.split()[1][:-1]))[:3])}")

    (HERE / "model").mkdir(exist_ok=True)
    model.save(HERE / "model" / "drawings.keras")
    (HERE / "labels.txt").write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")


def style(path: Path) -> str:
    """Return the set that a drawing is of: SET.ICON.png."""
    return path.name.split(".")[0]


def network(classes: int) -> keras.Sequential:
    """Return the network: pictures (batch, SIDE, SIDE, 3), from 0 to 1, in; probabilities (batch, classes) out."""
    layers = keras.layers

    def convolution(filters: int, strides: int = 1, kernel: int = 3) -> list[keras.layers.Layer]:
        return [
            layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]

    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3), name="image"),
            *convolution(24, 2, kernel=5),
            *convolution(48, 2),
            *convolution(64),
            *convolution(96, 2),
            *convolution(128),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(classes, activation="softmax", name="probs"),
        ],
        name="drawings",
    )


def train(scenes: Scenes, classes: int) -> keras.Sequential:
    """Return a network trained on pictures that are new in every round."""
    rng = np.random.default_rng(SEED)
    model = network(classes)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=ROUNDS * TIMES * PICTURES // BATCH)
    # Without smoothing the network is sure of everything; the page shows how sure it is.
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.05)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    for each in range(ROUNDS):
        pictures, truth = scenes.compose(PICTURES, rng)
        wanted = keras.utils.to_categorical(truth, classes)
        past = model.fit(pictures, wanted, batch_size=BATCH, epochs=TIMES, verbose=0)
        print(f"round {each + 1} of {ROUNDS}: {past.history['accuracy'][0]:.1%} right")

    # What compile added, the optimizer's state above all, has no place in a file that is made to predict.
    trained = keras.Sequential.from_config(model.get_config())
    trained.set_weights(model.get_weights())
    return trained


if __name__ == "__main__":
    main()
