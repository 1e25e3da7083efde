"""Recurrent layers, their wrappers, cells, states and directions."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import normal, tokens


def _sequential(keras, *stack, shape=(7, 5)):
    return keras.Sequential([keras.Input(shape), *stack, keras.layers.Dense(3, name="head")])


@network()
def lstm(keras):
    return _sequential(keras, keras.layers.LSTM(6))


@network()
def lstm_stack(keras):
    return _sequential(keras, keras.layers.LSTM(6, return_sequences=True), keras.layers.LSTM(4, return_sequences=True))


@network()
def lstm_options(keras):
    return _sequential(
        keras,
        keras.layers.LSTM(5, use_bias=False, activation="relu", recurrent_activation="tanh", return_sequences=True),
        keras.layers.LSTM(4, unit_forget_bias=False, dropout=0.3, recurrent_dropout=0.3, unroll=True),
    )


@network()
def lstm_backwards(keras):
    return _sequential(keras, keras.layers.LSTM(6, go_backwards=True))


@network()
def lstm_backwards_sequences(keras):
    return _sequential(keras, keras.layers.LSTM(6, go_backwards=True, return_sequences=True))


@network()
def gru_reset_before(keras):
    return _sequential(keras, keras.layers.GRU(6, reset_after=False))


@network()
def gru_sequences(keras):
    return _sequential(
        keras,
        keras.layers.GRU(5, reset_after=False, return_sequences=True, recurrent_activation="sigmoid"),
        keras.layers.GRU(4, reset_after=False, go_backwards=True),
    )


@network()
def simple_rnn(keras):
    return _sequential(keras, keras.layers.SimpleRNN(6, return_sequences=True), keras.layers.SimpleRNN(5))


@network()
def unknown_steps(keras):
    return _sequential(keras, keras.layers.LSTM(6, return_sequences=True), keras.layers.SimpleRNN(4), shape=(None, 5))


@network(trained=True)
def bidirectional_lstm(keras):
    return _sequential(keras, keras.layers.Bidirectional(keras.layers.LSTM(5)))


@network()
def bidirectional_lstm_sequences(keras):
    layers = keras.layers
    return _sequential(
        keras, layers.Bidirectional(layers.LSTM(5, return_sequences=True)), layers.Bidirectional(layers.LSTM(3))
    )


@network()
def bidirectional_gru(keras):
    layers = keras.layers
    return _sequential(keras, layers.Bidirectional(layers.GRU(5, reset_after=False), merge_mode="sum"))


@network()
def bidirectional_simple_rnn(keras):
    layers = keras.layers
    return _sequential(
        keras,
        layers.Bidirectional(layers.SimpleRNN(5, return_sequences=True), merge_mode="mul"),
        layers.Bidirectional(layers.SimpleRNN(4), merge_mode="ave"),
    )


@network()
def bidirectional_in_functional(keras):
    layers = keras.layers
    inputs = keras.Input((6, 4), name="steps")
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True, name="inside"), name="both_ways")(inputs)
    return keras.Model(inputs, [layers.Dense(2, name="each")(x), layers.LSTM(2, name="last")(x)])


@network()
def rnn_of_lstm_cell(keras):
    return _sequential(keras, keras.layers.RNN(keras.layers.LSTMCell(5)))


@network()
def rnn_of_gru_cell(keras):
    return _sequential(keras, keras.layers.RNN(keras.layers.GRUCell(5, reset_after=False), return_sequences=True))


@network()
def stacked_cells(keras):
    layers = keras.layers
    cells = [layers.LSTMCell(5), layers.SimpleRNNCell(4), layers.LSTMCell(3)]
    return _sequential(keras, layers.RNN(cells, return_sequences=True))


@network()
def stacked_cells_named(keras):
    layers = keras.layers
    cells = layers.StackedRNNCells(
        [layers.SimpleRNNCell(4, name="low"), layers.GRUCell(3, reset_after=False, name="high")]
    )
    return _sequential(keras, layers.RNN(cells, name="tower"))


@network()
def states_as_outputs(keras):
    inputs = keras.Input((6, 4), name="steps")
    return keras.Model(inputs, keras.layers.LSTM(5, return_state=True, name="memory")(inputs))


@network()
def states_of_sequences(keras):
    layers = keras.layers
    inputs = keras.Input((6, 4), name="steps")
    sequence, state = layers.GRU(5, reset_after=False, return_sequences=True, return_state=True)(inputs)
    return keras.Model(
        inputs, [layers.Dense(2, name="from_state")(state), layers.Dense(2, name="from_steps")(sequence)]
    )


@network()
def given_initial_state(keras):
    layers = keras.layers
    steps = keras.Input((6, 4), name="steps")
    h, c = keras.Input((5,), name="h"), keras.Input((5,), name="c")
    x = layers.LSTM(5, name="memory")(steps, initial_state=[h, c])
    return keras.Model([steps, h, c], layers.Dense(2, name="head")(x))


@network()
def encoder_decoder(keras):
    layers = keras.layers
    source, target = keras.Input((None, 4), name="source"), keras.Input((None, 3), name="target")
    _, h, c = layers.LSTM(6, return_state=True, name="encoder")(source)
    x = layers.LSTM(6, return_sequences=True, name="decoder")(target, initial_state=[h, c])
    return keras.Model([source, target], layers.Dense(3, activation="softmax", name="next")(x))


@network()
def repeat_decoder(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 3)),
            layers.LSTM(5),
            layers.RepeatVector(4),
            layers.LSTM(5, return_sequences=True),
            layers.TimeDistributed(layers.Dense(3)),
        ]
    )


@network()
def time_distributed_dense(keras):
    layers = keras.layers
    return _sequential(keras, layers.TimeDistributed(layers.Dense(6, activation="relu", name="inside")))


@network()
def time_distributed_conv(keras):
    layers = keras.layers
    return _sequential(
        keras,
        layers.TimeDistributed(layers.Conv2D(4, 3, activation="relu")),
        layers.TimeDistributed(layers.MaxPooling2D()),
        layers.TimeDistributed(layers.Flatten()),
        layers.LSTM(5),
        shape=(4, 8, 8, 2),
    )


@network()
def time_distributed_model(keras):
    layers = keras.layers
    frame = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.GlobalMaxPooling2D(),
        ],
        name="frame",
    )
    return _sequential(keras, layers.TimeDistributed(frame), layers.LSTM(4), shape=(5, 8, 8, 1))


@network()
def time_distributed_functional(keras):
    layers = keras.layers
    frame_input = keras.Input((6,), name="frame")
    frame = keras.Model(frame_input, layers.Dense(4, activation="tanh", name="dense")(frame_input), name="per_step")
    inputs = keras.Input((5, 6), name="frames")
    x = layers.TimeDistributed(frame, name="every")(inputs)
    return keras.Model(inputs, layers.Dense(2, name="dense")(x))


@network()
def conv_lstm(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4, 8, 8, 2)),
            layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True),
            layers.ConvLSTM2D(2, 3, activation="elu", recurrent_activation="sigmoid"),
        ]
    )


@network(inputs=tokens(40))
def character_model(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8,), dtype="int32", name="characters"),
            layers.Embedding(40, 8),
            layers.GRU(10, reset_after=False, return_sequences=True),
            layers.Dropout(0.1),
            layers.Dense(40, activation="softmax"),
        ]
    )


@network(inputs=normal(sizes=(5, 6, 6, 1)))
def shared_lstm(keras):
    layers = keras.layers
    inputs = keras.Input((5, 6, 6, 1), name="video")
    flat = layers.TimeDistributed(layers.Flatten())(inputs)
    same_size = layers.Dense(7)(flat)
    memory = layers.LSTM(7, return_sequences=True, name="memory")
    return keras.Model(inputs, layers.LSTM(2)(memory(memory(same_size))))
