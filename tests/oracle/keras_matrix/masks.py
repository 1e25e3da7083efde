"""Masks: made, carried through layers that pass them on, merged, dropped, and heeded in the end."""

import numpy as np

from tests.oracle.keras_matrix.suite import THREE, layers, network
from tests.oracle.samples import padded_steps, padded_tokens

_THROUGH = {
    "dense": lambda layers: layers.Dense(4, activation="tanh"),
    "dropout": lambda layers: layers.Dropout(0.5),
    "activation": lambda layers: layers.Activation("relu"),
    "batch_norm": lambda layers: layers.BatchNormalization(),
    "layer_norm": lambda layers: layers.LayerNormalization(),
    "time_distributed": lambda layers: layers.TimeDistributed(layers.Dense(4)),
    "leaky_relu": lambda layers: layers.LeakyReLU(),
    "einsum_dense": lambda layers: layers.EinsumDense("abc,cd->abd", output_shape=(None, 4)),
    "lstm": lambda layers: layers.LSTM(4, return_sequences=True),
    "bidirectional": lambda layers: layers.Bidirectional(layers.GRU(2, return_sequences=True)),
    "masking_again": lambda layers: layers.Masking(mask_value=0.25),
    "rescaling": lambda layers: layers.Rescaling(2.0),
    "reshape": lambda layers: layers.Reshape((8, 4)),
}
for _name, _make in _THROUGH.items():
    layers(
        f"masked_through_{_name}",
        {"x": (8, 4)},
        lambda layers, x, make=_make: layers.GRU(3)(make(layers)(layers.Masking()(x))),
        inputs=padded_steps(),
    )
layers(
    "masked_softmax_of_steps",
    {"x": (8, 4)},
    lambda layers, x: layers.Softmax(axis=1)(x, mask=None),
)
layers(
    "masked_global_average",
    {"x": (8, 4)},
    lambda layers, x: layers.GlobalAveragePooling1D()(layers.Masking()(x)),
    inputs=padded_steps(),
)
layers(
    "masked_global_average_kept",
    {"x": (8, 4)},
    lambda layers, x: layers.GlobalAveragePooling1D(keepdims=True)(layers.Masking()(x)),
    inputs=padded_steps(),
)
layers(
    "masked_global_maximum",
    {"x": (8, 4)},
    lambda layers, x: layers.GlobalMaxPooling1D()(layers.Masking()(x)),
    inputs=padded_steps(),
)
layers(
    "masked_attention_averaged",
    {"x": (8, 4)},
    lambda layers, x: layers.GlobalAveragePooling1D()(layers.Attention()([layers.Masking()(x), x])),
    inputs=padded_steps(),
)
layers(
    "masked_flatten",
    {"x": (8, 4)},
    lambda layers, x: layers.Dense(3)(layers.Flatten()(layers.Masking()(x))),
    inputs=padded_steps(),
)
layers(
    "masking_alone",
    {"x": (8, 4)},
    lambda layers, x: layers.Masking(mask_value=2.0)(x),
    inputs=padded_steps(fill=2.0),
)
for _cls in ("Add", "Multiply", "Average", "Maximum"):
    layers(
        f"masked_{_cls.lower()}",
        {"a": (7, 4), "b": (7, 4)},
        lambda layers, a, b, cls=_cls: layers.LSTM(3)(
            getattr(layers, cls)()([layers.Masking()(a), layers.Masking()(b)])
        ),
        inputs=padded_steps(),
    )
layers(
    "masked_add_of_one",
    {"a": (7, 4), "b": (7, 4)},
    lambda layers, a, b: layers.LSTM(3)(layers.Add()([layers.Masking()(a), layers.Dense(4)(b)])),
    inputs=padded_steps(),
)
for _axis in (1, 2):
    layers(
        f"masked_concatenate_{_axis}",
        {"a": (7, 4), "b": (7, 4)},
        lambda layers, a, b, axis=_axis: layers.LSTM(3)(
            layers.Concatenate(axis=axis)([layers.Masking()(a), layers.Masking()(b)])
        ),
        inputs=padded_steps(),
    )


