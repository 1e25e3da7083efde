"""Operations on series of numbers: differences, areas, powers, correlations."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import integer, number, real, single, tensor, two
from tfjs_build.convert.keras.to_graph.registry import operation


@operation("Diff")
def diff(c: Context) -> Value:
    """Differences of neighbours, so often."""
    x = tensor(c, 0, "a")
    along = c.axis(x, single(c, c.argument(9, "axis", default=-1)))
    for _ in range(integer(c, c.argument(9, "n", default=1))):
        x = _slid(c, x, along, 1, None) - _slid(c, x, along, 0, -1)
    return x


def _slid(c: Context, x: Value, along: int, low: int, high: int | None) -> Value:
    from tfjs_build.convert.keras.to_graph.rules.reshaping import sliced

    return sliced(c, x, {along: low}, {along: high} if high is not None else {})


@operation("Trapezoid")
def trapezoid(c: Context) -> Value:
    """The area below a line through points."""
    y = real(c, 0, "y")
    along = c.axis(y, single(c, c.argument(9, "axis", default=-1)))
    x = c.argument(1, "x", default=None)
    middle = (_slid(c, y, along, 1, None) + _slid(c, y, along, 0, -1)) * 0.5
    if x is None:
        return c.b.Sum(middle, [along]) * number(c, c.argument(9, "dx", default=1.0))
    at = c.as_float(x) if isinstance(x, Value) else c.constant(x)
    c.require(
        c.rank(at) == c.rank(y) or along == c.rank(y) - 1,
        f"expects `x` of rank {c.rank(y)}, or an axis that is the last, got rank {c.rank(at)} and axis {along}",
    )
    own = along if c.rank(at) == c.rank(y) else 0
    return c.b.Sum(middle * (_slid(c, at, own, 1, None) - _slid(c, at, own, 0, -1)), [along])


@operation("Vander")
def vander(c: Context) -> Value:
    """Powers of a vector as columns."""
    x = tensor(c)
    given = c.argument(9, "N", default=None)
    count = c.fixed(x, 0) if given is None else integer(c, given)
    exponents = list(range(count)) if c.flag(9, "increasing") else list(range(count))[::-1]
    columns = c.b.ExpandDims(x, 1)
    powers = [c.b.OnesLike(columns) if n == 0 else columns for n in exponents]
    for place, n in enumerate(exponents):
        for _ in range(n - 1):
            powers[place] = powers[place] * columns
    return c.concat(powers, 1)


@operation("Corrcoef")
def corrcoef(c: Context) -> Value:
    """The correlation of rows with each other."""
    b, x = c.b, real(c)
    x = b.ExpandDims(x, 0) if c.rank(x) == 1 else x
    centred = x - b.Mean(x, [1], keep_dims=True)
    covariance = b.MatMul(centred, centred, transpose_b=True)
    length = b.Sqrt(b.Sum(b.Square(centred), [1], keep_dims=True))
    y = covariance / (length * b.Transpose(length, [1, 0]))
    return b.ClipByValue(y, -1.0, 1.0)


@operation("Correlate")
def correlate(c: Context) -> Value:
    """A vector slid along another."""
    b = c.b
    x, y = (c.as_float(value) for value in two(c))
    long, short = c.fixed(x, 0), c.fixed(y, 0)
    mode = str(c.argument(9, "mode", default="valid"))
    pads = 0 if mode == "valid" else short - 1
    wide = b.Reshape(b.Pad(x, c.ints([[pads, pads]])), [1, 1, -1, 1])
    kernel = b.Reshape(y, [1, short, 1, 1])
    ones = [1] * 4
    flat = b.Reshape(b.Conv2D(wide, kernel, strides=ones, padding="VALID", data_format="NHWC", dilations=ones), [-1])
    if mode != "same":
        return flat
    size = max(long, short)
    return b.Slice(flat, c.ints([(long + short - 1 - size) // 2]), c.ints([size]))
