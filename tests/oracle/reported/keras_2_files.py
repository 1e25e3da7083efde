"""Files of Keras 2.1 to 2.3 and of TensorFlow 1.13 to 2.3, whose configs say things in other words."""

import h5py
import numpy as np

from tests.oracle.graphs.given import literal, normal
from tests.oracle.reported.edits import config_of_h5, layers
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case


@case("keras2-h5", name="op_layers_of_2_2_file", x=normal(2, 6))
@case("keras2", name="op_layers_of_2_2_saved", x=normal(2, 6))
def op_layers_of_2_2(keras):
    """Before TensorFlow 2.4 an op on a model's tensors was a TensorFlowOpLayer, which holds a serialized node."""
    import tensorflow as tf
    from tf_keras.src.engine.base_layer import TensorFlowOpLayer

    def op(kind, constants, *tensors):
        names = [f"in{index}" for index in range(len(constants) + len(tensors))]
        node = tf.compat.v1.NodeDef(name=kind, op=kind, input=names)
        node.attr["T"].type = tf.float32.as_datatype_enum
        layer = TensorFlowOpLayer(node.SerializeToString(), kind, dict(constants))
        return layer(list(tensors) if len(tensors) > 1 else tensors[0])

    inputs = keras.Input((6,), name="x")
    x = keras.layers.Dense(5)(inputs)
    y = op("Sub", {0: 1.0}, op("AddV2", {}, op("Mul", {1: 2.5}, x), x))
    return keras.Model(inputs, op("Sigmoid", {}, y))


_NOT_OF_CUDNN = (
    "activation",
    "recurrent_activation",
    "use_bias",
    "dropout",
    "recurrent_dropout",
    "implementation",
    "reset_after",
    "unroll",
    "time_major",
)


def _for_cudnn(path):
    """Make GRU and LSTM layers those for CuDNN, which keep the biases of inputs and states one after the other."""

    def renamed(config):
        for entry in layers(config):
            inner = entry["config"].get("layer")
            for each in (entry, inner) if inner else (entry,):
                if each["class_name"] in ("GRU", "LSTM"):
                    each["class_name"] = f"CuDNN{each['class_name']}"
                    for key in _NOT_OF_CUDNN:
                        each["config"].pop(key, None)
            if inner:
                inner.pop("module", None)
                inner.pop("registered_name", None)

    config_of_h5(renamed)(path)
    with h5py.File(path, "r+") as file:
        weights, biases = file["model_weights"], []
        weights.visit(lambda name: biases.append(name) if name.endswith("bias:0") and "/y/" not in f"/{name}" else None)
        for index, name in enumerate(biases):
            shape = weights[name].shape  # [2, 3 × units] of a GRU, [4 × units] of an LSTM
            size = int(np.prod(shape)) if len(shape) == 2 else 2 * shape[0]
            del weights[name]
            weights[name] = np.random.default_rng(index).uniform(-1, 1, size).astype("float32")


def _recurrent(keras, layer):
    inputs = keras.Input((7, 3), name="x")
    return keras.Model(inputs, keras.layers.Dense(2, name="y")(layer(inputs)))


@case("keras2-h5", edit=_for_cudnn, reloads=True, x=normal(2, 7, 3))
def cudnn_gru(keras):
    """A file with CuDNNGRU, whose biases of both kinds are in one row; elsewhere loaded as a GRU."""
    return _recurrent(keras, keras.layers.GRU(5, reset_after=True))


@case("keras2-h5", edit=_for_cudnn, reloads=True, x=normal(2, 7, 3))
def cudnn_lstm(keras):
    """A file with CuDNNLSTM, whose kernels are in another order; elsewhere loaded as an LSTM."""
    return _recurrent(keras, keras.layers.LSTM(5))


