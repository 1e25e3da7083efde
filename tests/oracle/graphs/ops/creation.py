"""Tensors made of numbers, and random ones."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, distinct, integers, literal, normal, uniform
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

raw("Fill", dims=literal([2, 3], [4, 1]), value=literal(1.5, -2.5))
raw("Fill", {"dims": [2, 3]}, "value-given", value=normal())
raw("Fill", {"value": 7}, "int32", dims=literal([2, 3], [4, 1]))
raw("Fill", {"dims": [2, 3]}, "int32-value-given", value=literal(3, -4))
raw("Fill", {"dims": [2]}, "bool", value=literal(True, False))
raw("Fill", {"dims": [2]}, "string", value=literal("a", "b", "string"))
op("Fill", lambda tf, x: tf.fill([tf.shape(x)[0], 2], 0.5) + x, "of-batch", x=normal(3, 2).then(5, 2))

raw("LinSpace", {"num": 5}, start=literal(0.0, -1.0), stop=literal(2.0, 7.0))
raw("LinSpace", {"start": 0.0, "stop": 3.0}, "num-given", num=literal(4, 7))
raw("LinSpace", {"num": 1}, "one", start=literal(0.5, -1.0), stop=literal(2.0, 7.0))

raw("Range", {"start": 0, "delta": 1}, limit=literal(4, 6))
raw("Range", {"start": 2.0, "delta": 0.75}, "floats", limit=literal(4.1, 7.3))
raw("Range", {"limit": 0, "delta": -2}, "down", start=literal(7, 10))
op("Range", lambda tf, x: tf.cast(tf.range(tf.shape(x)[0]), "float32") * x, "of-batch", x=normal(4).then(6))

_indices = integers(-1, 4, 2, 3)
raw("OneHot", {"depth": 4, "on_value": 1.0, "off_value": 0.0}, indices=_indices)
raw("OneHot", {"depth": 4, "on_value": 2.5, "off_value": -1.0}, "values", indices=_indices)
raw("OneHot", {"depth": 4, "on_value": 1.0, "off_value": 0.0, "axis": 0}, "axis-0", indices=_indices)
raw("OneHot", {"depth": 4, "on_value": 1.0, "off_value": 0.0, "axis": 1}, "axis-1", indices=_indices)
raw("OneHot", {"depth": 4, "on_value": 3, "off_value": 1}, "int32", indices=_indices)
raw("OneHot", {"depth": 4, "on_value": True, "off_value": False}, "bool", indices=_indices)
raw("OneHot", {"depth": 4, "on_value": 1.0, "off_value": 0.0}, "int64-indices", indices=_indices.typed("int64"))
raw("OneHot", {"depth": 3, "on_value": 1.0, "off_value": 0.0}, "scalar", indices=literal(1, 2))
_ones = literal([[0, 1], [-1, 0]], [[2, 0], [0, 0]])
raw("OneHot", {"depth": 1, "on_value": 1.0, "off_value": 0.0}, "of-one", indices=_ones)
raw("OneHot", {"depth": 1, "on_value": 2.5, "off_value": -1.0, "axis": 0}, "of-one-axis-0", indices=_ones)
raw("OneHot", {"depth": 1, "on_value": 3, "off_value": 1, "axis": 1}, "of-one-axis-1", indices=_ones.typed("int64"))
raw("OneHot", {"depth": 1, "on_value": True, "off_value": False}, "of-one-bool", indices=_ones.typed("uint8"))
raw(
    "OneHot",
    {"on_value": 2.5, "off_value": -1.0, "axis": 1},
    "of-one-given",
    indices=integers(0, 3, 3, 2),
    depth=literal(1, 2),
)
raw("OneHot", {"on_value": 1.0, "off_value": 0.0}, "depth-given", indices=integers(0, 3, 5), depth=literal(4, 6))

op("OnesLike", lambda tf, x: tf.raw_ops.OnesLike(x=x) + x, x=normal(2, 3))
op("OnesLike", lambda tf, x: tf.raw_ops.OnesLike(x=x) + x, "int32", x=integers(-9, 9, 2, 3).then(4, 3))
op("OnesLike", lambda tf, x: tf.raw_ops.OnesLike(x=x), "alone", x=normal(2, 3).then(4, 3))
op("ZerosLike", lambda tf, x: tf.concat([tf.raw_ops.ZerosLike(x=x), x], 0), x=normal(2, 3))
op("ZerosLike", lambda tf, x: tf.concat([tf.raw_ops.ZerosLike(x=x), x], 0), "int32", x=integers(-9, 9, 2, 3))
op("ZerosLike", lambda tf, x: tf.equal(tf.raw_ops.ZerosLike(x=x), x), "bool", x=bools(2, 5))

# --- random: no two runs of TensorFlow.js give what TensorFlow gave ---------------------------------------------------
raw(
    "RandomStandardNormal",
    {"dtype": "float32", "seed": 3},
    shape=literal([2, 3], [4, 2]),
    refused=("RandomStandardNormal", "random"),
)
raw(
    "RandomUniform", {"dtype": "float32", "seed": 3}, shape=literal([2, 3], [4, 2]), refused=("RandomUniform", "random")
)
raw(
    "RandomUniformInt",
    {"minval": 0, "maxval": 9, "seed": 3},
    shape=literal([2, 3], [4, 2]),
    refused=("RandomUniformInt", "random"),
)
raw(
    "TruncatedNormal",
    {"dtype": "float32", "seed": 3},
    shape=literal([2, 3], [4, 2]),
    refused=("TruncatedNormal", "random"),
)
raw("Multinomial", {"num_samples": 4, "seed": 3}, logits=normal(2, 5), refused=("Multinomial", "random"))
op(
    "StatelessRandomUniformV2",
    lambda tf, seed: tf.random.stateless_uniform([2, 3], seed),
    seed=distinct(0, 99, 2),
    refused=("StatelessRandomUniformV2",),
)
raw("RandomGamma", {"seed": 3}, alpha=uniform(0.5, 2, 3), shape=literal([2], [4]), refused=("RandomGamma", "random"))
raw(
    "RandomPoissonV2",
    {"seed": 3, "dtype": "float32"},
    rate=uniform(0.5, 2, 3),
    shape=literal([2], [4]),
    refused=("RandomPoissonV2", "random"),
)
raw("RandomShuffle", {"seed": 3}, value=normal(5, 2), refused=("RandomShuffle", "random"))
raw(
    "ParameterizedTruncatedNormal",
    {"seed": 3, "stdevs": 1.0, "minvals": -1.0, "maxvals": 2.0},
    means=normal(3),
    shape=literal([3, 4], [3, 2]),
    refused=("ParameterizedTruncatedNormal", "random"),
)
