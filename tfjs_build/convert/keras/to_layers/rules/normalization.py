"""Rules of the normalizations; a scaling by constants is a batch normalization with fixed statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.rules.core import permute, product, reshape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@rule("BatchNormalization", "SyncBatchNormalization")
def batch_normalization(c: Context) -> Value:
    rank = len(c.input.shape)
    axes = [axis % rank for axis in c.config.integers("axis", default=(-1,))]
    c.require(len(axes) == 1 and axes[0] > 0, "TensorFlow.js normalizes along one axis, not the batch's, only")
    size = c.fixed(c.input, axes[0])
    scale, center = c.config.boolean("scale", True), c.config.boolean("center", True)
    roles = [*(["gamma"] if scale else []), *(["beta"] if center else []), "moving_mean", "moving_variance"]
    config = {
        "axis": -1,
        "momentum": c.config.number("momentum", 0.99),
        "epsilon": c.config.number("epsilon", 1e-3),
        "center": center,
        "scale": scale,
    }
    weights = {role: c.weight(role, size) for role in roles}

    def normalize(x: Value) -> Value:
        return c.emit("BatchNormalization", config, x, x.shape, weights=weights)

    return along_last_axis(c, c.input, axes[0], normalize)


@rule("LayerNormalization")
def layer_normalization(c: Context) -> Value:
    x = c.input
    rank = len(x.shape)
    c.require(c.config.get("rms_scaling") is not True, "TensorFlow.js ignores its `rms_scaling`")
    axes = sorted(axis % rank for axis in c.config.integers("axis", default=(-1,)))
    c.require(0 not in axes, "TensorFlow.js does not normalize along the batch")
    scale, center = c.config.boolean("scale", True), c.config.boolean("center", True)
    sizes = [c.fixed(x, axis) for axis in axes]
    roles = [*(["gamma"] if scale else []), *(["beta"] if center else [])]
    config = {
        "axis": [-1] if axes == [rank - 1] else axes,
        "epsilon": c.config.number("epsilon", 1e-3),
        "center": center,
        "scale": scale,
    }
    weights = {role: c.weight(role, *sizes) for role in roles}
    if rank <= 4:
        return c.emit("LayerNormalization", config, x, x.shape, weights=weights)
    c.require(axes == [rank - 1], f"TensorFlow.js has it for rank {rank} along the last axis only")
    flat = reshape(c, x, (product(x.shape[1:-1]), x.shape[-1]), "flat")
    y = c.emit("LayerNormalization", config, flat, flat.shape, weights=weights)
    return reshape(c, y, x.shape[1:], "shape")


def along_last_axis(c: Context, x: Value, axis: int, build: Callable[[Value], Value]) -> Value:
    """Build something that works on the last axis and on ranks 2 to 4 along any axis of any rank.

    TensorFlow.js's CPU kernel of batch normalization does not broadcast, so along another axis it is wrong there.
    """
    rank = len(x.shape)
    if axis != rank - 1:
        order = list(range(rank))
        order[axis], order[-1] = order[-1], order[axis]  # its own inverse
        last = permute(c, x, tuple(order), "last_axis")
        return permute(c, along_last_axis(c, last, rank - 1, build), tuple(order), "axes")
    if rank <= 4:
        return build(x)
    flat = reshape(c, x, (product(x.shape[1:-1]), x.shape[-1]), "flat")
    return reshape(c, build(flat), x.shape[1:], "shape")


def affine(
    c: Context,
    x: Value,
    *,
    mean: NDArray[np.float32],
    variance: NDArray[np.float32],
    scale: NDArray[np.float32] | None = None,
    offset: NDArray[np.float32] | None = None,
    part: str = "",
) -> Value:
    """Return (x - mean) / √variance · scale + offset along the last axis, by a batch normalization without epsilon."""
    config = {"axis": -1, "epsilon": 0, "center": offset is not None, "scale": scale is not None}
    arrays = {"gamma": scale, "beta": offset, "moving_mean": mean, "moving_variance": variance}
    weights: Mapping[str, Weight] = {role: constant(role, a) for role, a in arrays.items() if a is not None}
    return c.emit("BatchNormalization", config, x, x.shape, weights=weights, part=part)


def constant(name: str, array: NDArray[np.float32]) -> Weight:
    """Return values that are not in the file as a weight."""

    def blocks() -> Iterator[NDArray[np.generic]]:
        yield array.reshape(-1)

    return Weight(name, array.shape, "float32", blocks)


@rule("LayerScale", masks="stop")
def layer_scale(c: Context) -> Value:
    """ConvNeXt's: x · gamma along the last axis."""
    import numpy as np

    gamma = np.concatenate(list(c.weight("gamma", c.fixed(c.input, -1)).blocks()))
    ones = np.ones_like(gamma)

    def build(x: Value) -> Value:
        return affine(c, x, mean=ones * 0, variance=ones, scale=gamma)

    return along_last_axis(c, c.input, len(c.input.shape) - 1, build)
