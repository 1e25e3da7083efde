"""Rules of the activation layers."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph import activations
from tfjs_build.convert.keras.to_graph.activations import activate
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.variables import named

HIDDEN = -1e9
"""What Keras puts in the place of masked scores before a softmax, or adds to them."""


@layer("Activation", masks="pass")
def activation(c: Context) -> Value:
    """A function by name."""
    linear = c.config.get("activation") in (None, "linear")
    c.inputs = [c.x if linear else c.as_float(c.x)]
    return activate(c, c.x)


@layer("ReLU", floats=True, masks="pass")
def relu(c: Context) -> Value:
    """max_value where x ≥ max_value, x where x ≥ threshold, negative_slope · (x - threshold) elsewhere."""
    slope = c.config.optional_number("negative_slope") or 0.0
    return clipped_relu(
        c, c.x, slope, c.config.optional_number("max_value"), c.config.optional_number("threshold") or 0.0
    )


def clipped_relu(c: Context, x: Value, slope: float, limit: float | None, threshold: float) -> Value:
    """Return Keras's relu with all its arguments."""
    b = c.b
    if threshold == 0 and slope == 0:
        if limit is None:
            return b.Relu(x)
        return b.Relu6(x) if limit == 6 else b.ClipByValue(x, 0.0, float(limit))
    if threshold == 0 and limit is None:
        return b.LeakyRelu(x, alpha=float(slope))
    if c.generation == 2:
        return _relu_of_keras_2(b, x, slope, limit, threshold)
    below = (x - threshold) * slope if slope else b.ZerosLike(x)
    y = b.SelectV2(b.Greater(x, threshold), x, below)
    return y if limit is None else b.Minimum(y, float(limit))


def _relu_of_keras_2(b: Builder, x: Value, slope: float, limit: float | None, threshold: float) -> Value:
    """Keras 2 multiplies by zeros and ones, so that NaN and infinities below the threshold are NaN, and subtracts the
    negative part from the result (`relu` in tf_keras/src/backend.py)."""
    y = x * b.Cast(b.Greater(x, threshold), DstT="float32") if threshold else b.Relu(x)
    if limit is not None:
        y = b.Minimum(y, float(limit))
    return y - b.Relu(threshold - x) * slope if slope else y


@layer("LeakyReLU", floats=True, masks="pass")
def leaky_relu(c: Context) -> Value:
    """x where it is positive, else slope · x."""
    key = "negative_slope" if "negative_slope" in c.config else "alpha"
    return c.b.LeakyRelu(c.x, alpha=float(c.config.number(key, 0.3)))


@layer("PReLU", variables=named("alpha"), floats=True, masks="pass")
def prelu(c: Context) -> Value:
    """x where it is positive, else alpha · x, with an alpha for each entry or shared along axes."""
    x = c.x
    rank = c.rank(x)
    shared = {c.axis(x, axis) for axis in c.config.integers("shared_axes")} if c.config.get("shared_axes") else set()
    alpha = c.weight("alpha", *(1 if axis in shared else c.fixed(x, axis) for axis in range(1, rank)))
    own = [axis for axis in range(1, rank) if axis not in shared and x.shape is not None and x.shape[axis] != 1]
    if own != list(range(rank - len(own), rank)):
        # wasm lays the numbers out over the last axes, whatever their shape.
        return c.b.SelectV2(c.b.Greater(x, 0.0), x, x * alpha)
    return c.b.Prelu(x, alpha)


@layer("ELU", floats=True, masks="pass")
def elu(c: Context) -> Value:
    """x where it is positive, else alpha · (exp(x) - 1)."""
    return activations.elu(c.b, c.x, c.config.number("alpha", 1.0))


@layer("ThresholdedReLU", floats=True, masks="pass")
def thresholded_relu(c: Context) -> Value:
    """x where it is above theta, else 0."""
    return c.x * c.b.Cast(c.b.Greater(c.x, c.config.number("theta", 1.0)), DstT="float32")


@layer("Softmax", floats=True, masks="pass", takes="mask")
def softmax(c: Context) -> Value:
    """exp(x) over its sum along one or several axes; masked entries count for nothing."""
    mask = c.mask
    x = c.x
    axes = list(c.config.integers("axis", default=(-1,)))
    return masked_softmax(c, x, mask, axes)


def masked_softmax(c: Context, x: Value, mask: Value | None, axes: list[int]) -> Value:
    """Return a softmax in which masked entries count for nothing.

    Keras 3 puts -1e9 in their place, and zeros in that of their results (keras/src/layers/activations/softmax.py);
    Keras 2 adds -1e9 to them (tf_keras/src/layers/activation/softmax.py).
    """
    b = c.b
    if mask is None:
        return activations.softmax(b, x, axes)
    if mask.dtype != "bool":
        mask = b.Greater(mask, 0.5)
    if c.generation == 3:
        y = activations.softmax(b, b.SelectV2(mask, x, HIDDEN), axes)
        return b.SelectV2(mask, y, 0.0)
    return activations.softmax(b, x + (1.0 - b.Cast(mask, DstT="float32")) * HIDDEN, axes)
