"""Trains and writes two small networks for the benchmark of codings; runs in the environment that has TensorFlow.

    python bench/make_trained.py FOLDER

`glyphs` has the blocks of MobileNetV2, and tells ten drawn digits apart, turned, shifted, in noise and colours;
`languages` a text network that tells four made-up languages apart by their syllables. Beside each `NAME.keras` stand
NAME.npz, test samples with their labels, and NAME-uint8, the stock converter's model of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

SIDE, CLASSES, TRAINED, TESTED = 32, 10, 8000, 1000
DIGITS = (
    "01110 10001 10011 10101 11001 10001 01110",
    "00100 01100 00100 00100 00100 00100 01110",
    "01110 10001 00001 00110 01000 10000 11111",
    "01110 10001 00001 00110 00001 10001 01110",
    "00010 00110 01010 10010 11111 00010 00010",
    "11111 10000 11110 00001 00001 10001 01110",
    "00110 01000 10000 11110 10001 10001 01110",
    "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110",
    "01110 10001 10001 01111 00001 00010 01100",
)
WORDS, VOCABULARY, LANGUAGES = 40, 4000, 4


def glyphs(rng, count):  # type: ignore[no-untyped-def]
    """Return pictures [count, SIDE, SIDE, 3] from -1 to 1, and which digit each shows."""
    fonts = np.array([[[int(dot) for dot in row] for row in digit.split()] for digit in DIGITS], np.float32)
    labels = rng.integers(0, CLASSES, count)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5
    pictures = np.empty((count, SIDE, SIDE, 3), np.float32)
    for at, label in enumerate(labels):
        angle, size = rng.uniform(-0.3, 0.3), rng.uniform(0.6, 0.95)
        down, right = rng.uniform(-0.08, 0.08, 2)
        y = (np.cos(angle) * (rows - down) - np.sin(angle) * (columns - right)) / size
        x = (np.sin(angle) * (rows - down) + np.cos(angle) * (columns - right)) / size
        i, j = np.floor((y + 0.5) * 7).astype(int), np.floor((x + 0.5) * 5).astype(int)
        inside = (i >= 0) & (i < 7) & (j >= 0) & (j < 5)
        ink = np.where(inside, fonts[label][np.clip(i, 0, 6), np.clip(j, 0, 4)], 0.0)
        paper = rng.uniform(-1, 1, 3)
        colour = np.where(paper > 0, paper - rng.uniform(0.5, 1, 3), paper + rng.uniform(0.5, 1, 3))
        pictures[at] = paper + ink[..., None] * (colour - paper) + rng.normal(0, 0.2, (SIDE, SIDE, 3))
    return np.clip(pictures, -1, 1), labels.astype(np.int32)


def texts(rng, count):  # type: ignore[no-untyped-def]
    """Return word numbers [count, WORDS], and which language each row is of: they share most words."""
    common = np.random.default_rng(5)
    weights = common.dirichlet(np.full(VOCABULARY - 1, 0.3), LANGUAGES)
    weights = 0.9 * weights.mean(0) + 0.1 * weights
    labels = rng.integers(0, LANGUAGES, count)
    words = np.stack([1 + rng.choice(VOCABULARY - 1, WORDS, p=weights[label]) for label in labels])
    return words.astype(np.int32), labels.astype(np.int32)


def main(folder: Path) -> None:
    """Write what is not there yet."""
    import keras

    folder.mkdir(parents=True, exist_ok=True)
    layers = keras.layers
    for name, make in (("glyphs", glyphs), ("languages", texts)):
        path = folder / f"{name}.keras"
        if not path.exists():
            keras.utils.set_random_seed(3)
            rng = np.random.default_rng(7)
            x, y = make(rng, TRAINED if name == "glyphs" else 4 * TRAINED)
            if name == "glyphs":
                model = _mobile(keras)
                rate = keras.optimizers.schedules.CosineDecay(2e-3, 8 * TRAINED // 64)
            else:
                words = keras.Input((WORDS,), dtype="int32", name="words")
                e = layers.Embedding(VOCABULARY, 48)(words)
                e = layers.Conv1D(64, 3, activation="relu", padding="same")(e)
                e = layers.GlobalAveragePooling1D()(e)
                e = layers.Dense(48, activation="relu")(e)
                model = keras.Model(words, layers.Dense(LANGUAGES, activation="softmax")(e))
                rate = 2e-3
            model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(x, y, 64, 8 if name == "glyphs" else 6, verbose=2)
            tested, labels = make(rng, TESTED)
            np.savez(folder / f"{name}.npz", inputs=tested, labels=labels, outputs=model.predict(tested, verbose=0))
            model.save(path)
        _stock(folder, name)


def _mobile(keras):  # type: ignore[no-untyped-def]
    """A network of MobileNetV2's blocks: 13 of them, for small pictures."""
    layers = keras.layers

    def normed(x, activated=True):  # type: ignore[no-untyped-def]
        x = layers.BatchNormalization(momentum=0.9)(x)
        return layers.ReLU(6.0)(x) if activated else x

    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = normed(layers.Conv2D(32, 3, 2, padding="same", use_bias=False)(image))
    for factor, filters, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 1), (6, 96, 3, 1)):
        for number in range(count):
            inside, channels = x, x.shape[-1]
            if factor > 1:
                x = normed(layers.Conv2D(factor * channels, 1, use_bias=False)(x))
            step = stride if number == 0 else 1
            x = normed(layers.DepthwiseConv2D(3, step, padding="same", use_bias=False)(x))
            x = normed(layers.Conv2D(filters, 1, use_bias=False)(x), activated=False)
            if step == 1 and channels == filters:
                x = layers.Add()([inside, x])
    x = normed(layers.Conv2D(512, 1, use_bias=False)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(CLASSES, activation="softmax", name="scores")(x))


def _stock(folder: Path, name: str) -> None:
    """Have the stock converter make its smallest model of a network."""
    import keras

    target = folder / f"{name}-uint8"
    if not target.exists():
        saved = folder / f"{name}-saved"
        keras.models.load_model(folder / f"{name}.keras").export(saved, verbose=False)
        converter = Path(sys.executable).with_name("tensorflowjs_converter")
        options = ["--input_format=tf_saved_model", "--quantize_uint8=*", "--control_flow_v2=True"]
        subprocess.run([converter, *options, saved, target], check=True, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
