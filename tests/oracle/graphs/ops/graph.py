"""Ops that say something about a tensor, or hand it on."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, normal, uniform, weight, words
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

raw("Identity", input=normal(2, 5))
raw("Identity", variant="of-strings", input=words(["apple", "Birne", "çedilla"], 4))
raw("Identity", variant="of-bools", input=bools(7))
raw("Identity", variant="of-int64", input=integers(-9, 9, 7).typed("int64"))
op("IdentityN", lambda tf, x, y: tf.raw_ops.IdentityN(input=[x, y]), x=normal(2, 5), y=integers(0, 9, 3))
raw("Snapshot", input=normal(2, 5))
raw("StopGradient", input=normal(2, 5))
raw("PreventGradient", input=normal(2, 5))
raw("CheckNumerics", {"message": "no number"}, tensor=normal(2, 5))

raw("Shape", input=normal(2, 5).then(3, 5))
raw("Shape", {"out_type": "int64"}, "int64", input=normal(2, 5).then(3, 5))
raw("Shape", variant="unknown-rank", input=normal(2, 5).then(3, 5, 2))
op("Shape", lambda tf, x: tf.reshape(x, [tf.shape(x)[0] * 2, -1]), "arithmetic", x=normal(2, 4).then(3, 4))
op("ShapeN", lambda tf, x, y: tf.raw_ops.ShapeN(input=[x, y]), x=normal(2, 5).then(3, 5), y=normal(4).then(7))
raw("Rank", input=normal(2, 5).then(3, 5, 2))
op("Rank", lambda tf, x: tf.cast(tf.raw_ops.Rank(input=x), "float32") * x, "known", x=normal(2, 5))
raw("Size", input=normal(2, 5).then(3, 5))
op("Size", lambda tf, x: x / tf.cast(tf.raw_ops.Size(input=x), "float32"), "known", x=normal(2, 5).fixed())

op("Print", lambda tf, x: tf.raw_ops.Print(input=x, data=[x], message="seen", summarize=3), x=normal(2, 5))
op("NoOp", lambda tf, x: _after(tf, tf.raw_ops.NoOp(), x), x=normal(2, 5))
op("Assert", lambda tf, x: _after(tf, tf.raw_ops.Assert(condition=tf.size(x) > 0, data=[x]), x), x=normal(2, 5))
op("Const", lambda tf, x: x * tf.constant([1.0, 2.0, 3.0]), x=normal(2, 3))
op(
    "Const",
    lambda tf, x: tf.concat([x, tf.constant([2**40, 3], tf.int64)], 0),
    "int64-beyond-int32",
    x=integers(0, 9, 3).typed("int64"),
    reference=lambda tf, x: tf.concat([x, [2**31 - 1, 3]], 0),
)
op("Const", lambda tf, x: tf.concat([x, tf.constant(["ä", "b"])], 0), "of-strings", x=words(["x", "y", "z"], 5))
op("Const", lambda tf, x: [x * 2.0, tf.constant([1.0, 2.0])], "is-an-output", x=normal(2, 3), same=("output_1",))
op("Placeholder", lambda tf, x, unused: x * 2.0, "one-unused", x=normal(2, 3), unused=normal(2))


def _after(tf, operation, x):
    with tf.control_dependencies([operation] if operation is not None else []):
        return tf.identity(x)


for variant, attrs in {
    "": {"min": -1.0, "max": 1.0},
    "four-bits": {"min": -2.0, "max": 3.0, "num_bits": 4},
    "narrow": {"min": -1.0, "max": 1.0, "num_bits": 4, "narrow_range": True},
}.items():
    limits = {key: attrs.pop(key) for key in ("min", "max")}
    raw("FakeQuantWithMinMaxVars", {**attrs, **limits}, variant, inputs=uniform(-3, 3, 3, 7))
op(
    "PlaceholderWithDefault",
    lambda tf, x: x * tf.compat.v1.placeholder_with_default([2.0, 3.0], [2], "d"),
    "left-alone",
    writer="tf1",
    x=normal(3, 2),
)
op("RealDiv", lambda tf, x, w: x / tf.reduce_sum(tf.abs(w)), "by-a-folded-sum", x=normal(2, 4), w=weight(3, 3))
op("Identity", lambda tf, x: {"a": x, "b": x, "c": tf.identity(x)}, "three-times", x=normal(2, 5))
op("Bitcast", lambda tf, x: tf.bitcast(x, "int32"), x=normal(2, 5), refused=("Bitcast",))
op("Const", lambda tf, x: x + tf.constant(literal_numbers()), "large", x=normal(2, 2000))


def literal_numbers():
    import numpy as np

    return np.random.default_rng(3).standard_normal(2000).astype("float32")
