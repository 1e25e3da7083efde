"""Trains a small network that turns the name of a colour into the colour, and writes what tfjs.yaml builds from.

    pip install "keras>=3" tensorflow
    python train.py

Takes a minute or two. Writes model/colour/, a SavedModel. It learns from model/names.csv, of which every twentieth name
is held out; it says how far off it is on those.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from codes import CODES, LENGTH, codes

MODEL = Path(__file__).parent / "model"
SEED = 1
EPOCHS = 30
BATCH = 64
HELD_OUT = 20
"""Every so many names, one is never trained on. The page's test types some of them."""


def main() -> None:
    """Train, say how good the network is on names that it never saw, and write it."""
    keras.utils.set_random_seed(SEED)
    with (MODEL / "names.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = np.array([codes(row["name"]) for row in rows], "int32")
    colours = np.array([list(bytes.fromhex(row["hex"])) for row in rows], "float32") / 255
    held_out = np.arange(len(rows)) % HELD_OUT == HELD_OUT - 1

    model = train(names[~held_out], colours[~held_out])
    off = distance(colours[held_out], model.predict(names[held_out], verbose=0))
    middle = distance(colours[held_out], np.tile(colours[~held_out].mean(axis=0), (held_out.sum(), 1)))
    print(f"{model.count_params():,} weights, {len(rows)} names, {held_out.sum()} of them held out")
    print(
        f"held out: off by {np.median(off):.3f} (median of OKLab), {np.mean(off < 0.15):.0%} by ",
        end="",
    )
    print(f"less than 0.15; the mean of all colours is off by {np.median(middle):.3f}")
    model.export(MODEL / "colour", verbose=False)


def network() -> keras.Model:
    """Return the network: codes (batch, LENGTH) in; red, green and blue (batch, 3), 0 to 1, out.

    It looks for pieces of words, wherever they are (convolutions, and the strongest answer of each), and mixes what
    they mean: so it has an idea of "greenish" from "green", and of "bluebell" from "blue".
    """
    layers = keras.layers
    name = keras.Input((LENGTH,), dtype="int32", name="codes")
    letters = layers.Embedding(CODES, 16)(name)
    pieces = [
        layers.GlobalMaxPooling1D()(layers.Conv1D(filters, width, padding="same", activation="relu")(letters))
        for width, filters in ((3, 48), (4, 64), (5, 96), (7, 64))
    ]
    hidden = layers.Dropout(0.2)(layers.Concatenate()(pieces))
    hidden = layers.Dropout(0.1)(layers.Dense(64, activation="relu")(hidden))
    return keras.Model(name, layers.Dense(3, activation="sigmoid", name="rgb")(hidden), name="colour")


def train(names: np.ndarray, colours: np.ndarray) -> keras.Model:
    """Return a network trained on the names."""
    model = network()
    rate = keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=EPOCHS * len(names) // BATCH)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3), lambda y, p: keras.ops.mean(squared(y, p)))
    model.fit(names, colours, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return model


def oklab(rgb: keras.KerasTensor) -> keras.KerasTensor:
    """Return sRGB colours in OKLab (Björn Ottosson, 2020), where a distance is what people see of it."""
    ops = keras.ops
    light = ops.where(rgb <= 0.04045, rgb / 12.92, ((ops.maximum(rgb, 0.04045) + 0.055) / 1.055) ** 2.4)
    cones = ops.matmul(light, ops.transpose(ops.convert_to_tensor(CONES)))
    return ops.matmul((cones + 1e-4) ** (1 / 3), ops.transpose(ops.convert_to_tensor(LAB)))


CONES = np.array(
    [[0.4122215, 0.5363325, 0.0514460], [0.2119035, 0.6806995, 0.1073970], [0.0883025, 0.2817188, 0.6299787]], "float32"
)
LAB = np.array(
    [[0.2104543, 0.7936178, -0.0040720], [1.9779985, -2.4285922, 0.4505937], [0.0259040, 0.7827718, -0.8086758]],
    "float32",
)


def squared(wanted: keras.KerasTensor, found: keras.KerasTensor) -> keras.KerasTensor:
    """Return the squared distances of colours; hues count more than how light they are, of which names say less."""
    difference = oklab(wanted) - oklab(found)
    return keras.ops.sum(keras.ops.square(difference) * np.array([1, 2, 2], "float32"), axis=-1)


def distance(wanted: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the distances of colours in OKLab."""
    return np.linalg.norm(np.asarray(oklab(wanted) - oklab(found.astype("float32"))), axis=-1)


if __name__ == "__main__":
    main()
