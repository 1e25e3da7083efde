"""Operations that normalize, encode, attend, and measure errors."""

from __future__ import annotations

from typing import Any

from tfjs_build.convert.dtypes import tfjs_dtype
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph import activations
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import as_dtype
from tfjs_build.convert.keras.to_graph.operands import integer, integers, number, real, single, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.attention import HIDDEN_SCORE, lower_triangle
from tfjs_build.convert.keras.to_graph.rules.normalization import spread


def _optional(c: Context, position: int, name: str) -> Value | None:
    given = c.argument(position, name, default=None)
    return None if given is None else c.as_float(given) if isinstance(given, Value) else c.constant(given)


@operation("BatchNorm")
def batch_norm(c: Context) -> Value:
    """(x - mean) / √(variance + ε) · scale + offset, with given statistics."""
    b, x = c.b, real(c)
    mean, variance = real(c, 1, "mean"), real(c, 2, "variance")
    offset, scale = _optional(c, 3, "offset"), _optional(c, 4, "scale")
    along = [c.axis(x, single(c, c.argument(9, "axis")))]
    factor = b.Rsqrt(variance + number(c, c.argument(9, "epsilon", default=1e-3)))
    factor = factor if scale is None else factor * scale
    moved = -mean * factor if offset is None else offset - mean * factor
    rank = c.rank(x)

    def shaped(value: Value) -> Value:
        return b.Reshape(value, [-1] + [1] * (rank - 1 - along[0]))

    return x * shaped(factor) + shaped(moved)


@operation("LayerNorm", "RMSNorm")
def layer_norm(c: Context) -> Value:
    """x normalized along axes, scaled and moved; RMSNorm leaves the mean."""
    b, x = c.b, real(c)
    rms = c.layer.class_name == "RMSNorm" or c.flag(9, "rms_scaling")
    along = sorted(c.axis(x, each) for each in integers(c, c.argument(9, "axis", default=-1)))
    epsilon = c.argument(9, "epsilon", default=None)
    centred = x if rms else x - b.Mean(x, along, keep_dims=True)
    power = b.Mean(b.Square(centred), along, keep_dims=True)
    y = centred * b.Rsqrt(power + (1e-7 if epsilon is None else number(c, epsilon)))
    names = ("scale", None) if c.layer.class_name == "RMSNorm" else ("gamma", "beta")
    for place, name in enumerate(names):
        value = None if name is None else _optional(c, place + 1, name)
        if value is not None and not (rms and place == 1):
            value = value if value.rank == 0 else spread(c, value, along, c.rank(x))
            y = y * value if place == 0 else y + value
    return y


@operation("Normalize", "linalg.l2_normalize", "math.l2_normalize")
def normalize(c: Context) -> Value:
    """Vectors of length 1, by the norm of some order."""
    b, x = c.b, real(c)
    along = [c.axis(x, each) for each in integers(c, c.argument(1, "axis", default=-1))]
    epsilon = c.argument(9, "epsilon", default=None)
    if c.generation == 2:
        least = 1e-12 if epsilon is None else number(c, epsilon)
        return x * b.Rsqrt(b.Maximum(b.Sum(b.Square(x), along, keep_dims=True), least))
    least = 1e-7 if epsilon is None else number(c, epsilon)
    order = number(c, c.argument(9, "order", default=2))
    c.require(least != 0 and order != 0, f"order={order} with epsilon={least} is not supported, it divides by 0")
    if order == 2:
        return x * b.Minimum(b.Rsqrt(b.Sum(b.Square(x), along, keep_dims=True)), 1.0 / least)
    norm = b.Pow(b.Sum(b.Pow(b.Abs(x), float(order)), along, keep_dims=True), 1.0 / order)
    return x / b.Maximum(norm, least)


