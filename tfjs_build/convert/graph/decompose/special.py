"""Special functions that TensorFlow.js lacks, by approximations that are right to float32's last digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, rule
from tfjs_build.convert.graph.ir import Value


def _polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Return a polynomial, its highest coefficient first."""
    y = x * coefficients[0] + coefficients[1]
    for each in coefficients[2:]:
        y = y * x + each
    return y


# Giles, Approximating the erfinv function (GPU Computing Gems, 2011), single precision.
_CENTRAL: Final = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087),
    *(-0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
)
_TAIL: Final = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773),
    *(-0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
)


@rule("Erfinv")
def _erfinv(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """The inverse of the error function. As in TensorFlow, 0.5 x + 0.5 is what keeps x's digits, or loses them."""
    x = inputs[0]
    share = x * 0.5 + 0.5
    x = share + share - 1.0
    w = -b.Log(4.0 * share * (1.0 - share))
    y = b.SelectV2(b.Less(w, 5.0), _polynomial(w - 2.5, _CENTRAL), _polynomial(b.Sqrt(w) - 3.0, _TAIL))
    return b.SelectV2(b.Equal(b.Abs(x), 1.0), x * float("inf"), y * x)


# Abramowitz and Stegun, Handbook of Mathematical Functions, 9.8.1 and 9.8.2 (errors below 2e-7).
_NEAR: Final = (0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0)
_FAR: Final = (
    *(0.00392377, -0.01647633, 0.02635537, -0.02057706, 0.00916281),
    *(-0.00157565, 0.00225319, 0.01328592, 0.39894228),
)
_BORDER: Final = 3.75


@rule("BesselI0")
def _bessel(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """The modified Bessel function of order 0."""
    x = inputs[0]
    size = b.Abs(x)
    near = _polynomial(b.Square(b.Minimum(size, _BORDER) / _BORDER), _NEAR)
    large = b.Maximum(size, _BORDER)
    # Half of the exponent twice: the whole may be too large where the quotient is not.
    half = b.Exp(large * 0.5)
    far = half * (half * b.Rsqrt(large) * _polynomial(_BORDER / large, _FAR))
    return b.SelectV2(b.LessEqual(size, _BORDER), near, far)
