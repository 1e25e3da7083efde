"""Write pictures, and what TensorFlow and Keras make of them as inputs, for tests/browser/test_pixels.py.

    PYTHONPATH=. .venv-tf/bin/python tools/picture_fixtures.py

cases.json has, by name, the picture, the input's shape and `pixels` of the manifest; expected has the numbers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
import tensorflow as tf

from tests.oracle.tensors import write_groups

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "pictures"
SIZES = {"tall": (47, 33), "wide": (20, 61), "tiny": (3, 5), "exact": (16, 12), "large": (120, 90)}
"""Heights and widths."""

Numbers = Any


def picture(height: int, width: int, seed: int) -> Numbers:
    """Return [height, width, 3] bytes: smooth colours, with an edge and some noise in them."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = [np.sin(x / width * 5 + shift) * np.cos(y / height * 4 - shift) for shift in range(3)]
    values = 127 + 90 * np.stack(channels, -1) + 25 * random.standard_normal((height, width, 3))
    values[height // 3 : height // 2, : width // 2] = (250, 3, 120)
    return np.clip(values, 0, 255).astype(np.uint8)


def stretch(image: Numbers, size: tuple[int, int], method: str) -> Numbers:
    """As `image_dataset_from_directory` does."""
    return tf.image.resize(image, size, method)


def cover(image: Numbers, size: tuple[int, int], method: str) -> Numbers:
    """As `image_dataset_from_directory(crop_to_aspect_ratio=True)` does."""
    return keras.preprocessing.image.smart_resize(image, size, method)


def contain(image: Numbers, size: tuple[int, int], method: str) -> Numbers:
    """With black borders."""
    return tf.image.resize_with_pad(image, *size, method)


FITS: dict[str, Callable[..., Numbers]] = {"stretch": stretch, "cover": cover, "contain": contain}


def expected(image: Numbers, shape: list[int | None], pixels: dict[str, Any], *, integers: bool = False) -> Numbers:
    """Return the input as whoever trained the model prepared it."""
    first = shape[-1] not in (1, 3)
    sizes = shape[-2:] if first else shape[-3:-1]
    size = tuple(given or own for given, own in zip(sizes, image.shape, strict=False))
    fit, method = FITS[pixels.get("fit", "stretch")], pixels.get("resize", "bilinear")
    values = tf.cast(fit(image, size, method), tf.float32)
    channels = pixels.get("channels", "gray" if 1 in (shape[-1], shape[-3]) else "rgb")
    if channels == "gray":
        values = tf.image.rgb_to_grayscale(values)
    if channels == "bgr":
        values = values[..., ::-1]
    values = normalized(values, pixels)
    if integers:
        values = tf.cast(tf.round(values), tf.int32)
    if first:
        values = tf.transpose(values, [2, 0, 1])
    return np.asarray(values[None] if len(shape) == 4 else values)


def normalized(values: Numbers, pixels: dict[str, Any]) -> Numbers:
    """Scale as Keras's layers do, or its functions for famous models."""
    mean, std = pixels.get("mean"), pixels.get("std")
    if mean is None and std is None:
        low, high = pixels.get("range", [0, 1])
        return keras.layers.Rescaling((high - low) / 255, low)(values)
    as_torch = mean == [0.485, 0.456, 0.406]
    if as_torch:
        return keras.applications.imagenet_utils.preprocess_input(np.array(values), mode="torch")
    if pixels.get("channels") == "bgr":
        return keras.applications.imagenet_utils.preprocess_input(np.array(values)[..., ::-1].copy(), mode="caffe")
    return keras.layers.Normalization(mean=mean, variance=np.square(std))(values)


RGB: list[int | None] = [None, 16, 12, 3]

CASES: dict[str, tuple[list[int | None], dict[str, Any]]] = {
    "unit": (RGB, {"range": [0, 1]}),
    "signed": (RGB, {"range": [-1, 1]}),
    "bytes": (RGB, {"range": [0, 255]}),
    "nearest": (RGB, {"range": [0, 255], "resize": "nearest"}),
    "cover": (RGB, {"fit": "cover"}),
    "cover-nearest": (RGB, {"fit": "cover", "resize": "nearest"}),
    "contain": (RGB, {"range": [-1, 1], "fit": "contain"}),
    "contain-nearest": (RGB, {"fit": "contain", "resize": "nearest"}),
    "torch": (RGB, {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}),
    "caffe": (RGB, {"mean": [103.939, 116.779, 123.68], "channels": "bgr"}),
    "normalized": (RGB, {"mean": [120.5, 111.0, 99.25], "std": [60.0, 50.0, 70.0]}),
    "gray": ([None, 16, 12, 1], {"range": [0, 1]}),
    "gray-signed-cover": ([1, 9, 21, 1], {"range": [-1, 1], "fit": "cover"}),
    "channels-first": ([None, 3, 16, 12], {"range": [-1, 1]}),
    "without-batch": ([16, 12, 3], {"range": [0, 1]}),
    "larger": ([None, 90, 70, 3], {"range": [0, 1]}),
    "integers": (RGB, {"range": [0, 255]}),
    "free": ([None, None, None, 3], {"range": [0, 1]}),
}
"""The input's shape and `pixels`."""


def main() -> None:
    """Write everything anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    images = {name: picture(*size, seed) for seed, (name, size) in enumerate(SIZES.items())}
    for name, image in images.items():
        tf.io.write_file(str(FOLDER / f"{name}.png"), tf.io.encode_png(image))
    used = {name: list(SIZES) for name in ("unit", "cover", "contain", "nearest")}
    pairs = [
        (case, name) for case in CASES for name in used.get(case, ["tall"]) if not (case == "free" and name == "large")
    ]
    listing = {case: {"shape": shape, "pixels": pixels} for case, (shape, pixels) in CASES.items()}
    results = {
        f"{case} {name}": expected(images[name], *CASES[case], integers=case == "integers") for case, name in pairs
    }
    (FOLDER / "cases.json").write_text(json.dumps(listing, indent=2) + "\n", encoding="utf-8")
    write_groups(FOLDER / "expected", [results])


if __name__ == "__main__":
    main()