@operation("OneHot", "one_hot")
def one_hot(c: Context) -> Value:
    """1 at a place, 0 elsewhere, along a new axis."""
    places = c.as_int(tensor(c, 0, "x", "indices"))
    depth = integer(c, c.argument(1, "num_classes", "depth"))
    on, off = (c.argument(9, key, default=None) for key in ("on_value", "off_value"))
    given = c.argument(9, "axis", default=-1)
    hot = c.b.OneHot(
        places,
        c.ints(depth),
        c.constant(1.0 if on is None else number(c, on)),
        c.constant(0.0 if off is None else number(c, off)),
        axis=-1 if given is None else single(c, given),
    )
    return _encoded(c, hot)


def _encoded(c: Context, hot: Value) -> Value:
    dtype = c.argument(9, "dtype", default=None)
    c.one_of("sparse", c.flag(9, "sparse"), (False,))
    return hot if dtype is None else as_dtype(c, hot, tfjs_dtype(str(dtype)))


@operation("MultiHot")
def multi_hot(c: Context) -> Value:
    """1 at each of several places, 0 elsewhere."""
    places = c.as_int(tensor(c, 0, "inputs", "x"))
    depth = integer(c, c.argument(1, "num_classes", "num_tokens"))
    hot = c.b.OneHot(places, c.ints(depth), 1.0, 0.0)
    return _encoded(c, c.b.Max(hot, [1 if c.rank(places) > 1 else 0]))


@operation("DotProductAttention")
def dot_product_attention(c: Context) -> Value:
    """Softmax of query · key over the values, for [batch, step, head, feature]."""
    b = c.b
    query, key, value = real(c, 0, "query"), real(c, 1, "key"), real(c, 2, "value")
    bias, mask = _optional(c, 3, "bias"), c.argument(4, "mask", default=None)
    c.one_of("attn_logits_soft_cap", c.argument(9, "attn_logits_soft_cap", default=None), (None,))
    heads, groups = c.fixed(query, 2), c.fixed(key, 2)
    if heads > groups > 1:
        from tfjs_build.convert.keras.to_graph.rules.reshaping import repeated

        key, value = (repeated(c, each, 2, heads // groups) for each in (key, value))
    given = c.argument(5, "scale", default=None)
    scale: Any = c.fixed(key, -1) ** -0.5 if given is None else given
    scores = b.Einsum(query, key, equation="BTNH,BSNH->BNTS") * scale
    scores = scores if bias is None else scores + bias
    hidden = as_dtype(c, mask, "bool") if mask is not None else None
    if c.flag(9, "is_causal"):
        causal = lower_triangle(c, scores)
        hidden = causal if hidden is None else b.LogicalAnd(hidden, causal)
    if hidden is not None:
        scores = b.SelectV2(hidden, scores, HIDDEN_SCORE)
    return b.Einsum(activations.softmax(b, scores), value, equation="BNTS,BSNH->BTNH")


_EPSILON = 1e-7


def _clipped(c: Context, x: Value) -> Value:
    return c.b.ClipByValue(x, _EPSILON, 1.0 - _EPSILON)


@operation("BinaryCrossentropy")
def binary_crossentropy(c: Context) -> Value:
    """-(t · log(p) + (1 - t) · log(1 - p)), from probabilities or logits."""
    b, target, output = c.b, real(c, 0, "target"), real(c, 1, "output")
    if c.flag(2, "from_logits"):
        return b.Relu(output) - output * target + b.Log1p(b.Exp(-b.Abs(output)))
    output = _clipped(c, output)
    return -(target * b.Log(output) + (1.0 - target) * b.Log(1.0 - output))


@operation("CategoricalCrossentropy")
def categorical_crossentropy(c: Context) -> Value:
    """-Σ t · log(p) along an axis, from probabilities or logits."""
    b, target, output = c.b, real(c, 0, "target"), real(c, 1, "output")
    along = [c.axis(output, single(c, c.argument(3, "axis", default=-1)))]
    if c.flag(2, "from_logits"):
        logs = activations.softmax(b, output, along, log=True)
    else:
        logs = b.Log(_clipped(c, output / b.Sum(output, along, keep_dims=True)))
    return -b.Sum(target * logs, along)
