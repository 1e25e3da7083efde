"""Attention and transformers."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model

_TOKENS = integers(0, 19, 2, 8)


def _block(keras, x, heads=2, **call):
    layers = keras.layers
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(heads, 4)(x, x, **call))
    y = layers.Dense(16, activation="gelu")(x)
    return layers.LayerNormalization()(x + layers.Dense(x.shape[-1])(y))


for _keras in ("keras3", "keras2"):
    _suffix = "" if _keras == "keras3" else "_of_keras_2"

    @model(_keras, name=f"transformer{_suffix}", x=normal(2, 6, 8))
    def transformer(keras):
        inputs = keras.Input((6, 8), name="x")
        return keras.Model(inputs, _block(keras, _block(keras, inputs)))

    @model(_keras, name=f"text_classifier{_suffix}", x=_TOKENS)
    def text_classifier(keras):
        layers = keras.layers
        inputs = keras.Input((8,), dtype="int32", name="x")
        positions = layers.Embedding(8, 8)(np.arange(8)[None])
        x = _block(keras, layers.Embedding(20, 8)(inputs) + positions)
        return keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling1D()(x)))

    @model(_keras, name=f"attention_layers{_suffix}", q=normal(2, 5, 4), v=normal(2, 7, 4))
    def attention_layers(keras):
        layers = keras.layers
        q, v = keras.Input((5, 4), name="q"), keras.Input((7, 4), name="v")
        return keras.Model(
            [q, v], layers.Concatenate()([layers.Attention()([q, v]), layers.AdditiveAttention()([q, v])])
        )


@model("keras3", x=_TOKENS)
def causal_decoder(keras):
    layers = keras.layers
    inputs = keras.Input((None,), dtype="int32", name="x")
    x = _block(keras, layers.Embedding(20, 8)(inputs), use_causal_mask=True)
    return keras.Model(inputs, layers.Dense(20)(x))


@model("keras3", x=literal([[3, 7, 1, 0], [5, 0, 0, 0]], [[8, 1, 6, 2], [4, 4, 0, 0]]).free(0))
def padded_transformer(keras):
    layers = keras.layers
    inputs = keras.Input((4,), dtype="int32", name="x")
    x = layers.Embedding(11, 8, mask_zero=True)(inputs)
    x = layers.MultiHeadAttention(2, 4)(x, x)
    return keras.Model(inputs, layers.GlobalAveragePooling1D()(x))


@model("keras3", x=normal(2, 6, 8))
def grouped_query_attention(keras):
    inputs = keras.Input((6, 8), name="x")
    y = keras.layers.GroupQueryAttention(4, 4, 2)(inputs, inputs)
    return keras.Model(inputs, keras.layers.RMSNormalization()(y))


@model("keras3", x=normal(2, 16, 16, 3))
def vision_transformer(keras):
    layers, ops = keras.layers, keras.ops
    inputs = keras.Input((16, 16, 3), name="x")
    patches = ops.reshape(layers.Conv2D(8, 4, 4)(inputs), (-1, 16, 8))
    x = layers.Add()([patches, layers.Embedding(16, 8)(np.arange(16)[None])])
    x = _block(keras, layers.LayerNormalization()(x))
    return keras.Model(inputs, layers.Dense(5)(x[:, 0]))


@model("keras3", x=normal(2, 6, 8).then(1, 9, 8))
def rotary_positions(keras):
    layers, ops = keras.layers, keras.ops

    class Rotary(layers.Layer):
        def call(self, x):
            frequencies = ops.exp(-ops.arange(0, x.shape[-1] // 2, dtype="float32"))
            angles = ops.cast(ops.arange(ops.shape(x)[1]), "float32")[:, None] * frequencies
            cos, sin, (a, b) = ops.cos(angles), ops.sin(angles), ops.split(x, 2, -1)
            return ops.concatenate([a * cos - b * sin, a * sin + b * cos], -1)

    inputs = keras.Input((None, 8), name="x")
    q, k = Rotary()(layers.Dense(8)(inputs)), Rotary()(layers.Dense(8)(inputs))
    return keras.Model(inputs, layers.Attention(use_scale=True)([q, inputs, k], use_causal_mask=True))


@model("keras3", x=normal(2, 4, 8).then(3, 4, 8), y=normal(2, 6, 8).then(3, 5, 8))
def cross_attention_with_scores(keras):
    x, y = keras.Input((None, 8), name="x"), keras.Input((None, 8), name="y")
    attended = keras.layers.MultiHeadAttention(2, 4)(x, y, return_attention_scores=True)
    return keras.Model([x, y], list(attended))


@model("keras3", x=normal(2, 4, 5, 8))
def attention_over_two_axes(keras):
    inputs = keras.Input((4, 5, 8), name="x")
    layer = keras.layers.MultiHeadAttention(2, 4, attention_axes=(1, 2), output_shape=6)
    return keras.Model(inputs, layer(inputs, inputs))


@model("keras3", x=_TOKENS, y=_TOKENS)
def encoder_and_decoder(keras):
    layers = keras.layers
    x, y = (keras.Input((None,), dtype="int32", name=name) for name in "xy")
    read = _block(keras, layers.Embedding(20, 8, mask_zero=True)(x))
    said = _block(keras, layers.Embedding(20, 8, mask_zero=True)(y), use_causal_mask=True)
    said = said + layers.MultiHeadAttention(2, 4)(said, read)
    return keras.Model([x, y], layers.Dense(20, activation="softmax")(said))


@model("module", x=normal(1, 1, 4), cache=normal(1, 6, 4), n=literal(2, 4))
def attention_with_a_cache(tf):
    module = tf.Module()
    module.w = tf.Variable(np.random.default_rng(5).standard_normal((4, 4)).astype("float32"))
    declared = [
        tf.TensorSpec([1, 1, 4], name="x"),
        tf.TensorSpec([1, 6, 4], name="cache"),
        tf.TensorSpec([], "int32", "n"),
    ]

    @tf.function(input_signature=declared)
    def step(x, cache, n):
        cache = tf.tensor_scatter_nd_update(cache, tf.stack([0, n])[None], (x @ module.w)[:, 0])
        scores = tf.where(tf.range(6) <= n, tf.einsum("bqd,bkd->bqk", x, cache), -1e9)
        return {"y": tf.nn.softmax(scores) @ cache, "cache": cache}

    module.step = step
    return module, step


@model("module", x=normal(2, 6, 8))
def attention_by_hand(tf):
    rng = np.random.default_rng(5)
    module = tf.Module()
    module.w = [tf.Variable(rng.standard_normal((8, 8)).astype("float32") * 0.4, name=name) for name in "qkvo"]

    @tf.function(input_signature=[tf.TensorSpec([None, None, 8], name="x")])
    def attend(x):
        def heads(w):
            y = tf.einsum("bte,ef->btf", x, w)
            return tf.transpose(tf.reshape(y, [tf.shape(x)[0], tf.shape(x)[1], 2, 4]), [0, 2, 1, 3])

        q, k, v = (heads(w) for w in module.w[:3])
        scores = tf.matmul(q, k, transpose_b=True) / 2.0
        causal = tf.linalg.band_part(tf.ones(tf.shape(scores)[-2:]), -1, 0)
        mixed = tf.nn.softmax(scores - 1e9 * (1.0 - causal)) @ v
        return {"y": tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), tf.shape(x)) @ module.w[3], "scores": scores}

    module.attend = attend
    return module, attend
