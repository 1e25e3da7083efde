"""SavedModels of TensorFlow 1: sessions, reference variables, collections, tags."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import contrasts, integers, literal, normal, weight, words
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model

_IMAGE = contrasts(6, 10, 10, 3)


def _values(seed, *shape):
    return (np.random.default_rng(seed).standard_normal(shape) * 0.3).astype("float32")


def _convolutional(tf, x, use_resource):
    v1 = tf.compat.v1

    def variable(name, value):
        return v1.get_variable(name, initializer=value, use_resource=use_resource)

    with v1.variable_scope("stem"):
        y = tf.nn.conv2d(x, variable("kernel", _values(1, 3, 3, 3, 8)), 2, "SAME")
        y = v1.nn.fused_batch_norm(
            y,
            variable("gamma", 1.0 + _values(2, 8)),
            variable("beta", _values(3, 8)),
            variable("moving_mean", _values(4, 8)),
            variable("moving_variance", 1.0 + np.abs(_values(5, 8))),
            is_training=False,
        )[0]
    with v1.variable_scope("head"):
        y = tf.reduce_mean(tf.nn.relu6(y), [1, 2])
        y = v1.nn.xw_plus_b(y, variable("kernel", _values(6, 8, 5)), variable("bias", _values(7, 5)))
    return {"probabilities": tf.nn.softmax(y), "classes": tf.argmax(y, 1), "logits": y}


@model("tf1", ops=("VariableV2",), same=("classes",), x=_IMAGE)
def reference_variables(tf, x):
    return _convolutional(tf, x, use_resource=False)


@model("tf1", ops=("VarHandleOp",), x=_IMAGE)
def resource_variables(tf, x):
    return _convolutional(tf, x, use_resource=True)


@model("tf1", x=normal(2, 12))
def partitioned_variables(tf, x):
    v1 = tf.compat.v1
    with v1.variable_scope("wide", partitioner=v1.fixed_size_partitioner(3)):
        w = v1.get_variable("w", initializer=tf.constant(_values(1, 12, 6)))
        v = v1.get_variable("v", initializer=tf.constant(_values(2, 6, 4)), use_resource=True)
    return {"y": tf.nn.sigmoid(x @ tf.convert_to_tensor(w)) @ tf.convert_to_tensor(v)}


@model("tf1", ids=integers(0, 10, 2, 5))
def partitioned_embedding(tf, ids):
    v1 = tf.compat.v1
    with v1.variable_scope("tokens", partitioner=v1.fixed_size_partitioner(2)):
        table = v1.get_variable("table", initializer=tf.constant(_values(1, 11, 4)))
    return {"y": v1.nn.embedding_lookup(table, ids, "div")}


@model("tf1", options={"tags": ["serve", "gpu"]}, x=normal(2, 4), w=weight(4, 3))
def two_tags(tf, x, w):
    return {"y": x @ w}


@model("tf1", x=normal(2, 4))
def trained_for_a_step(tf, x):
    """With the optimizer's state and counters in the checkpoint, and its ops in the graph."""
    v1 = tf.compat.v1
    w = v1.get_variable("w", initializer=_values(1, 4, 3))
    step = v1.train.get_or_create_global_step()
    y = tf.tanh(x @ w)
    v1.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(y**2), global_step=step)
    return {"y": y}


@model("tf1", x=normal(2, 4), keep=literal(0.25, 0.75))
def default_for_a_placeholder(tf, x, keep):
    scale = tf.compat.v1.placeholder_with_default(2.0, [], "scale")
    return {"y": x * scale * keep}


@model("tf1", x=normal(3, 6))
def old_ops(tf, x):
    """What graphs of those years are made of."""
    v1 = tf.compat.v1
    y = v1.where(x > 0, x, v1.zeros_like(x))
    y = v1.squeeze(v1.expand_dims(y, 1), [1])
    y = tf.raw_ops.Concat(concat_dim=1, values=[y, v1.div(x, 3.0)])
    a, b = v1.split(y, 2, 1)
    return {"y": v1.reduce_sum(a * b, 1), "top": v1.nn.top_k(x, 2)[1]}


@model("tf1", x=normal(2, 7, 5), length=literal([3, 7], [6, 2]))
def dynamic_rnn(tf, x, length):
    """A loop that copies the state of rows that have ended, as tf.nn.dynamic_rnn does."""
    v1 = tf.compat.v1
    w = v1.get_variable("w", initializer=_values(1, 9, 16))
    b = v1.get_variable("b", initializer=_values(2, 16))
    steps = tf.transpose(x, [1, 0, 2])
    inputs = tf.TensorArray("float32", 7).unstack(steps)

    def step(t, h, c, out):
        i, j, f, o = tf.split(tf.concat([inputs.read(t), h], 1) @ w + b, 4, 1)
        new_c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
        new_h = tf.sigmoid(o) * tf.tanh(new_c)
        going = (t < length)[:, None] & tf.ones_like(h, "bool")
        h, c = v1.where(going, new_h, h), v1.where(going, new_c, c)
        return t + 1, h, c, out.write(t, v1.where(going, new_h, tf.zeros_like(h)))

    zeros = tf.zeros([tf.shape(x)[0], 4])
    start = (tf.constant(0), zeros, zeros, tf.TensorArray("float32", 7, element_shape=[2, 4]))
    _, h, c, out = v1.while_loop(lambda t, *_: t < tf.reduce_max(length), step, start)
    return {"h": h, "c": c, "all": out.stack()}


