"""Layers that move numbers without changing them, and rescaling."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import pixels, tokens


@network()
def padding_and_cropping(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((7, 8, 2)),
            layers.ZeroPadding2D(((1, 2), (3, 0))),
            layers.Conv2D(4, 3),
            layers.Cropping2D(((1, 0), (2, 1))),
            layers.ZeroPadding2D(1),
            layers.Cropping2D((0, 2)),
            layers.ZeroPadding2D((2, 1)),
        ]
    )


@network()
def upsampling_nearest(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4, 5, 3)),
            layers.UpSampling2D(),
            layers.Conv2D(3, 3),
            layers.UpSampling2D((3, 2), interpolation="nearest"),
        ]
    )


@network()
def flatten_and_back(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((3, 4, 2)),
            layers.Flatten(),
            layers.Dense(24, activation="tanh"),
            layers.Reshape((4, 3, 2)),
            layers.Conv2D(3, 2),
            layers.Reshape((-1, 3)),
            layers.Dense(2),
        ]
    )


@network()
def permuted(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((3, 4, 5)),
            layers.Permute((3, 1, 2)),
            layers.Dense(6, activation="relu"),
            layers.Permute((2, 3, 1)),
        ]
    )


@network()
def repeated(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((5,)), layers.Dense(4), layers.RepeatVector(3), layers.Dense(2)])


@network()
def reshape_of_any_size(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((None, 4)), layers.Dense(6), layers.Reshape((-1, 3)), layers.Dense(2)])


@network(inputs=pixels())
def rescaled(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
        ]
    )


@network(inputs=pixels())
def rescaled_in_functional(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="image")
    x = layers.Rescaling(scale=1 / 255, name="to_unit")(inputs)
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(x))))


@network(inputs=tokens(50))
def embedding(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((6,)), layers.Embedding(50, 4), layers.Flatten(), layers.Dense(3)])


@network(inputs=tokens(50))
def embedding_alone(keras):
    return keras.Sequential(
        [keras.Input((None,), dtype="int32", name="ids"), keras.layers.Embedding(50, 7, name="vectors")]
    )
