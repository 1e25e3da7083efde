"""Rules of the activation layers."""

from __future__ import annotations

from tfjs_build.convert.keras.to_layers.activations import activate, native_activation
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.rules.core import permute


@rule("Activation")
def activation(c: Context) -> Value:
    x = c.input
    native = native_activation(c, "activation")
    if native is not None:
        return c.emit("Activation", {"activation": native}, x, x.shape)
    return activate(c, x)


@rule("ReLU")
def relu(c: Context) -> Value:
    """max_value where x ≥ max_value, x where x ≥ threshold, negative_slope · (x - threshold) elsewhere."""
    x = c.input
    limit = c.config.optional_number("max_value")
    slope = c.config.optional_number("negative_slope") or 0.0
    threshold = c.config.optional_number("threshold") or 0.0
    if slope == 0 and threshold == 0:
        config = {} if limit is None else {"max_value": limit}
        return c.emit("ReLU", config, x, x.shape)
    if limit is None and threshold == 0:
        return c.emit("LeakyReLU", {"alpha": slope}, x, x.shape)
    if limit is None and slope == 0 and threshold > 0:
        return c.emit("ThresholdedReLU", {"theta": threshold}, x, x.shape)
    if threshold == 0:
        above = c.emit("ReLU", {"max_value": limit}, x, x.shape)
        negated = c.emit("Rescaling", {"scale": -1.0, "offset": 0.0}, x, x.shape, part="negated")
        below = c.emit("ReLU", {}, negated, x.shape, part="below")
        scaled = c.emit("Rescaling", {"scale": -slope, "offset": 0.0}, below, x.shape, part="scaled")
        return c.emit("Add", {}, [above, scaled], x.shape, part="sum")
    raise c.refuse("TensorFlow.js's ReLU has no `threshold` together with `max_value` or `negative_slope`")


@rule("LeakyReLU")
def leaky_relu(c: Context) -> Value:
    x = c.input
    key = "negative_slope" if "negative_slope" in c.config else "alpha"
    return c.emit("LeakyReLU", {"alpha": c.config.number(key, 0.3)}, x, x.shape)


@rule("PReLU")
def prelu(c: Context) -> Value:
    x = c.input
    shared = list(c.config.integers("shared_axes")) if c.config.get("shared_axes") else []
    shape = [1 if axis in shared else c.fixed(x, axis) for axis in range(1, len(x.shape))]
    config = {"shared_axes": shared} if shared else {}
    return c.emit("PReLU", config, x, x.shape, weights={"alpha": c.weight("alpha", *shape)})


@rule("ELU")
def elu(c: Context) -> Value:
    x = c.input
    alpha = c.config.number("alpha", 1.0)
    if alpha == 1:
        return c.emit("ELU", {}, x, x.shape)
    # relu(x) + alpha · elu(-relu(-x)): TensorFlow.js's ELU has no alpha.
    above = c.emit("ReLU", {}, x, x.shape, part="above")
    negated = c.emit("Rescaling", {"scale": -1.0, "offset": 0.0}, x, x.shape, part="negated")
    below = c.emit("ReLU", {}, negated, x.shape, part="below")
    back = c.emit("Rescaling", {"scale": -1.0, "offset": 0.0}, below, x.shape, part="back")
    curve = c.emit("ELU", {}, back, x.shape, part="curve")
    scaled = c.emit("Rescaling", {"scale": alpha, "offset": 0.0}, curve, x.shape, part="scaled")
    return c.emit("Add", {}, [above, scaled], x.shape)


@rule("ThresholdedReLU")
def thresholded_relu(c: Context) -> Value:
    x = c.input
    return c.emit("ThresholdedReLU", {"theta": c.config.number("theta", 1.0)}, x, x.shape)


@rule("Softmax")
def softmax(c: Context) -> Value:
    x = c.input
    c.require(c.mask is None, "TensorFlow.js applies a mask in another way")
    rank = len(x.shape)
    axes = [axis % rank for axis in c.config.integers("axis", default=(-1,))]
    c.require(len(axes) == 1 and axes[0] > 0, "TensorFlow.js has it for one axis, not the batch's, only")
    if axes[0] == rank - 1:
        return c.emit("Activation", {"activation": "softmax"}, x, x.shape)
    order = list(range(rank))
    order[axes[0]], order[-1] = order[-1], order[axes[0]]  # its own inverse
    last = permute(c, x, tuple(order), "last_axis")
    y = c.emit("Activation", {"activation": "softmax"}, last, last.shape)
    return permute(c, y, tuple(order), "axes")