# --- tensor arrays --------------------------------------------------------------------------------------------------


@model("tf1", ops=("TensorArrayV3",), x=normal(4, 3))
def array_that_grows(tf, x):
    """As many rows as were written, not as many as it was made for."""
    array = tf.TensorArray("float32", 0, dynamic_size=True, clear_after_read=False)
    for row in range(4):
        array = array.write(row, x[row] * (row + 1.0))
    return {"rows": array.stack(), "size": x * tf.cast(array.size(), "float32")}


def _filled(tf, x, n, size, grows):
    array = tf.TensorArray("float32", size, dynamic_size=grows, element_shape=[3])
    write = lambda i, a: (i + 1, a.write(i, x[i] * 2.0))  # noqa: E731
    return tf.compat.v1.while_loop(lambda i, _: i < n, write, (tf.constant(0), array))[1]


@model("tf1", x=normal(6, 3), n=literal(3, 5))
def array_that_grows_in_a_loop(tf, x, n):
    return {"rows": _filled(tf, x, n, 0, True).stack(), "more": _filled(tf, x, n, 4, True).stack()}


@model("tf1", x=normal(6, 3), n=literal(3, 5))
def array_that_is_not_filled(tf, x, n):
    """What nothing has written is zero, and counts."""
    filled = _filled(tf, x, n, 6, False)
    return {"rows": filled.stack(), "size": x * tf.cast(filled.size(), "float32")}


@model("tf1", x=normal(6, 3))
def array_with_holes(tf, x):
    array = tf.TensorArray("float32", 5, element_shape=[3])
    return {"rows": array.write(1, x[0]).write(3, x[1]).stack()}


@model("tf1", x=normal(4, 3))
def array_of_a_tensor_that_grows(tf, x):
    array = tf.TensorArray("float32", 0, dynamic_size=True).unstack(x[:4])
    return {"rows": array.write(4, x[0] * 3.0).stack()}


@model("tf1", x=normal(4, 3))
def array_gathered_more_than_once(tf, x):
    array = tf.TensorArray("float32", 4, clear_after_read=False).unstack(x[:4])
    return {"rows": array.gather([0, 2, 2, 1, 3, 3])}


# --- flags and defaults ---------------------------------------------------------------------------------------------


def _dropout(tf, x, keep):
    """As tf.nn.dropout wrote it until TensorFlow 1.13."""
    chance = tf.compat.v1.random_uniform(tf.shape(x), seed=3)
    return x / keep * tf.floor(keep + chance)


@model("tf1", ops=("RandomUniform", "PlaceholderWithDefault"), x=normal(2, 6), w=weight(6, 4))
def dropout_that_keeps_all(tf, x, w):
    keep = tf.compat.v1.placeholder_with_default(1.0, [], "keep_prob")
    return {"y": _dropout(tf, tf.nn.relu(x @ w), keep)}


@model("tf1", refused=("RandomUniform", "random numbers"), x=normal(2, 6), w=weight(6, 4))
def dropout_that_keeps_half(tf, x, w):
    keep = tf.compat.v1.placeholder_with_default(0.5, [], "keep_prob")
    return {"y": _dropout(tf, tf.nn.relu(x @ w), keep)}


@model("tf1", ops=("PlaceholderWithDefault", "Switch", "RandomUniform"), x=normal(2, 6), w=weight(6, 4))
def learning_phase(tf, x, w):
    """As Keras 2 wrote it for TensorFlow 1: one flag for all layers that behave otherwise in training."""
    v1 = tf.compat.v1
    phase = v1.placeholder_with_default(False, [], "keras_learning_phase")
    y = v1.cond(phase, lambda: _dropout(tf, x, tf.constant(0.5)), lambda: tf.identity(x))
    return {"y": tf.tanh(y @ w)}


@model("tf1", ops=("AssignSub", "PlaceholderWithDefault"), x=normal(5, 4))
def moving_mean_updated_in_place(tf, x):
    """A batch normalization as in slim: the update must run before the result, if the model is in training."""
    v1 = tf.compat.v1
    training = v1.placeholder_with_default(False, [], "is_training")
    moving = v1.get_variable("moving_mean", initializer=_values(1, 4), use_resource=False)

    def updated():
        mean = tf.reduce_mean(x, 0)
        with tf.control_dependencies([v1.assign_sub(moving, (moving - mean) * 0.1)]):
            return tf.identity(mean)

    return {"y": x - v1.cond(training, updated, lambda: tf.identity(moving))}


@model("tf1", x=normal(2, 4).with_default(), y=normal(2, 4).with_default())
def inputs_with_defaults(tf, x, y):
    return {"z": x * 2.0 - y}


# --- writers --------------------------------------------------------------------------------------------------------


@model("tf1-collection", ops=("LookupTableFindV2",), x=words(["a", "b", "c", "other"], 2, 3))
def table_of_a_collection(tf, x):
    """Nothing but the collection of table initializers names what fills the table."""
    v1 = tf.compat.v1
    pairs = v1.lookup.KeyValueTensorInitializer(tf.constant(["a", "b", "c"]), tf.constant([3, 5, 7], tf.int64))
    return {"y": v1.lookup.StaticHashTable(pairs, -1).lookup(x)}


@model("tf1-shapeless", x=normal(3, 4), w=weight(4, 2))
def signature_without_shapes(tf, x, w):
    return {"y": x @ w}
