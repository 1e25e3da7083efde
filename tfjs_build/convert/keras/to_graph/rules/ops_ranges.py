"""Operations that make numbers between tensors, fill a shape with one, or round it to the levels of quantized ones."""

from __future__ import annotations

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import amount, integer, integers, number, real, single, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.ops_logic import cast_to


def _spaced(c: Context, start: Value, stop: Value) -> Value:
    """Return numbers in even steps from one tensor to another, along a new axis; the ends are those that are given."""
    b = c.b
    count = integer(c, c.argument(9, "num", default=50))
    c.require(count > 0, f"num={count} is not supported, only 1 and more are")
    amount(c, count, "num")
    given = c.argument(9, "dtype", default=None)
    c.require(given is None or "float" in str(given), f"dtype={given!r} is not supported, only floats are")
    start, stop = start + b.ZerosLike(stop), stop + b.ZerosLike(start)
    if c.argument(9, "endpoint", default=True) is False:
        stop = stop - (stop - start) / float(count)
    rank = c.rank(start) + 1
    axis = single(c, c.argument(9, "axis", default=0))
    c.require(-rank <= axis < rank, f"axis={axis} is out of range for a result of rank {rank}")
    axis %= rank
    first, last = b.ExpandDims(start, axis), b.ExpandDims(stop, axis)
    if count == 1:
        return first
    places = np.arange(1, count - 1, dtype=np.float32).reshape([-1 if at == axis else 1 for at in range(rank)])
    between = [first + (last - first) / float(count - 1) * places] if count > 2 else []
    return c.concat([first, *between, last], axis)


@operation("Linspace")
def linspace(c: Context) -> Value:
    """Numbers in even steps."""
    c.one_of("retstep", c.flag(9, "retstep"), (False,))
    return _spaced(c, real(c, 0, "start"), real(c, 1, "stop"))


@operation("Logspace")
def logspace(c: Context) -> Value:
    """Powers with exponents in even steps."""
    base = number(c, c.argument(9, "base", default=10))
    return c.b.Pow(c.constant(float(base)), _spaced(c, real(c, 0, "start"), real(c, 1, "stop")))


@operation("Geomspace")
def geomspace(c: Context) -> Value:
    """Numbers whose quotients are even. The sign is that of the first."""
    b, start, stop = c.b, real(c, 0, "start"), real(c, 1, "stop")
    tenth = float(1 / np.log(10.0))
    exponents = _spaced(c, b.Log(b.Abs(start)) * tenth, b.Log(b.Abs(stop)) * tenth)
    axis = single(c, c.argument(9, "axis", default=0))
    sign = b.Sign(start + b.ZerosLike(stop))
    return b.Pow(c.constant(10.0), exponents) * b.ExpandDims(sign, axis % c.rank(exponents))


@operation("Full")
def full(c: Context) -> Value:
    """A shape that is filled with a tensor, which is repeated where it is smaller."""
    x = cast_to(c, tensor(c, 0, "fill_value"), str(c.argument(9, "dtype", default=None) or "float32"))
    return c.b.BroadcastTo(x, c.ints(integers(c, c.argument(9, "shape"))))


@operation("Array")
def array(c: Context) -> Value:
    """A tensor, perhaps of another type."""
    x, given = tensor(c), c.argument(9, "dtype", default=None)
    return x if given is None else cast_to(c, x, str(given))


@operation("FakeQuantWithMinMaxVars")
def fake_quant(c: Context) -> Value:
    """Numbers rounded to the levels of a quantized number, between bounds: two, or two for each channel."""
    b, x = c.b, real(c)
    low, high = real(c, 1, "min_vals"), real(c, 2, "max_vals")
    bits = integer(c, c.argument(9, "num_bits", default=8))
    narrow = c.argument(9, "narrow_range", default=False) is True
    given = c.argument(9, "axis", default=None)
    if given is None:
        low, high = b.Reshape(low, []), b.Reshape(high, [])
        return b.FakeQuantWithMinMaxVars(x, low, high, num_bits=bits, narrow_range=narrow)
    order = list(range(c.rank(x)))
    axis = c.axis(x, single(c, given))
    order[axis], order[-1] = order[-1], order[axis]
    y = b.FakeQuantWithMinMaxVarsPerChannel(b.Transpose(x, order), low, high, num_bits=bits, narrow_range=narrow)
    return b.Transpose(y, order)
