"""Recurrent layers and cells: options, directions, states, masks, wrappers."""

from tests.oracle.keras_matrix.suite import THREE, TWO, layer, layers, network
from tests.oracle.registry import KERAS_ARCHIVES
from tests.oracle.samples import normal, padded_steps

_STEPS = (6, 4)
_OF_EACH = {
    "SimpleRNN": {"activation": {"activation": "relu"}},
    "LSTM": {
        "activation": {"activation": "elu", "recurrent_activation": "hard_sigmoid"},
        "without_forget_bias": {"unit_forget_bias": False},
    },
    "GRU": {
        "activation": {"activation": "relu", "recurrent_activation": "tanh"},
        "reset_before": {"reset_after": False},
        "reset_before_sequences": {"reset_after": False, "return_sequences": True, "go_backwards": True},
        "reset_after_without_bias": {"use_bias": False},
        "reset_before_without_bias": {"use_bias": False, "reset_after": False},
    },
}
_OF_ALL = {
    "last": {},
    "sequences": {"return_sequences": True},
    "states": {"return_state": True},
    "sequences_and_states": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True},
    "backwards_sequences": {"go_backwards": True, "return_sequences": True},
    "without_bias": {"use_bias": False},
    "unrolled": {"unroll": True, "return_sequences": True},
    "dropped": {"dropout": 0.3, "recurrent_dropout": 0.2},
    "plain_loop": {"use_cudnn": False},
}

for _cls, _more in _OF_EACH.items():
    _prefix = _cls.lower()
    for _name, _settings in {**_OF_ALL, **_more}.items():
        _generations = {"generations": THREE} if "use_cudnn" in _settings else {}
        if "use_cudnn" in _settings and _cls == "SimpleRNN":
            continue
        layer(
            f"{_prefix}_{_name}",
            _STEPS,
            lambda layers, cls=_cls, settings=_settings: getattr(layers, cls)(5, **settings),
            **_generations,
        )
    for _name, _settings in {
        "last": {},
        "sequences": {"return_sequences": True},
        "zeros": {"return_sequences": True, "zero_output_for_mask": True},
        "backwards": {"go_backwards": True, "return_sequences": True},
        "states": {"return_sequences": True, "return_state": True},
        "unrolled": {"unroll": True, "return_sequences": True},
    }.items():
        _generations = {"generations": THREE} if _name == "zeros" else {}
        layers(
            f"{_prefix}_masked_{_name}",
            {"x": (7, 4)},
            lambda layers, x, cls=_cls, settings=_settings: getattr(layers, cls)(5, **settings)(layers.Masking()(x)),
            inputs=padded_steps(),
            **_generations,
        )
    _states = {"x": _STEPS, "h": (5,), "c": (5,)} if _cls == "LSTM" else {"x": _STEPS, "h": (5,)}
    layers(
        f"{_prefix}_given_states",
        _states,
        lambda layers, x, *states, cls=_cls: getattr(layers, cls)(5, return_sequences=True)(
            x, initial_state=list(states)
        ),
    )
    layers(
        f"{_prefix}_given_states_and_mask",
        {**_states, "x": (7, 4)},
        lambda layers, x, *states, cls=_cls: getattr(layers, cls)(5)(layers.Masking()(x), initial_state=list(states)),
        inputs={"x": padded_steps(), "h": normal(), "c": normal()},
    )
    layers(
        f"{_prefix}_given_kept",
        {"x": (7, 4), "kept": (7,)},
        lambda layers, x, kept, cls=_cls: getattr(layers, cls)(5)(x, mask=kept),
        dtypes={"kept": "bool"},
        inputs={"x": normal(), "kept": lambda rng, shape: rng.uniform(size=shape) < 0.6},
    )
    layer(
        f"{_prefix}_of_unknown_steps",
        (None, 4),
        lambda layers, cls=_cls: getattr(layers, cls)(5, return_sequences=True),
        inputs=normal(sizes=(8, 4)),
    )
    layer(
        f"rnn_of_{_prefix}_cell",
        _STEPS,
        lambda layers, cls=_cls: layers.RNN(getattr(layers, f"{cls}Cell")(5), return_sequences=True),
    )
    layer(
        f"rnn_of_{_prefix}_cell_backwards",
        _STEPS,
        lambda layers, cls=_cls: layers.RNN(
            getattr(layers, f"{cls}Cell")(5, use_bias=False), go_backwards=True, return_state=True
        ),
    )
    layers(
        f"{_prefix}_cell_alone",
        {"x": (4,), **dict.fromkeys(list(_states)[1:], (5,))},
        lambda layers, x, *states, cls=_cls: getattr(layers, f"{cls}Cell")(5)(x, list(states))[0],
    )
    for _merge in ("concat", "sum", "mul", "ave", None):
        layer(
            f"bidirectional_{_prefix}_{_merge or 'apart'}",
            _STEPS,
            lambda layers, cls=_cls, merge=_merge: layers.Bidirectional(
                getattr(layers, cls)(3, return_sequences=True), merge_mode=merge
            ),
        )
    layer(
        f"bidirectional_{_prefix}_last", _STEPS, lambda layers, cls=_cls: layers.Bidirectional(getattr(layers, cls)(3))
    )
    layer(
        f"bidirectional_{_prefix}_states",
        _STEPS,
        lambda layers, cls=_cls: layers.Bidirectional(getattr(layers, cls)(3, return_state=True)),
    )
    for _name, _sequences in {"last": False, "sequences": True}.items():
        layers(
            f"bidirectional_{_prefix}_masked_{_name}",
            {"x": (7, 4)},
            lambda layers, x, cls=_cls, sequences=_sequences: layers.Bidirectional(
                getattr(layers, cls)(3, return_sequences=sequences)
            )(layers.Masking()(x)),
            inputs=padded_steps(),
        )
    layers(
        f"bidirectional_{_prefix}_given_states",
        {"x": _STEPS, **{f"s{i}": (3,) for i in range(4 if _cls == "LSTM" else 2)}},
        lambda layers, x, *states, cls=_cls: layers.Bidirectional(getattr(layers, cls)(3))(
            x, initial_state=list(states)
        ),
    )


