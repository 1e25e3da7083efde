"""The activation layers that tfjs-layers has, under these names or others."""

from __future__ import annotations

from tfjs_build.convert.keras.to_layers.activations import activate
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule


@rule("Activation")
def activation_layer(c: Context) -> Value:
    return activate(c, c.input)


@rule("ReLU")
def relu(c: Context) -> Value:
    """max_value where x ≥ max_value, x where x ≥ threshold, negative_slope · (x - threshold) elsewhere.

    TensorFlow.js has a layer for each of these options, and none for two of them.
    """
    x = c.input
    options = {key: c.config.optional_number(key) for key in ("max_value", "negative_slope", "threshold")}
    given = {key: value for key, value in options.items() if value or (key == "max_value" and value is not None)}
    shown = ", ".join(f"{key}={value:g}" for key, value in given.items())
    c.require(len(given) <= 1, f"{shown} at once is not supported by TensorFlow.js's layers")
    if slope := given.get("negative_slope"):
        return c.emit("LeakyReLU", {"alpha": slope}, x, x.shape)
    if (threshold := given.get("threshold")) is not None:
        c.require(threshold > 0, f"{shown} is not supported by TensorFlow.js's layers")
        return c.emit("ThresholdedReLU", {"theta": threshold}, x, x.shape)
    return c.emit("ReLU", given, x, x.shape)


@rule("LeakyReLU")
def leaky_relu(c: Context) -> Value:
    key = "negative_slope" if "negative_slope" in c.config else "alpha"
    return c.emit("LeakyReLU", {"alpha": c.config.number(key, 0.3)}, c.input, c.input.shape)


@rule("PReLU")
def prelu(c: Context) -> Value:
    x = c.input
    shared = list(c.config.integers("shared_axes")) if c.config.get("shared_axes") else []
    shape = [1 if axis in shared else c.fixed(x, axis) for axis in range(1, len(x.shape))]
    config = {"shared_axes": shared} if shared else {}
    return c.emit("PReLU", config, x, x.shape, weights={"alpha": c.weight("alpha", *shape)})


@rule("ELU", only={"alpha": 1.0})
def elu(c: Context) -> Value:
    return c.emit("ELU", {}, c.input, c.input.shape)


@rule("ThresholdedReLU")
def thresholded_relu(c: Context) -> Value:
    return c.emit("ThresholdedReLU", {"theta": c.config.number("theta", 1.0)}, c.input, c.input.shape)


@rule("Softmax")
def softmax(c: Context) -> Value:
    rank = len(c.input.shape)
    c.require(c.mask is None, "TensorFlow.js applies a mask in another way")
    if rank < 2 or [axis % rank for axis in c.config.integers("axis", default=(-1,))] != [rank - 1]:
        raise c.unsupported("axis")
    return c.emit("Activation", {"activation": "softmax"}, c.input, c.input.shape)
