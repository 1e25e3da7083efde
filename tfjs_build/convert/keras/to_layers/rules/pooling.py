"""Rules of the poolings."""

from __future__ import annotations

from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.rules.convolution import padding, padding3d
from tfjs_build.convert.keras.to_layers.rules.core import product, reshape
from tfjs_build.convert.keras.to_layers.spatial import channels_axis, conv_length, data_format, spatial


@rule("MaxPooling1D", masks="stop")
def max_pooling1d(c: Context) -> Value:
    return _pooling(c, "MaxPooling1D", 1)


@rule("AveragePooling1D", masks="stop")
def average_pooling1d(c: Context) -> Value:
    return _pooling(c, "AveragePooling1D", 1)


@rule("MaxPooling2D", masks="stop")
def max_pooling2d(c: Context) -> Value:
    return _pooling(c, "MaxPooling2D", 2)


@rule("AveragePooling2D", masks="stop")
def average_pooling2d(c: Context) -> Value:
    return _pooling(c, "AveragePooling2D", 2)


@rule("MaxPooling3D", masks="stop")
def max_pooling3d(c: Context) -> Value:
    return _pooling(c, "MaxPooling3D", 3)


@rule("AveragePooling3D", masks="stop")
def average_pooling3d(c: Context) -> Value:
    return _pooling(c, "AveragePooling3D", 3)


@rule("GlobalAveragePooling1D", masks="stop")
def global_average_pooling1d(c: Context) -> Value:
    c.require(c.mask is None, "TensorFlow.js's does not leave masked steps out")
    return _global(c, "GlobalAveragePooling1D", 1)


@rule("GlobalMaxPooling1D", masks="stop")
def global_max_pooling1d(c: Context) -> Value:
    return _global(c, "GlobalMaxPooling1D", 1)


@rule("GlobalAveragePooling2D", masks="stop")
def global_average_pooling2d(c: Context) -> Value:
    return _global(c, "GlobalAveragePooling2D", 2)


@rule("GlobalMaxPooling2D", masks="stop")
def global_max_pooling2d(c: Context) -> Value:
    return _global(c, "GlobalMaxPooling2D", 2)


@rule("GlobalAveragePooling3D", masks="stop")
def global_average_pooling3d(c: Context) -> Value:
    return _global(c, "GlobalAveragePooling1D", 3)


@rule("GlobalMaxPooling3D", masks="stop")
def global_max_pooling3d(c: Context) -> Value:
    return _global(c, "GlobalMaxPooling1D", 3)


def _pooling(c: Context, class_name: str, rank: int) -> Value:
    x = c.input
    c.rank(rank + 2)
    c.require(rank > 1 or not data_format(c), "TensorFlow.js has no channels_first for it")
    size = c.config.sizes("pool_size", rank, (2,) * rank)
    stride = size if c.config.get("strides") is None else c.config.sizes("strides", rank)
    pads = padding3d(c, "pool_size") if rank == 3 else padding(c)
    config = {"pool_size": list(size), "strides": list(stride), "padding": pads}
    if data_format(c):
        config["data_format"] = "channels_first"
    shape = spatial(c, x.shape, x.shape[channels_axis(c)], lambda n, i: conv_length(n, size[i], pads, stride[i]))
    return c.emit(class_name, config, x, shape)


def _global(c: Context, class_name: str, rank: int) -> Value:
    x = c.input
    c.rank(rank + 2)
    first = data_format(c)
    channels = x.shape[channels_axis(c)]
    ones = (1,) * rank
    kept = (channels, *ones) if first else (*ones, channels)
    if rank == 2:
        config = {"data_format": "channels_first"} if first else {}
        y = c.emit(class_name, config, x, (x.shape[0], channels))
    else:
        c.require(not first, "TensorFlow.js has no channels_first for it")
        if rank == 3:
            x = reshape(c, x, (product(x.shape[1:4]), c.fixed(x, -1)), "sequence")
        y = c.emit(class_name, {}, x, (x.shape[0], channels))
    return reshape(c, y, kept, "keepdims") if c.config.boolean("keepdims", False) else y
