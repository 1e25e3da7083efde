"""Rules of the normalizations."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, reshape
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import Result, layer
from tfjs_build.convert.keras.variables import VariableSpec, named, scale_and_center


def _moving_variables(config: Config) -> list[VariableSpec]:
    moving = ["moving_mean", "moving_variance"]
    if config.get("renorm"):
        moving += ["moving_stddev", "renorm_mean", "renorm_stddev"]
    return [*scale_and_center(config), *(VariableSpec(role, False) for role in moving)]


@layer(
    "BatchNormalization",
    "SyncBatchNormalization",
    variables=_moving_variables,
    floats=True,
    masks="pass",
    takes="training mask",
)
def batch_normalization(c: Context) -> Value:
    """(x - mean) / √(variance + ε) · gamma + beta, with the moving statistics, along one axis; in Keras 2 along several
    (tf_keras/src/layers/normalization/batch_normalization.py)."""
    x = c.x
    axes = _axes(c, x, -1)
    sizes = [c.fixed(x, axis) for axis in axes]
    # For several axes the weights of Keras 2 have the input's rank, with 1 in the place of the other axes.
    shape = tuple(sizes) if len(axes) == 1 else tuple(c.fixed(x, i) if i in axes else 1 for i in range(c.rank(x)))
    epsilon = c.config.number("epsilon", 1e-3)
    mean, variance = (c.weight(f"moving_{role}", *shape) for role in ("mean", "variance"))
    gamma = c.weight("gamma", *shape) if c.config.boolean("scale", True) else None
    beta = c.weight("beta", *shape) if c.config.boolean("center", True) else None
    rank = c.rank(x)
    if axes == [rank - 1] and rank == 4:
        ones, zeros = c.constant([1.0] * sizes[0]), c.constant([0.0] * sizes[0])
        parts = [gamma if gamma is not None else ones, beta if beta is not None else zeros, mean, variance]
        settings = {"epsilon": float(epsilon), "is_training": False, "data_format": "NHWC"}
        return c.b.multi("FusedBatchNormV3", x, *parts, **settings)[0]
    factor = c.b.Rsqrt(variance + epsilon)
    factor = factor if gamma is None else factor * gamma
    offset = -mean * factor if beta is None else beta - mean * factor
    if len(axes) > 1:
        return x * factor + offset
    return x * spread(c, factor, axes, rank) + spread(c, offset, axes, rank)


def _axes(c: Context, x: Value, default: int) -> list[int]:
    """Return the layer's axes in order, counted from the front."""
    return sorted(c.axis(x, axis) for axis in c.config.integers("axis", default=(default,)))


def spread(c: Context, vector: Value, axes: Sequence[int], rank: int) -> Value:
    """Return numbers for some axes so that they broadcast over the others."""
    if list(axes) == list(range(rank - len(axes), rank)):
        return vector
    given = vector.static or ()
    c.require(
        0 < len(axes) == len(given),
        f"expects numbers along its axes {list(axes)}, got those of the shape {list(given)}",
    )
    sizes = iter(given)
    return c.b.Reshape(vector, [next(sizes) if axis in axes else 1 for axis in range(axes[0], rank)])


def _layer_variables(config: Config) -> list[VariableSpec]:
    return [VariableSpec("gamma")] if config.boolean("rms_scaling", False) else scale_and_center(config)


@layer("LayerNormalization", variables=_layer_variables, floats=True, masks="pass")
def layer_normalization(c: Context) -> Value:
    """(x - mean) / √(variance + ε) · gamma + beta, with each sample's own statistics along axes; with `rms_scaling`
    x / √(mean(x²) + ε) · gamma."""
    x, axes = c.x, _axes(c, c.x, -1)
    shape = [c.fixed(x, axis) for axis in axes]
    rms = c.config.boolean("rms_scaling", False)
    gamma = c.weight("gamma", *shape) if rms or c.config.boolean("scale", True) else None
    beta = c.weight("beta", *shape) if c.config.boolean("center", True) and not rms else None
    return normalized(c, x, axes, c.config.number("epsilon", 1e-3), gamma, beta, rms=rms)


