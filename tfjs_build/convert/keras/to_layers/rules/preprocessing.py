"""Rules of the preprocessing layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.rules.core import product, reshape
from tfjs_build.convert.keras.to_layers.rules.normalization import affine, along_last_axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALLEST_DEVIATION = 1e-7
"""Keras's epsilon: the smallest standard deviation that Normalization divides by."""


@rule("Rescaling", any_dtype=True)
def rescaling(c: Context) -> Value:

    x = c.input
    scale, offset = c.numbers(c.config.get("scale", 1.0)), c.numbers(c.config.get("offset", 0.0))
    if scale.size == 1 and offset.size == 1:
        config = {"scale": float(_exact(c, "scale", 1.0)), "offset": float(_exact(c, "offset", 0.0))}
        return c.emit("Rescaling", config, x, x.shape)
    return scaled(c, x, scale, offset)


@rule("Normalization", any_dtype=True)
def normalization(c: Context) -> Value:
    import numpy as np

    x = c.as_float(c.input)
    rank = len(x.shape)
    given = c.config.get("axis", -1)
    axes = [axis % rank for axis in c.config.integers("axis")] if given is not None else []
    sizes = [c.fixed(x, axis) for axis in axes]
    if c.config.get("mean") is not None:
        mean, variance = (c.numbers(c.config.get(key)).reshape(-1) for key in ("mean", "variance"))
        total = product(tuple(sizes)) or 1
        c.require(mean.size in (1, total) and variance.size in (1, total), "its `mean` does not fit its input")
        mean, variance = np.broadcast_to(mean, total), np.broadcast_to(variance, total)
    else:
        mean, variance = (_read(c.weight(role, *sizes)) for role in ("mean", "variance"))
    deviation = np.maximum(np.sqrt(variance), np.float32(SMALLEST_DEVIATION))
    inverse = c.config.boolean("invert", False)
    if not axes:
        return _normalized_by_one(c, x, float(mean[0]), float(deviation[0]), inverse)
    c.require(0 not in axes, "TensorFlow.js does not normalize along the batch")

    def build(value: Value) -> Value:
        if inverse:
            ones = np.ones_like(mean)
            return affine(c, value, mean=ones * 0, variance=ones, scale=deviation, offset=mean)
        return affine(c, value, mean=mean, variance=np.square(deviation))

    if len(axes) == 1:
        return along_last_axis(c, x, axes[0], build)
    c.require(sorted(axes) == list(range(rank - len(axes), rank)), "TensorFlow.js normalizes along the last axes only")
    joined = reshape(c, x, (*x.shape[1 : axes[0]], product(tuple(sizes))), "joined")
    return reshape(c, along_last_axis(c, joined, len(joined.shape) - 1, build), x.shape[1:], "split")


@rule("CategoryEncoding", masks="stop", any_dtype=True)
def category_encoding(c: Context) -> Value:
    x = c.input
    count, mode = c.config.size("num_tokens"), c.config.text("output_mode", "multi_hot")
    c.require(mode in ("one_hot", "multi_hot", "count"), f"TensorFlow.js has no `output_mode: {mode}`")
    c.require(not c.config.boolean("sparse", False), "TensorFlow.js has no sparse tensors")
    c.rank(2)
    c.require(mode != "one_hot" or x.shape[1] == 1, "TensorFlow.js encodes one value per sample only (`one_hot`)")
    # It writes its output's shape into its input's; a layer of its own before it keeps that from doing harm.
    own = c.emit("Reshape", {"target_shape": [x.shape[1]]}, x, x.shape, part="values", dtype=x.dtype)
    return c.emit("CategoryEncoding", {"num_tokens": count, "output_mode": mode}, own, (x.shape[0], count))


def scaled(c: Context, x: Value, scale: NDArray[np.float32], offset: NDArray[np.float32], part: str = "") -> Value:
    """Return x · scale + offset, for constants that are one number or one per element of the last axis."""
    import numpy as np

    size = c.fixed(x, -1)
    for array in (scale, offset):
        last = array.size == size and array.shape[-1] == size
        c.require(array.size == 1 or last, "TensorFlow.js's layers scale along the last axis only")
    ones = np.ones(size, np.float32)
    rows = {"scale": ones * scale.reshape(-1), "offset": ones * offset.reshape(-1)}
    x = c.as_float(x)
    rank = len(x.shape)
    return along_last_axis(
        c, x, rank - 1, lambda value: affine(c, value, mean=ones * 0, variance=ones, **rows, part=part)
    )


def _normalized_by_one(c: Context, x: Value, mean: float, deviation: float, inverse: bool) -> Value:
    if inverse:
        return c.emit("Rescaling", {"scale": deviation, "offset": mean}, x, x.shape)
    centered = c.emit("Rescaling", {"scale": 1.0, "offset": -mean}, x, x.shape, part="centered")
    return c.emit("Rescaling", {"scale": 1 / deviation, "offset": 0.0}, centered, x.shape)


def _exact(c: Context, key: str, default: float) -> Any:
    """Return a number as written; the file may have it in lists."""
    value = c.config.get(key, default)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise c.config.fault(key, "a number or a list of numbers")


def _read(weight: Weight) -> NDArray[np.float32]:
    import numpy as np

    return np.concatenate([block.astype(np.float32) for block in weight.blocks()]).reshape(-1)
