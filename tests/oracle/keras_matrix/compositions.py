"""Whole networks of layers and functions together: residual, U-Net, siamese, mixers, detectors, generators."""

import numpy as np

from tests.oracle.keras_matrix.suite import THREE, network
from tests.oracle.samples import normal, pixels, tokens


@network(inputs=pixels())
def residual_of_everything(keras):
    layers = keras.layers
    inputs = keras.Input((16, 16, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(layers.Resizing(20, 20)(inputs))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    for groups, dilation in ((2, 1), (4, 2)):
        y = layers.GroupNormalization(groups)(x)
        y = layers.Activation("gelu")(y)
        y = layers.Conv2D(8, 3, padding="same", groups=groups, dilation_rate=dilation)(y)
        x = x + layers.SpatialDropout2D(0.1)(y) * 0.5
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.Model(inputs, layers.Dense(5, activation="softmax")(layers.Flatten()(x)))


@network(inputs=normal(sizes=(16, 24, 2)))
def unet_bilinear(keras):
    layers = keras.layers
    inputs = keras.Input((None, None, 2), name="image")
    skips, x = [], inputs
    for filters in (4, 6):
        x = layers.PReLU(shared_axes=[1, 2])(layers.Conv2D(filters, 3, padding="same")(x))
        skips.append(x)
        x = layers.Conv2D(filters, 3, strides=2, padding="same")(x)
    for filters, skip in zip((6, 4), reversed(skips), strict=True):
        x = layers.UpSampling2D(2, interpolation="bilinear")(x)
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(layers.Concatenate()([x, skip]))
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x))


@network()
def siamese_distance(keras):
    layers = keras.layers
    encoder_input = keras.Input((8, 8, 1), name="image")
    y = layers.Conv2D(4, 3, activation="relu")(encoder_input)
    y = layers.UnitNormalization()(layers.Dense(6)(layers.Flatten()(y)))
    encoder = keras.Model(encoder_input, y, name="encoder")
    left, right = (keras.Input((8, 8, 1), name=name) for name in ("left", "right"))
    difference = encoder(left) - encoder(right)
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference * difference))


@network()
def mixer(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="image")
    x = layers.Reshape((16, 6))(layers.Conv2D(6, 2, strides=2)(inputs))
    for _ in range(2):
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        y = layers.Dense(16)(layers.Dense(8, activation="gelu")(y))
        x = layers.Add()([x, layers.Permute((2, 1))(y)])
        x = layers.Add()([x, layers.Dense(6)(layers.Dense(12, activation="gelu")(layers.LayerNormalization()(x)))])
    return keras.Model(inputs, layers.Dense(4)(layers.GlobalAveragePooling1D()(x)))


@network()
def generator(keras):
    layers = keras.layers
    x = noise = keras.Input((10,), name="noise")
    x = layers.Reshape((3, 3, 6))(layers.Dense(54, use_bias=False)(x))
    for filters in (6, 4):
        x = layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=False)(x)
        x = layers.LeakyReLU()(layers.BatchNormalization()(x))
    return keras.Model(noise, layers.Conv2D(3, 3, padding="same", activation="tanh")(x))


@network()
def video(keras):
    layers = keras.layers
    inputs = keras.Input((4, 10, 10, 2), name="video")
    x = layers.BatchNormalization()(layers.ConvLSTM2D(4, 3, padding="same", return_sequences=True)(inputs))
    x = layers.Conv3D(3, (2, 3, 3), strides=(1, 2, 2), padding="same", activation="relu")(x)
    x = layers.TimeDistributed(layers.GlobalMaxPooling2D())(x)
    return keras.Model(inputs, layers.Bidirectional(layers.GRU(3))(x))


@network(inputs=normal())
def variational_encoder(keras):
    layers = keras.layers
    inputs = keras.Input((12,), name="x")
    hidden = layers.Dense(8, activation="softplus")(inputs)
    mean, spread = layers.Dense(3, name="mean")(hidden), layers.Dense(3, name="spread")(hidden)
    noise = keras.Input((3,), name="noise")
    z = mean + spread * noise
    return keras.Model([inputs, noise], {"z": z, "mean": mean, "decoded": layers.Dense(12)(z)})


