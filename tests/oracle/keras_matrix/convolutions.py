"""Convolutions of each rank and kind, an option at a time."""

from tests.oracle.keras_matrix.suite import THREE, TWO, layer
from tests.oracle.samples import normal

_SHAPES = {1: (13, 4), 2: (9, 10, 4), 3: (6, 7, 5, 4)}

for _rank, _shape in _SHAPES.items():
    _options = {
        "plain": {},
        "same": {"padding": "same"},
        "strides": {"strides": 2},
        "strides_same": {"strides": 2, "padding": "same"},
        "dilated": {"dilation_rate": 2},
        "dilated_same": {"dilation_rate": 2, "padding": "same"},
        "groups": {"groups": 2},
        "groups_same": {"groups": 4, "padding": "same", "strides": 2},
        "activated": {"activation": "selu", "use_bias": False},
    }
    if _rank == 3:
        del _options["dilated_same"], _options["groups_same"], _options["groups"]  # Keras cannot run groups on a CPU
    if _rank == 1:
        _options["causal"] = {"padding": "causal", "dilation_rate": 2}
        _options["groups_causal"] = {"padding": "causal", "groups": 2}
    for _name, _settings in _options.items():
        layer(
            f"conv{_rank}d_{_name}",
            _shape,
            lambda layers, rank=_rank, settings=_settings: getattr(layers, f"Conv{rank}D")(8, 3, **settings),
        )

for _rank, _shape in {1: (6, 3), 2: (5, 4, 3), 3: (3, 4, 3, 3)}.items():
    _options = {
        "plain": {},
        "same": {"padding": "same"},
        "strides": {"strides": 2},
        "strides_same": {"strides": 2, "padding": "same", "activation": "tanh"},
        "strides_three": {"strides": 3, "kernel_size": 2},
        "output_padding": {"strides": 2, "output_padding": 1},
        "output_padding_same": {"strides": 2, "padding": "same", "output_padding": 0},
        "without_bias": {"use_bias": False, "kernel_size": 4, "strides": 2},
    }
    for _name, _settings in _options.items():
        layer(
            f"conv{_rank}d_transpose_{_name}",
            _shape,
            lambda layers, rank=_rank, settings=_settings: getattr(layers, f"Conv{rank}DTranspose")(
                **{"filters": 4, "kernel_size": 3, **settings}
            ),
        )

for _rank, _shape in {1: (11, 3), 2: (9, 10, 3)}.items():
    _options = {
        "plain": {},
        "same": {"padding": "same"},
        "strides": {"strides": 2},
        "strides_same": {"strides": 2, "padding": "same"},
        "dilated": {"dilation_rate": 2},
        "dilated_same": {"dilation_rate": 2, "padding": "same"},
        "multiplied": {"depth_multiplier": 2},
        "activated": {"activation": "elu", "use_bias": False, "depth_multiplier": 3},
    }
    for _name, _settings in _options.items():
        layer(
            f"depthwise_conv{_rank}d_{_name}",
            _shape,
            lambda layers, rank=_rank, settings=_settings: getattr(layers, f"DepthwiseConv{rank}D")(3, **settings),
        )
        layer(
            f"separable_conv{_rank}d_{_name}",
            _shape,
            lambda layers, rank=_rank, settings=_settings: getattr(layers, f"SeparableConv{rank}D")(5, 3, **settings),
        )

layer(
    "separable_conv1d_causal", (11, 3), lambda layers: layers.SeparableConv1D(5, 3, padding="causal"), generations=TWO
)
layer("conv2d_uneven_kernel", (9, 10, 2), lambda layers: layers.Conv2D(4, (2, 5), strides=(3, 1), padding="same"))
layer("conv2d_uneven_dilation", (9, 10, 2), lambda layers: layers.Conv2D(4, (2, 3), dilation_rate=(3, 2)))
layer("conv2d_point", (5, 6, 3), lambda layers: layers.Conv2D(4, 1, activation="relu6"))
layer(
    "conv2d_of_unknown_size",
    (None, None, 3),
    lambda layers: layers.Conv2D(4, 3, strides=2, groups=1, padding="same"),
    inputs=normal(sizes=(7, 9, 3)),
)
layer(
    "conv2d_groups_of_unknown_size",
    (None, None, 4),
    lambda layers: layers.Conv2D(6, 3, groups=2, padding="same"),
    inputs=normal(sizes=(7, 9, 4)),
)
layer(
    "conv2d_transpose_of_unknown_size",
    (None, None, 3),
    lambda layers: layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
    inputs=normal(sizes=(5, 4, 3)),
)
layer(
    "conv1d_transpose_of_unknown_size",
    (None, 3),
    lambda layers: layers.Conv1DTranspose(4, 3, strides=2),
    inputs=normal(sizes=(5, 3)),
)
layer(
    "conv1d_causal_of_unknown_size",
    (None, 3),
    lambda layers: layers.Conv1D(4, 3, padding="causal", dilation_rate=2),
    inputs=normal(sizes=(8, 3)),
)
layer("conv2d_of_video", (2, 6, 7, 3), lambda layers: layers.Conv2D(4, 3, padding="same"), generations=TWO)
layer("conv1d_of_many", (2, 6, 3), lambda layers: layers.Conv1D(4, 3, strides=2), generations=TWO)
layer("conv2d_low_rank", (6, 6, 3), lambda layers: layers.Conv2D(8, 3, lora_rank=2), generations=THREE)

for _implementation in (1, 2, 3):
    layer(
        f"locally_connected1d_{_implementation}",
        (9, 3),
        lambda layers, implementation=_implementation: layers.LocallyConnected1D(
            4, 3, strides=2, implementation=implementation
        ),
        generations=TWO,
    )
    layer(
        f"locally_connected2d_{_implementation}",
        (6, 5, 2),
        lambda layers, implementation=_implementation: layers.LocallyConnected2D(
            3, (3, 2), implementation=implementation, activation="relu"
        ),
        generations=TWO,
    )
layer(
    "locally_connected2d_same",
    (6, 5, 2),
    lambda layers: layers.LocallyConnected2D(3, 3, padding="same", implementation=2, use_bias=False),
    generations=TWO,
)
for _rank, _shape in {1: (4, 9, 3), 2: (3, 6, 7, 2), 3: (3, 4, 4, 5, 2)}.items():
    _options = {
        "last": {},
        "sequences": {"return_sequences": True, "padding": "same"},
        "strides": {"strides": 2},
        "dilated": {"dilation_rate": 2, "kernel_size": 2},
        "backwards": {"go_backwards": True, "return_sequences": True, "use_bias": False},
        "activated": {"activation": "relu", "recurrent_activation": "sigmoid", "unit_forget_bias": False},
    }
    if _rank == 3:
        del _options["dilated"]  # TensorFlow has no kernel for it on a CPU
    for _name, _settings in _options.items():
        layer(
            f"conv_lstm{_rank}d_{_name}",
            _shape,
            lambda layers, rank=_rank, settings=_settings: getattr(layers, f"ConvLSTM{rank}D")(
                **{"filters": 3, "kernel_size": 3, **settings}
            ),
        )

layer("conv_lstm2d_states", (3, 6, 6, 2), lambda layers: layers.ConvLSTM2D(3, 3, return_state=True))
