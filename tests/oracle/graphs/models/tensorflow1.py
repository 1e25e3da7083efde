"""SavedModels of TensorFlow 1: sessions, reference variables, collections, tags."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import contrasts, integers, literal, normal, weight
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
    start = (tf.constant(0), zeros, zeros, tf.TensorArray("float32", 7))
    _, h, c, _ = v1.while_loop(lambda t, *_: t < tf.reduce_max(length), step, start)
    return {"h": h, "c": c}