@network(inputs=normal())
def bidirectional_of_two_layers(keras):
    layers = keras.layers
    inputs = keras.Input((6, 4), name="x")
    backward = layers.GRU(4, activation="relu", go_backwards=True, return_sequences=True)
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=True), backward_layer=backward)
    return keras.Model(inputs, both(inputs))


@network()
def bidirectional_of_cells(keras):
    layers = keras.layers
    inputs = keras.Input((6, 4), name="x")
    return keras.Model(inputs, layers.Bidirectional(layers.RNN(layers.GRUCell(3)))(inputs))


@network()
def bidirectional_of_conv_lstm(keras):
    layers = keras.layers
    inputs = keras.Input((3, 6, 6, 2), name="x")
    return keras.Model(inputs, layers.Bidirectional(layers.ConvLSTM2D(2, 3))(inputs))


for _name, _cells in {
    "lstm_gru": lambda layers: [layers.LSTMCell(4), layers.GRUCell(3)],
    "three": lambda layers: [layers.SimpleRNNCell(4), layers.LSTMCell(5), layers.GRUCell(3, reset_after=False)],
}.items():
    for _way, _settings in {
        "last": {},
        "sequences": {"return_sequences": True},
        "states": {"return_state": True},
    }.items():

        def _stacked(keras, cells=_cells, settings=_settings):
            inputs = keras.Input((6, 4), name="x")
            result = keras.layers.RNN(cells(keras.layers), **settings)(inputs)
            return keras.Model(inputs, _flattened(result))

        _stacked.__name__ = f"stacked_{_name}_{_way}"
        network()(_stacked)
layers(
    "stacked_masked",
    {"x": (7, 4)},
    lambda layers, x: layers.RNN(
        layers.StackedRNNCells([layers.LSTMCell(4), layers.SimpleRNNCell(3)]), return_sequences=True
    )(layers.Masking()(x)),
    inputs=padded_steps(),
)
layer("stacked_once", (6, 4), lambda layers: layers.RNN(layers.StackedRNNCells([layers.GRUCell(4)])))


def _flattened(result):
    return [leaf for item in result for leaf in _flattened(item)] if isinstance(result, list | tuple) else [result]


for _cls in ("SimpleRNN", "LSTM", "GRU"):

    def _stateful(keras, cls=_cls):
        inputs = keras.Input(batch_shape=(4, 6, 3), name="x")
        return keras.Model(inputs, getattr(keras.layers, cls)(5, stateful=True, return_sequences=True)(inputs))

    _stateful.__name__ = f"stateful_{_cls.lower()}"
    network()(_stateful)


@network()
def stateful_stack(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(batch_shape=(4, 6, 3)),
            layers.LSTM(5, stateful=True, return_sequences=True),
            layers.GRU(4, stateful=True),
            layers.Dense(2),
        ]
    )


@network(generations=TWO)
def time_major(keras):
    layers = keras.layers
    inputs = keras.Input(batch_shape=(6, 4, 3), name="x")
    return keras.Model(inputs, layers.LSTM(5, time_major=True, return_sequences=True)(inputs))


@network(inputs={"source": padded_steps(), "target": padded_steps()})
def encoder_decoder_of_grus(keras):
    layers = keras.layers
    source, target = keras.Input((8, 4), name="source"), keras.Input((None, 3), name="target")
    sequence, state = layers.GRU(6, return_state=True, return_sequences=True, name="encoder")(layers.Masking()(source))
    x = layers.GRU(6, return_sequences=True, name="decoder")(target, initial_state=state)
    x = layers.Concatenate()([x, layers.Attention()([x, sequence])])
    return keras.Model([source, target], layers.Dense(3, activation="softmax", name="next")(x))


@network(writers=KERAS_ARCHIVES)
def encoder_decoder_both_ways(keras):
    layers = keras.layers
    source, target = keras.Input((None, 4), name="source"), keras.Input((None, 3), name="target")
    _, h1, c1, h2, c2 = layers.Bidirectional(layers.LSTM(3, return_state=True), name="encoder")(source)
    h, c = layers.Concatenate()([h1, h2]), layers.Concatenate()([c1, c2])
    x, *_ = layers.LSTM(6, return_sequences=True, return_state=True, name="decoder")(target, initial_state=[h, c])
    return keras.Model([source, target], layers.TimeDistributed(layers.Dense(3, activation="softmax"))(x))


@network(generations=TWO)
def lstm_of_keras_2_hard(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((6, 4)), layers.LSTM(5, recurrent_activation="hard_sigmoid", implementation=1)]
    )
