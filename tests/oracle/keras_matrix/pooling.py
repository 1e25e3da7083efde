"""Pooling: local, global, adaptive, with each padding and stride; masks of steps in global ones are in `masks`."""

from tests.oracle.keras_matrix.suite import layer
from tests.oracle.samples import normal

_SHAPES = {1: (11, 3), 2: (9, 8, 3), 3: (6, 5, 7, 2)}
_OPTIONS = {
    "plain": {"pool_size": 2},
    "same": {"pool_size": 2, "padding": "same"},
    "overlapping": {"pool_size": 3, "strides": 1, "padding": "same"},
    "strides": {"pool_size": 2, "strides": 3},
    "strides_same": {"pool_size": 3, "strides": 2, "padding": "same"},
}

for _kind in ("Max", "Average"):
    for _rank, _shape in _SHAPES.items():
        for _name, _settings in _OPTIONS.items():
            layer(
                f"{_kind.lower()}_pooling{_rank}d_{_name}",
                _shape,
                lambda layers, cls=f"{_kind}Pooling{_rank}D", settings=_settings: getattr(layers, cls)(**settings),
            )
        for _keep in (False, True):
            layer(
                f"global_{_kind.lower()}_pooling{_rank}d{'_kept' if _keep else ''}",
                _shape,
                lambda layers, cls=f"Global{_kind}Pooling{_rank}D", keep=_keep: getattr(layers, cls)(keepdims=keep),
            )
        layer(
            f"global_{_kind.lower()}_pooling{_rank}d_channels_first",
            _shape,
            lambda layers, cls=f"Global{_kind}Pooling{_rank}D": getattr(layers, cls)(data_format="channels_first"),
        )
        layer(
            f"adaptive_{_kind.lower()}_pooling{_rank}d",
            _shape,
            lambda layers, cls=f"Adaptive{_kind}Pooling{_rank}D", rank=_rank: getattr(layers, cls)((3, 2, 4)[:rank]),
            generations=("keras3",),
        )

layer("max_pooling2d_uneven", (9, 8, 3), lambda layers: layers.MaxPooling2D((3, 2), strides=(2, 1), padding="same"))
layer("average_pooling2d_uneven", (9, 8, 3), lambda layers: layers.AveragePooling2D((2, 4), strides=(1, 3)))
layer(
    "average_pooling2d_of_unknown_size",
    (None, None, 2),
    lambda layers: layers.AveragePooling2D(3, strides=2, padding="same"),
    inputs=normal(sizes=(7, 6, 2)),
)
layer(
    "max_pooling1d_of_unknown_size",
    (None, 2),
    lambda layers: layers.MaxPooling1D(2, padding="same"),
    inputs=normal(sizes=(7, 2)),
)
layer(
    "global_average_pooling2d_of_unknown_size",
    (None, None, 2),
    lambda layers: layers.GlobalAveragePooling2D(keepdims=True),
    inputs=normal(sizes=(7, 6, 2)),
)
layer(
    "adaptive_average_pooling2d_divisible",
    (8, 6, 2),
    lambda layers: layers.AdaptiveAveragePooling2D((4, 3)),
    generations=("keras3",),
)
