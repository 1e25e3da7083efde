"""Dtypes: policies of half and double precision, layers and inputs of other dtypes, quantized weights.

Networks in half precision are compared with themselves in float32, which is what TensorFlow.js computes in.
"""

from tests.oracle.keras_matrix.suite import THREE, TWO, network
from tests.oracle.samples import integers, tokens, uniform


def _small(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(6, 3, activation="relu")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.SeparableConv2D(5, 3, activation="elu")(x)
    x = layers.LayerNormalization()(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(3, name="y")(x))


def _recurrent(keras):
    layers = keras.layers
    inputs = keras.Input((6,), dtype="int32", name="words")
    x = layers.Embedding(20, 6)(inputs)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(x)
    x = layers.GRU(5)(layers.MultiHeadAttention(2, 3)(x, x))
    return keras.Model(inputs, layers.Dense(3, activation="softmax", dtype="float32", name="y")(x))


for _policy in ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64"):

    def _conv(keras):
        return _small(keras)

    def _rnn(keras):
        return _recurrent(keras)

    _both = {} if _policy != "bfloat16" else {"generations": THREE}
    _conv.__name__, _rnn.__name__ = f"{_policy}_image", f"{_policy}_words"
    network(policy=_policy, **_both)(_conv)
    if _policy != "bfloat16":  # TensorFlow has no kernels for its norms on a CPU
        network(policy=_policy, inputs=tokens(20), **_both)(_rnn)


@network()
def one_layer_in_double(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    x = layers.Dense(5, dtype="float64", activation="tanh")(inputs)
    return keras.Model(inputs, layers.Dense(3, name="y")(x))


@network()
def input_in_double(keras):
    inputs = keras.Input((6,), dtype="float64", name="x")
    return keras.Model(inputs, keras.layers.Dense(3, dtype="float64", name="y")(inputs))


@network(inputs=integers(0, 256))
def input_in_bytes(keras):
    layers = keras.layers
    inputs = keras.Input((6, 6, 3), dtype="uint8", name="image")
    return keras.Model(inputs, layers.Conv2D(3, 3, name="y")(layers.Rescaling(1 / 127.5, -1.0)(inputs)))


@network(inputs=integers(-5, 6))
def input_in_integers(keras):
    inputs = keras.Input((6,), dtype="int32", name="x")
    return keras.Model(inputs, keras.layers.Dense(3, name="y")(inputs))


@network(inputs=integers(0, 9))
def sums_of_integers(keras):
    layers = keras.layers
    a, b = (keras.Input((4,), dtype="int32", name=name) for name in "ab")
    return keras.Model(
        [a, b], [layers.Add(dtype="int32", name="sum")([a, b]), layers.Maximum(dtype="int32", name="max")([a, b])]
    )


def _quantized(mode):
    def finish(model):
        model.quantize(mode)

    return finish


def _dense(keras):
    layers = keras.layers
    inputs = keras.Input((16,), name="x")
    x = layers.Dense(12, activation="relu")(inputs)
    return keras.Model(inputs, layers.Dense(4, use_bias=False, name="y")(x))


def _embedding(keras):
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="x")
    x = layers.Embedding(20, 8)(inputs)
    return keras.Model(inputs, layers.EinsumDense("abc,cd->abd", output_shape=(None, 6), bias_axes="d", name="y")(x))


def _tied(keras):
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="x")
    return keras.Model(inputs, layers.Dense(4, name="y")(layers.ReversibleEmbedding(20, 8)(inputs)))


def _convolutions(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="x")
    x = layers.Conv2D(6, 3, activation="relu")(inputs)
    return keras.Model(inputs, layers.Dense(4, name="y")(layers.Flatten()(x)))


_QUANTIZED = {
    "dense": (_dense, {}),
    "embedding": (_embedding, {"inputs": tokens(20)}),
    "tied": (_tied, {"inputs": tokens(20)}),
    "convolutions": (_convolutions, {}),
}
for _mode in ("int8", "int4"):
    for _name, (_build, _options) in _QUANTIZED.items():

        def _network(keras, build=_build):
            return build(keras)

        _network.__name__ = f"{_mode}_{_name}"
        network(finish=_quantized(_mode), generations=THREE, **_options)(_network)


@network(finish=_quantized("float8"), generations=THREE)
def float8_dense(keras):
    return _dense(keras)


@network(generations=TWO, inputs=uniform(-3, 3))
def cast_by_autocast(keras):
    layers = keras.layers
    inputs = keras.Input((6,), dtype="float64", name="x")
    return keras.Model(inputs, layers.Dense(3, name="y")(inputs))
