"""Recurrent networks, whose loops are functions in TensorFlow 2 and frames in TensorFlow 1."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal, weight
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model

_STEPS = normal(2, 7, 5)
_PADDED = literal([[3, 7, 1, 4, 0, 0], [5, 2, 0, 0, 0, 0]], [[8, 1, 6, 2, 9, 0], [4, 4, 4, 0, 0, 0]]).free(0)


def _sequential(keras, *layers, shape=(7, 5)):
    return keras.Sequential([keras.Input(shape, name="x"), *layers])


for _keras in ("keras3", "keras2"):
    _suffix = "" if _keras == "keras3" else "_of_keras_2"

    @model(_keras, name=f"lstm{_suffix}", x=_STEPS)
    def lstm(keras):
        return _sequential(keras, keras.layers.LSTM(6), keras.layers.Dense(3))

    @model(_keras, name=f"gru{_suffix}", x=_STEPS)
    def gru(keras):
        return _sequential(keras, keras.layers.GRU(6), keras.layers.Dense(3))

    @model(_keras, name=f"states{_suffix}", x=_STEPS, h=normal(2, 4), c=normal(2, 4))
    def states(keras):
        inputs = [keras.Input((7, 5), name="x"), keras.Input((4,), name="h"), keras.Input((4,), name="c")]
        layer = keras.layers.LSTM(4, return_sequences=True, return_state=True)
        return keras.Model(inputs, layer(inputs[0], initial_state=inputs[1:]))


# Keras 2 writes every recurrent layer four times: one layer in each of its models.
@model("keras2", x=_STEPS)
def bidirectional_of_keras_2(keras):
    layer = keras.layers.GRU(3, return_sequences=True)
    return _sequential(keras, keras.layers.Bidirectional(layer, merge_mode="sum"), keras.layers.Dense(3))


@model("keras2", x=_PADDED)
def masked_tokens_of_keras_2(keras):
    layers = keras.layers
    inputs = keras.Input((6,), dtype="int32", name="x")
    return keras.Model(inputs, layers.Dense(3)(layers.LSTM(6)(layers.Embedding(11, 5, mask_zero=True)(inputs))))


@model("keras3", x=_STEPS)
def bidirectional_stacked(keras):
    layers = keras.layers
    return _sequential(
        keras,
        layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
        layers.Bidirectional(layers.GRU(3), merge_mode="sum"),
        layers.Dense(3),
    )


@model("keras3", x=_PADDED)
def masked_tokens(keras):
    layers = keras.layers
    inputs = keras.Input((6,), dtype="int32", name="x")
    y = layers.Embedding(11, 5, mask_zero=True)(inputs)
    y = layers.LSTM(6, return_sequences=True)(y)
    return keras.Model(inputs, layers.Dense(3)(layers.GRU(4)(y)))


def _ended(seed, *lengths):
    there = np.arange(7)[:, None] < np.array(lengths)[:, None, None]
    return np.where(there, np.random.default_rng(seed).standard_normal((len(lengths), 7, 5)), 0)


@model("keras3", x=literal(_ended(1, 3, 7), _ended(2, 5, 1)).free(0))
def masked_steps(keras):
    layers = keras.layers
    return _sequential(keras, layers.Masking(), layers.LSTM(4, return_sequences=True), layers.GRU(3))


@model("keras3", x=_STEPS)
def cells(keras):
    layers = keras.layers
    stacked = [layers.LSTMCell(4), layers.GRUCell(3, reset_after=False)]
    return _sequential(keras, layers.RNN(stacked, return_sequences=True), layers.TimeDistributed(layers.Dense(2)))


@model("keras3", x=_STEPS)
def simple_rnn_backwards(keras):
    return _sequential(
        keras,
        keras.layers.SimpleRNN(6, go_backwards=True, return_sequences=True),
        keras.layers.SimpleRNN(4, unroll=True),
    )


@model("keras3", x=normal(2, 7, 5).then(3, 11, 5))
def steps_of_any_number(keras):
    return _sequential(keras, keras.layers.LSTM(6, return_sequences=True), keras.layers.GRU(4), shape=(None, 5))


@model("keras3", x=normal(2, 4, 6, 6, 3))
def conv_lstm(keras):
    return _sequential(keras, keras.layers.ConvLSTM2D(4, 3, padding="same"), shape=(4, 6, 6, 3))


@model("keras3", x=_STEPS)
def time_distributed(keras):
    layers = keras.layers
    return _sequential(
        keras, layers.TimeDistributed(layers.Dense(4, activation="tanh")), layers.LSTM(3, activation="relu")
    )


@model("tf1", ops=("Enter", "TensorArrayV3"), x=_STEPS, w=weight(11, 6), b=weight(6))
def rnn_of_tensorflow_1(tf, x, w, b):
    steps = tf.transpose(x, [1, 0, 2])
    count = tf.shape(steps)[0]
    read = tf.TensorArray("float32", count).unstack(steps)
    written = tf.TensorArray("float32", count)

    def step(i, state, out):
        state = tf.tanh(tf.concat([read.read(i), state], 1) @ w + b)
        return i + 1, state, out.write(i, state)

    start = (tf.constant(0), tf.zeros([tf.shape(x)[0], 6]), written)
    _, last, out = tf.compat.v1.while_loop(lambda i, *_: i < count, step, start)
    return {"last": last, "all": tf.transpose(out.stack(), [1, 0, 2])}


@model("module", x=integers(0, 8, 2))
def greedy_decoder(tf):
    """Writes nine tokens, each the likeliest after the one before."""
    rng = np.random.default_rng(3)
    module = tf.Module()
    module.embedding = tf.Variable(rng.standard_normal((9, 6)).astype("float32"))
    module.kernel = tf.Variable(rng.standard_normal((12, 6)).astype("float32") * 0.4)
    module.head = tf.Variable(rng.standard_normal((6, 9)).astype("float32"))

    @tf.function(input_signature=[tf.TensorSpec([None], "int32", "x")])
    def decode(x):
        tokens = tf.TensorArray("int32", 9)
        state = tf.zeros([tf.shape(x)[0], 6])
        for i in tf.range(9):
            state = tf.tanh(tf.concat([tf.gather(module.embedding, x), state], 1) @ module.kernel)
            x = tf.argmax(state @ module.head, -1, tf.int32)
            tokens = tokens.write(i, x)
        return {"tokens": tf.transpose(tokens.stack()), "state": state}

    module.decode = decode
    return module, decode
