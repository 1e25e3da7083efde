"""Attention layers: their options, their masks, and the blocks that are built of them."""

from tests.oracle.keras_matrix.suite import THREE, layers, network
from tests.oracle.samples import any_of, normal, padded_steps, padded_tokens, tokens

_QV = {"q": (5, 6), "v": (7, 6)}
_QVK = {"q": (5, 6), "v": (7, 4), "k": (7, 6)}
_MASKS = {"q": normal(), "v": normal(), "k": normal(), "seen": any_of([False, True, True])}

for _cls in ("Attention", "AdditiveAttention"):
    _prefix = "attention" if _cls == "Attention" else "additive_attention"
    layers(f"{_prefix}_plain", _QV, lambda layers, q, v, cls=_cls: getattr(layers, cls)()([q, v]))
    layers(
        f"{_prefix}_of_keys", {**_QV, "k": (7, 6)}, lambda layers, q, v, k, cls=_cls: getattr(layers, cls)()([q, v, k])
    )
    layers(
        f"{_prefix}_causal", _QV, lambda layers, q, v, cls=_cls: getattr(layers, cls)()([q, v], use_causal_mask=True)
    )
    layers(
        f"{_prefix}_scores",
        _QV,
        lambda layers, q, v, cls=_cls: list(getattr(layers, cls)()([q, v], return_attention_scores=True)),
    )
    layers(
        f"{_prefix}_masked",
        _QV,
        lambda layers, q, v, cls=_cls: getattr(layers, cls)()([layers.Masking()(q), layers.Masking()(v)]),
        inputs=padded_steps(),
    )
layers("attention_scaled", _QV, lambda layers, q, v: layers.Attention(use_scale=True)([q, v]))
layers("attention_concat", _QV, lambda layers, q, v: layers.Attention(score_mode="concat", use_scale=True)([q, v]))
layers("additive_attention_unscaled", _QV, lambda layers, q, v: layers.AdditiveAttention(use_scale=False)([q, v]))

for _name, _settings in {
    "plain": {"num_heads": 2, "key_dim": 4},
    "value_dim": {"num_heads": 3, "key_dim": 4, "value_dim": 5},
    "output_shape": {"num_heads": 2, "key_dim": 3, "output_shape": 7},
    "without_bias": {"num_heads": 2, "key_dim": 4, "use_bias": False},
    "one_head": {"num_heads": 1, "key_dim": 5, "dropout": 0.3},
}.items():
    layers(
        f"multi_head_{_name}",
        _QV,
        lambda layers, q, v, settings=_settings: layers.MultiHeadAttention(**settings)(q, v),
    )
layers("multi_head_of_keys", _QVK, lambda layers, q, v, k: layers.MultiHeadAttention(2, 4)(q, v, k))
layers("multi_head_named_key", _QVK, lambda layers, q, v, k: layers.MultiHeadAttention(2, 4)(q, v, key=k))
layers("multi_head_causal", _QV, lambda layers, q, v: layers.MultiHeadAttention(2, 4)(q, q, use_causal_mask=True))
layers(
    "multi_head_scores",
    _QV,
    lambda layers, q, v: list(layers.MultiHeadAttention(2, 4)(q, v, return_attention_scores=True)),
)
layers(
    "multi_head_given_mask",
    {**_QV, "seen": (5, 7)},
    lambda layers, q, v, seen: layers.MultiHeadAttention(2, 4)(q, v, attention_mask=seen),
    dtypes={"seen": "bool"},
    inputs=_MASKS,
)
layers(
    "multi_head_masked",
    _QV,
    lambda layers, q, v: layers.MultiHeadAttention(2, 4)(layers.Masking()(q), layers.Masking()(v)),
    inputs=padded_steps(),
)
layers(
    "multi_head_masked_and_causal",
    {"q": (5, 6)},
    lambda layers, q: (lambda x: layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True))(layers.Masking()(q)),
    inputs=padded_steps(),
)
layers(
    "multi_head_of_images",
    {"q": (3, 4, 6), "v": (2, 5, 6)},
    lambda layers, q, v: layers.MultiHeadAttention(2, 4, attention_axes=(1, 2))(q, v),
)
layers(
    "multi_head_of_rows",
    {"q": (3, 4, 6)},
    lambda layers, q: layers.MultiHeadAttention(2, 4, attention_axes=(2,))(q, q),
)
layers(
    "multi_head_of_unknown_steps",
    {"q": (None, 6), "v": (None, 6)},
    lambda layers, q, v: layers.MultiHeadAttention(2, 4)(q, v),
)
layers(
    "multi_head_gated",
    _QV,
    lambda layers, q, v: layers.MultiHeadAttention(2, 4, use_gate=True)(q, v),
    generations=THREE,
)
layers(
    "multi_head_not_flash",
    _QV,
    lambda layers, q, v: layers.MultiHeadAttention(2, 4, flash_attention=False)(q, v),
    generations=THREE,
)
for _name, _settings in {"plain": {}, "without_bias": {"use_bias": False}}.items():
    layers(
        f"grouped_query_{_name}",
        _QV,
        lambda layers, q, v, settings=_settings: layers.GroupQueryAttention(4, 6, 2, **settings)(q, v),
        generations=THREE,
    )
