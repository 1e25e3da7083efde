"""Comparisons, logic and choices."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal, words
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

for name in ("Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"):
    raw(name, x=integers(-3, 3, 3, 7).typed("float32"), y=integers(-3, 3, 3, 7).typed("float32"))
    raw(name, variant="int32", x=integers(-3, 3, 3, 7), y=integers(-3, 3, 3, 7))
    raw(name, variant="broadcast", x=integers(-3, 3, 3, 7), y=integers(-3, 3, 7))
    raw(name, {"y": 1.0}, "scalar", x=integers(-2, 2, 3, 7).typed("float32"))
for name in ("Equal", "NotEqual"):
    raw(name, variant="bool", x=bools(3, 7), y=bools(3, 7))
    raw(name, variant="string", x=words(["a", "b"], 7), y=words(["a", "b"], 7))
for name in ("LogicalAnd", "LogicalOr"):
    raw(name, x=bools(3, 7), y=bools(3, 7))
    raw(name, variant="broadcast", x=bools(3, 7), y=bools(7))
raw("LogicalNot", x=bools(3, 7))
for name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
    raw(name, x=integers(-4096, 4095, 3, 7), y=integers(-4096, 4095, 3, 7))
    raw(name, variant="broadcast", x=integers(0, 4095, 3, 7), y=integers(0, 4095, 7))
    for dtype, low in (("int8", -128), ("uint8", 0), ("int64", -4096)):
        given = integers(low, low + 255, 3, 7).typed(dtype)
        raw(name, variant=dtype, x=given, y=given)
op(
    "BitwiseAnd",
    lambda tf, x: tf.bitwise.bitwise_and(tf.bitcast(x, "int32"), -(2**31)) < 0,
    "sign-of-a-float",
    x=literal([0.0, -0.0, 2.5, -2.5, -0.0], [-0.0, 0.0, -1.5, 1.5, 0.0]),
)

raw("Select", condition=bools(3, 7), x=normal(3, 7), y=normal(3, 7))
raw("Select", variant="rows", condition=bools(4), x=normal(4, 3).fixed(), y=normal(4, 3).fixed())
raw("Select", variant="square-rows", condition=bools(3), x=normal(3, 3).fixed(), y=normal(3, 3).fixed())
raw("Select", variant="scalar", condition=literal(True, False), x=normal(3, 7), y=normal(3, 7))
for variant, make in {"": normal, "int32": lambda *s: integers(-9, 9, *s), "bool": bools}.items():
    raw("SelectV2", variant=variant, condition=bools(3, 7), t=make(3, 7), e=make(3, 7))
raw("SelectV2", variant="broadcast", condition=bools(3, 1), t=normal(7), e=normal(3, 7))
raw("SelectV2", {"e": 0.0}, "or-zero", condition=bools(3, 7), t=normal(3, 7))
raw("SelectV2", variant="string", condition=bools(6), t=words(["a", "b"], 6), e=words(["c", "d"], 6))
op("SelectV2", lambda tf, x: tf.where(x > 0, tf.math.log(x), 0.0), "nan-not-taken", x=normal(3, 7))
