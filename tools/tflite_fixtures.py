"""Write small TensorFlow Lite models and the interpreter's numbers, for tests/conversion/test_tflite_sources.py.

    PYTHONPATH=. .venv-tf/bin/python tools/tflite_fixtures.py

Each is `<network>-<how>.tflite`, with two samples as tensor files. Inputs and outputs that are quantized are given as
the real numbers that they stand for. `steps.json` has, for each output, how far neighbouring numbers of it are apart: 0
where it is made of floats.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

from tests.oracle.tensors import write_groups

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "tflite"
SAMPLES = 2


def values(seed: int, shape: Sequence[int]) -> Any:
    """Return numbers for an input: what is near to each other in it has something in common."""
    random = np.random.default_rng(seed)
    common = random.uniform(-2, 2, (*[1] * (len(shape) - 1), *shape[-1:]))
    return (common + random.uniform(-0.4, 0.4, shape)).astype(np.float32)


def image() -> Any:
    """A network for images, as they are handed out: convolutions of all kinds, activations fused with them, a head."""
    layers = keras.layers
    inputs = keras.Input((12, 12, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False)(inputs)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="relu")(x)
    y = layers.Conv2D(12, 1)(x)
    x = layers.Add()([x, y])
    x = layers.Conv2D(10, 3, dilation_rate=2, padding="same", activation="relu")(x)
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.Concatenate()([layers.MaxPooling2D(2)(x), layers.AveragePooling2D(2)(x)])
    x = layers.Conv2DTranspose(5, 3, strides=2, padding="same")(x)
    x = layers.Flatten()(layers.AveragePooling2D(4)(x))
    return keras.Model(inputs, layers.Dense(4, activation="softmax", name="scores")(x))


def activations() -> Any:
    """What follows a layer, fused with it or not, and images that are made larger."""
    layers = keras.layers
    inputs = keras.Input((6, 6, 4), name="x")
    parts = [
        layers.Conv2D(4, 3, padding="valid", activation=name)(inputs)
        for name in ("relu6", "hard_swish", "sigmoid", "tanh", "elu", "swish")
    ]
    parts += [each(layers.Conv2D(4, 3)(inputs)) for each in (layers.LeakyReLU(), layers.PReLU(shared_axes=[1, 2]))]
    x = layers.Multiply()([layers.Add()(parts[:4]), layers.Maximum()(parts[4:])])
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    return keras.Model(inputs, layers.Conv2D(2, 3, strides=3, name="y")(layers.UpSampling2D(2)(x)))


def lstm() -> Any:
    """Layers of Keras 2, which are an operator of their own, in both directions."""
    import tf_keras

    tf_keras.utils.set_random_seed(7)
    layers = tf_keras.layers
    inputs = tf_keras.Input((7, 3), batch_size=1, name="x")
    x = layers.LSTM(6, return_sequences=True, bias_initializer="uniform")(inputs)
    x = layers.LSTM(5, return_sequences=True, go_backwards=True, bias_initializer="uniform")(x)
    return tf_keras.Model(inputs, layers.Dense(3, name="y")(layers.Flatten()(x)))


def recurrent() -> Any:
    """LSTMs of Keras 3, which are loops, and dense layers that keep the axes of sequences."""
    layers = keras.layers
    inputs = keras.Input((5, 3), batch_size=1, name="x")
    x = layers.Dense(4, activation="tanh")(inputs)
    x = layers.LSTM(6, return_sequences=True)(x)
    return keras.Model(inputs, layers.Dense(3, name="y")(layers.LSTM(4)(x)))


def attention() -> Any:
    """Products of stacks of matrices, normalizations, GELU."""
    layers = keras.layers
    inputs = keras.Input((6, 8), name="x")
    x = layers.LayerNormalization()(inputs + layers.MultiHeadAttention(2, 4)(inputs, inputs))
    x = x + layers.Dense(8)(layers.Dense(12, activation="gelu")(x))
    return keras.Model(inputs, layers.Dense(2, name="y")(layers.Flatten()(x)))


class Arrays(tf.Module):  # type: ignore[misc]
    """Operators on shapes and places, of an input with a free batch."""

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 6], tf.float32, "x"), tf.TensorSpec([3], tf.int32, "order")])
    def __call__(self, x: Any, order: Any) -> Any:
        """Return many outputs."""
        first, second = tf.split(x, 2, axis=2)
        padded = tf.pad(x, [[0, 0], [1, 0], [0, 2]], constant_values=3.0)
        stacked = tf.stack([first, second * 2.0, tf.reverse(first, [1])], axis=1)
        batch = tf.shape(x)[0]
        top, places = tf.math.top_k(tf.reduce_max(x, axis=2), 2)
        return {
            "gathered": tf.gather(stacked, order, axis=1),
            "sliced": x[:, 1:-1, ::2],
            "last": x[..., -1],
            "shaped": tf.reshape(tf.transpose(x, [0, 2, 1]), [batch, 3, -1]),
            "top": top,
            "places": places,
            "largest": tf.argmax(x, axis=1, output_type=tf.int32),
            "chosen": tf.where(first > second, first, tf.square(second)),
            "padded": tf.pad(padded, [[0, 0], [2, 1], [0, 0]], "REFLECT"),
            "counts": tf.reduce_sum(tf.cast(tf.logical_and(x > 0.0, x < 0.5), tf.int32), axis=[1, 2]),
            "sums": tf.cumsum(x, axis=1, exclusive=True),
            "blocks": tf.nn.depth_to_space(tf.reshape(x, [-1, 2, 3, 4]), 2),
            "maths": tf.exp(x) + tf.sin(x) * tf.math.rsqrt(tf.abs(x) + 1.0) - tf.pow(x + 2.0, 1.5),
            "tiled": tf.tile(tf.expand_dims(tf.squeeze(x[:, :1], [1]), 0), [2, 1, 1]),
            "wholes": tf.math.floormod(order * 5, 3) + order // 2,
        }


class Loop(tf.Module):  # type: ignore[misc]
    """A loop and a branch, which are other graphs of the file."""

    @tf.function(input_signature=[tf.TensorSpec([3], tf.float32, "x")])
    def __call__(self, x: Any) -> Any:
        """Return what becomes of the input."""
        _, y = tf.while_loop(lambda i, _: i < 4, lambda i, y: (i + 1, y * 1.5 + tf.cast(i, tf.float32)), [0, x])
        return {"y": tf.cond(tf.reduce_sum(x) > 0.0, lambda: y + 1.0, lambda: y * 2.0)}


def converters(network: str) -> Iterator[tuple[str, Any]]:
    """Yield the ways in which a network is converted, with converters that are set up so."""
    if network in ("arrays", "loop"):
        module = {"arrays": Arrays, "loop": Loop}[network]()
        function = module.__call__.get_concrete_function()
        yield "float", tf.lite.TFLiteConverter.from_concrete_functions([function], module)
        return
    keras.utils.set_random_seed(7)
    build: Callable[[], Any] = {each.__name__: each for each in (image, activations, lstm, recurrent, attention)}[
        network
    ]
    model = build()
    for weight in model.weights:
        if weight.name in ("moving_variance", "gamma"):
            weight.assign(np.random.default_rng(2).uniform(0.5, 1.5, weight.shape))
        elif len(weight.shape) < 2:
            weight.assign(values(3, weight.shape) * 0.3)
    model.layers[-1].kernel.assign(model.layers[-1].kernel * (5 if network == "image" else 1))
    shape = model.inputs[0].shape[1:]
    kinds = {"image": "float dynamic half int8 int8-io uint8-io int16", "activations": "float int8 uint8-io"}
    for how in kinds.get(network, "float dynamic" if network in ("lstm", "recurrent") else "float int8-io").split():
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if network == "lstm":  # of a Keras that the converter does not take for one
            function = tf.function(model, input_signature=[tf.TensorSpec((1, *shape), tf.float32, "x")])
            converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], model)
        if how != "float":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if how == "half":
            converter.target_spec.supported_types = [tf.float16]
        elif how not in ("float", "dynamic"):
            converter.representative_dataset = lambda: ([values(seed, (1, *shape))] for seed in range(20, 60))
            sets = tf.lite.OpsSet
            wide = sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
            converter.target_spec.supported_ops = [wide if how == "int16" else sets.TFLITE_BUILTINS_INT8]
            if how.endswith("-io"):
                converter.inference_input_type = converter.inference_output_type = getattr(tf, how.removesuffix("-io"))
        yield how, converter


def real(array: Any, detail: Any) -> Any:
    """Return the numbers that an output's stand for."""
    scale, zero = detail["quantization"]
    return (array.astype(np.float32) - zero) * np.float32(scale) if scale else array


