"""Normalizations with each axis and option."""

import importlib
from unittest import mock

from tests.oracle.keras_matrix.suite import THREE, layer, network
from tests.oracle.samples import normal

_IMAGE = (5, 4, 6)

for _name, _settings in {
    "plain": {},
    "axis_1": {"axis": 1},
    "axis_2": {"axis": 2},
    "without_scale": {"scale": False},
    "without_center": {"center": False},
    "with_neither": {"scale": False, "center": False, "epsilon": 0.2},
}.items():
    layer(f"batch_norm_{_name}", _IMAGE, lambda layers, settings=_settings: layers.BatchNormalization(**settings))
layer("batch_norm_of_vectors", (5,), lambda layers: layers.BatchNormalization())
layer("batch_norm_of_sequences", (7, 3), lambda layers: layers.BatchNormalization())
layer("batch_norm_of_volumes", (3, 4, 2, 3), lambda layers: layers.BatchNormalization())
layer(
    "batch_norm_of_two_axes", (4, 3), lambda layers: layers.BatchNormalization(axis=[1, 2]), generations=("tf_keras",)
)
layer(
    "batch_norm_renormalized",
    (4, 4, 3),
    lambda layers: layers.BatchNormalization(renorm=True),
    generations=("tf_keras",),
)

for _name, _settings in {
    "plain": {},
    "axis_1": {"axis": 1},
    "axes": {"axis": [1, 2]},
    "last_axes": {"axis": [-2, -1]},
    "all_axes": {"axis": [1, 2, 3]},
    "without_scale": {"scale": False},
    "without_center": {"center": False},
    "with_neither": {"scale": False, "center": False, "epsilon": 0.2},
}.items():
    layer(f"layer_norm_{_name}", _IMAGE, lambda layers, settings=_settings: layers.LayerNormalization(**settings))
layer("layer_norm_of_vectors", (7,), lambda layers: layers.LayerNormalization())
layer("layer_norm_of_any_size", (None, 6), lambda layers: layers.LayerNormalization())

for _name, _settings in {
    "plain": {"groups": 3},
    "one": {"groups": 1},
    "instance": {"groups": -1},
    "axis_1": {"groups": 5, "axis": 1},
    "without_scale": {"groups": 2, "scale": False},
    "without_center": {"groups": 2, "center": False, "epsilon": 0.1},
}.items():
    layer(f"group_norm_{_name}", _IMAGE, lambda layers, settings=_settings: layers.GroupNormalization(**settings))
layer("group_norm_of_sequences", (7, 4), lambda layers: layers.GroupNormalization(2))
layer("group_norm_of_vectors", (8,), lambda layers: layers.GroupNormalization(4))
layer("group_norm_of_volumes", (2, 3, 4, 6), lambda layers: layers.GroupNormalization(3))
layer(
    "group_norm_of_unknown_size",
    (None, None, 6),
    lambda layers: layers.GroupNormalization(3),
    inputs=normal(sizes=(4, 5, 6)),
)

for _name, _settings in {"plain": {}, "axis_1": {"axis": 1}, "axes": {"axis": [1, 2]}}.items():
    layer(f"unit_norm_{_name}", _IMAGE, lambda layers, settings=_settings: layers.UnitNormalization(**settings))
for _name, _settings in {"plain": {}, "epsilon": {"epsilon": 0.3}}.items():
    layer(
        f"rms_norm_{_name}",
        _IMAGE,
        lambda layers, settings=_settings: layers.RMSNormalization(**settings),
        generations=THREE,
    )


def _spectral(keras, shape, make):
    # tf-keras asks TensorFlow for a class of Keras, which may be that of Keras 3.
    tensorflow = importlib.import_module("tensorflow.compat.v2")
    with mock.patch.object(tensorflow, "keras", keras):
        inputs = keras.Input(shape, name="x")
        return keras.Model(inputs, keras.layers.SpectralNormalization(make(keras.layers))(inputs))


@network(reloaded=False)
def spectral_norm_of_dense(keras):
    return _spectral(keras, (5,), lambda layers: layers.Dense(4, activation="relu"))


@network(reloaded=False)
def spectral_norm_of_conv(keras):
    return _spectral(keras, (6, 6, 3), lambda layers: layers.Conv2D(4, 3))
