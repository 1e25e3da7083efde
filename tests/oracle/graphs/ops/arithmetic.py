"""Arithmetic of two tensors."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal, uniform, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

for name in ("Add", "AddV2", "Sub", "Mul", "Maximum", "Minimum", "SquaredDifference"):
    raw(name, x=normal(2, 5), y=normal(2, 5))
    raw(name, variant="broadcast", x=normal(2, 3, 4), y=normal(4))
    raw(name, variant="broadcast-both", x=normal(2, 1, 4), y=normal(3, 1).fixed())
    raw(name, variant="int32", x=integers(-9, 9, 2, 5), y=integers(-9, 9, 2, 5))
    raw(name, {"y": 0.25}, "scalar", x=normal(2, 5))
    raw(name, variant="variable", x=normal(2, 5), y=weight(5))

for name in ("AddV2", "Sub", "Mul"):
    raw(name, variant="uint8-wraps", x=integers(0, 255, 2, 5).typed("uint8"), y=integers(0, 255, 2, 5).typed("uint8"))
    raw(name, variant="int64", x=integers(-99, 99, 2, 5).typed("int64"), y=integers(-99, 99, 2, 5).typed("int64"))
raw("Maximum", variant="int8", x=integers(-99, 99, 2, 5).typed("int8"), y=integers(-99, 99, 2, 5).typed("int8"))

for name in ("RealDiv", "Div", "DivNoNan"):
    raw(name, variant="floats", x=normal(2, 5), y=uniform(0.5, 3, 2, 5))
    raw(name, variant="broadcast", x=normal(2, 3, 4), y=uniform(-3, -0.5, 3, 1))
raw("DivNoNan", variant="by-zero", x=normal(6), y=literal([1.0, 0, 2, 0, -3, 0], [0.0, 5, 0, 1, 0, 1]))
raw("Div", variant="int32-truncates", x=integers(-40, 40, 3, 5), y=literal([-7, -3, 2, 3, 7], [7, 5, -2, 4, -3]))
raw("RealDiv", {"y": 4.0}, "scalar", x=normal(2, 5))

_divisor = literal([-7, -3, 2, 3, 7], [7, 5, -2, 4, -3])
for name in ("FloorDiv", "FloorMod", "Mod"):
    raw(
        name,
        variant="floats",
        x=uniform(-9, 9, 3, 5),
        y=literal([-2.5, -1.5, 0.7, 3.0, 4.0], [1.5, 2.0, -0.7, 2.5, -4.0]),
    )
    raw(name, variant="int32", x=integers(-40, 40, 3, 5), y=_divisor)
raw("FloorDiv", variant="int64", x=integers(-40, 40, 3, 5).typed("int64"), y=_divisor.typed("int64"))

raw("Pow", variant="floats", x=uniform(0.2, 3, 2, 5), y=uniform(-2, 2, 2, 5))
raw("Pow", {"y": 2.0}, "square", x=normal(2, 5))
raw("Pow", {"y": 0.5}, "square-root", x=uniform(0.1, 4, 2, 5))
raw("Pow", {"y": 3.0}, "cube-of-negative", x=normal(2, 5))
raw("Pow", variant="int32", x=integers(-5, 5, 2, 5), y=integers(0, 4, 2, 5))

raw("BiasAdd", value=normal(2, 3, 4), bias=weight(4))
raw("BiasAdd", variant="matrix", value=normal(2, 4), bias=weight(4))
raw("BiasAdd", {"data_format": "NCHW"}, "channels-first", value=normal(2, 3, 4, 5), bias=weight(3))
raw("BiasAdd", variant="given", value=normal(2, 3, 4), bias=normal(4))

op("AddN", lambda tf, a, b, c: tf.raw_ops.AddN(inputs=[a, b, c]), a=normal(2, 5), b=normal(2, 5), c=weight(2, 5))
op("AddN", lambda tf, a: tf.raw_ops.AddN(inputs=[a]), "of-one", a=normal(2, 5))
op("AddN", lambda tf, a, b: tf.raw_ops.AddN(inputs=[a, b]), "int32", a=integers(-9, 9, 4), b=integers(-9, 9, 4))
