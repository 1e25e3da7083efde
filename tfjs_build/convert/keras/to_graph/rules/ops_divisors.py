"""Operations on divisors of integers, as so many steps of Euclid's algorithm as the largest ones can need."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import two
from tfjs_build.convert.keras.to_graph.registry import operation

_STEPS: Final = 25
"""With the remainders nearest to zero, the numbers fall at least by 1 + √2 at each step: 2³¹ is gone after 25."""


def _absolute(c: Context) -> tuple[Value, Value]:
    x, y = two(c)
    c.expect_dtype(x, "int32")
    return c.b.Abs(x), c.b.Abs(y)


def _divisor(c: Context, x: Value, y: Value) -> Value:
    """Return the greatest common divisor. A loop would make the whole model asynchronous."""
    b = c.b
    for _ in range(_STEPS):
        done = b.Equal(y, 0)
        rest = b.FloorMod(x, b.Maximum(y, 1))
        x, y = b.SelectV2(done, x, y), b.Minimum(rest, y - rest)
    return x


@operation("Gcd")
def gcd(c: Context) -> Value:
    """The greatest common divisor."""
    return _divisor(c, *_absolute(c))


@operation("Lcm")
def lcm(c: Context) -> Value:
    """The least common multiple; 0 where both are 0."""
    x, y = _absolute(c)
    return x * c.b.FloorDiv(y, c.b.Maximum(_divisor(c, x, y), 1))
