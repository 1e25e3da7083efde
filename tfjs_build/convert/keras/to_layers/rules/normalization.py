"""The normalizations that tfjs-layers has."""

from __future__ import annotations

from typing import Any

from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule


@rule("BatchNormalization", "SyncBatchNormalization")
def batch_normalization(c: Context) -> Value:
    """TensorFlow.js's CPU kernel does not broadcast, so along any but the last axis it is wrong there."""
    rank = c.rank(2, 3, 4)
    if [axis % rank for axis in c.config.integers("axis", default=(-1,))] != [rank - 1]:
        raise c.unsupported("axis")
    config = {"axis": -1, "momentum": c.config.number("momentum", 0.99), **_options(c)}
    return _emit(c, "BatchNormalization", config, ["moving_mean", "moving_variance"], c.fixed(c.input, -1))


@rule("LayerNormalization", only={"rms_scaling": False})
def layer_normalization(c: Context) -> Value:
    rank = c.rank(2, 3, 4)
    axes = sorted(axis % rank for axis in c.config.integers("axis", default=(-1,)))
    if 0 in axes:
        raise c.unsupported("axis")
    config = {"axis": [-1] if axes == [rank - 1] else axes, **_options(c)}
    return _emit(c, "LayerNormalization", config, [], *(c.fixed(c.input, axis) for axis in axes))


def _options(c: Context) -> dict[str, Any]:
    flags = {key: c.config.boolean(key, True) for key in ("center", "scale")}
    return {"epsilon": c.config.number("epsilon", 1e-3), **flags}


def _emit(c: Context, class_name: str, config: dict[str, Any], statistics: list[str], *sizes: int) -> Value:
    roles = [*(["gamma"] if config["scale"] else []), *(["beta"] if config["center"] else []), *statistics]
    weights = {role: c.weight(role, *sizes) for role in roles}
    return c.emit(class_name, config, c.input, c.input.shape, weights=weights)
