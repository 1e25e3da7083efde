"""Rules of the attention layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Generation
from tfjs_build.convert.keras.hints import SAVE_AGAIN
from tfjs_build.convert.keras.to_graph.activations import softmax
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.rules.activation_layers import masked_softmax
from tfjs_build.convert.keras.to_graph.rules.core import matmul
from tfjs_build.convert.keras.to_graph.rules.reshaping import repeated
from tfjs_build.convert.keras.variables import VariableSpec

HIDDEN_SCORE = -2.38e38
"""What Keras 3's `dot_product_attention` puts in the place of masked scores: -0.7 times (nearly) the largest float
(`_get_large_negative` in keras/src/backend/tensorflow/nn.py)."""


# --- Attention and AdditiveAttention ----------------------------------------------------------------------------------


_TAKES: Final[Mapping[Generation, str]] = {
    2: "value key attention_mask return_attention_scores training use_causal_mask",
    3: "value key query_mask value_mask key_mask attention_mask return_attention_scores training use_causal_mask",
}


def _attention_variables(config: Config) -> list[VariableSpec]:
    found = [VariableSpec("scale")] if config.boolean("use_scale", False) else []
    return [*found, VariableSpec("concat_score_weight")] if config.get("score_mode") == "concat" else found


@layer("Attention", variables=_attention_variables, floats=True, masks="pass", takes="mask training")
def attention(c: Context) -> list[Value]:
    """Softmax of query · key over the values, or (`concat`) of the sum of tanh(query + key)."""
    scale = c.weight("scale") if c.config.boolean("use_scale", False) else None
    query, *others = c.tensors(2, 3)
    key = others[-1]
    if c.config.get("score_mode", "dot") == "concat":
        both = _each_pair(c, query, key)
        both = both if scale is None else both * scale
        scores = c.b.Sum(c.b.Tanh(both), [-1]) * c.weight("concat_score_weight")
    else:
        scores = c.b.BatchMatMulV2(query, key, adj_y=True)
        scores = scores if scale is None else scores * scale
    return _attended(c, scores)


def _additive_variables(config: Config) -> list[VariableSpec]:
    return [VariableSpec("scale")] if config.boolean("use_scale", True) else []


@layer("AdditiveAttention", variables=_additive_variables, floats=True, masks="pass", takes="mask training")
def additive_attention(c: Context) -> list[Value]:
    """Softmax of the sum of scale · tanh(query + key)."""
    query, *others = c.tensors(2, 3)
    key = others[-1]
    both = c.b.Tanh(_each_pair(c, query, key))
    if c.config.boolean("use_scale", True):
        both = both * c.weight("scale", c.fixed(query, -1))
    return _attended(c, c.b.Sum(both, [-1]))


def _each_pair(c: Context, query: Value, key: Value) -> Value:
    """Return the sums of every query with every key."""
    return c.b.ExpandDims(query, -2) + c.b.ExpandDims(key, -3)


def _attended(c: Context, scores: Value) -> list[Value]:
    b, value = c.b, c.inputs[1]
    masks = c.previous_masks()
    query_mask, value_mask = (*masks, None, None)[:2]
    hidden = None if value_mask is None else b.ExpandDims(value_mask, -2)
    if _flag(c, "use_causal_mask") or c.config.boolean("causal", False):
        causal = lower_triangle(c, scores)
        hidden = causal if hidden is None else b.LogicalAnd(hidden, causal)
    if hidden is not None:
        scores = scores - (1.0 - b.Cast(hidden, DstT="float32")) * 1e9
    weights = softmax(b, scores)
    result = b.BatchMatMulV2(weights, value)
    if query_mask is not None:
        shown = b.ExpandDims(query_mask, -1)
        if c.generation == 2:
            result = result * b.Cast(shown, DstT="float32")
        else:
            result = b.SelectV2(shown, result, b.ZerosLike(result))
    c.output_masks = [query_mask]
    return [result, weights] if _flag(c, "return_attention_scores") else [result]


def _flag(c: Context, name: str) -> bool:
    return c.truth(c.kwargs.get(name), name)


def lower_triangle(c: Context, scores: Value) -> Value:
    """Return, for the last two axes, whether the column is not beyond the row."""
    rows, columns = _places(c, scores)
    return c.b.GreaterEqual(rows, columns)


def _places(c: Context, scores: Value) -> tuple[Value, Value]:
    """Return the numbers of the rows (as a column) and columns (as a row) of the last two axes."""
    rows, columns = (c.b.Range(0, _number(c, scores, axis), 1) for axis in (-2, -1))
    return c.b.ExpandDims(rows, 1), c.b.ExpandDims(columns, 0)


def _number(c: Context, x: Value, axis: int) -> Value:
    size = c.size(x, axis)
    return c.ints(size) if isinstance(size, int) else size


# --- MultiHeadAttention and GroupQueryAttention -----------------------------------------------------------------------


def _projections(config: Config) -> list[VariableSpec]:
    """The projections are layers of their own, which the configuration does not list."""
    bias = config.boolean("use_bias", True)
    names = ["query", "key", *(["gate"] if config.get("use_gate") else []), "value"]
    parts = {**{name: f"{name}_dense" for name in names}, "attention_output": "output_dense"}
    roles = ["kernel", "bias"] if bias else ["kernel"]
    return [VariableSpec(f"{part}/{role}", True, attribute) for part, attribute in parts.items() for role in roles]


@layer("MultiHeadAttention", variables=_projections, masks="pass", takes=_TAKES)
def multi_head_attention(c: Context) -> list[Value]:
    """Attention of several heads: projections of query, key and value, attention along axes, a projection back."""
    heads, width = c.config.size("num_heads"), c.config.size("key_dim")
    deep = c.config.get("value_dim")
    query, value, key = _arguments(c)
    given = c.config.get("attention_axes")
    axes = [1] if given is None else [c.axis(query, axis) for axis in c.config.integers("attention_axes")]
    if given is None and c.rank(query) > 3:
        axes = list(range(1, c.rank(query) - 1))
    mask = _mask(c, query, value)
    q, k = _projected(c, query, "query", heads, width), _projected(c, key, "key", heads, width)
    v = _projected(c, value, "value", heads, c.config.size("value_dim") if deep is not None else width)
    gate = _projected(c, query, "gate", heads, v.shape[-1] if v.shape else None) if c.config.get("use_gate") else None
    return _heads(c, q, k, v, gate, axes, width, mask)


@layer("GroupedQueryAttention", variables=_projections, masks={3: "pass"}, takes=_TAKES)
def grouped_query_attention(c: Context) -> list[Value]:
    """Attention in which several queries share a key and a value."""
    heads, groups = c.config.size("num_query_heads"), c.config.size("num_key_value_heads")
    width = c.config.size("head_dim")
    query, value, key = _arguments(c)
    mask = _mask(c, query, value)
    q = _projected(c, query, "query", heads, width)
    k, v = (_projected(c, each, part, groups, width) for each, part in ((key, "key"), (value, "value")))
    k, v = (repeated(c, each, 2, heads // groups) for each in (k, v))
    gate = _projected(c, query, "gate", heads, width) if c.config.get("use_gate") else None
    return _heads(c, q, k, v, gate, [1], width, mask)


def _arguments(c: Context) -> tuple[Value, Value, Value]:
    """Return query, value and key."""
    query, value = c.argument(0, "query"), c.argument(1, "value")
    key = c.argument(2, "key", default=None)
    key = value if key is None else key
    found = [c.as_float(each) for each in (query, value, key) if isinstance(each, Value)]
    c.require(len(found) == 3, "expects tensors as `query` and `value`")
    return found[0], found[1], found[2]


def _projected(c: Context, x: Value, part: str, heads: int, width: int | None) -> Value:
    """Return the last axis multiplied out into heads."""
    inputs = c.fixed(x, -1)
    kernel = c.weight(f"{part}/kernel", inputs, heads, width)
    deep = kernel.static[-1] if kernel.static else 0
    y = matmul(c, x, c.b.Reshape(kernel, [inputs, heads * deep]))
    if c.config.boolean("use_bias", True):
        y = c.b.BiasAdd(y, c.b.Reshape(c.weight(f"{part}/bias", heads, deep), [heads * deep]))
    return reshape(c.b, y, [*c.sizes(x)[:-1], heads, deep])


def _mask(c: Context, query: Value, value: Value) -> Value | None:
    """Return which value each query may look at, as [batch, queries, values] or what was given: the masks of query,
    value and key, the triangle, the window, and the argument, all together."""
    b = c.b
    found: list[Value] = []
    masks = {name: _tensor_mask(c, position, name) for position, name in ((0, "query"), (1, "value"), (2, "key"))}
    if masks["query"] is not None:
        found.append(b.ExpandDims(masks["query"], -1))
    found += [b.ExpandDims(mask, -2) for mask in (masks["value"], masks["key"]) if mask is not None]
    window = c.config.get("sliding_window")
    if _flag(c, "use_causal_mask") or window is not None:
        rows, columns = (b.Range(0, _number(c, each, 1), 1) for each in (query, value))
        rows, columns = b.ExpandDims(rows, 1), b.ExpandDims(columns, 0)
        if _flag(c, "use_causal_mask"):
            found.append(b.ExpandDims(b.GreaterEqual(rows, columns), 0))
        if window is not None:
            near = b.Less(b.Abs(rows - columns), c.config.size("sliding_window"))
            found.append(b.ExpandDims(near, 0))
    given = c.kwargs.get("attention_mask")
    if isinstance(given, Value):
        found.append(given if given.dtype == "bool" else b.NotEqual(given, c.constant(0, given.dtype)))
    if not found:
        return None
    result = found[0]
    for each in found[1:]:
        result = b.LogicalAnd(result, each)
    return result


def _tensor_mask(c: Context, position: int, name: str) -> Value | None:
    """Return the mask of an argument: the one that comes with its tensor. In Keras 3 the call's arguments `value_mask`
    and `key_mask` override it (keras/src/layers/attention/multi_head_attention.py)."""
    tensor = c.argument(position, name, default=None)
    own = c.host.masks.get(tensor) if isinstance(tensor, Value) else None
    given = c.kwargs.get(f"{name}_mask")
    if c.generation == 3 and name != "query" and isinstance(given, Value):
        return given
    return own


def _heads(
    c: Context,
    q: Value,
    k: Value,
    v: Value,
    gate: Value | None,
    axes: list[int],
    width: int,
    mask: Value | None,
) -> list[Value]:
    b = c.b
    rank = c.rank(q)
    handed = c.previous_masks()
    c.output_masks = [handed[0] if handed else None]
    if c.generation == 3 and c.layer.class_name == "MultiHeadAttention":
        for each in c.args[:3] + [c.kwargs.get(name) for name in ("query", "value", "key")]:
            if isinstance(each, Value):
                c.host.masks.pop(each, None)
    to_scores, to_values = _equations(rank, axes)
    scores = b.Einsum(k, q * (1.0 / width**0.5), equation=to_scores)
    scores_wanted = c.truth(c.kwargs.get("return_attention_scores"), "return_attention_scores")
    plain = not scores_wanted and rank == 4 and not c.config.number("dropout", 0.0)
    weights = _weights(c, scores, mask, axes, plain=plain and c.generation == 3)
    y = b.Einsum(weights, v, equation=to_values)
    if gate is not None:
        y = y * b.Sigmoid(gate)
    heads, deep = c.fixed(y, -2), c.fixed(y, -1)
    kernel = c.any_weight("attention_output/kernel")
    shape = kernel.static or ()
    outputs = shape[2:]
    total = 1
    for size in outputs:
        total *= size
    c.require(
        shape[:2] == (heads, deep),
        f"expects the weight `attention_output/kernel` to have the shape [{heads}, {deep}, …], got {list(shape)}",
        SAVE_AGAIN,
    )
    flat = reshape(b, y, [*c.sizes(y)[:-2], heads * deep])
    result = matmul(c, flat, b.Reshape(kernel, [heads * deep, total]))
    if c.config.boolean("use_bias", True):
        result = b.BiasAdd(result, b.Reshape(c.weight("attention_output/bias", *outputs), [total]))
    result = reshape(b, result, [*c.sizes(flat)[:-1], *outputs])
    return [result, weights] if scores_wanted else [result]


def _weights(c: Context, scores: Value, mask: Value | None, axes: list[int], *, plain: bool) -> Value:
    """Return the softmax over the values' axes. Where all values are hidden, Keras 3's plain attention looks at all of
    them alike, and what computes scores for the caller at none."""
    rank = c.rank(scores)
    along = list(range(rank - len(axes), rank))
    if mask is not None:
        for _ in range(rank - c.rank(mask)):
            mask = c.b.ExpandDims(mask, c.rank(mask) - 2 * len(axes))
        if plain:
            return softmax(c.b, c.b.SelectV2(mask, scores, HIDDEN_SCORE), along)
    return masked_softmax(c, scores, mask, along)


def _equations(rank: int, axes: list[int]) -> tuple[str, str]:
    """Return the equations that make scores of key and query, and results of weights and value (Keras's
    `_build_attention_equation`); `rank` counts the heads' axis."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    target = letters[:rank]
    batch = [axis for axis in range(rank) if axis not in axes and axis != rank - 1]
    spare = iter(letters[rank:])
    source = "".join(target[axis] if axis in batch or axis == rank - 1 else next(spare) for axis in range(rank))
    product = "".join([target[axis] for axis in batch] + [target[a] for a in axes] + [source[a] for a in axes])
    return f"{source},{target}->{product}", f"{product},{source}->{target}"
