"""Merges: element by element, concatenation along each axis, dot products."""

from tests.oracle.keras_layers.suite import network


def _branches(keras, shape=(6,), units=5, count=3):
    inputs = keras.Input(shape, name="x")
    return inputs, [keras.layers.Dense(units, name=f"branch_{i}")(inputs) for i in range(count)]


@network()
def merges(keras):
    layers = keras.layers
    inputs, branches = _branches(keras)
    outputs = [
        layers.Add(name="sum")(branches),
        layers.Average(name="mean")(branches),
        layers.Maximum(name="most")(branches),
        layers.Minimum(name="least")(branches),
        layers.Multiply(name="product")(branches),
        layers.Concatenate(name="all")(branches),
    ]
    return keras.Model(inputs, outputs)


@network()
def merges_of_images(keras):
    layers = keras.layers
    inputs = keras.Input((6, 6, 2), name="x")
    left, right = layers.Conv2D(4, 3, padding="same")(inputs), layers.Conv2D(4, 1, activation="relu")(inputs)
    x = layers.Add()([left, right])
    x = layers.Multiply()([x, right])
    x = layers.Maximum()([x, left])
    x = layers.Average()([x, right])
    return keras.Model(inputs, layers.Minimum()([x, layers.Conv2D(4, 3, padding="same")(x)]))


@network()
def concatenations(keras):
    layers = keras.layers
    inputs, (left, right) = _branches(keras, shape=(3, 4, 6), count=2)
    outputs = [
        layers.Concatenate(axis=1, name="axis_1")([left, right]),
        layers.Concatenate(axis=2, name="axis_2")([left, right]),
        layers.Concatenate(axis=-1, name="last")([right, left]),
        layers.Concatenate(axis=-2, name="last_but_one")([right, left]),
    ]
    return keras.Model(inputs, outputs)


@network()
def one_tensor_twice(keras):
    layers = keras.layers
    inputs, (only,) = _branches(keras, count=1)
    return keras.Model(inputs, layers.Dense(3)(layers.Concatenate()([only, only, layers.Multiply()([only, only])])))


@network()
def dot_products(keras):
    layers = keras.layers
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    outputs = [
        layers.Dot(axes=1, name="plain")([left, right]),
        layers.Dot(axes=-1, normalize=True, name="cosine")([left, right]),
    ]
    return keras.Model([left, right], outputs)


@network()
def dot_product_of_matrices(keras):
    layers = keras.layers
    left, right = keras.Input((4, 5), name="left"), keras.Input((3, 5), name="right")
    return keras.Model([left, right], layers.Dot(axes=(2, 2), name="product")([left, right]))


@network()
def merges_by_function(keras):
    layers = keras.layers
    inputs, (a, b, c) = _branches(keras)
    x = layers.concatenate(
        [layers.add([a, b]), layers.multiply([b, c]), layers.maximum([a, c]), layers.average([a, b, c])]
    )
    return keras.Model(inputs, layers.Dense(2)(x))


@network()
def gated(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 4), name="x")
    gate = layers.GlobalAveragePooling2D()(inputs)
    gate = layers.Dense(4, activation="sigmoid")(layers.Dense(2, activation="softplus")(gate))
    return keras.Model(inputs, layers.Multiply()([inputs, layers.Reshape((1, 1, 4))(gate)]))