def normalized(
    c: Context, x: Value, axes: list[int], epsilon: float, gamma: Value | None, beta: Value | None, *, rms: bool = False
) -> Value:
    """Return `x` normalized along axes, scaled and moved."""
    b, rank = c.b, c.rank(x)
    centred = x if rms else x - b.Mean(x, axes, keep_dims=True)
    y = centred * b.Rsqrt(b.Mean(b.Square(centred), axes, keep_dims=True) + epsilon)
    if gamma is not None:
        y = y * spread(c, gamma, axes, rank)
    return y if beta is None else y + spread(c, beta, axes, rank)


@layer("RMSNormalization", variables=named("scale"), floats=True)
def rms_normalization(c: Context) -> Value:
    """x / √(mean(x²) + ε) · scale."""
    x, axes = c.x, _axes(c, c.x, -1)
    scale = c.weight("scale", *(c.fixed(x, axis) for axis in axes))
    return normalized(c, x, axes, c.config.number("epsilon", 1e-6), scale, None, rms=True)


@layer("GroupNormalization", variables=scale_and_center, floats=True, masks="pass", takes="mask")
def group_normalization(c: Context) -> Value:
    """Layer normalization of groups of channels, each over all other axes but the batch. Keras 2's looks at masks
    (tf_keras/src/layers/normalization/group_normalization.py), Keras 3's does not."""
    b, x = c.b, c.x
    if c.generation == 2:
        c.require(c.mask is None, "a mask is not supported: Keras 2 leaves masked entries out of the statistics")
    axis = c.axis(x, c.config.integer("axis", -1))
    channels = c.fixed(x, axis)
    groups = c.config.integer("groups", 32)
    groups = channels if groups == -1 else groups
    c.require(0 < groups <= channels, f"groups={groups} is not supported for {channels} channels")
    sizes = c.sizes(x)
    split: list[Size] = [*sizes[:axis], groups, channels // groups, *sizes[axis + 1 :]]
    parts = reshape(b, x, split)
    axes = [each for each in range(1, len(split)) if each != axis]
    y = normalized(c, parts, axes, c.config.number("epsilon", 1e-3), None, None)
    y = reshape(b, y, sizes)
    if c.config.boolean("scale", True):
        y = y * spread(c, c.weight("gamma", channels), [axis], c.rank(x))
    if c.config.boolean("center", True):
        y = y + spread(c, c.weight("beta", channels), [axis], c.rank(x))
    return y


@layer("UnitNormalization", floats=True, masks="pass")
def unit_normalization(c: Context) -> Value:
    """Vectors of length 1 along axes. Keras 2 divides by 10⁻⁶ at least (tf.linalg.l2_normalize takes the larger of the
    sum of squares and 10⁻¹²), Keras 3 by 10⁻¹² (keras/src/layers/normalization/unit_normalization.py)."""
    b, x = c.b, c.x
    squares = b.Sum(b.Square(x), _axes(c, x, -1), keep_dims=True)
    if c.generation == 2:
        return x * b.Rsqrt(b.Maximum(squares, 1e-12))
    return x * b.Minimum(b.Rsqrt(squares), 1e12)


def _spectral_variables(_: Config) -> list[VariableSpec]:
    return [VariableSpec("vector_u", False, held="legacy")]


@layer("SpectralNormalization", variables=_spectral_variables, takes="training")
def spectral_normalization(c: Context) -> Result:
    """The layer that it wraps: kernels are normalized in training only."""
    kwargs = {key: value for key, value in c.kwargs.items() if key != "training"}
    return c.call(c.child("layer"), *c.args, **kwargs)


@layer("CustomScaleLayer", floats=True)
def custom_scale(c: Context) -> Value:
    """x + scale · y, of keras.applications' InceptionResNet."""
    x, y = c.tensors(2)
    return x + y * c.config.number("scale")


@layer("LayerScale", variables=named("gamma"), floats=True)
def layer_scale(c: Context) -> Value:
    """x times a number for each channel, of keras.applications' ConvNeXt."""
    return c.x * c.weight("gamma", c.config.size("projection_dim"))
