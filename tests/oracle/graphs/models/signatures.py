"""Names, numbers and shapes of inputs and outputs."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model


def _w(*shape):
    return (np.random.default_rng(sum(shape)).standard_normal(shape) * 0.5).astype("float32")


def _served(tf, function, *specs):
    module = tf.Module()
    module.serve = tf.function(function, input_signature=specs)
    return module, module.serve


@model("module", x=normal(2, 4))
def twelve_outputs(tf):
    w = _w(4, 3)
    return _served(
        tf, lambda x: [x @ w * float(i + 1) + float(i) for i in range(12)], tf.TensorSpec([None, 4], name="x")
    )


@model("keras3", x=normal(2, 4))
def twelve_outputs_of_keras(keras):
    x = keras.Input((4,), name="x")
    return keras.Model(x, [keras.layers.Dense(3, name=f"head_{i}")(x) for i in range(12)])


@model("keras2", x=normal(2, 4))
def twelve_outputs_of_keras_2(keras):
    x = keras.Input((4,), name="x")
    return keras.Model(x, [keras.layers.Dense(3, name=f"head_{i}")(x) for i in range(12)])


@model("module", x=normal(2, 4), y=normal(2, 4), z=normal(2, 4))
def many_of_one_shape(tf):
    """Inputs and outputs that only their names tell apart, declared in an order that is not that of the letters."""
    specs = [tf.TensorSpec([None, 4], name=name) for name in "zxy"]
    return _served(tf, lambda z, x, y: {"b": x - 2 * y, "c": y * z, "a": z - 3 * x, "_d": x + 0.0}, *specs)


@model("keras3", left=normal(2, 4), right=normal(2, 4))
def dict_of_keras(keras):
    inputs = {name: keras.Input((4,), name=name) for name in ("right", "left")}
    mixed = keras.layers.Dense(3)(inputs["left"]) - keras.layers.Dense(3)(inputs["right"])
    return keras.Model(inputs, {"second": mixed, "first": keras.layers.Softmax()(mixed)})


@model("module", x=normal(2, 4), same=("constant",))
def passed_through_repeated_and_constant(tf):
    return _served(
        tf,
        lambda x: {"x": x, "again": x, "constant": tf.constant([1.0, 2.0]), "y": x * 2.0, "y_again": x * 2.0},
        tf.TensorSpec([None, 4], name="x"),
    )


@model("module", x=normal(3, 6).fixed())
def not_the_first_output_of_its_op(tf):
    def serve(x):
        top = tf.math.top_k(x, 2)
        parts = tf.split(x, 3, 1)
        columns = tf.unstack(x, axis=1)
        return {"values": top.values, "indices": top.indices, "last": parts[2], "second": columns[1], "first": parts[0]}

    return _served(tf, serve, tf.TensorSpec([3, 6], name="x"))


@model("module", x=normal(2, 8, 8, 3).then(1, 13, 10, 3))
def fully_convolutional(tf):
    w, v = _w(3, 3, 3, 6), _w(1, 1, 6, 2)

    def serve(x):
        y = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME")), 2, 2, "SAME")
        return {"map": tf.nn.conv2d(y, v, 1, "SAME"), "mean": tf.reduce_mean(y, [1, 2])}

    return _served(tf, serve, tf.TensorSpec([None, None, None, 3], name="x"))


@model("module", x=normal(3, 4).then(2, 3, 4))
def unknown_rank(tf):
    w = _w(4, 5)

    def serve(x):
        shape = tf.concat([tf.shape(x)[:-1], [5]], 0)
        return tf.reshape(tf.reshape(x, [-1, 4]) @ w, shape)

    return _served(tf, serve, tf.TensorSpec(None, name="x"))


@model("module", a=literal(2.0, -3.0), n=literal(4, 7), flag=literal(True, False), x=bools(5))
def scalars_of_every_dtype(tf):
    specs = [
        tf.TensorSpec([], "float32", "a"),
        tf.TensorSpec([], "int32", "n"),
        tf.TensorSpec([], "bool", "flag"),
        tf.TensorSpec([5], "bool", "x"),
    ]

    def serve(a, n, flag, x):
        return {
            "a": a * tf.cast(n, "float32"),
            "n": n * 2 + tf.cast(flag, "int32"),
            "flag": tf.logical_not(flag),
            "all": tf.logical_and(x, flag),
            "wide": tf.cast(n, "int64") * 3,
        }

    return _served(tf, serve, *specs)


def _codec(tf):
    module = tf.Module()
    module.w = tf.Variable(_w(4, 3))
    module.encode = tf.function(
        lambda x: {"code": tf.tanh(x @ module.w)}, input_signature=[tf.TensorSpec([None, 4], name="x")]
    )
    module.decode = tf.function(
        lambda code: {"x": code @ tf.transpose(module.w)}, input_signature=[tf.TensorSpec([None, 3], name="code")]
    )
    return module, {"encode": module.encode, "decode": module.decode}


model("module", name="signature_encode", options={"signature": "encode"}, x=normal(2, 4))(_codec)
model("module", name="signature_decode", options={"signature": "decode"}, code=normal(2, 3))(_codec)
model("module", name="signature_not_said", refused=("signature", "decode, encode"), x=normal(2, 4), options={})(_codec)


@model("module", given=normal(2, 4), default=normal(2, 4))
def javascript_words(tf):
    """Names that JavaScript reserves, or that need quoting."""
    specs = [tf.TensorSpec([None, 4], name="given"), tf.TensorSpec([None, 4], name="default")]
    return _served(
        tf, lambda given, default: {"class": given - default, "x/y": given * default, "constructor": -given}, *specs
    )


@model("module", x=normal(2, 4), unused=integers(0, 9, 3))
def unused_input(tf):
    specs = [tf.TensorSpec([None, 4], name="x"), tf.TensorSpec([3], "int32", "unused")]
    return _served(tf, lambda x, unused: x * 3.0, *specs)


@model("keras2", x=normal(2, 6, 6, 3), ops=("FusedBatchNormV3", "AssignVariableOp"))
def normalization_in_training(keras):
    """Its moving averages are read and written, and change no output."""
    x = keras.Input((6, 6, 3), name="x")
    y = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3)(x), training=True)
    return keras.Model(x, keras.layers.Dense(3)(keras.layers.Flatten()(y)))
