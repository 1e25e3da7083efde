"""The poolings that tfjs-layers has."""

from __future__ import annotations

from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.spatial import channels_axis, conv_length, data_format, spatial, window_padding

_FIRST = {"data_format": "channels_last"}


@rule("AveragePooling1D", "MaxPooling1D", masks="stop", only=_FIRST)
@rule("AveragePooling2D", "MaxPooling2D", "AveragePooling3D", "MaxPooling3D", masks="stop")
def pooling(c: Context) -> Value:
    rank = c.dimensions()
    size = c.config.sizes("pool_size", rank, (2,) * rank)
    strides = size if c.config.get("strides") is None else c.config.sizes("strides", rank)
    pads = window_padding(c, size, strides)
    config = {"pool_size": list(size), "strides": list(strides), "padding": pads, **data_format(c)}
    channels = c.input.shape[channels_axis(c)]
    shape = spatial(c, channels, lambda n, i: conv_length(n, size[i], pads, strides[i]))
    return c.emit(c.layer.class_name, config, c.input, shape)


@rule("GlobalAveragePooling1D", "GlobalMaxPooling1D", masks="stop", only=_FIRST)
@rule("GlobalAveragePooling2D", "GlobalMaxPooling2D", masks="stop")
def global_pooling(c: Context) -> Value:
    """tfjs-layers' drop the axes that they reduce."""
    ones = (1,) * c.dimensions()
    unmasked = c.mask is None or c.layer.class_name != "GlobalAveragePooling1D"
    c.require(unmasked, "TensorFlow.js's does not leave masked steps out")
    batch, channels = c.input.shape[0], c.input.shape[channels_axis(c)]
    y = c.emit(c.layer.class_name, data_format(c), c.input, (batch, channels))
    if not c.config.boolean("keepdims", False):
        return y
    kept = (channels, *ones) if data_format(c) else (*ones, channels)
    return c.emit("Reshape", {"target_shape": list(kept)}, y, (batch, *kept), part="keepdims")
