"""Ops on several tensors, number by number, beyond the ranks of the GPU kernels.

1. webgpu gives zeros for a tensor of rank 5 or more beside one of lower rank: the smaller gets axes of size 1 in front.
2. A choice is made at low rank: axes along which all operands are alike are merged. So are Prelu and DivNoNan, which
   chooses between the quotient and zero.
3. wasm's arithmetic (XNNPACK's) reads other numbers beyond rank 6, and webgpu has no tensors of more in its kernels:
   it is done at low rank, too, and functions of single numbers on a vector.
4. webgl's FloorDiv is one of integers.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes
from tfjs_build.convert.graph.portable.registry import GPU_RANK, MOST_RANK, portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs

_UNARY = (
    "Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil ClipByValue Cos Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan"
    " LeakyRelu Log Log1p LogicalNot Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt"
    " Square Tan Tanh"
)

_BINARY = (
    "Add AddV2 Atan2 Div Equal FloorMod Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr"
    " Maximum Minimum Mod Mul NotEqual Pow RealDiv SquaredDifference Sub"
)


def _largest(inputs: Inputs) -> int | None:
    ranks = [value.rank for value in inputs]
    return None if None in ranks else max(rank for rank in ranks if rank is not None)


def _raised(b: Builder, value: Value, rank: int) -> Value:
    """Return a tensor with axes of size 1 in front, up to a rank; a scalar stays as it is."""
    if value.rank in (0, rank) or value.rank is None:
        return value
    return sizes.reshape(b, value, [*[1] * (rank - value.rank), *axes.all_sizes(b, value)])


def _binary(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        return _of_low_rank(b, op, inputs, attrs)


def _of_low_rank(b: Builder, op: str, inputs: Inputs, attrs: Attrs) -> Value | None:
    rank = _largest(inputs)
    if rank is None or rank <= GPU_RANK:
        return None
    if rank > MOST_RANK:
        return _at_low_rank(b, op, inputs, attrs, MOST_RANK)
    if len({value.rank for value in inputs if value.rank}) < 2:
        return None
    return b.multi(op, *[_raised(b, value, rank) for value in inputs], **attrs)[0]


for _op in _BINARY.split():
    _binary(_op)


@portable_rule("FloorDiv")
def _floor_div(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
    """webgl rounds both numbers before it divides, floats, too."""
    if inputs[0].dtype == "float32":
        return b.Floor(b.RealDiv(*inputs))
    return _of_low_rank(b, "FloorDiv", inputs, attrs)


def _unary(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        x = inputs[0]
        if x.rank is None or x.rank <= MOST_RANK:
            return None
        flat = b.multi(op, b.Reshape(x, b.const([-1], "int32")), *inputs[1:], **attrs)[0]
        return axes.part(b, flat, axes.all_sizes(b, x))


for _op in _UNARY.split():
    _unary(_op)


@portable_rule("BiasAdd")
def _bias_add(b: Builder, inputs: Inputs, _attrs: Attrs) -> Value | None:
    x, bias = inputs
    if x.rank is None or x.rank <= GPU_RANK:
        return None
    return b.AddV2(x, _raised(b, bias, x.rank))


def _choice(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        return _at_low_rank(b, op, inputs, attrs)


for _op in ("DivNoNan", "Prelu", "SelectV2"):
    _choice(_op)


def _at_low_rank(b: Builder, op: str, inputs: Inputs, attrs: Attrs, most: int = GPU_RANK) -> Value | None:
    """Return the op on tensors of rank `most` or less: with axes merged, or where these are too many, on vectors that
    hold all that is spread."""
    rank = _largest(inputs)
    if rank is None or rank <= GPU_RANK:
        return None
    raised = [_raised(b, value, rank) for value in inputs]
    whole = _broadcast_sizes(b, raised, rank)
    groups = _alike(raised, rank)
    if len(groups) <= most:
        lower = [value if value.rank == 0 else axes.merge(b, value, groups) for value in raised]
    else:
        lower = [value if value.rank == 0 else _spread(b, value, whole) for value in raised]
    return axes.part(b, b.multi(op, *lower, **attrs)[0], whole)


def _spread(b: Builder, value: Value, whole: Sequence[sizes.Size]) -> Value:
    """Return a tensor spread over these sizes, as a vector."""
    if value.shape is None or list(value.shape) != list(whole):
        value = b.BroadcastTo(value, sizes.vector(b, whole))
    return b.Reshape(value, b.const([-1], "int32"))


def _alike(values: Sequence[Value], rank: int) -> list[list[int]]:
    """Return groups of neighbouring axes that can be merged: each operand either has the whole of every axis of a
    group, or a single entry along all of them."""
    groups: list[list[int]] = []
    before: tuple[bool, ...] | None = None
    for axis in range(rank):
        along = [value.shape[axis] for value in values if value.shape]
        pattern = None if None in along else tuple(size == 1 for size in along)
        if groups and pattern is not None and pattern == before:
            groups[-1].append(axis)
        else:
            groups.append([axis])
        before = pattern
    return groups


def _broadcast_sizes(b: Builder, values: Sequence[Value], rank: int) -> list[sizes.Size]:
    """Return the sizes of the result: along each axis that of an operand which has more than one entry there."""
    result: list[sizes.Size] = []
    for axis in range(rank):
        sized = [value for value in values if value.shape]
        known = [value.shape[axis] for value in sized if value.shape is not None]
        larger = next((size for size in known if size not in (None, 1)), None)
        if larger is not None or None not in known:
            result.append(1 if larger is None else larger)
            continue
        size: sizes.Size = 1
        for value in sized:
            one = sizes.size(b, value, axis)
            if one != 1:
                size = one if isinstance(size, int) and size == 1 else b.Maximum(size, one)
        result.append(size)
    return result
