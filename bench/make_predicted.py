"""Writes the networks whose predictions are counted and timed, each as `.keras` and as SavedModel; the detector's
SavedModel suppresses boxes as well.

Runs in the environment that has TensorFlow. Weights are random, norms and biases are as training leaves them. NAME.json
has the name, shape and type of the input; NAME.npz an `input`, and what the two files give for it: `keras/0` and so on,
and `saved_model/` with the names of the outputs.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

TOKENS = 4000
"""Below the size of each table that is looked up."""


def main(folder: Path, names: list[str]) -> None:
    """Write every file of the networks called (or of all) that is not there yet into `folder`."""
    import keras

    folder.mkdir(parents=True, exist_ok=True)
    for name, make in makers(keras).items():
        if names and name not in names:
            continue
        if not (folder / f"{name}.json").exists():
            keras.utils.set_random_seed(1)
            model = trained(make())
            model.save(folder / f"{name}.keras")
            if name == "detector":
                save_suppressed(model, folder / name)
            else:
                model.export(folder / name, verbose=False)
            inputs = [{"name": each.name, "shape": each.shape, "dtype": each.dtype} for each in model.inputs]
            (folder / f"{name}.json").write_text(json.dumps(inputs))
            print(name, model.count_params(), flush=True)
        sample = folder / f"{name}.npz"
        if not sample.exists() or sample.stat().st_mtime < (folder / f"{name}.json").stat().st_mtime:
            np.savez(sample, **numbers(keras, folder, name))


def makers(keras):  # type: ignore[no-untyped-def]
    """The networks, by name."""
    apps = keras.applications

    def app(make, side):  # type: ignore[no-untyped-def]
        return lambda: make(input_shape=(side, side, 3), weights=None)

    return {
        "mobilenet_v2": app(apps.MobileNetV2, 224),
        "mobilenet_v3": app(apps.MobileNetV3Small, 224),
        "efficientnet_b0": app(apps.EfficientNetB0, 160),
        "resnet50": app(apps.ResNet50, 128),
        "densenet121": app(apps.DenseNet121, 128),
        "nasnet": app(apps.NASNetMobile, 224),
        "convnext": app(apps.ConvNeXtTiny, 96),
        "vit": lambda: vit(keras),
        "bert": lambda: bert(keras),
        "unet": lambda: unet(keras),
        "text_cnn": lambda: text_cnn(keras),
        "lstm": lambda: lstm(keras),
        "gru": lambda: gru(keras),
        "detector": lambda: detector(keras),
        "audio": lambda: audio(keras),
    }


def numbers(keras, folder, name):  # type: ignore[no-untyped-def]
    """Return an input, and what comes of it: read from the files, as every converter reads them."""
    import tensorflow as tf

    (given,) = json.loads((folder / f"{name}.json").read_text())
    shape = [size or 1 for size in given["shape"]]
    rng = np.random.default_rng(1)
    ints = given["dtype"] == "int32"
    fed = rng.integers(1, TOKENS, shape, dtype=np.int32) if ints else rng.uniform(-1, 1, shape).astype(np.float32)
    outputs = keras.models.load_model(folder / f"{name}.keras")(fed, training=False)
    found = {f"keras/{i}": each for i, each in enumerate(outputs if isinstance(outputs, list) else [outputs])}
    serve = tf.saved_model.load(str(folder / name)).signatures["serving_default"]
    (argument,) = serve.structured_input_signature[1]
    found |= {f"saved_model/{key}": each for key, each in serve(**{argument: tf.constant(fed)}).items()}
    return {"input": fed} | {key: np.asarray(each) for key, each in found.items()}


def trained(model):  # type: ignore[no-untyped-def]
    """Return the model with norms and biases as training leaves them: fresh ones do nothing, and may be left out."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        shape, name = tuple(weight.shape), weight.path.rpartition("/")[2]
        if name in ("gamma", "moving_variance") and "layer_scale" not in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, shape))
        elif name in ("bias", "beta", "moving_mean"):
            weight.assign(rng.normal(0, 0.1, shape))
    return model


def block(keras, x, heads, width):  # type: ignore[no-untyped-def]
    """A transformer's block, normalized before its parts."""
    layers = keras.layers
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    x = x + layers.MultiHeadAttention(heads, width // heads)(y, y)
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.Dense(4 * width, activation="gelu")(y)
    return x + layers.Dense(width)(y)


def vit(keras, width=192, heads=3, blocks=6):  # type: ignore[no-untyped-def]
    """A small vision transformer of 196 patches; their positions are the biases of a dense layer."""
    layers = keras.layers
    image = keras.Input((224, 224, 3))
    x = layers.Reshape((196, width))(layers.Conv2D(width, 16, 16)(image))
    x = layers.EinsumDense("abc,cd->abd", (196, width), bias_axes="bd")(x)
    for _ in range(blocks):
        x = block(keras, x, heads, width)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x))
    return keras.Model(image, layers.Dense(1000, activation="softmax")(x))


