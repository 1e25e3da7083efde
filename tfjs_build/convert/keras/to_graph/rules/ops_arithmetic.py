"""Operations entry by entry: Keras 3's, and TensorFlow's in models of Keras 2."""

from __future__ import annotations

import math
from collections.abc import Callable

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.integers import negative
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import alike
from tfjs_build.convert.keras.to_graph.operands import number, operand, real, several, tensor, two, two_real
from tfjs_build.convert.keras.to_graph.registry import operation

LARGEST = 3.4028234663852886e38
"""The largest number of float32."""

_MOST_DECIMALS = 38
"""With more, the factor is no number of float32."""

Unary = Callable[[Builder, Value], Value]
Binary = Callable[[Builder, Value, Value], Value]


def _enter_unary(names: str, formula: Unary, *, floats: bool) -> None:
    @operation(*names.split())
    def build(c: Context) -> Value:
        return formula(c.b, real(c) if floats else tensor(c))


def _enter_binary(names: str, formula: Binary, *, floats: bool = False) -> None:
    @operation(*names.split())
    def build(c: Context) -> Value:
        x, y = two_real(c) if floats else two(c)
        c.require(x.dtype != "string", "expects numbers, got strings, which not all backends compare")
        return formula(c.b, x, y)


_OF_FLOATS: dict[str, Unary] = {
    "Arccos math.acos": lambda b, x: b.Acos(x),
    "Arccosh math.acosh": lambda b, x: b.Acosh(x),
    "Arcsin math.asin": lambda b, x: b.Asin(x),
    "Arcsinh math.asinh": lambda b, x: b.Asinh(x),
    "Arctan math.atan": lambda b, x: b.Atan(x),
    "Arctanh math.atanh": lambda b, x: b.Atanh(x),
    "Cbrt": lambda b, x: b.Sign(x) * b.Pow(b.Abs(x), 1 / 3),
    "Ceil math.ceil": lambda b, x: b.Ceil(x),
    "Cos math.cos": lambda b, x: b.Cos(x),
    "Cosh math.cosh": lambda b, x: b.Cosh(x),
    "Deg2rad": lambda _, x: x * (math.pi / 180),
    "Erf math.erf": lambda b, x: b.Erf(x),
    "Erfc math.erfc": lambda b, x: b.Erfc(x),
    "Erfinv math.erfinv": lambda b, x: b.Erfinv(x),
    "Exp math.exp": lambda b, x: b.Exp(x),
    "Exp2": lambda b, x: b.Pow(b.ZerosLike(x) + 2.0, x),
    "Expm1 math.expm1": lambda b, x: b.Expm1(x),
    "Floor math.floor": lambda b, x: b.Floor(x),
    "I0": lambda b, x: b.BesselI0(x),
    "Log math.log": lambda b, x: b.Log(x),
    "Log10": lambda b, x: b.Log(x) * (1 / math.log(10)),
    "Log1p math.log1p": lambda b, x: b.Log1p(x),
    "Log2": lambda b, x: b.Log(x) * (1 / math.log(2)),
    "Rad2deg": lambda _, x: x * (180 / math.pi),
    "Reciprocal math.reciprocal": lambda b, x: b.Reciprocal(x),
    "Rsqrt math.rsqrt": lambda b, x: b.Rsqrt(x),
    "Sin math.sin": lambda b, x: b.Sin(x),
    "Sinc": lambda b, x: b.SelectV2(b.Equal(x, 0.0), b.OnesLike(x), b.Sin(x * math.pi) / (x * math.pi)),
    "Sinh math.sinh": lambda b, x: b.Sinh(x),
    "Sqrt math.sqrt": lambda b, x: b.Sqrt(x),
    "Tan math.tan": lambda b, x: b.Tan(x),
    "Trunc": lambda b, x: b.SelectV2(b.Less(x, 0.0), b.Ceil(x), b.Floor(x)),
    "Isfinite math.is_finite": lambda b, x: b.IsFinite(x),
    "Isinf math.is_inf": lambda b, x: b.IsInf(x),
    "Isnan math.is_nan": lambda b, x: b.IsNan(x),
    "Isneginf": lambda b, x: b.Equal(x, float("-inf")),
    "Isposinf": lambda b, x: b.Equal(x, float("inf")),
    "Signbit": negative,
}
_OF_ANY: dict[str, Unary] = {
    "Absolute Abs Fabs math.abs": lambda b, x: b.Abs(x),
    "Negative math.negative __operators__.neg": lambda b, x: b.Neg(x),
    "Sign math.sign": lambda b, x: b.Sign(x),
    "Square math.square": lambda b, x: b.Square(x),
    "OnesLike ones_like": lambda b, x: b.OnesLike(x),
    "ZerosLike EmptyLike zeros_like": lambda b, x: b.ZerosLike(x),
    "Identity Copy StopGradient identity stop_gradient": lambda _, x: x,
    "Conjugate Conj math.conj": lambda b, x: b.Conj(x),
    "Real math.real": lambda b, x: b.Real(x) if x.dtype == "complex64" else x,
    "Imag math.imag": lambda b, x: b.Imag(x) if x.dtype == "complex64" else b.ZerosLike(x),
}
for _names, _formula in _OF_FLOATS.items():
    _enter_unary(_names, _formula, floats=True)
