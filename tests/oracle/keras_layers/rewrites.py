"""Layers that tfjs-layers lacks, or has with fewer options, and that other layers of its can make up for."""

import numpy as np

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import normal, pixels, tokens


def _around(keras, layer, shape=(6,)):
    return keras.Sequential([keras.Input(shape), keras.layers.Dense(6), layer, keras.layers.Dense(3)])


@network()
def subtraction(keras):
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    return keras.Model([left, right], keras.layers.Subtract(name="difference")([left, right]))


@network()
def relu_with_slope(keras):
    return _around(keras, keras.layers.ReLU(negative_slope=0.2))


@network()
def relu_with_slope_and_limit(keras):
    return _around(keras, keras.layers.ReLU(max_value=0.5, negative_slope=0.2))


@network()
def relu_with_threshold(keras):
    return _around(keras, keras.layers.ReLU(threshold=0.5))


@network()
def elu_with_alpha(keras):
    return _around(keras, keras.layers.ELU(0.5))


@network()
def softmax_of_first_axis(keras):
    return _around(keras, keras.layers.Softmax(axis=1), (5, 4))


@network()
def causal_convolution(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 2)),
            layers.Conv1D(6, 3, padding="causal", activation="relu"),
            layers.Conv1D(4, 2, padding="causal", dilation_rate=2),
            layers.Conv1D(3, 3, padding="causal", strides=2),
        ]
    )


@network()
def convolution_of_each_channel(keras):
    return keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Conv2D(6, 3, groups=3, activation="relu")])


@network()
def transposed_conv1d(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((7, 3)),
            layers.Conv1DTranspose(5, 4, strides=2, padding="same", activation="relu"),
            layers.Conv1DTranspose(2, 3, strides=2),
        ]
    )


@network()
def depthwise_conv1d(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((11, 3)),
            layers.DepthwiseConv1D(3, padding="same", depth_multiplier=2, activation="relu"),
            layers.DepthwiseConv1D(4, strides=2, use_bias=False),
        ]
    )


@network()
def separable_conv1d(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((13, 3)),
            layers.SeparableConv1D(5, 3, padding="same", activation="relu"),
            layers.SeparableConv1D(4, 3, strides=2, depth_multiplier=2),
            layers.SeparableConv1D(3, 2, dilation_rate=2, use_bias=False),
        ]
    )


@network()
def pooling_that_keeps_dimensions(keras):
    layers = keras.layers
    image, signal = keras.Input((4, 5, 2), name="image"), keras.Input((6, 3), name="signal")
    outputs = [
        layers.GlobalAveragePooling2D(keepdims=True, name="average_2d")(image),
        layers.GlobalMaxPooling2D(keepdims=True, name="maximum_2d")(image),
        layers.GlobalAveragePooling1D(keepdims=True, name="average_1d")(signal),
        layers.GlobalMaxPooling1D(keepdims=True, name="maximum_1d")(signal),
    ]
    return keras.Model([image, signal], outputs)


@network()
def global_pooling_3d(keras):
    layers = keras.layers
    inputs = keras.Input((3, 4, 5, 2), name="x")
    outputs = [
        layers.GlobalAveragePooling3D(name="average")(inputs),
        layers.GlobalMaxPooling3D(name="maximum")(inputs),
        layers.GlobalMaxPooling3D(keepdims=True, name="kept")(inputs),
    ]
    return keras.Model(inputs, outputs)


@network()
def pooling_3d_with_large_strides(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((7, 7, 7, 2)), layers.MaxPooling3D(2, strides=3, padding="same"), layers.Dense(3)]
    )


@network()
def resized_sequences(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 3)),
            layers.ZeroPadding1D((2, 1)),
            layers.Conv1D(4, 3),
            layers.UpSampling1D(3),
            layers.Cropping1D((1, 2)),
            layers.Dense(2),
        ]
    )


@network()
def resized_volumes(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((3, 4, 5, 2)),
            layers.ZeroPadding3D(((1, 0), (0, 2), (1, 1))),
            layers.Conv3D(3, 2),
            layers.UpSampling3D((2, 1, 3)),
            layers.Cropping3D(((1, 1), (0, 2), (2, 1))),
        ]
    )


@network()
def center_crop(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((9, 8, 3)), layers.CenterCrop(6, 5), layers.Conv2D(3, 3), layers.CenterCrop(2, 2)]
    )


@network()
def channels_first(keras):
    layers = keras.layers
    first = "channels_first"
    inputs = keras.Input((3, 5, 6), name="x")
    x = layers.ZeroPadding2D(((1, 2), (0, 1)), data_format=first)(inputs)
    x = layers.UpSampling2D((2, 3), data_format=first)(x)
    x = layers.Cropping2D(((1, 0), (2, 3)), data_format=first)(x)
    outputs = [
        layers.GlobalAveragePooling2D(data_format=first, name="average")(x),
        layers.GlobalMaxPooling2D(data_format=first, keepdims=True, name="maximum")(x),
        layers.Flatten(data_format=first, name="flat")(x),
    ]
    return keras.Model(inputs, outputs)


@network(inputs=tokens(7))
def category_counts(keras):
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="categories")
    counts = layers.CategoryEncoding(num_tokens=7, output_mode="count", name="counts")(inputs)
    seen = layers.CategoryEncoding(num_tokens=7, output_mode="multi_hot", name="seen")(inputs)
    return keras.Model(inputs, [counts, seen, layers.Dense(3, name="scores")(counts)])


@network(inputs=tokens(6))
def category_one_hot(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((1,), dtype="int32"),
            layers.CategoryEncoding(num_tokens=6, output_mode="one_hot"),
            layers.Dense(3),
        ]
    )


