"""Arithmetic on integers, where TensorFlow.js divides, rounds and wraps otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tfjs_build.convert.dtypes import NARROW
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.dtypes import COMPLEX, FLOATING, INTEGER, tfjs_dtype
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.sizes import reshape, size


def truncated_quotient(b: Builder, x: Value, y: Value) -> Value:
    """Return x / y towards zero."""
    if x.dtype in FLOATING:
        quotient = x / y
        return b.Sign(quotient) * b.Floor(b.Abs(quotient))
    return b.Sign(x) * b.Sign(y) * b.FloorDiv(b.Abs(x), b.Abs(y))


@rule("FloorDiv")
def _floor_div(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js gives an int32 tensor, for floats too."""
    x, y = inputs
    return b.Floor(x / y) if x.dtype in FLOATING else None


@rule("TruncateDiv")
def _truncate_div(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return truncated_quotient(b, *inputs)


@rule("Div")
def _div(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow's old division cuts integers off; TensorFlow.js floors them."""
    x, y = inputs
    return x / y if x.dtype not in INTEGER else truncated_quotient(b, x, y)


@rule("Mod", "TruncateMod")
def _truncate_mod(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow's old remainder has the sign of the dividend; TensorFlow.js's that of the divisor."""
    x, y = inputs
    rest = x - y * truncated_quotient(b, x, y)
    return b.SelectV2(b.Less(b.Abs(x), b.Abs(y)), x, rest) if x.dtype in FLOATING else rest  # y may be infinite


def held(b: Builder, x: Value, dtype: str) -> Value:
    """Return `x`, whose numbers are in the range of `dtype` already, as that type."""
    return Node(b, "Cast", [x], {"DstT": dtype}, f"{b.scope}/Cast", [(x.shape, dtype)]).outputs[0]


def wrap(b: Builder, x: Value, dtype: str) -> Value:
    """Return `x`, computed in int32, as a type of fewer bits would hold it."""
    lowest, count = NARROW[dtype]
    return b.FloorMod(x - lowest, count) + lowest if lowest else b.FloorMod(x, count)


@rule("Cast")
def _cast(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """1. Between types that are one in TensorFlow.js nothing happens, but a type of fewer bits keeps its Cast until the
    end, so that arithmetic on it is known to wrap around. 2. So does an integer that is cast into it. 3. A complex
    number's real part becomes a real number."""
    x, target = inputs[0], attrs["DstT"]
    if target == x.dtype:
        return x
    if target in NARROW and x.dtype in INTEGER and not _fits(x.dtype, target):
        return held(b, wrap(b, b.Cast(x, DstT="int32") if x.dtype in NARROW else x, target), target)
    if x.dtype in COMPLEX and target not in COMPLEX:
        return b.Cast(b.Real(x), DstT=target)
    if target in COMPLEX and x.dtype not in COMPLEX:
        real = x if x.dtype in FLOATING else b.Cast(x, DstT="float32")
        return b.Complex(real, b.ZerosLike(real))
    if target == "bool":
        return b.NotEqual(x, b.ZerosLike(x))  # wasm would keep the lowest bits of the number
    if target in NARROW or x.dtype in NARROW:
        return None
    if tfjs_dtype(target) == tfjs_dtype(x.dtype):
        return x
    if "string" in (target, x.dtype):
        raise refuse(b, "Cast", f"a cast from {x.dtype} to {target} is not supported.")
    return None


def _fits(source: str, target: str) -> bool:
    if source not in NARROW:
        return False
    low, count = NARROW[source]
    target_low, target_count = NARROW[target]
    return target_low <= low and low + count <= target_low + target_count


@rule("Invert")
def _invert(_b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """Every bit turned around: -1 - x, in a type without sign the highest number less x."""
    x = inputs[0]
    return (NARROW[x.dtype][1] - 1 if x.dtype in ("uint8", "uint16") else -1) - x


@rule("LeftShift")
def _left_shift(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, places = inputs
    return x * b.Cast(_power_of_two(b, places), DstT=x.dtype)


@rule("RightShift")
def _right_shift(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, places = inputs
    return b.FloorDiv(x, b.Cast(_power_of_two(b, places), DstT=x.dtype))


def negative(b: Builder, x: Value) -> Value:
    """Return where the sign of a float is set, that of -0 included."""
    return b.LogicalOr(b.Less(x, 0.0), b.LogicalAnd(b.Equal(x, 0.0), b.Less(b.Reciprocal(x), 0.0)))


_POWERS: Final = [1 << bit for bit in range(31)]
_BY_BIT: Final[dict[str, Callable[[Builder, Value, Value], Value]]] = {
    "BitwiseAnd": lambda b, x, y: b.LogicalAnd(x, y),
    "BitwiseOr": lambda b, x, y: b.LogicalOr(x, y),
    "BitwiseXor": lambda b, x, y: b.NotEqual(x, y),
}


def _bitwise(op: str) -> Decomposition:
    def combined(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        """1. The sign of a float, as Keras 3 looks for -0 in argmax, is found by arithmetic. 2. Other numbers are taken
        apart into their sign and 31 bits. (TensorFlow.js has a kernel of BitwiseAnd, but its executor asks for the
        inputs by names that its op list does not give them.)"""
        x, y = inputs
        for bits, mask in (inputs, inputs[::-1]) if op == "BitwiseAnd" else ():
            if bits.node.op == "Bitcast" and bits.node.inputs[0].dtype == "float32" and _lowest(mask):
                sign = negative(b, bits.node.inputs[0])
                return b.SelectV2(sign, b.const(-(2**31), "int32"), b.const(0, "int32"))
        join = _BY_BIT[op]

        def taken_apart(value: Value) -> tuple[Value, Value]:
            number = b.ExpandDims(b.Cast(value, DstT="int32"), -1)
            sign = b.Less(number, 0)
            # Of a negative number, those of the one with all bits turned: GPU backends divide no others right.
            bits = b.Equal(b.FloorMod(b.FloorDiv(b.Maximum(number, -1 - number), _POWERS), 2), 1)
            return sign, b.NotEqual(bits, sign)

        (sign_x, bits_x), (sign_y, bits_y) = taken_apart(x), taken_apart(y)
        sign = join(b, sign_x, sign_y)
        turned = b.NotEqual(join(b, bits_x, bits_y), sign)
        number = b.Sum(b.Mul(b.Cast(turned, DstT="int32"), _POWERS), [-1], keep_dims=True)
        whole = b.SelectV2(sign, -1 - number, number)
        found = b.Squeeze(whole, squeeze_dims=[(whole.rank or 1) - 1])
        return held(b, found, x.dtype) if x.dtype in NARROW else b.Cast(found, DstT=x.dtype)

    return combined


for _op in _BY_BIT:
    rule(_op)(_bitwise(_op))


def _lowest(mask: Value) -> bool:
    return mask.constant is not None and mask.constant.size == 1 and mask.constant.item() == -(2**31)


def _power_of_two(b: Builder, exponent: Value) -> Value:
    return b.Cast(b.Round(b.Pow(2.0, b.Cast(exponent, DstT="float32"))), DstT="int32")


def _narrow(op: str) -> Decomposition:
    def wrapped(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
        """1. Wrap around what overflows in a type of fewer bits and would not in int32. 2. Give complex numbers one
        rank: the cpu backend reads beyond the end of the one of the lower. 3. Negation and squares are computed in
        floats, which do not hold every integer; differences and products are not."""
        dtype = inputs[0].dtype
        if dtype in COMPLEX:
            return _complex(b, op, inputs)
        if op == "Neg" and dtype in INTEGER and dtype not in NARROW:
            return b.Sub(b.const(0, dtype), inputs[0])  # wasm takes integers for floats here, which have fewer digits
        if dtype not in NARROW:
            if dtype in INTEGER and op in ("Neg", "Square"):
                x = inputs[0]
                return b.Sub(0, x) if op == "Neg" else b.Mul(x, x)
            return None
        wide = [b.Cast(value, DstT="int32") for value in inputs]
        build: Callable[..., Value] = getattr(b, op)
        return held(b, wrap(b, build(*wide), dtype), dtype)

    return wrapped


def _complex(b: Builder, op: str, inputs: Inputs) -> Result:
    ranks = [value.rank for value in inputs]
    if len(set(ranks)) == 1:
        return None
    known = [rank for rank in ranks if rank is not None]
    if len(known) < len(ranks):
        raise refuse(b, op, "the rank of a complex input is not known.")
    most = max(known)
    same = [
        reshape(b, x, [*([1] * (most - rank)), *(size(b, x, axis) for axis in range(rank))]) if rank < most else x
        for x, rank in zip(inputs, known, strict=True)
    ]
    return b.node(op, same, {})[0]


for _op in ("Add", "AddV2", "Sub", "Mul", "Neg", "Square", "SquaredDifference"):
    rule(_op)(_narrow(_op))


def narrowed(b: Builder, op: str, inputs: Inputs, attrs: Attrs) -> Value | None:
    """Return a sum, product or power of integers of fewer bits as they hold it, None for other types."""
    dtype = inputs[0].dtype
    if dtype not in NARROW:
        return None
    wide = [b.Cast(value, DstT="int32") if value.dtype == dtype else value for value in inputs]
    return held(b, wrap(b, b.node(op, wide, attrs)[0], dtype), dtype)
