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
