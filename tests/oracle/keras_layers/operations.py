"""Operators and functions on tensors in functional models: Keras 3's operations, TensorFlow functions in Keras 2."""

from tests.oracle.keras_layers.suite import network

KERAS_3 = ("keras3",)
KERAS_2 = ("tf_keras",)


def _model(keras, build, shape=(6,)):
    """A model in which every tensor that `build` makes of two is an output of its own, after a layer with a name."""
    inputs = keras.Input(shape, name="x")
    other = keras.layers.Dense(shape[-1], name="other")(inputs)
    outputs = build(inputs, other)
    return keras.Model(inputs, [keras.layers.Dense(3, name=f"{name}_out")(value) for name, value in outputs.items()])


@network()
def operators(keras):
    return _model(
        keras,
        lambda x, y: {
            "sum": x + y,
            "difference": x - y,
            "product": x * y,
            "negative": -x,
            "with_numbers": 2.0 * x + 1.5,
            "from_number": 1.0 - x,
            "quotient": x / 4.0,
            "square": x**2,
        },
    )


@network()
def operators_on_images(keras):
    layers = keras.layers
    inputs = keras.Input((6, 6, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same")(inputs / 127.5 - 1.0)
    x = x + layers.Conv2D(4, 1)(inputs) * 0.5
    return keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


@network(generations=KERAS_3)
def arithmetic_of_keras_3(keras):
    ops = keras.ops
    return _model(
        keras,
        lambda x, y: {
            "add": ops.add(x, y),
            "subtract": ops.subtract(x, y),
            "multiply": ops.multiply(x, y),
            "divide": ops.divide(x, 3.0),
            "negative": ops.negative(x),
            "maximum": ops.maximum(x, y),
            "minimum": ops.minimum(x, 0.25),
            "clip": ops.clip(x, -0.5, 0.75),
            "absolute": ops.absolute(x),
            "abs": ops.abs(y),
            "square": ops.square(x),
            "power": ops.power(x, 3),
        },
    )


@network(generations=KERAS_3)
def functions_of_keras_3(keras):
    ops = keras.ops
    return _model(
        keras,
        lambda x, y: {
            "relu": ops.relu(x),
            "relu6": ops.relu6(x),
            "sigmoid": ops.sigmoid(y),
            "tanh": ops.tanh(y),
            "softmax": ops.softmax(y),
            "log_softmax": ops.log_softmax(y),
            "softplus": ops.softplus(x),
            "softsign": ops.softsign(x),
            "silu": ops.silu(x),
            "selu": ops.selu(x),
            "elu": ops.elu(x),
            "gelu": ops.gelu(x, approximate=False),
            "leaky_relu": ops.leaky_relu(x, 0.1),
            "log_sigmoid": ops.log_sigmoid(x),
            "hard_sigmoid": ops.hard_sigmoid(x),
            "hard_silu": ops.hard_silu(x),
            "hard_tanh": ops.hard_tanh(x),
            "tanh_shrink": ops.tanh_shrink(x),
            "sparse_sigmoid": ops.sparse_sigmoid(x),
        },
    )


@network(generations=KERAS_3)
def shapes_of_keras_3(keras):
    ops = keras.ops
    inputs = keras.Input((4, 6), name="x")
    outputs = {
        "reshaped": ops.reshape(inputs, (-1, 3, 8)),
        "transposed": ops.transpose(inputs, (0, 2, 1)),
        "joined": ops.concatenate([inputs, inputs], axis=1),
        "stacked": ops.stack([inputs, ops.negative(inputs)], axis=1),
        "wider": ops.expand_dims(inputs, axis=2),
        "narrower": ops.squeeze(ops.expand_dims(inputs, axis=1), axis=1),
        "part": inputs[:, 1:3, :4],
        "step": inputs[:, -1],
    }
    return keras.Model(inputs, [keras.layers.Dense(3, name=f"{name}_out")(value) for name, value in outputs.items()])


@network(generations=KERAS_3)
def reductions_of_keras_3(keras):
    ops = keras.ops
    inputs = keras.Input((4, 5, 6), name="x")
    outputs = {
        "mean": ops.mean(inputs, axis=[1, 2]),
        "max": ops.max(inputs, axis=1),
        "sum": ops.sum(inputs, axis=-1, keepdims=True),
        "mean_of_channels": ops.mean(inputs, axis=3, keepdims=True),
    }
    return keras.Model(inputs, [keras.layers.Dense(3, name=f"{name}_out")(value) for name, value in outputs.items()])


@network(generations=KERAS_3)
def products_of_keras_3(keras):
    ops = keras.ops
    left, right = keras.Input((4, 5), name="left"), keras.Input((5, 3), name="right")
    return keras.Model([left, right], keras.layers.Dense(2, name="out")(ops.matmul(left, right)))


@network(generations=KERAS_2)
def arithmetic_of_tensorflow(keras):
    import tensorflow as tf

    return _model(
        keras,
        lambda x, y: {
            "add": tf.add(x, y),
            "subtract": tf.subtract(x, y),
            "multiply": tf.multiply(x, y),
            "divide": tf.divide(x, 3.0),
            "negative": tf.negative(x),
            "maximum": tf.maximum(x, y),
            "minimum": tf.minimum(x, y),
            "clip": tf.clip_by_value(x, -0.5, 0.75),
            "abs": tf.abs(x),
            "square": tf.square(x),
            "pow": tf.pow(x, 3),
        },
    )


@network(generations=KERAS_2)
def functions_of_tensorflow(keras):
    import tensorflow as tf

    return _model(
        keras,
        lambda x, y: {
            "relu": tf.nn.relu(x),
            "relu6": tf.nn.relu6(x),
            "sigmoid": tf.sigmoid(y),
            "tanh": tf.tanh(y),
            "softmax": tf.nn.softmax(y),
            "log_softmax": tf.nn.log_softmax(y),
            "softplus": tf.nn.softplus(x),
            "softsign": tf.nn.softsign(x),
            "swish": tf.nn.swish(x),
            "selu": tf.nn.selu(x),
            "elu": tf.nn.elu(x),
            "gelu": tf.nn.gelu(x),
            "leaky_relu": tf.nn.leaky_relu(x, 0.1),
            "log_sigmoid": tf.math.log_sigmoid(x),
        },
    )


@network(generations=KERAS_2)
def shapes_of_tensorflow(keras):
    import tensorflow as tf

    inputs = keras.Input((4, 6), name="x")
    outputs = {
        "reshaped": tf.reshape(inputs, (-1, 3, 8)),
        "transposed": tf.transpose(inputs, (0, 2, 1)),
        "joined": tf.concat([inputs, inputs], axis=1),
        "stacked": tf.stack([inputs, tf.negative(inputs)], axis=1),
        "wider": tf.expand_dims(inputs, axis=2),
        "narrower": tf.squeeze(tf.expand_dims(inputs, axis=1), axis=1),
        "part": inputs[:, 1:3, :4],
        "step": inputs[:, -1],
    }
    return keras.Model(inputs, [keras.layers.Dense(3, name=f"{name}_out")(value) for name, value in outputs.items()])


@network(generations=KERAS_2)
def reductions_of_tensorflow(keras):
    import tensorflow as tf

    inputs = keras.Input((4, 5, 6), name="x")
    outputs = {
        "mean": tf.reduce_mean(inputs, axis=[1, 2]),
        "max": tf.reduce_max(inputs, axis=1),
        "sum": tf.reduce_sum(inputs, axis=-1, keepdims=True),
        "mean_of_channels": tf.reduce_mean(inputs, axis=3, keepdims=True),
    }
    return keras.Model(inputs, [keras.layers.Dense(3, name=f"{name}_out")(value) for name, value in outputs.items()])


@network(generations=KERAS_2)
def products_of_tensorflow(keras):
    import tensorflow as tf

    left, right = keras.Input((4, 5), name="left"), keras.Input((5, 3), name="right")
    return keras.Model([left, right], keras.layers.Dense(2, name="out")(tf.matmul(left, right)))


@network(generations=KERAS_2)
def mobilenet_v3_of_tensorflow(keras):
    layers = keras.layers
    inputs = keras.Input((12, 12, 3), name="image")
    x = layers.Conv2D(6, 3, use_bias=False)(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.Multiply()([x, layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)])
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