@network(generations=THREE, inputs=normal())
def detector_of_keras_3(keras):
    """Boxes out of a grid: functions on tensors, comparisons, the best few."""
    layers, ops = keras.layers, keras.ops
    inputs = keras.Input((16, 16, 3), name="image")
    x = layers.Conv2D(6, 3, strides=4, padding="same")(inputs)
    x = ops.reshape(x, (-1, 16, 6))
    score = ops.sigmoid(x[..., 4])
    centre, size = x[..., :2], ops.exp(ops.clip(x[..., 2:4], -2.0, 2.0))
    boxes = ops.concatenate([centre - size / 2, centre + size / 2], axis=-1)
    best, where = ops.top_k(score, 4)
    chosen = ops.take_along_axis(boxes, ops.expand_dims(where, -1), axis=1)
    return keras.Model(inputs, {"boxes": chosen, "scores": best, "sure": best > 0.5})


@network(generations=THREE, inputs=tokens(30))
def language_model_of_keras_3(keras):
    """Root-mean-square norms, grouped queries, rotated positions, gates: what small language models have."""
    layers, ops = keras.layers, keras.ops
    words = keras.Input((8,), dtype="int32", name="words")
    x = layers.Embedding(30, 8)(words)
    angles = np.outer(np.arange(8), 1.0 / 100 ** (np.arange(4) / 4)).astype("float32")
    for _ in range(2):
        y = layers.RMSNormalization()(x)
        left, right = ops.split(y, 2, axis=-1)
        turned = ops.concatenate(
            [left * np.cos(angles) - right * np.sin(angles), right * np.cos(angles) + left * np.sin(angles)], axis=-1
        )
        x = x + layers.GroupQueryAttention(4, 4, 2)(turned, y, use_causal_mask=True)
        y = layers.RMSNormalization()(x)
        x = x + layers.Dense(8)(ops.silu(layers.Dense(12)(y)) * layers.Dense(12)(y))
    return keras.Model(words, layers.Dense(30)(layers.RMSNormalization()(x)))


@network(generations=THREE)
def vision_transformer_of_keras_3(keras):
    layers, ops = keras.layers, keras.ops
    inputs = keras.Input((16, 16, 3), name="image")
    patches = layers.Dense(8)(ops.image.extract_patches(inputs, (4, 4)))
    x = ops.reshape(patches, (-1, 16, 8))
    x = x + layers.Embedding(16, 8)(ops.arange(16))
    y = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(2, 4)(y, y)
    x = x + layers.Dense(8)(layers.Dense(16, activation="gelu")(layers.LayerNormalization()(x)))
    return keras.Model(inputs, layers.Dense(4)(ops.mean(x, axis=1)))


@network(inputs=normal(sizes=(64, 1)))
def wavenet(keras):
    layers = keras.layers
    inputs = keras.Input((None, 1), name="signal")
    x = layers.Conv1D(4, 1)(inputs)
    total = []
    for rate in (1, 2, 4, 8):
        gate = layers.Conv1D(4, 2, dilation_rate=rate, padding="causal", activation="sigmoid")(x)
        wave = layers.Conv1D(4, 2, dilation_rate=rate, padding="causal", activation="tanh")(x)
        y = layers.Multiply()([gate, wave])
        total.append(layers.Conv1D(3, 1)(y))
        x = layers.Add()([x, layers.Conv1D(4, 1)(y)])
    return keras.Model(inputs, layers.Conv1D(2, 1)(layers.ReLU()(layers.Add()(total))))


@network()
def mixture_of_experts(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    gate = layers.Softmax()(layers.Dense(3)(inputs))
    experts = [layers.Reshape((1, 5))(layers.Dense(5, activation="elu")(inputs)) for _ in range(3)]
    return keras.Model(inputs, layers.Dot(axes=(1, 1))([gate, layers.Concatenate(axis=1)(experts)]))
