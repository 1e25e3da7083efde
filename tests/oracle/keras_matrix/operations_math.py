"""`keras.ops` element by element: arithmetic, functions, comparisons, bits."""

from functools import partial

import numpy as np

from tests.oracle.keras_matrix.suite import Fed, odd_numbers, operation, positive, real, truths, unit, whole
from tests.oracle.samples import any_of, uniform

op = partial(operation, family="operations_math")

_X, _Y = real(None, 4), real(None, 4)
_AWAY = Fed((None, 4), any_of([-2.5, -1.25, 0.4, 1.5, 3.0, 0.75]))

for _name in (
    "abs",
    "absolute",
    "arctan",
    "arcsinh",
    "cbrt",
    "ceil",
    "conj",
    "conjugate",
    "cos",
    "cosh",
    "deg2rad",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "floor",
    "negative",
    "rad2deg",
    "real",
    "round",
    "sigmoid",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "square",
    "tan",
    "tanh",
    "trunc",
    "erf",
    "erfc",
    "i0",
    "copy",
    "stop_gradient",
    "ones_like",
    "zeros_like",
    "imag",
    "isreal",
    "angle",
):
    _same = {"changeless": (_name,)} if _name in ("ones_like", "zeros_like", "isreal", "imag") else {}
    op(_name, _X, **_same)
for _name in ("log", "log10", "log1p", "log2", "sqrt", "rsqrt", "reciprocal"):
    op(_name, positive(None, 4))
for _name in ("arccos", "arcsin", "arctanh", "erfinv"):
    op(_name, unit(None, 4))
op("arccosh", Fed((None, 4), uniform(1.1, 4.0)))
op("round", positive(None, 4), decimals=1, variant="decimals")
op("round", whole(0, 9, None, 4), variant="integers")
op("clip", _X, -0.5, 0.7)
op("abs", whole(-9, 9, None, 4), variant="integers")
op("nan_to_num", odd_numbers(None, 4), nan=0.5, posinf=7.0, neginf=-7.0)
for _name in ("isfinite", "isinf", "isnan", "isneginf", "isposinf"):
    op(_name, odd_numbers(None, 8))

for _name in ("add", "subtract", "multiply", "maximum", "minimum", "hypot", "logaddexp", "logaddexp2", "arctan2"):
    op(_name, _X, _Y)
for _name in ("fmax", "fmin"):
    op(_name, Fed((None, 6), any_of([float("nan"), 0.5, -1.5])), real(None, 6))
    op(_name, _X, _Y, variant="numbers")
for _name in ("divide", "true_divide", "divide_no_nan", "floor_divide", "mod", "fmod"):
    op(_name, _X, _AWAY)
for _name in ("floor_divide", "mod", "fmod"):
    op(_name, whole(-20, 20, None, 6), whole(1, 5, None, 6), variant="integers")
op("divide_no_nan", _X, Fed((None, 4), any_of([0.0, 2.0, -1.0])), variant="zeros")
op("divide", whole(-20, 20, None, 6), whole(1, 5, None, 6), variant="integers")
op("power", positive(None, 4), _Y)
op("power", _X, 2, variant="number")
op("power", _X, 3.0, variant="cube")
op("add", real(None, 5), real(None, 1), variant="stretched")  # of 4 columns in a batch of 4 Keras would add a bias
op("add", _X, 1.5, variant="number")
op("add", real(None, 3, 4), np.array([0.5, -1.0, 2.0, 0.25], "float32"), variant="constants")
op("multiply", whole(-9, 9, None, 4), whole(-9, 9, None, 4), variant="integers")
op("multiply", whole(-9, 9, None, 4), _Y, variant="mixed")
op("subtract", 1.0, _X, variant="from_number")
op("heaviside", Fed((None, 6), any_of([-1.0, 0.0, 2.0])), real(None, 6))
op("ldexp", _X, whole(-3, 4, None, 4))
op("nextafter", _X, _Y)
for _name in ("gcd", "lcm"):
    op(_name, whole(1, 40, None, 4), whole(1, 40, None, 4))
    op(_name, whole(-20, 20, None, 40), whole(-4, 5, None, 40), variant="signed")
_LARGE = [2147483647, 1311738121, 1836311903, 1855077841, 1134903170, 768398401, 318281039, 2147483646, 1073741824, 30]
op("gcd", Fed((None, 40), any_of(_LARGE), "int32"), Fed((None, 40), any_of(_LARGE), "int32"), variant="large")
op("gcd", whole(-1000, 1000, None, 1), 840, variant="number")
op("i0", Fed((None, 20), uniform(-4.5, 4.5)), variant="middle")
op("i0", Fed((None, 20), uniform(30, 85)), variant="far")
op("erfinv", Fed((None, 20), uniform(0.95, 0.99999)), variant="ends")
op("erfinv", Fed((None, 20), uniform(-1e-3, 1e-3)), variant="small")

for _name in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"):
    op(_name, whole(0, 3, None, 8), whole(0, 3, None, 8))
    op(_name, whole(0, 3, None, 8), 1, variant="number")
op("isclose", real(None, 8), Fed((None, 8), any_of([0.0, 0.5])), atol=0.7)
for _name in ("logical_and", "logical_or", "logical_xor"):
    op(_name, truths(None, 8), truths(None, 8))
op("logical_not", truths(None, 8))
op("logical_and", whole(0, 2, None, 8), whole(0, 2, None, 8), variant="integers")
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    op(_name, whole(0, 64, None, 6), whole(0, 64, None, 6))
for _name in ("bitwise_left_shift", "left_shift", "bitwise_right_shift", "right_shift"):
    op(_name, whole(0, 64, None, 6), whole(0, 4, None, 6))
for _name in ("bitwise_invert", "bitwise_not"):
    op(_name, whole(-64, 64, None, 6))

op("cast", _X, dtype="int32", variant="to_integers")
op("cast", whole(0, 9, None, 4), dtype="float32", variant="to_floats")
op("cast", whole(0, 2, None, 8), dtype="bool", variant="to_truths")
op("cast", truths(None, 8), dtype="float32", variant="of_truths")
op("cast", Fed((None, 4), uniform(0, 255)), dtype="uint8", variant="to_bytes")
op("convert_to_tensor", _X)
op("convert_to_tensor", _X, dtype="int32", variant="of_integers")
op("saturate_cast", Fed((None, 4), uniform(-90, 400)), dtype="uint8")
op("view", _X, dtype="int32")
op("full_like", _X, 2.5, changeless=("full_like",))
op("empty_like", _X, changeless=("empty_like",))
