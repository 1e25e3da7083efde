"""Frozen graphs: one file, constants for variables, the outputs said in the manifest."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import held, literal, normal, uniform, weight
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model

_IMAGE = normal(2, 8, 8, 3)
_NORM = {
    "scale": held(uniform(0.5, 2, 6)),
    "offset": weight(6),
    "mean": weight(6),
    "variance": held(uniform(0.4, 2, 6)),
}


def _net(tf, x, kernel, head, **norm):
    y = tf.nn.conv2d(x, kernel, 2, "SAME")
    y = tf.nn.relu(tf.raw_ops.FusedBatchNormV3(x=y, is_training=False, **norm).y)
    return tf.nn.softmax(tf.reduce_mean(y, [1, 2]) @ head)


model("frozen", name="frozen", x=_IMAGE, kernel=weight(3, 3, 3, 6), head=weight(6, 4), **_NORM)(_net)
model("frozen-tf1", name="frozen_of_tensorflow_1", x=_IMAGE, kernel=weight(3, 3, 3, 6), head=weight(6, 4), **_NORM)(
    _net
)
model(
    "frozen-optimized",
    name="frozen_and_optimized",
    ops=("_FusedConv2D",),
    x=_IMAGE,
    kernel=weight(3, 3, 3, 6),
    head=weight(6, 4),
    **_NORM,
)(_net)


@model("frozen", x=normal(2, 4), y=normal(2, 4), w=weight(4, 3))
def frozen_with_several_outputs(tf, x, y, w):
    return {"a": x @ w, "b": tf.tanh(y @ w), "c": x - y}


@model("frozen", x=normal(2, 4), n=literal(3, 5), w=weight(4, 4))
def frozen_with_a_loop(tf, x, n, w):
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(y @ w)), (0, x))[1]


@model("frozen-tf1", x=normal(2, 4), n=literal(3, 5), w=weight(4, 4))
def frozen_with_a_loop_of_tensorflow_1(tf, x, n, w):
    return tf.compat.v1.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(y @ w)), (tf.constant(0), x))[1]


@model("frozen-optimized", ops=("_FusedMatMul",), x=normal(2, 4), w=weight(4, 5), b=weight(5), v=weight(5, 3))
def frozen_products_optimized(tf, x, w, b, v):
    return tf.nn.elu(tf.nn.bias_add(x @ w, b)) @ v


@model("frozen-tf1", ops=("PlaceholderWithDefault",), x=_IMAGE.with_default(), kernel=weight(3, 3, 3, 4))
def frozen_image_with_a_default(tf, x, kernel):
    """It is an input all the same; the flag and the rate, numbers with defaults, are not."""
    v1 = tf.compat.v1
    keep = v1.placeholder_with_default(1.0, [], "keep_prob")
    phase = v1.placeholder_with_default(False, [], "phase_train")
    y = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME"))
    y = v1.cond(phase, lambda: y * 0.5, lambda: tf.identity(y))
    return tf.reduce_mean(y / keep * tf.floor(keep + v1.random_uniform(tf.shape(y), seed=3)), [1, 2])


@model("frozen-tf1", image=_IMAGE, boxes=normal(2, 4).with_default(), scale=literal(2.0, 3.0), w=weight(4, 5))
def frozen_with_several_placeholders(tf, image, boxes, scale, w):
    return {"pooled": tf.reduce_mean(image, [1, 2]) * scale, "encoded": tf.tanh(boxes @ w)}
