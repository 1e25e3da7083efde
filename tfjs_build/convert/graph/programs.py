"""Ops that take several programs on webgl, or a slow kernel on wasm, in ops that take one, with the same numbers.

1. Means and sums are products with a constant: webgl transposes, reduces in stages and packs for them, six programs for
   a squeeze; wasm transposes and adds up one by one. A product of up to `_MOST_TERMS` terms is one program, and
   XNNPACK's. More terms than that, of which TensorFlow.js itself makes something else, are added up in two steps.
2. A number added to such a mean is the product's bias.
3. `x · rsqrt(v)` is `x / sqrt(v)`: webgl has no packed Rsqrt. Nor has it a packed Square: `x²` is `x · x`.

The rules run on the ops as they are published. (`MATMUL_SHARED_DIM_THRESHOLD` in tfjs-backend-webgl is 1000.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import product
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.rewrite import Context, rewrite

_MOST_TERMS: Final = 1000
_REDUCTIONS: Final = frozenset({"Mean", "Sum"})
_CONCERNED: Final = _REDUCTIONS | {"Square", "Mul", "AddV2"}


def fewer_programs(graph: Graph) -> Graph:
    """Return the graph in ops that take fewer programs and less time."""
    if not any(node.op in ("Mean", "Sum", "Square", "Rsqrt") for node in graph.walk()):
        return graph
    return rewrite(graph, [_rule])


def _rule(context: Context, node: Node) -> Value | None:
    if node.op not in _CONCERNED or node.outputs[0].dtype != "float32" or not node.inputs:
        return None
    if node.op in _REDUCTIONS:
        return _reduced(context, node, None)
    if node.op == "Square":
        x = context.new(node.inputs[0])
        return context.builder.Mul(x, x)
    return _by_root(context, node) if node.op == "Mul" else _sum(context, node)


def _by_root(context: Context, node: Node) -> Value | None:
    """Match x · rsqrt(v)."""
    for x, root in (node.inputs, node.inputs[::-1]):
        if root.node.op == "Rsqrt" and context.only_use(root) and root.node.inputs[0].constant is None:
            b = context.builder
            return b.RealDiv(context.new(x), b.Sqrt(context.new(root.node.inputs[0])))
    return None


def _sum(context: Context, node: Node) -> Value | None:
    """Match the mean of rows and one number."""
    for mean, number in (node.inputs, node.inputs[::-1]):
        if mean.node.op in _REDUCTIONS and context.only_use(mean):
            bias = _bias(context, number)
            if bias is not None:
                return _reduced(context, mean.node, bias)
    return None


def _bias(context: Context, number: Value) -> Value | None:
    """Return one number as a vector: a constant, or one of two constants, as `half` chooses between them. It is made
    as a vector, since wasm looks at what a reshaped tensor was before."""
    b = context.builder
    if number.constant is not None:
        return b.Reshape(context.new(number), [1]) if number.constant.size == 1 and (number.rank or 0) <= 2 else None
    if number.node.op != "SelectV2" or number.shape != () or any(v.constant is None for v in number.node.inputs[1:]):
        return None
    chosen, first, second = context.inputs(number.node)
    return b.SelectV2(chosen, b.Reshape(first, [1]), b.Reshape(second, [1]))


def _reduced(context: Context, node: Node, more: Value | None) -> Value | None:
    """Return a mean or a sum as a product, with one number added to it: None where it stays what it is."""
    x, axes = node.inputs[0], node.inputs[1].ints
    shape = x.shape
    if shape is None or not axes or not shape or 0 in shape or x.constant is not None:
        return None
    axes = tuple(sorted(axis % len(shape) for axis in axes))
    if axes != tuple(range(axes[0], axes[-1] + 1)):
        return None
    terms = product(shape[axis] for axis in axes)
    result = node.outputs[0].shape
    if terms is None or terms < 2 or result is None or result.count(None) > 1:
        return None
    weight = 1.0 / terms if node.op == "Mean" else 1.0
    target = [-1 if size is None else size for size in result]
    if axes[-1] == len(shape) - 1:
        return _of_rows(context, node, terms, weight, more, target)
    columns = product(shape[axes[-1] + 1 :])
    if more is not None or columns is None or columns < 2 or (product(shape[: axes[0]]) is None and axes[0] > 1):
        return None
    return _of_columns(context.builder, context.new(x), shape[: axes[0]], terms, columns, weight, target)


def _of_rows(
    context: Context, node: Node, terms: int, weight: float, more: Value | None, target: list[int]
) -> Value | None:
    """Return x · w for the last axes: the rows of a matrix times a column."""
    if terms > _MOST_TERMS:
        return None
    b, x = context.builder, context.new(node.inputs[0])
    if product((x.shape or ())[:-1] or (1,)) == 1:
        return None  # one row is added up in as many programs, and no faster
    column = b.const(np.full((terms, 1), weight, np.float32), name=f"{node.name}/weights")
    rows = b.Reshape(x, [-1, terms])
    if more is None:
        return b.Reshape(b.MatMul(rows, column), target)
    total = b.node("_FusedMatMul", [rows, column, more], {"num_args": 1, "fused_ops": ["BiasAdd"]})[0]
    return b.Reshape(total, target)


def _of_columns(
    b: Builder, x: Value, before: Sequence[int | None], terms: int, columns: int, weight: float, target: list[int]
) -> Value | None:
    """Return w · x for axes in the middle: a row times a stack of matrices."""
    stack = product(before)
    count = -1 if stack is None else stack
    parts = _parts(terms)
    if parts is None:
        return None
    if parts > 1:
        x = _row_times(b, b.Reshape(x, [-1, terms // parts, columns]), terms // parts, weight)
        terms, weight = parts, 1.0
    return b.Reshape(_row_times(b, b.Reshape(x, [count, terms, columns]), terms, weight), target)


def _parts(terms: int) -> int | None:
    """Return in how many parts so many terms are added up at first, None where they do not divide so."""
    if terms <= _MOST_TERMS:
        return 1
    fitting = (each for each in range(-(-terms // _MOST_TERMS), _MOST_TERMS + 1) if terms % each == 0)
    return next(fitting, None)


def _row_times(b: Builder, x: Value, terms: int, weight: float) -> Value:
    """Return the sum over the middle axis of a stack of matrices, times a number. The constant is a column, transposed
    by the op: a row wasm multiplies by XNNPACK, which first lays the matrix out anew, longer than the rest takes."""
    column = b.const(np.full((1, terms, 1), weight, np.float32), name="weights")
    return b.BatchMatMulV2(column, x, adj_x=True)
