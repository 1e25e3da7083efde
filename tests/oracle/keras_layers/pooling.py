"""Pooling, local and global."""

from tests.oracle.keras_layers.suite import network


def _outputs(keras, shape, **layers_by_name):
    inputs = keras.Input(shape, name="x")
    return keras.Model(inputs, [layer(inputs) for layer in layers_by_name.values()])


@network()
def pooling_1d(keras):
    layers = keras.layers
    return _outputs(
        keras,
        (13, 4),
        maximum=layers.MaxPooling1D(name="maximum"),
        average=layers.AveragePooling1D(3, strides=2, padding="same", name="average"),
        overlapping=layers.MaxPooling1D(4, strides=1, padding="same", name="overlapping"),
    )


@network()
def pooling_2d(keras):
    layers = keras.layers
    return _outputs(
        keras,
        (13, 12, 3),
        maximum=layers.MaxPooling2D(name="maximum"),
        same=layers.MaxPooling2D(3, strides=2, padding="same", name="same"),
        average=layers.AveragePooling2D((2, 3), name="average"),
        average_same=layers.AveragePooling2D(3, strides=2, padding="same", name="average_same"),
        unlike=layers.AveragePooling2D((3, 2), strides=(1, 2), name="unlike"),
    )


@network()
def pooling_3d(keras):
    layers = keras.layers
    return _outputs(
        keras,
        (6, 7, 8, 2),
        maximum=layers.MaxPooling3D(name="maximum"),
        average=layers.AveragePooling3D((2, 3, 2), strides=2, padding="same", name="average"),
    )


@network()
def global_pooling_1d(keras):
    layers = keras.layers
    return _outputs(
        keras,
        (9, 4),
        average=layers.GlobalAveragePooling1D(name="average"),
        maximum=layers.GlobalMaxPooling1D(name="maximum"),
    )


@network()
def global_pooling_2d(keras):
    layers = keras.layers
    return _outputs(
        keras,
        (5, 6, 4),
        average=layers.GlobalAveragePooling2D(name="average"),
        maximum=layers.GlobalMaxPooling2D(name="maximum"),
    )


@network()
def global_pooling_of_any_size(keras):
    layers = keras.layers
    inputs = keras.Input((None, None, 3), name="x")
    x = layers.Conv2D(5, 3, activation="relu")(inputs)
    return keras.Model(
        inputs, [layers.GlobalMaxPooling2D(name="maximum")(x), layers.GlobalAveragePooling2D(name="average")(x)]
    )


@network()
def pooled_convolutions(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((20, 20, 1)),
            layers.Conv2D(6, 3, activation="elu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(8, 3, activation="elu"),
            layers.MaxPooling2D(padding="same"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
