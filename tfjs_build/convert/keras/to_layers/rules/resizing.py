"""Cropping, zero padding and upsampling of images, and rescaling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.spatial import channels_axis, data_format, spatial


@rule("ZeroPadding2D", masks="stop", any_dtype=True)
def zero_padding(c: Context) -> Value:
    c.dimensions()
    return _edges(c, "ZeroPadding2D", "padding", c.config.pairs("padding", 2), 1)


@rule("Cropping2D", masks="stop", any_dtype=True)
def cropping(c: Context) -> Value:
    c.dimensions()
    return _edges(c, "Cropping2D", "cropping", c.config.pairs("cropping", 2), -1)


@rule("CenterCrop", masks="stop", any_dtype=True)
def center_crop(c: Context) -> Value:
    """tfjs-layers' CenterCrop spoils the shape of what comes before it and interpolates; a Cropping2D does neither."""
    c.rank(4)
    first = 2 if data_format(c) else 1
    targets = c.config.size("height"), c.config.size("width")
    rests = [c.fixed(c.input, first + index) - target for index, target in enumerate(targets)]
    c.require(min(rests) >= 0, "TensorFlow.js resizes images that are too small in another way")
    return _edges(c, "Cropping2D", "cropping", [(rest // 2, rest - rest // 2) for rest in rests], -1)


@rule("UpSampling2D", masks="stop", any_dtype=True, only={"interpolation": "nearest"})
def up_sampling(c: Context) -> Value:
    c.dimensions()
    factors = c.config.sizes("size", 2, (2, 2))
    config = {"size": list(factors), "interpolation": "nearest", **_format(c)}
    shape = spatial(c, c.input.shape[channels_axis(c)], lambda n, index: None if n is None else n * factors[index])
    return c.emit("UpSampling2D", config, c.input, shape, dtype=c.input.dtype)


@rule("Rescaling", any_dtype=True)
def rescaling(c: Context) -> Value:
    """Its numbers are one for all, or one for each channel."""
    config = {"scale": _number(c, "scale", 1.0), "offset": _number(c, "offset", 0.0)}
    return c.emit("Rescaling", config, c.input, c.input.shape)


def _edges(c: Context, class_name: str, key: str, pairs: Sequence[tuple[int, int]], sign: int) -> Value:
    """Emit a padding (sign 1) or cropping (-1) of an image's rows and columns."""
    shape = spatial(c, c.input.shape[channels_axis(c)], lambda n, i: None if n is None else n + sign * sum(pairs[i]))
    c.require(all(n is None or n > 0 for n in shape), "nothing is left of its input")
    config = {key: [list(pair) for pair in pairs], **_format(c)}
    return c.emit(class_name, config, c.input, shape, dtype=c.input.dtype)


def _format(c: Context) -> dict[str, Any]:
    return {"data_format": "channels_last", **data_format(c)}


def _number(c: Context, key: str, default: float) -> float | list[float]:
    """Return a number as it is written, which may be in lists, or as many as there are channels."""
    value = c.config.get(key, default)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list):
        numbers = Config(c.config.layer, {key: value}).numbers(key)
        if len(numbers) != c.fixed(c.input, -1):
            raise c.unsupported(key)
        return numbers
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise c.config.fault(key, "a number or a list of numbers")