for _names, _formula in _OF_ANY.items():
    _enter_unary(_names, _formula, floats=False)


def _larger(b: Builder, x: Value, y: Value) -> Value:
    """Return the larger, NaN giving way."""
    return b.SelectV2(b.IsNan(x), y, b.SelectV2(b.IsNan(y), x, b.Maximum(x, y)))


def _log_add(b: Builder, x: Value, y: Value) -> Value:
    top = b.Maximum(x, y)
    return top + b.Log1p(b.Exp(-b.Abs(x - y)))


_BINARY: dict[str, Binary] = {
    "Add math.add __operators__.add": lambda _, x, y: x + y,
    "Subtract math.subtract __operators__.subtract __operators__.sub": lambda _, x, y: x - y,
    "Multiply math.multiply __operators__.multiply __operators__.mul": lambda _, x, y: x * y,
    "FloorDivide math.floordiv compat.v1.floor_div __operators__.floordiv": lambda b, x, y: b.FloorDiv(x, y),
    "Mod math.floormod math.mod __operators__.mod": lambda b, x, y: b.FloorMod(x, y),
    "Maximum math.maximum": lambda b, x, y: b.Maximum(x, y),
    "Minimum math.minimum": lambda b, x, y: b.Minimum(x, y),
    "Equal math.equal __operators__.eq": lambda b, x, y: b.Equal(x, y),
    "NotEqual math.not_equal __operators__.ne": lambda b, x, y: b.NotEqual(x, y),
    "Greater math.greater __operators__.gt": lambda b, x, y: b.Greater(x, y),
    "GreaterEqual math.greater_equal __operators__.ge": lambda b, x, y: b.GreaterEqual(x, y),
    "Less math.less __operators__.lt": lambda b, x, y: b.Less(x, y),
    "LessEqual math.less_equal __operators__.le": lambda b, x, y: b.LessEqual(x, y),
    "math.squared_difference": lambda b, x, y: b.SquaredDifference(x, y),
}
_BINARY_OF_FLOATS: dict[str, Binary] = {
    "Arctan2": lambda b, x, y: b.Atan2(x, y),
    "Divide TrueDivide math.truediv math.divide __operators__.truediv": lambda _, x, y: x / y,
    "DivideNoNan math.divide_no_nan": lambda b, x, y: b.DivNoNan(x, y),
    "Fmax": _larger,
    "Fmin": lambda b, x, y: -_larger(b, -x, -y),
    "Heaviside": lambda b, x, y: b.SelectV2(
        b.Less(x, 0.0), b.ZerosLike(x), b.SelectV2(b.Greater(x, 0.0), b.OnesLike(x), y)
    ),
    "Hypot": lambda b, x, y: _hypot(b, b.Abs(x), b.Abs(y)),
    "Ldexp": lambda b, x, y: x * b.Pow(b.ZerosLike(y) + 2.0, y),
    "Logaddexp": _log_add,
    "Logaddexp2": lambda b, x, y: _log_add(b, x * math.log(2), y * math.log(2)) * (1 / math.log(2)),
    "math.xdivy": lambda b, x, y: b.Xdivy(x, y),
    "math.xlogy": lambda b, x, y: b.Xlogy(x, y),
    "math.multiply_no_nan": lambda b, x, y: b.MulNoNan(x, y),
}