@network(inputs=padded_tokens(30))
def masked_everywhere(keras):
    layers = keras.layers
    words = keras.Input((None,), dtype="int32", name="words")
    x = layers.Embedding(30, 6, mask_zero=True)(words)
    x = layers.Dropout(0.2)(layers.Dense(6, activation="relu")(x))
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    x = layers.LayerNormalization()(layers.Add()([x, layers.Dense(6)(x)]))
    x = layers.TimeDistributed(layers.Dense(5, activation="tanh"))(x)
    return keras.Model(words, [layers.GRU(4, name="last")(x), layers.GlobalAveragePooling1D(name="mean")(x)])


@network(inputs=padded_tokens(30))
def masked_into_nested(keras):
    layers = keras.layers
    inner_input = keras.Input((9, 6), name="embedded")
    y = layers.LSTM(5, return_sequences=True, name="lstm")(layers.Dense(5, name="dense")(inner_input))
    inner = keras.Model(inner_input, y, name="reader")
    words = keras.Input((9,), dtype="int32", name="words")
    x = inner(layers.Embedding(30, 6, mask_zero=True)(words))
    return keras.Model(words, layers.Dense(2)(layers.GRU(3)(x)))


@network(inputs=padded_tokens(30))
def masked_out_of_nested(keras):
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((9,), dtype="int32"), layers.Embedding(30, 6, mask_zero=True), layers.Dense(5)], name="embedder"
    )
    words = keras.Input((9,), dtype="int32", name="words")
    return keras.Model(words, layers.Dense(2)(layers.LSTM(4)(inner(words))))


@network(inputs={"left": padded_tokens(20), "right": padded_tokens(20)})
def masked_siamese(keras):
    layers = keras.layers
    reader = keras.Sequential(
        [
            keras.Input((8,), dtype="int32"),
            layers.Embedding(20, 5, mask_zero=True),
            layers.Bidirectional(layers.GRU(3)),
        ],
        name="reader",
    )
    left, right = (keras.Input((8,), dtype="int32", name=name) for name in ("left", "right"))
    a, b = reader(left), reader(right)
    x = layers.Concatenate()([layers.Subtract()([a, b]), layers.Dot(axes=1, normalize=True)([a, b])])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))


@network()
def masked_words_of_sentences(keras):
    layers = keras.layers
    inputs = keras.Input((3, 6, 4), name="words")
    x = layers.TimeDistributed(layers.Masking())(inputs)
    x = layers.TimeDistributed(layers.LSTM(5))(x)
    return keras.Model(inputs, layers.LSTM(4)(x))


@network(generations=THREE)
def constants_as_arguments(keras):
    """Masks, states and inputs of layers that are no tensors of the model, but numbers in the file."""
    layers, rng = keras.layers, np.random.default_rng(5)
    x = keras.Input(batch_shape=(4, 5, 6), name="x")
    table = keras.ops.convert_to_tensor(rng.standard_normal((4, 3, 6)).astype("float32"))
    state = keras.ops.convert_to_tensor(rng.standard_normal((4, 3)).astype("float32"))
    causal, kept = np.tril(np.ones((1, 5, 5), bool)), np.array([[True, True, True, False, False]] * 4)
    return keras.Model(
        x,
        [
            layers.Add()([x, layers.Dense(6)(x), rng.standard_normal((4, 5, 6)).astype("float32")]),
            layers.MultiHeadAttention(2, 3)(x, x, attention_mask=causal),
            layers.MultiHeadAttention(2, 3)(table, x),
            layers.MultiHeadAttention(2, 3)(x, table),
            layers.Attention()([x, x], mask=[kept, kept]),
            layers.LSTM(3)(x, mask=kept),
            layers.GRU(3)(x, initial_state=state),
            layers.LSTM(3)(x, initial_state=[state, state]),
        ],
    )