@case("keras2-h5", edit=_for_cudnn, reloads=True, x=normal(2, 7, 3))
def cudnn_bidirectional(keras):
    """CuDNNGRU in both directions."""
    return _recurrent(keras, keras.layers.Bidirectional(keras.layers.GRU(5, reset_after=True)))


def _of_2_1(config):
    """Make a Sequential's config a list without an InputLayer, with the initializers and keys of then."""
    entries = [entry for entry in layers(config) if entry["class_name"] != "InputLayer"]
    entries[0]["config"]["batch_input_shape"] = [None, 10, 10, 1]
    scaled = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    for entry in entries:
        for key in ("dtype", "groups"):
            entry["config"].pop(key, None)
        if "kernel_initializer" in entry["config"]:
            entry["config"]["kernel_initializer"] = {"class_name": "VarianceScaling", "config": scaled}
    config["config"] = entries


@case("keras2-h5", edit=config_of_h5(_of_2_1, "2.1.6"), conv2d_input=normal(2, 10, 10, 1))
def sequential_of_2_1(keras):
    """Keras 2.1: a Sequential's config is a list, and has no InputLayer."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Conv2D(4, 3, activation="relu", input_shape=(10, 10, 1), dilation_rate=2),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.BatchNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def _functional_of_2_1(config):
    """Call the class Model, and leave the InputLayer out of the nested Sequential."""
    config["class_name"] = "Model"
    for entry in layers(config):
        if entry["class_name"] == "Sequential":
            entry["config"] = [each for each in layers(entry) if each["class_name"] != "InputLayer"]
            entry["config"][0]["config"]["batch_input_shape"] = [None, 4]


@case("keras2-h5", edit=config_of_h5(_functional_of_2_1, "2.1.6"), a=normal(2, 4), b=normal(2, 4))
def functional_of_2_1(keras):
    """Keras 2.1: a nested Sequential lists no InputLayer, and its calls are counted from 1."""
    layers = keras.layers
    inner = keras.Sequential([layers.Dense(5, activation="relu", input_shape=(4,))], name="inner")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    both = layers.Concatenate(axis=-1)([inner(a), inner(b)])
    left = layers.Dense(2, name="left")(both)
    return keras.Model([a, b], [left, layers.Dense(1, activation="sigmoid", name="right")(both)])


def _of_1_13(config):
    for entry in layers(config):
        if entry["class_name"] == "BatchNormalization":
            entry["class_name"] = "BatchNormalizationV1"
            entry["config"]["axis"] = [3]


@case("keras2-h5", edit=config_of_h5(_of_1_13, "2.2.4-tf"), image=normal(2, 6, 6, 2))
def batch_normalization_v1(keras):
    """TensorFlow 1.13 called the class BatchNormalizationV1 and wrote its axis as a list."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 2), name="image"),
            layers.Conv2D(4, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


@case(
    "keras2-h5",
    x=literal(
        [[0.4, 0.0, 3.7, 0.0, 5.2, 0.9], [0.0, 2.0, 0.0, 0.2, 0.3, 8.0]],
        [[0.0, 0.7, 0.0, 0.1, 6.5, 0.0], [7.9, 0.2, 0.0, 1.4, 0.0, 4.0]],
    ).free(0),
)
def mask_of_fractions(keras):
    """Embedding(mask_zero=True) fed floats below 1: Keras 2 masks what is 0 before it is cast."""
    layers = keras.layers
    return keras.Sequential([keras.Input((6,), name="x"), layers.Embedding(9, 4, mask_zero=True), layers.LSTM(5)])


def _with_ones(config):
    for entry in config["config"]["layers"]:
        if "scale" in entry["config"]:
            entry["config"] |= {"scale": 1, "center": 1}


@case("keras2-h5", edit=config_of_h5(_with_ones), x=normal(3, 6))
def numbers_for_bools(keras):
    """A file whose batch normalization says `scale: 1`, which Keras takes for true."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((6,), name="x"), layers.Dense(5), layers.BatchNormalization(), layers.Dense(2)]
    )
