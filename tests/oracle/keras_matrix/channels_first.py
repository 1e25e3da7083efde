"""Layers told that channels come first. TensorFlow runs few of them on a CPU, so their numbers are those of their twins
with channels last, between two permutations.
"""

from collections.abc import Callable
from typing import Any

from tests.oracle.keras_matrix.suite import THREE, TWO, layer, network
from tests.oracle.samples import normal

_FIRST, _LAST = "channels_first", "channels_last"


def _first(
    name: str,
    shape: tuple,
    make: Callable[[Any, str], Any],
    *,
    steps: bool = False,
    sequences: bool = False,
    **options: Any,
) -> None:
    """Register a layer, of which `make` is given where its channels are. With `steps`, they follow an axis of steps,
    which the output has too if it is `sequences`."""

    def build(keras: Any) -> Any:
        inputs = keras.Input(shape, name="x")
        return keras.Model(inputs, make(keras.layers, _FIRST)(inputs))

    def twin(keras: Any) -> Any:
        inputs = keras.Input(shape, name="x")
        x = make(keras.layers, _LAST)(_moved(keras, inputs, 1 + steps, -1))
        return keras.Model(inputs, _moved(keras, x, -1, 1 + sequences))

    build.__name__, build.__module__ = f"first_{name}", __name__
    network(twin=twin, **options)(build)


def _moved(keras: Any, tensor: Any, axis: int, to: int) -> Any:
    axes = list(range(1, len(tensor.shape)))
    moved = axes.pop(axis - 1 if axis > 0 else axis)
    axes.insert(to - 1 if to > 0 else len(axes), moved)
    return keras.layers.Permute(axes)(tensor)


for _rank, _shape in {1: (4, 9), 2: (4, 8, 9), 3: (4, 5, 6, 5)}.items():
    for _name, _settings in {
        "plain": {},
        "strides": {"strides": 2, "padding": "same", "activation": "relu"},
        "dilated": {"dilation_rate": 2},
        "groups": {"groups": 2},
    }.items():
        if _rank == 3 and _name == "groups":
            continue  # nor does TensorFlow have grouped ones of volumes on a CPU
        _first(
            f"conv{_rank}d_{_name}",
            _shape,
            lambda layers, where, rank=_rank, settings=_settings: getattr(layers, f"Conv{rank}D")(
                6, 3 if rank < 3 else 2, data_format=where, **settings
            ),
        )
    for _name, _settings in {"plain": {}, "strides": {"strides": 2, "padding": "same"}}.items():
        _first(
            f"conv{_rank}d_transpose_{_name}",
            _shape,
            lambda layers, where, rank=_rank, settings=_settings: getattr(layers, f"Conv{rank}DTranspose")(
                3, 3, data_format=where, **settings
            ),
        )
    for _kind in ("Max", "Average"):
        for _padding in ("valid", "same"):
            _first(
                f"{_kind.lower()}_pooling{_rank}d_{_padding}",
                _shape,
                lambda layers, where, cls=f"{_kind}Pooling{_rank}D", padding=_padding: getattr(layers, cls)(
                    2, padding=padding, data_format=where
                ),
            )
        _first(
            f"adaptive_{_kind.lower()}_pooling{_rank}d",
            _shape,
            lambda layers, where, cls=f"Adaptive{_kind}Pooling{_rank}D", rank=_rank: getattr(layers, cls)(
                (3, 2, 4)[:rank], data_format=where
            ),
            generations=THREE,
        )
    if _rank < 3:
        for _cls, _prefix in (("DepthwiseConv", "depthwise_conv"), ("SeparableConv", "separable_conv")):
            for _name, _settings in {"plain": {}, "same": {"padding": "same"}}.items():
                _first(
                    f"{_prefix}{_rank}d_{_name}",
                    _shape,
                    lambda layers, where, cls=f"{_cls}{_rank}D", settings=_settings: getattr(layers, cls)(
                        *((5, 3) if cls.startswith("Sep") else (3,)), data_format=where, **settings
                    ),
                )
        layer(
            f"first_locally_connected{_rank}d",
            _shape,
            lambda layers, rank=_rank: getattr(layers, f"LocallyConnected{rank}D")(3, 3, data_format=_FIRST),
            generations=TWO,
        )
    for _sequences in (False, True):
        _first(
            f"conv_lstm{_rank}d{'_sequences' if _sequences else ''}",
            (3, *_shape),
            lambda layers, where, rank=_rank, sequences=_sequences: getattr(layers, f"ConvLSTM{rank}D")(
                2, 3, data_format=where, return_sequences=sequences
            ),
            steps=True,
            sequences=_sequences,
        )

_first(
    "conv1d_causal",
    (4, 9),
    lambda layers, where: layers.Conv1D(6, 3, padding="causal", data_format=where),
    generations=TWO,
)
_first("zero_padding1d", (4, 9), lambda layers, where: layers.ZeroPadding1D(2, data_format=where), generations=THREE)
_first("center_crop", (3, 6, 7), lambda layers, where: layers.CenterCrop(4, 3, data_format=where), generations=THREE)
_first("batch_norm", (3, 6, 7), lambda layers, where: layers.BatchNormalization(axis=1 if where == _FIRST else -1))
_first("layer_norm", (3, 6, 7), lambda layers, where: layers.LayerNormalization(axis=1 if where == _FIRST else -1))
_first("group_norm", (6, 4, 5), lambda layers, where: layers.GroupNormalization(3, axis=1 if where == _FIRST else -1))
_first(
    "conv2d_of_unknown_size",
    (3, None, None),
    lambda layers, where: layers.Conv2D(4, 3, padding="same", data_format=where),
    inputs=normal(sizes=(3, 7, 8)),
)
