"""Trains a small network that tells irises apart by four measurements, and writes what tfjs.yaml builds from.

    pip install "keras>=3" tensorflow scikit-learn
    python train.py

Writes model/iris.keras, and test_flowers.json: measured flowers that training never saw, for the test of the page. With
`npm start` running, reload the page to see the new network.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
SEED = 1
EPOCHS = 60
HELD_OUT = 30
"""Flowers that training never sees, ten of each species."""


def main() -> None:
    """Train, say how good the network is on flowers that it never saw, and write the files."""
    keras.utils.set_random_seed(SEED)
    iris = load_iris()
    x, held_x, y, held_y = train_test_split(
        iris.data.astype("float32"), iris.target, test_size=HELD_OUT, stratify=iris.target, random_state=SEED
    )
    model = train(x, y)
    right = int((model.predict(held_x, verbose=0).argmax(axis=1) == held_y).sum())
    print(f"{right} of {HELD_OUT} held-out flowers right")

    (HERE / "model").mkdir(exist_ok=True)
    model.save(HERE / "model" / "iris.keras")
    flowers = [
        {"species": str(iris.target_names[kind]), "centimetres": [round(float(each), 1) for each in flower]}
        for flower, kind in zip(held_x, held_y, strict=True)
    ]
    lines = ",\n".join(json.dumps(flower) for flower in flowers)
    (HERE / "test_flowers.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def train(x: np.ndarray, y: np.ndarray) -> keras.Sequential:
    """Return a network trained on measurements in centimetres (n, 4) and species (n), 0 to 2."""
    # Knows mean and spread of each measurement, so that the page gives centimetres as they are.
    normalization = keras.layers.Normalization(mean=x.mean(axis=0), variance=x.var(axis=0), name="from_centimetres")
    model = keras.Sequential(
        [
            keras.Input((4,), name="centimetres"),
            normalization,
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(3, activation="softmax", name="species"),
        ],
        name="iris",
    )
    model.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=16, epochs=EPOCHS, verbose=0)

    # What compile added, the optimizer's state above all, has no place in a file that is made to predict.
    trained = keras.Sequential.from_config(model.get_config())
    trained.set_weights(model.get_weights())
    return trained


if __name__ == "__main__":
    main()
