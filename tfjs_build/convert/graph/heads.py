"""Attention of several heads: products of stacks of matrices, or a product for each head, as the backends want it.

wasm multiplies stacks of matrices by a plain loop, at a quarter of the speed, or less, that XNNPACK has for a single
pair: there a product for each head is faster, though its operands are cut out, and its results joined. On a GPU each of
those is a program of its own. So heads are taken apart where wasm counts, and where the whole graph takes 1.2 times as
long otherwise, or no GPU counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import product
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.optimizing import counts
from tfjs_build.convert.graph.rewrite import Context, rewrite

_PLAIN: Final = 1.0
_XNNPACK: Final = 0.22
_COPY: Final = 0.5
"""Nanoseconds on wasm: of a multiplication in a stack, in a single product, and of a number that is copied (measured in
docs/performance.md's machine; what matters are their ratios)."""
_WORSE: Final = 1.2
_MOST_HEADS: Final = 16
_SOME: Final = 128
"""What a size that is not known is taken for."""
_PRODUCTS: Final = frozenset({"Conv2D", "MatMul"})


def separate_heads(graph: Graph) -> Graph:
    """Return the graph with a product for each head, where that is better for the site's backends."""
    if not counts("wasm"):
        return graph
    stacked = [node for node in graph.nodes() if _heads(node)]
    if not stacked:
        return graph
    whole = sum(map(_multiplications, stacked)) * _PLAIN
    apart = sum(_multiplications(node) * _XNNPACK + _copied(node) * _COPY for node in stacked)
    rest = sum(_multiplications(node) for node in graph.nodes() if node.op in _PRODUCTS) * _XNNPACK
    least = _WORSE if counts("webgl") or counts("webgpu") else 1.0
    if rest + whole <= least * (rest + apart):
        return graph
    return rewrite(graph, [_Apart().rule])


def _heads(node: Node) -> int:
    """Return the number of heads of a product, 0 where it is none of two computed tensors [batch, heads, n, m]."""
    if node.op not in ("BatchMatMul", "BatchMatMulV2") or node.outputs[0].dtype != "float32":
        return 0
    first, second = (value.shape for value in node.inputs)
    if any(value.constant is not None for value in node.inputs) or first is None or second is None:
        return 0
    if len(first) != 4 or len(second) != 4 or first[0] != second[0] or first[1] != second[1]:
        return 0
    heads = first[1] or 0
    return heads if 2 <= heads <= _MOST_HEADS and first.count(None) <= 1 and second.count(None) <= 1 else 0


def _multiplications(node: Node) -> int:
    result, kernel = node.outputs[0].shape or (), node.inputs[1].shape or ()
    if node.op == "Conv2D":
        terms = product(kernel[:-1]) or 0
    else:
        flipped = node.attrs.get("adj_x") or node.attrs.get("transpose_a")
        terms = (node.inputs[0].shape or (1,))[-2 if flipped else -1] or _SOME
    return _elements(result) * terms


def _copied(node: Node) -> int:
    return sum(_elements(value.shape or ()) for value in (*node.inputs, *node.outputs))


def _elements(shape: Sequence[int | None]) -> int:
    """Number of entries, of one sample where the batch is free."""
    sizes = [size if size is not None else (1 if axis == 0 else _SOME) for axis, size in enumerate(shape)]
    return product(sizes) or 0


class _Apart:
    """The rule: it remembers the results of each head, for who lays them side by side again."""

    def __init__(self) -> None:
        self.parts: dict[Value, list[Value]] = {}

    def rule(self, context: Context, node: Node) -> Value | None:
        heads = _heads(node)
        if heads:
            return self._products(context, node, heads)
        if node.op == "Transpose" and node.inputs[0] in self.parts and node.inputs[1].ints == (0, 2, 1, 3):
            b, shape = context.builder, node.outputs[0].shape or ()
            side_by_side = b.ConcatV2(*self.parts[node.inputs[0]], 2)
            return b.Reshape(side_by_side, [-1 if size is None else size for size in shape])
        return None

    def _products(self, context: Context, node: Node, heads: int) -> Value | None:
        b = context.builder
        first = _each_head(context, node.inputs[0], heads, transposed=bool(node.attrs.get("adj_x")))
        second = _each_head(context, node.inputs[1], heads, transposed=bool(node.attrs.get("adj_y")))
        products = [b.BatchMatMulV2(x, y) for x, y in zip(first, second, strict=True)]
        self.parts[node.outputs[0]] = products
        shape = node.outputs[0].shape or ()
        stacked = b.Pack(*products, axis=1)
        return stacked if stacked.shape == shape else b.Reshape(stacked, [-1 if s is None else s for s in shape])


def _each_head(context: Context, value: Value, heads: int, *, transposed: bool) -> list[Value]:
    """Return a tensor [batch, heads, n, m] as one [batch, n, m] for each head, or [batch, m, n]."""
    b = context.builder
    source, order = value.node, None if value.node.op != "Transpose" else value.node.inputs[1].ints
    if order is not None and transposed:
        order = (*order[:2], order[3], order[2])
    laid = source.inputs[0].shape if source.inputs else None
    if laid is not None and len(laid) == 4 and laid[2] == heads and None not in laid[1:]:
        joined = [-1 if laid[0] is None else laid[0], laid[1], heads * (laid[3] or 0)]
        if order == (0, 2, 1, 3):
            return list(b.multi("Split", 2, b.Reshape(context.new(source.inputs[0]), joined), num_split=heads))
        if order == (0, 2, 3, 1):
            turned = b.Transpose(b.Reshape(context.new(source.inputs[0]), joined), [0, 2, 1])
            return list(b.multi("Split", 1, turned, num_split=heads))
    whole = context.new(value)
    if transposed:  # XNNPACK is the slower the other way round
        whole = b.Transpose(whole, [0, 1, 3, 2])
    shape = [-1 if size is None else size for size in whole.shape or ()]
    parts = b.multi("Split", 1, whole, num_split=heads)
    return [_without_axis(b, part, shape) for part in parts]


def _without_axis(b: Builder, part: Value, shape: Sequence[int]) -> Value:
    return b.Reshape(part, [shape[0], *shape[2:]])
