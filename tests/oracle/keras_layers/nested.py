"""Models inside models, with the same layer names at every level."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.registry import KERAS_ARCHIVES


def _block(keras, size, inner=None, name="block"):
    """A functional model `size` → `size` whose layers are always called `dense` and `norm`."""
    inputs = keras.Input((size,), name="input")
    x = keras.layers.Dense(size, activation="tanh", name="dense")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    if inner is not None:
        x = inner(x)
    return keras.Model(inputs, x, name=name)


@network()
def nested_once(keras):
    inputs = keras.Input((5,), name="input")
    x = _block(keras, 5)(inputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="dense")(x))


@network(
    writers=KERAS_ARCHIVES
)  # HDF5 has room for one `dense/kernel` in each top-level layer: Keras cannot write the file
def nested_twice(keras):
    inputs = keras.Input((5,), name="input")
    x = keras.layers.Dense(5, activation="relu", name="dense")(inputs)
    x = _block(keras, 5, _block(keras, 5))(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="head")(x))


@network(writers=KERAS_ARCHIVES, trained=True)
def nested_thrice(keras):
    return _block(keras, 6, _block(keras, 6, _block(keras, 6)), name="outer")


@network()
def nested_thrice_unlike(keras):
    layers = keras.layers
    inputs = keras.Input((5,), name="input")
    inner = None
    for level in ("inner", "middle", "outer"):
        within = keras.Input((5,), name="input")
        y = layers.Dense(5, activation="tanh", name=f"{level}_dense")(within)
        y = layers.BatchNormalization(name=f"{level}_norm")(y)
        inner = keras.Model(within, y if inner is None else inner(y), name=level)
    return keras.Model(inputs, layers.Dense(2, name="inner_dense")(inner(inputs)))


@network()
def nested_siblings(keras):
    inputs = keras.Input((5,), name="input")
    x = _block(keras, 5, name="left")(inputs)
    x = _block(keras, 5, name="right")(x)
    return keras.Model(inputs, _block(keras, 5, name="dense")(x))


@network()
def nested_called_twice(keras):
    left, right = keras.Input((5,), name="left"), keras.Input((5,), name="right")
    block = _block(keras, 5)
    x = keras.layers.Concatenate()([block(left), block(right), block(block(left))])
    return keras.Model([left, right], keras.layers.Dense(3, name="dense")(x))


@network()
def sequential_in_functional(keras):
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((6,)), layers.Dense(7, activation="relu", name="dense"), layers.Dense(4, name="dense_1")],
        name="inner",
    )
    inputs = keras.Input((6,), name="x")
    return keras.Model(inputs, layers.Dense(2, name="dense")(inner(inputs)))


@network()
def sequential_in_functional_unbuilt(keras):
    layers = keras.layers
    inner = keras.Sequential([layers.Dense(7, activation="relu"), layers.Dense(4)], name="inner")
    inputs = keras.Input((6,), name="x")
    return keras.Model(inputs, layers.Dense(2, name="head")(inner(inputs)))


@network()
def functional_in_sequential(keras):
    return keras.Sequential(
        [keras.Input((6,)), _block(keras, 6), keras.layers.Dense(3, name="dense"), keras.layers.Activation("softmax")]
    )


@network()
def model_first_in_sequential(keras):
    return keras.Sequential([_block(keras, 6), keras.layers.Dense(3, name="dense")])


@network()
def sequential_in_sequential(keras):
    layers = keras.layers
    innermost = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, activation="tanh", name="dense_1")], name="innermost"
    )
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="dense"), innermost], name="inner")
    return keras.Sequential([keras.Input((4,)), inner, layers.Dense(3, name="dense")], name="outer")


@network()
def nested_with_two_inputs_and_outputs(keras):
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    total, product = layers.Add(name="total")([a, b]), layers.Multiply(name="product")([a, b])
    inner = keras.Model([a, b], [layers.Dense(3, name="p")(product), layers.Dense(3, name="t")(total)], name="inner")
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    first, second = inner([right, left])
    return keras.Model([left, right], [layers.Dense(2, name="t")(second), layers.Dense(2, name="p")(first)])


@network()
def nested_as_output(keras):
    inputs = keras.Input((6,), name="input")
    hidden = keras.layers.Dense(6, name="dense")(inputs)
    return keras.Model(inputs, [_block(keras, 6, name="second")(hidden), _block(keras, 6, name="first")(hidden)])


@network()
def nested_with_its_own_layers_name(keras):
    inputs = keras.Input((6,), name="dense")
    inner = _block(keras, 6, name="norm")
    return keras.Model(inputs, inner(inputs), name="norm")


@network()
def transfer_learning(keras):
    layers = keras.layers
    base_input = keras.Input((16, 16, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="conv")(base_input)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(6.0, name="relu")(x)
    base = keras.Model(base_input, layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x), name="base")
    base.trainable = False
    inputs = keras.Input((16, 16, 3), name="photo")
    x = layers.GlobalAveragePooling2D()(base(inputs, training=False))
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(4, activation="softmax", name="classes")(x))
