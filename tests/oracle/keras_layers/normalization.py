"""Batch and layer normalization, with their options."""

from tests.oracle.keras_layers.suite import network


@network(trained=True)
def batch_norm_after_conv(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((9, 9, 2)),
            layers.Conv2D(5, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(momentum=0.9, epsilon=0.01),
        ]
    )


@network()
def batch_norm_after_dense(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(5), layers.BatchNormalization(), layers.ReLU(), layers.Dense(3)]
    )


@network()
def batch_norm_options(keras):
    layers = keras.layers
    inputs = keras.Input((5, 4, 3), name="x")
    outputs = [
        layers.BatchNormalization(scale=False, name="no_scale")(inputs),
        layers.BatchNormalization(center=False, name="no_center")(inputs),
        layers.BatchNormalization(scale=False, center=False, name="neither")(inputs),
        layers.BatchNormalization(epsilon=0.1, name="epsilon")(inputs),
    ]
    return keras.Model(inputs, outputs)


@network()
def batch_norm_axis(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((5, 4, 3)),
            layers.BatchNormalization(axis=1),
            layers.Conv2D(4, 2),
            layers.BatchNormalization(axis=2),
        ]
    )


@network()
def batch_norm_of_sequences(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 3)),
            layers.Conv1D(5, 3),
            layers.BatchNormalization(),
            layers.LSTM(4),
            layers.BatchNormalization(),
        ]
    )


@network()
def batch_norm_of_volumes(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((4, 5, 4, 2)), layers.Conv3D(3, 2), layers.BatchNormalization(), layers.Flatten()]
    )


@network()
def layer_norm(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 8)),
            layers.Dense(8),
            layers.LayerNormalization(),
            layers.Dense(4),
            layers.LayerNormalization(epsilon=0.1),
        ]
    )


@network()
def layer_norm_options(keras):
    layers = keras.layers
    inputs = keras.Input((4, 5, 3), name="x")
    outputs = [
        layers.LayerNormalization(scale=False, name="no_scale")(inputs),
        layers.LayerNormalization(center=False, name="no_center")(inputs),
        layers.LayerNormalization(axis=[2, 3], name="two_axes")(inputs),
        layers.LayerNormalization(axis=1, name="first_axis")(inputs),
    ]
    return keras.Model(inputs, outputs)
