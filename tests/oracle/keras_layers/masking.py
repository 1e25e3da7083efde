"""Masks: where they begin, which layers heed them, and how far they go."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.registry import KERAS_3, TF_KERAS
from tests.oracle.samples import padded_steps, padded_tokens


@network(inputs=padded_steps())
def masked_lstm(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((8, 4)), layers.Masking(), layers.LSTM(5), layers.Dense(2)])


@network(inputs=padded_steps(fill=-1.0))
def masked_by_another_value(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((8, 4)), layers.Masking(mask_value=-1.0), layers.SimpleRNN(5), layers.Dense(2)]
    )


@network(inputs=padded_steps())
def masked_gru_sequences(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 4)),
            layers.Masking(0.0),
            layers.GRU(5, reset_after=False, return_sequences=True),
            layers.GRU(4, reset_after=False),
            layers.Dense(2),
        ]
    )


@network(inputs=padded_tokens(30))
def masked_embedding_lstm(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((9,), dtype="int32"), layers.Embedding(30, 6, mask_zero=True), layers.LSTM(5), layers.Dense(2)]
    )


@network(inputs=padded_tokens(30), trained=True)
def masked_text_classifier(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32", name="words"),
            layers.Embedding(30, 6, mask_zero=True),
            layers.Dropout(0.3),
            layers.LSTM(6, return_sequences=True),
            layers.LSTM(5),
            layers.Dense(3, activation="softmax"),
        ]
    )


@network(inputs=padded_tokens(30))
def masked_bidirectional(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((9,), dtype="int32"),
            layers.Embedding(30, 6, mask_zero=True),
            layers.Bidirectional(layers.LSTM(5)),
            layers.Dense(2),
        ]
    )


@network(inputs=padded_steps())
def masked_backwards(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((8, 4)), layers.Masking(), layers.LSTM(5, go_backwards=True), layers.Dense(2)])


@network(inputs=padded_steps())
def masked_through_dense(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 4)),
            layers.Masking(),
            layers.Dense(6, activation="relu"),
            layers.Activation("tanh"),
            layers.Dropout(0.5),
            layers.LSTM(4),
        ]
    )


@network(inputs=padded_steps())
def masked_through_time_distributed(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 4)),
            layers.Masking(),
            layers.TimeDistributed(layers.Dense(6, activation="relu")),
            layers.LSTM(4),
        ]
    )


@network(inputs=padded_tokens(25))
def masked_shared_embedding(keras):
    layers = keras.layers
    left, right = (keras.Input((7,), dtype="int32", name=name) for name in ("left", "right"))
    embedding = layers.Embedding(25, 5, mask_zero=True)
    memory = layers.LSTM(4)
    x = layers.Multiply()([memory(embedding(left)), memory(embedding(right))])
    return keras.Model([left, right], layers.Dense(2)(x))


@network(inputs=padded_steps(), generations=(TF_KERAS,))
def masked_concatenation(keras):
    layers = keras.layers
    left, right = (keras.Input((7, 4), name=name) for name in ("left", "right"))
    x = layers.Concatenate()([layers.Masking()(left), layers.Masking()(right)])
    return keras.Model([left, right], layers.LSTM(4)(x))


@network(inputs=padded_steps(), generations=(KERAS_3,), writers=("k3-keras",), refused=("another mask",))
def masked_concatenation_of_keras_3(keras):
    # Keras 3 writes the joined mask out as operations on tensors.
    return masked_concatenation(keras)


@network(inputs=padded_tokens(30))
def masked_nested(keras):
    layers = keras.layers
    inner_input = keras.Input((9, 6), name="embedded")
    inner = keras.Model(inner_input, layers.LSTM(5, name="lstm")(inner_input), name="reader")
    words = keras.Input((9,), dtype="int32", name="words")
    return keras.Model(words, layers.Dense(2)(inner(layers.Embedding(30, 6, mask_zero=True)(words))))


@network(inputs=padded_tokens(30))
def masked_states(keras):
    layers = keras.layers
    words = keras.Input((9,), dtype="int32", name="words")
    x = layers.Embedding(30, 6, mask_zero=True)(words)
    sequence, h, c = layers.LSTM(5, return_sequences=True, return_state=True, name="reader")(x)
    return keras.Model(words, [h, c, layers.LSTM(3, name="again")(sequence)])
