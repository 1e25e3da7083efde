"""Dtypes: policies of half and double precision, layers and inputs of other dtypes, quantized weights.

Networks in half precision are compared with themselves in float32, which is what TensorFlow.js computes in.
"""

import numpy as np

from tests.oracle.keras_matrix.suite import THREE, TWO, network
from tests.oracle.samples import integers, tokens, uniform


def _small(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(6, 3, activation="relu")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.SeparableConv2D(5, 3, activation="elu")(x)
    x = layers.LayerNormalization()(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(3, name="y")(x))


def _recurrent(keras):
    layers = keras.layers
    inputs = keras.Input((6,), dtype="int32", name="words")
    x = layers.Embedding(20, 6)(inputs)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(x)
    x = layers.GRU(5)(layers.MultiHeadAttention(2, 3)(x, x))
    return keras.Model(inputs, layers.Dense(3, activation="softmax", dtype="float32", name="y")(x))


for _policy in ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64"):

    def _conv(keras):
        return _small(keras)

    def _rnn(keras):
        return _recurrent(keras)

    _both = {} if _policy != "bfloat16" else {"generations": THREE}
    _conv.__name__, _rnn.__name__ = f"{_policy}_image", f"{_policy}_words"
    network(policy=_policy, **_both)(_conv)
    if _policy != "bfloat16":  # TensorFlow has no kernels for its norms on a CPU
        network(policy=_policy, inputs=tokens(20), **_both)(_rnn)


@network()
def one_layer_in_double(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    x = layers.Dense(5, dtype="float64", activation="tanh")(inputs)
    return keras.Model(inputs, layers.Dense(3, name="y")(x))


@network()
def input_in_double(keras):
    inputs = keras.Input((6,), dtype="float64", name="x")
    return keras.Model(inputs, keras.layers.Dense(3, dtype="float64", name="y")(inputs))


@network(inputs=integers(0, 256))
def input_in_bytes(keras):
    layers = keras.layers
    inputs = keras.Input((6, 6, 3), dtype="uint8", name="image")
    return keras.Model(inputs, layers.Conv2D(3, 3, name="y")(layers.Rescaling(1 / 127.5, -1.0)(inputs)))


@network(inputs=integers(-5, 6))
def input_in_integers(keras):
    inputs = keras.Input((6,), dtype="int32", name="x")
    return keras.Model(inputs, keras.layers.Dense(3, name="y")(inputs))


@network(inputs=integers(0, 9))
def sums_of_integers(keras):
    layers = keras.layers
    a, b = (keras.Input((4,), dtype="int32", name=name) for name in "ab")
    return keras.Model(
        [a, b], [layers.Add(dtype="int32", name="sum")([a, b]), layers.Maximum(dtype="int32", name="max")([a, b])]
    )


def _quantized(mode):
    def finish(model):
        model.quantize(mode)

    return finish


def _dense(keras):
    layers = keras.layers
    inputs = keras.Input((16,), name="x")
    x = layers.Dense(12, activation="relu")(inputs)
    return keras.Model(inputs, layers.Dense(4, use_bias=False, name="y")(x))


def _embedding(keras):
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="x")
    x = layers.Embedding(20, 8)(inputs)
    return keras.Model(inputs, layers.EinsumDense("abc,cd->abd", output_shape=(None, 6), bias_axes="d", name="y")(x))


def _tied(keras):
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="x")
    return keras.Model(inputs, layers.Dense(4, name="y")(layers.ReversibleEmbedding(20, 8)(inputs)))


def _convolutions(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="x")
    x = layers.Conv2D(6, 3, activation="relu")(inputs)
    return keras.Model(inputs, layers.Dense(4, name="y")(layers.Flatten()(x)))


_QUANTIZED = {
    "dense": (_dense, {}),
    "embedding": (_embedding, {"inputs": tokens(20)}),
    "tied": (_tied, {"inputs": tokens(20)}),
    "convolutions": (_convolutions, {}),
}
for _mode in ("int8", "int4"):
    for _name, (_build, _options) in _QUANTIZED.items():

        def _network(keras, build=_build):
            return build(keras)

        _network.__name__ = f"{_mode}_{_name}"
        network(finish=_quantized(_mode), generations=THREE, **_options)(_network)


def _configured(mode, **options):
    """Quantize as a configuration of Keras 3.13 or newer says."""

    def finish(model):
        import keras

        name = {"int8": "Int8QuantizationConfig", "int4": "Int4QuantizationConfig"}[mode]
        model.quantize(config=getattr(keras.quantizers, name)(**options))

    return finish


def _odd_dense(keras):
    layers = keras.layers
    inputs = keras.Input((3, 10), name="x")
    x = layers.Dense(7, activation="tanh")(inputs)
    return keras.Model(inputs, layers.Dense(5, name="y")(layers.BatchNormalization()(x)))


def _projections(keras):
    layers = keras.layers
    inputs = keras.Input((4, 12), name="x")
    x = layers.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5), bias_axes="de")(inputs)
    x = layers.EinsumDense("abde,dec->abc", output_shape=(None, 11), bias_axes="c")(x)
    return keras.Model(inputs, layers.EinsumDense("abc,dc->adb", output_shape=(6, None), name="y")(x))