@network(inputs=pixels())
def normalization_by_numbers(keras):
    return _around(keras, keras.layers.Normalization(mean=1.0, variance=2.0), (4, 6))


@network(inputs=normal(sizes=(5, 4)))
def normalization_adapted(keras):
    layer = keras.layers.Normalization(name="adapted")
    layer.adapt(np.random.default_rng(0).normal(2.0, 3.0, (64, 5, 4)).astype(np.float32))
    inputs = keras.Input((5, 4), name="x")
    return keras.Model(inputs, keras.layers.Dense(3)(layer(inputs)))


@network()
def normalization_inverted(keras):
    layers = keras.layers
    layer = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 0.25], invert=True)
    return keras.Sequential([keras.Input((3,)), layer, layers.Dense(2)])


@network()
def normalization_of_every_element(keras):
    layers = keras.layers
    layer = layers.Normalization(axis=None, mean=0.5, variance=4.0)
    return keras.Sequential([keras.Input((3, 4)), layer, layers.Dense(2)])


@network(inputs=pixels())
def rescaled_by_channel(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4, 4, 3)),
            layers.Rescaling(scale=[0.01, 0.02, 0.03], offset=[-1.0, 0.0, 1.0]),
            layers.Conv2D(2, 2),
        ]
    )


@network()
def batch_norm_of_first_axis_of_volumes(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((3, 4, 5, 2)), layers.BatchNormalization(axis=1), layers.BatchNormalization(axis=3)]
    )


@network()
def layer_norm_of_volumes(keras):
    return keras.Sequential([keras.Input((3, 4, 2, 5)), keras.layers.LayerNormalization()])


@network()
def synchronized_batch_norm(keras):
    return _around(keras, keras.layers.BatchNormalization(synchronized=True))


@network()
def merges_of_unlike_ranks(keras):
    layers = keras.layers
    inputs, bias = keras.Input((4, 3, 5), name="x"), keras.Input((5,), name="bias")
    row = layers.Reshape((1, 1, 5))(layers.Dense(5)(bias))
    table = layers.Reshape((3, 5))(layers.Dense(15)(bias))
    return keras.Model(
        [inputs, bias], [layers.Add(name="by_row")([inputs, row]), layers.Multiply(name="by_table")([inputs, table])]
    )


@network()
def dot_products_of_every_kind(keras):
    layers = keras.layers
    left, right, row = (keras.Input(shape, name=name) for name, shape in (("l", (4, 5)), ("r", (5, 4)), ("v", (4,))))
    outputs = [
        layers.Dot(axes=(2, 1), name="product")([left, right]),
        layers.Dot(axes=(1, 2), name="other_product")([left, right]),
        layers.Dot(axes=(1, 1), name="with_row")([left, row]),
        layers.Dot(axes=(2, 1), normalize=True, name="cosines")([left, right]),
    ]
    return keras.Model([left, right, row], outputs)


@network()
def activation_that_is_a_layer(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation=layers.LeakyReLU()),
            layers.Dense(5, activation=layers.Softmax()),
        ]
    )


@network(generations=("keras3",))
def log_softmax(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((6,)), layers.Dense(5, activation=keras.activations.log_softmax)])


@network(generations=("keras3",))
def activations_of_keras_3(keras):
    inputs = keras.Input((9,), name="x")
    names = (
        "hard_sigmoid",
        "hard_silu",
        "hard_tanh",
        "hard_shrink",
        "soft_shrink",
        "tanh_shrink",
        "celu",
        "leaky_relu",
    )
    names += ("log_sigmoid", "sparse_sigmoid", "mish")
    return keras.Model(inputs, [keras.layers.Activation(name, name=f"out_{name}")(inputs) for name in names])


@network(generations=("keras3",))
def hard_activations_of_conv(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(4, 3, activation="hard_silu"),
            layers.Conv2D(3, 2, activation="hard_sigmoid"),
        ]
    )


@network()
def embedded_tables(keras):
    layers = keras.layers
    inputs = keras.Input((3, 4), name="x")
    rounded = layers.ReLU(max_value=5.0)(inputs)
    return keras.Model(inputs, layers.TimeDistributed(layers.Dense(3))(layers.TimeDistributed(layers.ReLU())(rounded)))


@network()
def time_distributed_lstm(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((3, 5, 4)), layers.TimeDistributed(layers.LSTM(4)), layers.LSTM(3)])


@network()
def bidirectional_states(keras):
    layers = keras.layers
    inputs = keras.Input((6, 4), name="steps")
    wrapped = layers.Bidirectional(layers.LSTM(3, return_sequences=True, return_state=True), name="both")
    sequence, *states = wrapped(inputs)
    return keras.Model(inputs, [layers.Dense(2, name="each")(sequence), layers.Concatenate(name="states")(states)])


@network()
def bidirectional_apart(keras):
    layers = keras.layers
    inputs = keras.Input((6, 4), name="steps")
    ahead, back = layers.Bidirectional(layers.GRU(3, reset_after=False), merge_mode=None, name="both")(inputs)
    return keras.Model(inputs, [layers.Dense(2, name="back")(back), layers.Dense(2, name="ahead")(ahead)])


@network()
def simple_rnn_given_state(keras):
    layers = keras.layers
    steps, state = keras.Input((6, 4), name="steps"), keras.Input((3,), name="state")
    start = layers.Dense(5, activation="tanh")(state)
    return keras.Model(
        [steps, state], layers.SimpleRNN(5, return_sequences=True, name="run")(steps, initial_state=start)
    )


@network()
def in_double_precision(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, activation="relu", dtype="float64"), layers.Dense(3, dtype="float64")]
    )


@network(generations=("tf_keras",))
def synchronized_batch_norm_of_keras_2(keras):
    return _around(keras, keras.layers.experimental.SyncBatchNormalization())
