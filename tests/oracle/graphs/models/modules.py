"""Subclassed models, plain modules, and the ways in which weights are kept."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal, uniform
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model


def _values(seed, *shape):
    return (np.random.default_rng(seed).standard_normal(shape) * 0.4).astype("float32")


def _served(tf, function, *specs, **kept):
    module = tf.Module()
    module.kept = kept
    module.serve = tf.function(lambda *tensors: function(*tensors, **kept), input_signature=specs, autograph=False)
    return module, module.serve


@model("module", x=normal(2, 4))
def layers_of_modules(tf):
    class Dense(tf.Module):
        def __init__(self, seed, inputs, outputs, name=None):
            super().__init__(name=name)
            with self.name_scope:
                self.w = tf.Variable(_values(seed, inputs, outputs), name="w")
                self.b = tf.Variable(_values(seed + 1, outputs), name="b")

        def __call__(self, x):
            return x @ self.w + self.b

    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.layers = [Dense(1, 4, 8, "first"), Dense(3, 8, 8, "second"), Dense(5, 8, 3, "third")]

        @tf.function(input_signature=[tf.TensorSpec([None, 4], name="x")])
        def __call__(self, x):
            for layer in self.layers[:-1]:
                x = tf.nn.leaky_relu(layer(x))
            return self.layers[-1](x)

    net = Net()
    return net, net.__call__


def _subclassed(keras):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv = keras.layers.Conv2D(4, 3, activation="relu")
            self.norm = keras.layers.BatchNormalization()
            self.flatten = keras.layers.Flatten()
            self.heads = [keras.layers.Dense(3), keras.layers.Dense(2)]

        def call(self, x, training=False):
            y = self.flatten(self.norm(self.conv(x), training=training))
            return {"a": self.heads[0](y), "b": self.heads[1](y)}

    return Net()


model("keras3", name="subclassed_of_keras_3", args_0=normal(2, 6, 6, 3))(_subclassed)
model("keras2", name="subclassed_of_keras_2", input_1=normal(2, 6, 6, 3))(_subclassed)


@model("keras3", x=normal(2, 6))
def shared_layers(keras):
    layers = keras.layers
    x = keras.Input((6,), name="x")
    dense = layers.Dense(6, activation="tanh")
    inner = keras.Sequential([keras.Input((6,)), layers.Dense(6), layers.LayerNormalization()], name="inner")
    return keras.Model(x, [inner(dense(dense(x))), inner(x)])


@model("keras3-saved", x=normal(2, 6))
def saved_by_tensorflow_from_keras_3(keras):
    x = keras.Input((6,), name="x")
    y = keras.layers.Dense(8, activation="silu")(x)
    return keras.Model(x, keras.layers.Dense(3)(keras.layers.BatchNormalization()(y)))


@model("keras2", x=normal(2, 6))
def every_activation_of_keras_2(keras):
    return _every_activation(keras, "elu relu selu sigmoid softmax softplus softsign tanh gelu swish mish exponential")


@model("keras3", x=normal(2, 6))
def every_activation_of_keras_3(keras):
    return _every_activation(
        keras,
        "elu relu selu sigmoid softmax softplus softsign tanh gelu silu mish exponential leaky_relu relu6 hard_sigmoid"
        " hard_silu celu log_softmax log_sigmoid hard_tanh hard_shrink tanh_shrink soft_shrink squareplus"
        " sparse_plus sparse_sigmoid",
    )


def _every_activation(keras, names):
    x = keras.Input((6,), name="x")
    return keras.Model(
        x, [keras.layers.Activation(name, name=name)(keras.layers.Dense(6)(x)) for name in names.split()]
    )


# --- weights --------------------------------------------------------------------------------------------------------


@model("module", x=normal(2, 8))
def half_precision(tf):
    def serve(x, w, b):
        return tf.nn.relu(x @ tf.cast(w, "float32")) @ tf.cast(b, "float32")

    w = tf.Variable(tf.cast(_values(1, 8, 6), "float16"))
    b = tf.Variable(tf.cast(_values(2, 6, 3), "bfloat16"))
    return _served(tf, serve, tf.TensorSpec([None, 8], name="x"), w=w, b=b)


@model("module", x=normal(2, 8))
def double_precision(tf):
    def serve(x, w):
        return tf.cast(tf.cast(x, "float64") @ w, "float32")

    return _served(tf, serve, tf.TensorSpec([None, 8], name="x"), w=tf.Variable(_values(1, 8, 6).astype("float64")))


@model("module", x=normal(2, 8))
def weights_of_integers(tf):
    """Weights in eight bits, scaled in the graph."""

    def serve(x, q, scale, zero):
        return x @ ((tf.cast(q, "float32") - tf.cast(zero, "float32")) * scale)

    rng = np.random.default_rng(1)
    q = tf.Variable(rng.integers(0, 256, (8, 6)).astype("uint8"))
    zero = tf.Variable(rng.integers(-5, 5, 6))
    return _served(
        tf, serve, tf.TensorSpec([None, 8], name="x"), q=q, scale=tf.Variable(0.01 * np.ones(6, np.float32)), zero=zero
    )


@model("module", same=("names",), ids=integers(0, 3, 4))
def weights_of_strings(tf):
    """One of them an output as it is, beside numbers."""

    def serve(ids, names, w):
        return {"names": tf.identity(names), "y": tf.gather(w, ids)}

    names = tf.Variable(["naught", "one", "zwölf", ""])
    return _served(tf, serve, tf.TensorSpec([4], "int32", "ids"), names=names, w=tf.Variable(_values(1, 4, 2)))


@model("sharded", x=normal(2, 40))
def many_data_files(tf):
    def serve(x, a, b, c):
        return tf.tanh(tf.tanh(x @ a) @ b) @ c

    kept = {
        name: tf.Variable(_values(i, *shape), name=name)
        for i, (name, shape) in enumerate({"a": (40, 30), "b": (30, 20), "c": (20, 5)}.items())
    }
    return _served(tf, serve, tf.TensorSpec([None, 40], name="x"), **kept)


# --- other trades ---------------------------------------------------------------------------------------------------


@model("module", x=normal(2, 256))
def audio_spectrogram(tf):
    def serve(x, w):
        spectrum = tf.abs(tf.signal.stft(x, 32, 16))
        mel = tf.math.log(spectrum @ tf.signal.linear_to_mel_weight_matrix(8, 17, 8000, 80.0, 3600.0) + 1e-3)
        return tf.nn.softmax(tf.reduce_mean(tf.nn.conv1d(mel, w, 1, "SAME"), 1))

    return _served(tf, serve, tf.TensorSpec([2, 256], name="x"), w=tf.Variable(_values(1, 3, 8, 4)))


@model("keras3", x=normal(2, 20, 2))
def causal_convolutions(keras):
    layers = keras.layers
    x = inputs = keras.Input((20, 2), name="x")
    for rate in (1, 2, 4):
        gate = layers.Conv1D(6, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(x)
        x = layers.Conv1D(6, 2, padding="causal", dilation_rate=rate, activation="tanh")(x) * gate
    return keras.Model(inputs, layers.Conv1D(1, 1)(layers.SpatialDropout1D(0.1)(x)))


@model("keras2", user=integers(0, 9, 3, 1), item=integers(0, 7, 3, 1))
def recommender_of_keras_2(keras):
    layers = keras.layers
    user, item = keras.Input((1,), dtype="int32", name="user"), keras.Input((1,), dtype="int32", name="item")
    a, b = layers.Flatten()(layers.Embedding(10, 4)(user)), layers.Flatten()(layers.Embedding(8, 4)(item))
    return keras.Model([user, item], [layers.Dot(1)([a, b]), layers.Dense(1, "sigmoid")(layers.concatenate([a, b]))])


@model("module", x=normal(6, 4), edges=literal([[0, 1, 2, 5, 3], [1, 2, 0, 4, 3]], [[5, 5, 1, 2, 0], [0, 1, 2, 3, 4]]))
def graph_network(tf):
    def serve(x, edges, w):
        messages = tf.nn.relu(tf.gather(x, edges[0]) @ w)
        received = tf.math.unsorted_segment_sum(messages, edges[1], 6)
        degree = tf.math.bincount(edges[1], minlength=6, maxlength=6, dtype=tf.float32)
        return x + tf.math.divide_no_nan(received, degree[:, None])

    specs = tf.TensorSpec([6, 4], name="x"), tf.TensorSpec([2, 5], "int32", "edges")
    return _served(tf, serve, *specs, w=tf.Variable(_values(1, 4, 4)))


@model("module", x=normal(5, 3), y=normal(4, 3))
def nearest_neighbours(tf):
    def serve(x, y):
        distance = tf.norm(x[:, None] - y[None], axis=-1)
        best = tf.math.top_k(-distance, 2)
        cosine = tf.math.l2_normalize(x, 1) @ tf.transpose(tf.math.l2_normalize(y, 1))
        return {"distance": -best.values, "index": best.indices, "cosine": cosine, "order": tf.argsort(distance[0])}

    return _served(tf, serve, tf.TensorSpec([5, 3], name="x"), tf.TensorSpec([4, 3], name="y"))


@model("keras2", x=uniform(0, 1, 2, 12))
def variational_encoder_means_of_keras_2(keras):
    layers = keras.layers
    x = keras.Input((12,), name="x")
    h = layers.Dense(8, activation="relu")(layers.GaussianNoise(0.1)(x))
    return keras.Model(x, [layers.Dense(2, name="mean")(h), layers.Dense(2, name="variance", activation="softplus")(h)])


@model("module", x=uniform(-3, 3, 2, 8))
def quantization_aware(tf):
    def serve(x, w, low, high):
        x = tf.quantization.fake_quant_with_min_max_vars(x, low, high)
        w = tf.quantization.fake_quant_with_min_max_vars(w, -1.0, 1.0, narrow_range=True)
        return x @ w

    kept = {"w": tf.Variable(_values(1, 8, 4)), "low": tf.Variable(-2.0), "high": tf.Variable(2.5)}
    return _served(tf, serve, tf.TensorSpec([None, 8], name="x"), **kept)


@model("module", x=normal(3, 8))
def mixture_statistics(tf):
    """Likelihoods, entropies and quantiles."""

    def serve(x, mean, spread):
        z = (x[:, None] - mean) / tf.nn.softplus(spread)
        likelihood = tf.reduce_logsumexp(-0.5 * tf.reduce_sum(z**2, -1), 1)
        p = tf.nn.softmax(x)
        entropy = -tf.reduce_sum(tf.math.xlogy(p, p), -1)
        return {
            "likelihood": likelihood,
            "entropy": entropy,
            "median": tf.sort(x, axis=-1)[:, 4],
            "cdf": 0.5 * tf.math.erfc(-x / np.sqrt(2.0)),
            "running": tf.cumsum(x, 1, reverse=True),
        }

    kept = {"mean": tf.Variable(_values(1, 4, 8)), "spread": tf.Variable(_values(2, 4, 8))}
    return _served(tf, serve, tf.TensorSpec([3, 8], name="x"), **kept)


@model("module", image=normal(2, 4, 4, 3), scale=normal(2, 1))
def inputs_in_a_dict(tf):
    module = tf.Module()
    module.w = tf.Variable(np.random.default_rng(3).standard_normal((3, 2)).astype("float32"))
    declared = {"image": tf.TensorSpec([None, 4, 4, 3], name="image"), "scale": tf.TensorSpec([None, 1], name="scale")}

    @tf.function(input_signature=[declared])
    def serve(given):
        return {"y": tf.reduce_mean(given["image"], [1, 2]) @ module.w * given["scale"], "scale": given["scale"]}

    module.serve = serve
    return module, serve


@model("module", x=normal(1, 800))
def speech_coefficients(tf):
    """MFCCs, and a classifier over their mean."""
    module = tf.Module()
    module.w = tf.Variable(np.random.default_rng(2).standard_normal((13, 4)).astype("float32"))

    @tf.function(input_signature=[tf.TensorSpec([None, 800], name="x")])
    def serve(x):
        mel = tf.signal.linear_to_mel_weight_matrix(20, 129, 8000, 80.0, 3800.0)
        energies = tf.math.log(tf.tensordot(tf.abs(tf.signal.stft(x, 160, 80)), mel, 1) + 1e-6)
        coefficients = tf.signal.mfccs_from_log_mel_spectrograms(energies)[..., :13]
        return {"mfcc": coefficients, "y": tf.reduce_mean(tf.tanh(coefficients), 1) @ module.w}

    module.serve = serve
    return module, serve


@model("module", x=normal(2, 9, 3))
def point_cloud(tf):
    module = tf.Module()
    module.w = tf.Variable(np.random.default_rng(2).standard_normal((3, 8)).astype("float32"))

    @tf.function(input_signature=[tf.TensorSpec([None, None, 3], name="x")])
    def serve(x):
        apart = tf.reduce_sum((x[:, :, None] - x[:, None]) ** 2, -1)
        near = tf.gather(x, tf.math.top_k(-apart, 3).indices, batch_dims=1)
        return tf.reduce_max(tf.nn.relu(tf.reduce_max(near - x[:, :, None], 2) @ module.w), 1)

    module.serve = serve
    return module, serve