def kept(array: Any, detail: Any) -> Any:
    """Return an input as the model takes it."""
    scale, zero = detail["quantization"]
    if not scale:
        return array.astype(detail["dtype"])
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.round(array / scale) + zero, limits.min, limits.max).astype(detail["dtype"])


def run(content: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, float]]:
    """Return inputs, outputs and the outputs' steps."""
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    runner = interpreter.get_signature_runner()
    given, details = runner.get_input_details(), runner.get_output_details()
    inputs, outputs = [], []
    for seed in range(SAMPLES):
        sample = {
            name: np.array([2, 0, 1] if seed else [1, 1, 2], np.int32)
            if detail["dtype"] == np.int32
            else real(kept(values(seed, detail["shape"]), detail), detail)
            for name, detail in given.items()
        }
        interpreter.reset_all_variables()  # an LSTM goes on where the prediction before has left it
        result = runner(**{name: kept(sample[name], detail) for name, detail in given.items()})
        inputs.append(sample)
        outputs.append({name: real(np.array(result[name]), detail) for name, detail in details.items()})
    return inputs, outputs, {name: step(content, detail) for name, detail in details.items()}


def step(content: bytes, detail: Any) -> float:
    """Return how far neighbouring numbers of an output are apart, which may be a quantized tensor made floats."""
    resolver = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=resolver)
    before = {each["outputs"][0]: each for each in interpreter._get_ops_details() if len(each["outputs"])}
    operator = before.get(detail["index"])
    if operator is not None and operator["op_name"] == "DEQUANTIZE":
        detail = next(each for each in interpreter.get_tensor_details() if each["index"] == operator["inputs"][0])
    return float(detail["quantization"][0])


def main() -> None:
    """Write all, or those of the networks that are named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    steps = json.loads((FOLDER / "steps.json").read_text(encoding="utf-8")) if (FOLDER / "steps.json").exists() else {}
    for network in sys.argv[1:] or ["image", "activations", "lstm", "recurrent", "attention", "arrays", "loop"]:
        for how, converter in converters(network):
            content = converter.convert()
            name = f"{network}-{how}"
            (FOLDER / f"{name}.tflite").write_bytes(content)
            inputs, outputs, steps[name] = run(content)
            write_groups(FOLDER / f"{name}.inputs", inputs)
            write_groups(FOLDER / f"{name}.outputs", outputs)
    (FOLDER / "steps.json").write_text(json.dumps(steps, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
