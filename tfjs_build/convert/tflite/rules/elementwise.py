"""Operators that treat each number by itself: arithmetic, comparisons, activations, casts."""

from __future__ import annotations

from math import pi, sqrt
from typing import Final

from tfjs_build.convert.graph.dtypes import FLOATING
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import rule
from tfjs_build.convert.tflite.tensors import dtype_of, is_quantized

_SAME: Final = {
    "ABS": "Abs",
    "ADD": "AddV2",
    "ADD_N": "AddN",
    "ATAN2": "Atan2",
    "CEIL": "Ceil",
    "COMPLEX_ABS": "ComplexAbs",
    "COS": "Cos",
    "ELU": "Elu",
    "EQUAL": "Equal",
    "EXP": "Exp",
    "FLOOR": "Floor",
    "FLOOR_DIV": "FloorDiv",
    "FLOOR_MOD": "FloorMod",
    "GREATER": "Greater",
    "GREATER_EQUAL": "GreaterEqual",
    "IMAG": "Imag",
    "LESS": "Less",
    "LESS_EQUAL": "LessEqual",
    "LOG": "Log",
    "LOGICAL_AND": "LogicalAnd",
    "LOGICAL_NOT": "LogicalNot",
    "LOGICAL_OR": "LogicalOr",
    "LOGISTIC": "Sigmoid",
    "MAXIMUM": "Maximum",
    "MINIMUM": "Minimum",
    "MUL": "Mul",
    "NEG": "Neg",
    "NOT_EQUAL": "NotEqual",
    "POW": "Pow",
    "REAL": "Real",
    "RELU": "Relu",
    "RELU6": "Relu6",
    "ROUND": "Round",
    "RSQRT": "Rsqrt",
    "SIGN": "Sign",
    "SIN": "Sin",
    "SQRT": "Sqrt",
    "SQUARE": "Square",
    "SQUARED_DIFFERENCE": "SquaredDifference",
    "SUB": "Sub",
    "TANH": "Tanh",
    "ZEROS_LIKE": "ZerosLike",
}
"""Operators that are an op of TensorFlow, under another name."""


@rule(*_SAME)
def same(c: Call) -> Value:
    """Most operators are an op of TensorFlow's."""
    return c.b.node(_SAME[c.operator.name], c.all(), {})[0]


@rule("DIV")
def quotient(c: Call) -> Value:
    """Whole numbers are divided as C divides them."""
    return (c.b.RealDiv if c.x.dtype in FLOATING else c.b.TruncateDiv)(c.x, c.value(1))


@rule("RELU_N1_TO_1", "RELU_0_TO_1")
def between(c: Call) -> Value:
    """Clamps that TensorFlow has no op for."""
    return c.b.ClipByValue(c.x, -1.0 if c.operator.name == "RELU_N1_TO_1" else 0.0, 1.0)


@rule("HARD_SWISH")
def hard_swish(c: Call) -> Value:
    """x * relu6(x + 3) / 6."""
    return c.x * c.b.Relu6(c.x + 3.0) * (1 / 6)


@rule("GELU")
def gelu(c: Call) -> Value:
    """By the error function, or by tanh."""
    x = c.x
    if c.option("approximate"):
        return 0.5 * x * (1.0 + c.b.Tanh(sqrt(2 / pi) * (x + 0.044715 * x * x * x)))
    return 0.5 * x * (1.0 + c.b.Erf(x * sqrt(0.5)))


@rule("LEAKY_RELU")
def leaky_relu(c: Call) -> Value:
    """With one slope for all."""
    return c.b.LeakyRelu(c.x, alpha=c.option("alpha", 0.0))


@rule("PRELU")
def prelu(c: Call) -> Value:
    """With a slope for each channel, or place: what `fuse` makes one op of."""
    return c.b.Sub(c.b.Relu(c.x), c.b.Mul(c.value(1), c.b.Relu(c.b.Neg(c.x))))


@rule("QUANTIZE", "DEQUANTIZE", "DENSIFY")
def identity(c: Call) -> Value:
    """Quantized tensors are real numbers here, sparse ones are whole; a range that they are cut to follows."""
    return c.x


@rule("FAKE_QUANT")
def fake_quant(c: Call) -> Value:
    """Numbers of a range, in steps."""
    return c.b.FakeQuantWithMinMaxArgs(
        c.x,
        min=c.option("min", 0.0),
        max=c.option("max", 0.0),
        num_bits=c.option("num_bits"),
        narrow_range=bool(c.option("narrow_range")),
    )


@rule("CAST")
def cast(c: Call) -> Value:
    """A quantized tensor is cast by the whole numbers that it is kept as, which are not here."""
    if is_quantized(c.tensor(0)) != is_quantized(c.outputs[0]):
        raise c.refuse("a quantized tensor is taken for the whole numbers that it is kept as")
    return c.b.Cast(c.x, DstT=dtype_of(c.outputs[0]))


@rule("SELECT")
def select(c: Call) -> Value:
    """A vector of conditions chooses among rows."""
    return c.b.Select(*c.all())


@rule("SELECT_V2")
def select_broadcast(c: Call) -> Value:
    """Conditions and both sides are broadcast."""
    return c.b.SelectV2(*c.all())
