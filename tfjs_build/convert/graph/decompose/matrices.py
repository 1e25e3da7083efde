"""Matrix products and bands."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.builder import Builder, misfit
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, rule
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, reshape, size, vector


@rule("BatchMatMulV3")
def _product(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    product = b.BatchMatMulV2(*inputs, adj_x=attrs.get("adj_x", False), adj_y=attrs.get("adj_y", False))
    wanted = attrs.get("Tout")
    return product if wanted is None or wanted == product.dtype else b.Cast(product, DstT=wanted)


@rule("MatMul")
def _matrices(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """The sum of no products is 0; wasm gives what stands in its memory."""
    x, y = inputs
    flips = (attrs.get("transpose_a", False), attrs.get("transpose_b", False))
    rows, inner = (-1, -2) if flips[0] else (-2, -1)
    columns, summed = (-2, -1) if flips[1] else (-1, -2)
    counts = [value.shape[axis] for value, axis in ((x, inner), (y, summed)) if value.shape is not None]
    product = _of_floats(b, "MatMul", inputs, attrs)
    if any(counts):
        return product
    nothing = b.Cast(b.const(0, "int32"), DstT=x.dtype)
    if 0 in counts:
        return b.Fill(vector(b, [size(b, x, rows), size(b, y, columns)]), nothing)
    product = b.MatMul(x, y, **attrs) if product is None else product
    return b.SelectV2(b.Greater(b.Size(x), 0), product, nothing)


def _of_floats(b: Builder, op: str, inputs: Inputs, attrs: Attrs) -> Value | None:
    """wasm multiplies floats alone; they hold integers exactly up to 2^24."""
    dtype = inputs[0].dtype
    if dtype not in INTEGER:
        return None
    floats = [b.Cast(value, DstT="float32") for value in inputs]
    return b.Cast(b.node(op, floats, attrs)[0], DstT=dtype)


def _batch(op: str) -> Decomposition:
    def product(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """1. Stacks times one matrix is a plain product. 2. Each stack is repeated where TensorFlow.js, which counts
        matrices modulo the smaller stack, would take another one."""
        x, y = inputs
        if (x.rank or 0) > 2 and y.rank == 2 and not attrs.get("adj_x") and x.dtype not in INTEGER:
            rows = [size(b, x, axis) for axis in range((x.rank or 0) - 1)]
            flat = b.MatMul(reshape(b, x, [-1, size(b, x, -1)]), y, transpose_b=attrs.get("adj_y", False))
            return reshape(b, flat, [*rows, size(b, y, -2 if attrs.get("adj_y") else -1)])
        repeated = _same_stacks(b, x, y)
        if repeated is None:
            return _of_floats(b, op, inputs, attrs)
        return b.node(op, repeated, attrs)[0]

    return product


for _op in ("BatchMatMul", "BatchMatMulV2"):
    rule(_op)(_batch(_op))


def _same_stacks(b: Builder, x: Value, y: Value) -> list[Value] | None:
    """Return stacks of matrices in one shape, None if they can stay: where they are of one shape already, or differ
    only in their first axes, all of which are 1 in one of them."""
    if x.shape is None or y.shape is None:
        return None
    count = max(len(x.shape), len(y.shape)) - 2
    first, second = ((1,) * (count + 2 - len(value.shape or ())) + (value.shape or ())[:-2] for value in (x, y))
    apart = [axis for axis in range(count) if first[axis] != second[axis]]
    if not apart or apart == [0]:
        return None
    if any(set(stack[: apart[-1] + 1]) == {1} for stack in (first, second)):
        return None
    stack = [_wider(b, x, y, axis - count - 2) for axis in range(count)]
    return [b.BroadcastTo(value, vector(b, [*stack, size(b, value, -2), size(b, value, -1)])) for value in (x, y)]


def _wider(b: Builder, x: Value, y: Value, axis: int) -> Size:
    sizes = [size(b, value, axis) for value in (x, y) if value.rank is not None and value.rank >= -axis]
    numbers = [each for each in sizes if isinstance(each, int)]
    if len(sizes) == 1 or len(numbers) == len(sizes):
        return max(numbers) if numbers else sizes[0]
    return max(numbers) if numbers and max(numbers) > 1 else b.Maximum(sizes[0], sizes[1])


@rule("MatrixBandPart")
def _band(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js reads the upper bound from the lower one's input."""
    x, lower, upper = inputs
    row = b.ExpandDims(b.Range(0, size(b, x, -2), 1), 1)
    column = b.ExpandDims(b.Range(0, size(b, x, -1), 1), 0)
    keep = b.LogicalAnd(_within(b, row - column, lower), _within(b, column - row, upper))
    return b.SelectV2(keep, x, b.ZerosLike(x))


def _within(b: Builder, distance: Value, most: Value) -> Value:
    """Whether a distance is at most `most`; a negative `most` allows any."""
    if most.ints is not None:
        return b.LessEqual(distance, most.ints[0] if most.ints[0] >= 0 else 2**31 - 1)
    bound = b.Cast(most, DstT="int32") if most.dtype in INTEGER and most.dtype != "int32" else most
    return b.LogicalOr(b.LessEqual(distance, bound), b.Less(bound, 0))


@rule("_FusedMatMul")
def _fused(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Take apart what TensorFlow's optimizer has fused: not every activation can stay (`fuse.py` fuses anew)."""
    a, w, *rest = inputs
    result = b.MatMul(a, w, transpose_a=attrs.get("transpose_a", False), transpose_b=attrs.get("transpose_b", False))
    return unfused(b, result, rest, attrs)


_ARGUMENTS: Final = {"BiasAdd": 1, "FusedBatchNorm": 4, "Prelu": 1}
"""How many inputs each of the ops that are fused takes besides the result."""
_UNARY: Final = frozenset({"Elu", "Relu", "Relu6", "Sigmoid", "Tanh"})


def unfused(b: Builder, result: Value, rest: Inputs, attrs: Attrs) -> Value:
    """Return `result` with the ops applied that the attribute `fused_ops` lists.

    Raises MisfitError where there are fewer inputs than they take, or one is not known.
    """
    arguments = list(rest)
    ops = attrs.get("fused_ops", [])
    if len(arguments) < sum(_ARGUMENTS.get(op, 0) for op in ops):
        raise misfit(f"{' and '.join(ops)}, fused,", "fused_ops", [result, *rest])
    for op in ops:
        if op == "BiasAdd":
            result = b.BiasAdd(result, arguments.pop(0))
        elif op == "FusedBatchNorm":
            statistics, arguments = arguments[:4], arguments[4:]
            settings = {"epsilon": attrs.get("epsilon", 1e-4), "is_training": False}
            result = b.multi("FusedBatchNormV3", result, *statistics, **settings)[0]
        elif op == "LeakyRelu":
            result = b.LeakyRelu(result, alpha=attrs.get("leakyrelu_alpha", 0.2))
        elif op == "GeluExact":
            result = 0.5 * result * (1.0 + b.Erf(result * 0.5**0.5))
        elif op == "Prelu":
            result = b.Prelu(result, arguments.pop(0))
        elif op in _UNARY:
            result = b.node(op, [result], {})[0]
        else:
            raise misfit(op, "fused_ops", [result])
    return result
