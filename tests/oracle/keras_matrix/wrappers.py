"""Wrappers: TimeDistributed around layers and models."""

from tests.oracle.keras_matrix.suite import layer, network
from tests.oracle.samples import tokens

_OF = {
    "dense": ((5, 4), lambda layers: layers.Dense(3, activation="relu")),
    "conv2d": ((3, 6, 6, 2), lambda layers: layers.Conv2D(3, 3)),
    "conv1d": ((3, 6, 2), lambda layers: layers.Conv1D(3, 3, padding="causal")),
    "pooling": ((3, 6, 6, 2), lambda layers: layers.AveragePooling2D(2)),
    "global_pooling": ((3, 6, 6, 2), lambda layers: layers.GlobalMaxPooling2D()),
    "batch_norm": ((5, 4, 3), lambda layers: layers.BatchNormalization()),
    "layer_norm": ((5, 4, 3), lambda layers: layers.LayerNormalization(axis=1)),
    "flatten": ((3, 4, 2), lambda layers: layers.Flatten()),
    "reshape": ((3, 4, 2), lambda layers: layers.Reshape((2, 4))),
    "lstm": ((3, 5, 4), lambda layers: layers.LSTM(3)),
    "gru_sequences": ((3, 5, 4), lambda layers: layers.GRU(3, return_sequences=True)),
    "bidirectional": ((3, 5, 4), lambda layers: layers.Bidirectional(layers.LSTM(2))),
    "time_distributed": ((2, 3, 4), lambda layers: layers.TimeDistributed(layers.Dense(3))),
    "rescaling": ((3, 4), lambda layers: layers.Rescaling(0.5, 1.0)),
    "softmax": ((3, 4, 2), lambda layers: layers.Softmax(axis=1)),
    "unknown_steps": ((None, 4), lambda layers: layers.Dense(3)),
    "prelu": ((5, 4), lambda layers: layers.PReLU()),
    "resizing": ((3, 4, 4, 2), lambda layers: layers.Resizing(6, 7)),
    "zero_padding": ((3, 4, 4, 2), lambda layers: layers.ZeroPadding2D(1)),
}
for _name, (_shape, _make) in _OF.items():
    layer(f"time_distributed_{_name}", _shape, lambda layers, make=_make: layers.TimeDistributed(make(layers)))
layer(
    "time_distributed_embedding",
    (3, 4),
    lambda layers: layers.TimeDistributed(layers.Embedding(20, 3)),
    inputs=tokens(20),
    dtype="int32",
)


@network()
def time_distributed_nested_models(keras):
    layers = keras.layers
    inner = keras.Sequential([keras.Input((6,)), layers.Dense(4, activation="tanh", name="inner_dense")], name="inner")
    frame_input = keras.Input((6,), name="frame")
    x = layers.Add()([inner(frame_input), layers.Dense(4, name="dense")(frame_input)])
    frame = keras.Model(frame_input, layers.BatchNormalization()(x), name="frame")
    inputs = keras.Input((5, 6), name="frames")
    return keras.Model(inputs, layers.GRU(3)(layers.TimeDistributed(frame)(inputs)))


@network()
def time_distributed_branching_model(keras):
    layers = keras.layers
    image = keras.Input((8, 8, 2), name="image")
    x = layers.Conv2D(4, 3, activation="relu")(image)
    y = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
    inputs = keras.Input((None, 8, 8, 2), name="video")
    x = layers.TimeDistributed(keras.Model(image, y, name="per_frame"))(inputs)
    return keras.Model(inputs, layers.LSTM(3)(x))