def _hypot(b: Builder, x: Value, y: Value) -> Value:
    """Return √(x² + y²) of numbers that are not negative; no square overflows."""
    longer, shorter = b.Maximum(x, y), b.Minimum(x, y)
    return longer * b.Sqrt(b.Square(b.DivNoNan(shorter, longer)) + 1.0)


@operation("Fmod")
def fmod(c: Context) -> Value:
    """The rest of a division that is cut towards 0."""
    first, second = two(c)
    rest = c.b.TruncateMod(c.as_float(first), c.as_float(second))
    return rest if first.dtype == "float32" else c.as_int(rest)


for _names, _pair in _BINARY.items():
    _enter_binary(_names, _pair)
for _names, _pair in _BINARY_OF_FLOATS.items():
    _enter_binary(_names, _pair, floats=True)


@operation("Power", "math.pow", "__operators__.pow")
def power(c: Context) -> Value:
    """x to the power of y; a square is one."""
    exponent = operand(c, 1, "x2", "y")
    if exponent == 2 and not isinstance(exponent, Value):
        return c.b.Square(tensor(c))
    x, y = two(c)
    return c.b.Pow(x, y)


@operation("Round", "math.round", "math.rint")
def round_(c: Context) -> Value:
    """The nearest number with so many decimals, halves to even."""
    x = tensor(c)
    if x.dtype in INTEGER:
        return x
    decimals = number(c, c.argument(1, "decimals", default=0))
    c.require(abs(decimals) <= _MOST_DECIMALS, f"decimals={decimals} is not supported, only up to {_MOST_DECIMALS}")
    factor = 10.0**decimals
    return c.b.Round(x) if factor == 1 else c.b.Round(x * factor) / factor


@operation("Clip", "clip_by_value")
def clip(c: Context) -> Value:
    """A number held between two others."""
    x, low, high = alike(
        c, [operand(c), operand(c, 1, "x_min", "clip_value_min"), operand(c, 2, "x_max", "clip_value_max")]
    )
    return c.b.ClipByValue(x, low, high)


@operation("NanToNum")
def nan_to_num(c: Context) -> Value:
    """Numbers in the place of NaN and infinities."""
    given = {key: c.argument(9, key, default=None) for key in ("nan", "posinf", "neginf")}
    return finite(c, real(c), **{key: number(c, value) for key, value in given.items() if value is not None})


def finite(c: Context, x: Value, *, nan: float = 0.0, posinf: float = LARGEST, neginf: float = -LARGEST) -> Value:
    """Return `x` with numbers in the place of NaN and infinities."""
    b = c.b
    if x.dtype != "float32":
        return x
    for test, instead in ((b.IsNan(x), nan), (b.Equal(x, math.inf), posinf), (b.Equal(x, -math.inf), neginf)):
        x = b.SelectV2(test, c.constant(instead), x)
    return x


@operation("Angle", "math.angle")
def angle(c: Context) -> Value:
    """The angle of complex numbers; of real ones 0 or π."""
    x = tensor(c)
    if x.dtype == "complex64":
        return c.b.Angle(x)
    x = c.as_float(x)
    return c.b.SelectV2(c.b.Less(x, 0.0), c.constant(math.pi), c.constant(0.0))


@operation("nn.bias_add")
def bias_add(c: Context) -> Value:
    """A vector added along the channels."""
    x, bias = real(c, 0, "value"), real(c, 1, "bias")
    layout = c.argument(2, "data_format", default=None) or "NHWC"
    return c.b.BiasAdd(x, bias, data_format=str(layout))


@operation("math.add_n")
def add_n(c: Context) -> Value:
    """The sum of several."""
    return c.b.AddN(*alike(c, several(c, c.argument(0, "inputs"))))
