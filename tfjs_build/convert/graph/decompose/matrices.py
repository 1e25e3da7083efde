"""Matrix products and bands."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, rule
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import size


@rule("BatchMatMulV3")
def _product(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    product = b.BatchMatMulV2(*inputs, adj_x=attrs.get("adj_x", False), adj_y=attrs.get("adj_y", False))
    wanted = attrs.get("Tout")
    return product if wanted is None or wanted == product.dtype else b.Cast(product, DstT=wanted)


def _floats(op: str) -> Decomposition:
    def product(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """wasm multiplies floats alone; they hold integers exactly up to 2^24."""
        x, y = inputs
        if x.dtype not in INTEGER:
            return None
        floats = [b.Cast(value, DstT="float32") for value in (x, y)]
        return b.Cast(b.node(op, floats, attrs)[0], DstT=x.dtype)

    return product


for _op in ("MatMul", "BatchMatMul", "BatchMatMulV2"):
    rule(_op)(_floats(_op))


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


def unfused(b: Builder, result: Value, rest: Inputs, attrs: Attrs) -> Value:
    """Return `result` with the ops applied that the attribute `fused_ops` lists."""
    arguments = list(rest)
    for op in attrs.get("fused_ops", []):
        if op == "BiasAdd":
            result = b.BiasAdd(result, arguments.pop(0))
        elif op == "LeakyRelu":
            result = b.LeakyRelu(result, alpha=attrs.get("leakyrelu_alpha", 0.2))
        elif op == "GeluExact":
            result = 0.5 * result * (1.0 + b.Erf(result * 0.5**0.5))
        elif op == "Prelu":
            result = b.Prelu(result, arguments.pop(0))
        else:
            result = b.node(op, [result], {})[0]
    return result
