"""Convolutions of every rank, with strides, dilations and paddings on sizes that do not divide evenly."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import normal


def _sequential(keras, shape, *stack):
    return keras.Sequential([keras.Input(shape), *stack])


@network()
def conv1d(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (17, 3),
        layers.Conv1D(6, 5, padding="same", activation="relu"),
        layers.Conv1D(5, 3, strides=2, activation="tanh"),
        layers.Conv1D(4, 3, dilation_rate=2, padding="same"),
    )


@network()
def conv2d(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (12, 10, 3),
        layers.Conv2D(6, 3, activation="relu"),
        layers.Conv2D(4, (3, 5), padding="same", use_bias=False),
    )


@network()
def conv2d_strides(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (15, 14, 3),
        layers.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(5, 4, strides=2, padding="same", activation="relu"),
        layers.Conv2D(4, 2, strides=2),
    )


@network()
def conv2d_strides_unlike(keras):
    layers = keras.layers
    return _sequential(keras, (13, 16, 2), layers.Conv2D(5, (3, 4), strides=(2, 3), padding="same", activation="elu"))


@network()
def conv2d_dilated(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (14, 13, 2),
        layers.Conv2D(5, 3, dilation_rate=2, padding="same", activation="relu"),
        layers.Conv2D(4, 3, dilation_rate=(2, 3)),
    )


@network(inputs=normal(sizes=(11, 13, 3)))
def conv2d_of_any_size(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (None, None, 3),
        layers.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(2, 1, activation="sigmoid"),
    )


@network()
def conv3d(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (7, 8, 9, 2),
        layers.Conv3D(4, 3, activation="relu", padding="same"),
        layers.Conv3D(3, (2, 3, 3), strides=(1, 2, 2)),
    )


@network()
def conv2d_transpose(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (5, 6, 3),
        layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(2, 4, strides=2, padding="valid"),
    )


@network()
def conv2d_transpose_of_any_size(keras):
    layers = keras.layers
    return _sequential(
        keras, (None, None, 3), layers.Conv2DTranspose(4, 2, strides=2), layers.Conv2D(2, 3, padding="same")
    )


@network()
def conv3d_transpose(keras):
    layers = keras.layers
    return _sequential(keras, (3, 4, 3, 2), layers.Conv3DTranspose(3, 3, strides=2, padding="same", activation="tanh"))


@network()
def separable_conv2d(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (12, 11, 3),
        layers.SeparableConv2D(6, 3, padding="same", activation="relu"),
        layers.SeparableConv2D(5, 3, strides=2, depth_multiplier=2, use_bias=False),
    )


@network()
def separable_conv2d_dilated(keras):
    layers = keras.layers
    return _sequential(keras, (12, 11, 3), layers.SeparableConv2D(6, 3, dilation_rate=2, padding="same"))


@network()
def depthwise_conv2d(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (12, 11, 3),
        layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="relu"),
        layers.DepthwiseConv2D(3, strides=2, use_bias=False),
        layers.DepthwiseConv2D(2, padding="same"),
    )


@network(trained=True)
def digits_classifier(keras):
    layers = keras.layers
    return _sequential(
        keras,
        (16, 16, 1),
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(12, 3, activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(10, activation="softmax"),
    )