layers(
    "grouped_query_causal",
    {"q": (5, 6)},
    lambda layers, q: layers.GroupQueryAttention(3, 4, 1)(q, q, use_causal_mask=True),
    generations=THREE,
)
layers(
    "grouped_query_masked",
    {"q": (5, 6)},
    lambda layers, q: (lambda x: layers.GroupQueryAttention(3, 4, 2)(x, x))(layers.Masking()(q)),
    generations=THREE,
    inputs=padded_steps(),
)


def _transformer_block(keras, x, heads, **call):
    layers = keras.layers
    size = x.shape[-1]
    y = layers.LayerNormalization()(x)
    x = layers.Add()([x, layers.MultiHeadAttention(heads, 4, dropout=0.1)(y, y, **call)])
    y = layers.Dense(2 * size, activation="gelu")(layers.LayerNormalization()(x))
    return layers.Add()([x, layers.Dropout(0.1)(layers.Dense(size)(y))])


@network(inputs=padded_tokens(30))
def masked_encoder(keras):
    layers = keras.layers
    words = keras.Input((9,), dtype="int32", name="words")
    x = layers.Embedding(30, 8, mask_zero=True)(words)
    for _ in range(2):
        x = _transformer_block(keras, x, 2)
    return keras.Model(words, layers.Dense(3)(layers.GlobalAveragePooling1D()(x)))


@network(inputs=tokens(30))
def causal_decoder(keras):
    layers = keras.layers
    words = keras.Input((None,), dtype="int32", name="words")
    x = layers.Embedding(30, 8)(words)
    for _ in range(2):
        x = _transformer_block(keras, x, 2, use_causal_mask=True)
    return keras.Model(words, layers.Dense(30)(layers.LayerNormalization()(x)))


@network(inputs={"source": padded_tokens(20), "target": padded_tokens(25)})
def transformer_of_two_languages(keras):
    layers = keras.layers
    source = keras.Input((8,), dtype="int32", name="source")
    target = keras.Input((6,), dtype="int32", name="target")
    memory = _transformer_block(keras, layers.Embedding(20, 8, mask_zero=True)(source), 2)
    x = layers.Embedding(25, 8, mask_zero=True)(target)
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)]))
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, memory)]))
    return keras.Model([source, target], layers.Dense(25, activation="softmax")(x))


@network()
def gated_attention_of_channels(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 6), name="image")
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(inputs)
    gate = layers.Dense(6, activation="sigmoid")(layers.Dense(3, activation="swish")(pooled))
    x = layers.Multiply()([inputs, gate])
    where = layers.Conv2D(1, 5, padding="same", activation="sigmoid")(x)
    return keras.Model(inputs, layers.Multiply()([x, where]))