def bert(keras, width=256, heads=4, blocks=4):  # type: ignore[no-untyped-def]
    """An encoder of 128 tokens, normalized behind its parts."""
    layers = keras.layers
    tokens = keras.Input((128,), dtype="int32")
    x = layers.Embedding(4000, width)(tokens)
    x = layers.EinsumDense("abc,cd->abd", (128, width), bias_axes="bd")(x)
    x = layers.LayerNormalization(epsilon=1e-12)(x)
    for _ in range(blocks):
        x = layers.LayerNormalization(epsilon=1e-12)(x + layers.MultiHeadAttention(heads, width // heads)(x, x))
        y = layers.Dense(width)(layers.Dense(4 * width, activation="gelu")(x))
        x = layers.LayerNormalization(epsilon=1e-12)(x + y)
    return keras.Model(tokens, layers.Dense(2, activation="softmax")(x[:, 0]))


def unet(keras):  # type: ignore[no-untyped-def]
    """A segmentation of three levels, up by transposed convolutions."""
    layers = keras.layers

    def twice(x, filters):  # type: ignore[no-untyped-def]
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        return x

    x = image = keras.Input((128, 128, 3))
    skips = []
    for filters in (16, 32, 64):
        x = twice(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = twice(x, 128)
    for filters, skip in zip((64, 32, 16), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, 2, padding="same")(x)
        x = twice(layers.Concatenate()([x, skip]), filters)
    return keras.Model(image, layers.Conv2D(2, 1, activation="softmax")(x))


def text_cnn(keras):  # type: ignore[no-untyped-def]
    """Convolutions of three widths over 100 words."""
    layers = keras.layers
    words = keras.Input((100,), dtype="int32")
    x = layers.Embedding(5000, 64)(words)
    parts = [layers.GlobalMaxPooling1D()(layers.Conv1D(64, width, activation="relu")(x)) for width in (3, 4, 5)]
    x = layers.Dense(64, activation="relu")(layers.Dropout(0.5)(layers.Concatenate()(parts)))
    return keras.Model(words, layers.Dense(4, activation="softmax")(x))


def lstm(keras):  # type: ignore[no-untyped-def]
    """Both directions, then one, over 64 steps."""
    layers = keras.layers
    x = steps = keras.Input((64, 32))
    x = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(x)
    return keras.Model(steps, layers.Dense(5, activation="softmax")(layers.LSTM(64)(x)))


def gru(keras):  # type: ignore[no-untyped-def]
    """Two layers over 200 steps."""
    layers = keras.layers
    x = steps = keras.Input((200, 16))
    x = layers.GRU(32)(layers.GRU(32, return_sequences=True)(x))
    return keras.Model(steps, layers.Dense(3, activation="softmax")(x))


def detector(keras):  # type: ignore[no-untyped-def]
    """Boxes and scores on two levels of a MobileNetV2."""
    layers = keras.layers
    base = keras.applications.MobileNetV2(input_shape=(192, 192, 3), weights=None, include_top=False, alpha=0.35)
    levels = [base.get_layer("block_13_expand_relu").output, base.output]
    boxes, scores = [], []
    for x in levels:
        for convolved, filters, found in ((x, 4 * 6, boxes), (x, 3 * 6, scores)):
            y = layers.SeparableConv2D(128, 3, padding="same", use_bias=False)(convolved)
            y = layers.ReLU(6.0)(layers.BatchNormalization()(y))
            y = layers.Conv2D(filters, 1)(y)
            found.append(layers.Reshape((-1, filters // 6))(y))
    box = layers.Concatenate(axis=1)(boxes)
    score = layers.Activation("sigmoid")(layers.Concatenate(axis=1)(scores))
    return keras.Model(base.input, [box, score])


def save_suppressed(model, path: Path):  # type: ignore[no-untyped-def]
    """Write a detector as SavedModel, with what no layer is: of boxes that overlap, it keeps the best."""
    import tensorflow as tf

    class Suppressed(tf.Module):
        def __init__(self):  # type: ignore[no-untyped-def]
            super().__init__()
            self.model = model

        @tf.function(input_signature=[tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)])
        def serve(self, image):  # type: ignore[no-untyped-def]
            boxes, scores = self.model(image, training=False)
            best = tf.reduce_max(scores[0], -1)
            kept = tf.image.non_max_suppression(boxes[0], best, 20, 0.5, 0.1)
            return {"boxes": tf.gather(boxes[0], kept), "scores": tf.gather(best, kept)}

    module = Suppressed()
    tf.saved_model.save(module, path, signatures=module.serve)


def audio(keras):  # type: ignore[no-untyped-def]
    """A mel spectrogram of a second of sound, and convolutions over it."""
    layers = keras.layers
    sound = keras.Input((16000,))
    x = layers.MelSpectrogram(fft_length=512, sequence_stride=160, num_mel_bins=64, sampling_rate=16000)(sound)
    x = layers.Reshape((*x.shape[1:], 1))(x)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D()(layers.ReLU()(layers.BatchNormalization()(x)))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(sound, layers.Dense(12, activation="softmax")(x))


main(Path(sys.argv[1]), sys.argv[2:])
