"""What layers of TensorFlow.js cannot express: the build must say so, naming the layer, which is mostly `culprit`."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import padded_steps, padded_tokens


def _around(keras, layer, shape=(6,)):
    return keras.Sequential([keras.Input(shape), keras.layers.Dense(6), layer, keras.layers.Dense(3)])


@network(refused=("`culprit` (GRU)", "reset_after"))
def gru_reset_after(keras):
    return _around(keras, keras.layers.GRU(5, name="culprit"), (7, 4))


@network(refused=("`culprit` (UpSampling2D)", "bilinear"))
def upsampling_bilinear(keras):
    return _around(keras, keras.layers.UpSampling2D(interpolation="bilinear", name="culprit"), (4, 4, 2))


@network(refused=("`culprit` (Conv2D)", "groups"))
def grouped_convolution(keras):
    return _around(keras, keras.layers.Conv2D(6, 3, groups=2, name="culprit"), (6, 6, 2))


@network(refused=("`culprit` (DepthwiseConv2D)", "dilation_rate"))
def dilated_depthwise_convolution(keras):
    return _around(keras, keras.layers.DepthwiseConv2D(3, dilation_rate=2, name="culprit"), (9, 9, 2))


@network(refused=("`culprit` (ReLU)", "threshold"))
def relu_with_threshold_and_slope(keras):
    return _around(keras, keras.layers.ReLU(threshold=0.5, negative_slope=0.1, name="culprit"))


@network(refused=("`culprit` (MultiHeadAttention)",))
def attention(keras):
    inputs = keras.Input((5, 6), name="x")
    return keras.Model(inputs, keras.layers.MultiHeadAttention(2, 4, name="culprit")(inputs, inputs))


@network(refused=("`culprit` (UnitNormalization)",))
def unit_normalization(keras):
    return _around(keras, keras.layers.UnitNormalization(name="culprit"))


@network(refused=("`culprit` (GroupNormalization)",))
def group_normalization(keras):
    return _around(keras, keras.layers.GroupNormalization(groups=3, name="culprit"), (5, 4))


@network(refused=("`culprit` (Lambda)",))
def python_code(keras):
    return _around(keras, keras.layers.Lambda(lambda x: x * 2.0, output_shape=(6,), name="culprit"))


@network(refused=("culprit` (UnitNormalization)",))
def nested_culprit(keras):
    inner_input = keras.Input((6,), name="input")
    inner = keras.Model(inner_input, keras.layers.UnitNormalization(name="culprit")(inner_input), name="inner")
    return keras.Sequential([keras.Input((6,)), inner, keras.layers.Dense(3)])


@network(refused=("/culprit` (UnitNormalization)", "1 more"))
def two_culprits(keras):
    layers = keras.layers
    return _around(keras, keras.Sequential([layers.UnitNormalization(name="culprit"), layers.UnitNormalization()]))


@network(refused=("`culprit` (GlobalAveragePooling1D)", "masked"), inputs=padded_steps())
def average_of_masked_steps(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((8, 4)), layers.Masking(), layers.GlobalAveragePooling1D(name="culprit"), layers.Dense(2)]
    )


@network(refused=("`culprit` (Bidirectional)", "masked"), inputs=padded_tokens(30))
def masked_bidirectional_sequences(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((9,), dtype="int32"),
            layers.Embedding(30, 6, mask_zero=True),
            layers.Bidirectional(layers.GRU(5, reset_after=False, return_sequences=True), name="culprit"),
            layers.LSTM(3),
        ]
    )


@network(refused=("`culprit` (Bidirectional)", "the same layer in both directions"))
def bidirectional_unlike(keras):
    layers = keras.layers
    forward, backward = layers.LSTM(5), layers.LSTM(5, go_backwards=True, activation="sigmoid", name="back")
    return _around(keras, layers.Bidirectional(forward, backward_layer=backward, name="culprit"), (7, 4))


@network(refused=("`culprit` (LSTM)", "mask"), inputs=padded_steps())
def masked_merge(keras):
    layers = keras.layers
    left, right = (keras.Input((7, 4), name=name) for name in ("left", "right"))
    x = layers.Add()([layers.Masking()(left), layers.Masking()(right)])
    return keras.Model([left, right], layers.LSTM(4, name="culprit")(x))


@network(refused=("`culprit` (LSTM)", "stateful"))
def remembering(keras):
    inputs = keras.Input(batch_shape=(2, 7, 4), name="x")
    return keras.Model(inputs, keras.layers.LSTM(5, stateful=True, name="culprit")(inputs))


@network(refused=("`culprit` (Dense)", "exponential"))
def exponential_activation(keras):
    return _around(keras, keras.layers.Dense(6, activation="exponential", name="culprit"))


@network(generations=("keras3",), refused=("`exp`", "Exp"))
def operation_unknown_to_layers(keras):
    inputs = keras.Input((6,), name="x")
    return keras.Model(inputs, keras.layers.Dense(2)(keras.ops.exp(keras.layers.Dense(6)(inputs))))


@network(generations=("tf_keras",), refused=("math.exp",))
def function_unknown_to_layers(keras):
    import tensorflow as tf

    inputs = keras.Input((6,), name="x")
    return keras.Model(inputs, keras.layers.Dense(2)(tf.exp(keras.layers.Dense(6)(inputs))))