def _untied(keras):
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="x")
    embedding = layers.ReversibleEmbedding(20, 7, tie_weights=False, name="both")
    return keras.Model(inputs, embedding(embedding(inputs), reverse=True))


def _tied_back(keras):
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="x")
    embedding = layers.ReversibleEmbedding(20, 7, name="both")
    return keras.Model(inputs, embedding(embedding(inputs), reverse=True))


_CONFIGURED = {
    "int8_of_weights_alone": ("int8", {"activation_quantizer": None}),
    "int4_in_blocks": ("int4", {"block_size": 4}),
    "int4_in_even_blocks": ("int4", {"block_size": 5}),
    "int4_in_channels": ("int4", {"block_size": -1}),
}
for _mode_name, (_mode, _settings) in _CONFIGURED.items():
    for _name, (_build, _options) in {
        "dense": (_odd_dense, {}),
        "projections": (_projections, {}),
        "tied": (_tied_back, {"inputs": tokens(20)}),
        "untied": (_untied, {"inputs": tokens(20)}),
    }.items():

        def _network(keras, build=_build):
            return build(keras)

        _network.__name__ = f"{_mode_name}_{_name}"
        network(finish=_configured(_mode, **_settings), generations=THREE, **_options)(_network)


def _calibrated(mode, **options):
    """Quantize each layer by GPTQ or AWQ, whose numbers depend on what it is given: some random rows."""

    def finish(model):
        import keras
        from keras.src.quantizers.awq import AWQ
        from keras.src.quantizers.gptq import GPTQ

        make = keras.quantizers.GPTQConfig if mode == "gptq" else keras.quantizers.AWQConfig
        config = make(dataset=None, tokenizer=None, **options)
        for layer in model.layers:
            if not isinstance(layer, (keras.layers.Dense, keras.layers.EinsumDense)):
                continue
            shape = list(layer.kernel.shape)
            rows = shape[0] if len(shape) == 2 or shape.index(max(shape)) == 0 else shape[0] * shape[1]
            layer.quantize(mode, config=config)
            random = np.random.default_rng(len(layer.name))
            given = keras.ops.convert_to_tensor(
                (random.normal(size=(40, rows)) * random.uniform(0.2, 3, rows)), "float32"
            )
            if mode == "gptq":
                quantizer = GPTQ(layer, config)
                quantizer.update_hessian_with_batch(given)
                quantizer.quantize_and_correct_layer()
            else:
                quantizer = AWQ(layer, config)
                quantizer.update_activation_magnitudes(given)
                quantizer.quantize_layer()
        model.predict_function = None

    return finish


_CALIBRATED = {
    "gptq_dense": (_odd_dense, "gptq", {"group_size": -1}),
    "gptq_in_order_dense": (_odd_dense, "gptq", {"group_size": 4, "activation_order": True}),
    "gptq_of_8_bits_projections": (_projections, "gptq", {"group_size": 4, "weight_bits": 8, "symmetric": True}),
    "gptq_of_2_bits_dense": (_odd_dense, "gptq", {"group_size": 5, "weight_bits": 2}),
    "awq_dense": (_odd_dense, "awq", {"group_size": 4}),
    "awq_projections": (_projections, "awq", {"group_size": -1}),
}
for _name, (_build, _mode, _settings) in _CALIBRATED.items():

    def _network(keras, build=_build):
        return build(keras)

    _network.__name__ = _name
    # Keras 3.15 cannot read them, since it leaves the zero points out of .keras files and takes those of .h5 files for
    # layers that are still to be calibrated.
    network(finish=_calibrated(_mode, **_settings), generations=THREE, reloaded=False)(_network)


@network(finish=_quantized("int8"), generations=THREE)
def int8_at_every_step(keras):
    inputs = keras.Input((4, 6), name="x")
    return keras.Model(inputs, keras.layers.TimeDistributed(keras.layers.Dense(3), name="y")(inputs))


@network(finish=_quantized("int8"), generations=THREE, reloaded=False)
def int8_attention(keras):
    inputs = keras.Input((4, 6), name="x")
    return keras.Model(inputs, keras.layers.MultiHeadAttention(2, 3, name="y")(inputs, inputs))


@network(finish=_quantized("float8"), generations=THREE)
def float8_dense(keras):
    return _dense(keras)


@network(generations=THREE, inputs=uniform(-4, 4))
def fake_quantization(keras):
    inputs = keras.Input((6,), name="x")
    x = keras.layers.Dense(5)(inputs)
    return keras.Model(inputs, keras.quantizers.fake_quant_with_min_max_vars(x, -2.5, 3.0))


@network(generations=TWO, inputs=uniform(-3, 3))
def cast_by_autocast(keras):
    layers = keras.layers
    inputs = keras.Input((6,), dtype="float64", name="x")
    return keras.Model(inputs, layers.Dense(3, name="y")(inputs))
