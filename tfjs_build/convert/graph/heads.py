"""Attention of several heads: products of stacks of matrices, of masked ones, or of each head, as backends want it.

    stacks    q and k, cut into heads and turned, as two stacks of matrices: three ops for each of q, k, v, the result
    masked    q · kᵀ, with `q` once for each head, zeros in the places of the others: nothing is cut or turned, and
              the terms are so many times as many
    apart     a product for each head, their operands cut out and their results joined

wasm multiplies stacks of matrices by a plain loop, at a quarter of the speed, or less, that XNNPACK has for a single
pair. On a GPU every cut is a program of its own. So up to `_FEW_HEADS` heads are masked, which is best on GPUs and next
to the best on wasm. More of them, and what has no such form, are stacks, and taken apart only where wasm counts and the
whole graph takes 1.2 times as long otherwise, or where no GPU counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

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
_FEW_HEADS: Final = 4
_MOST_HEADS: Final = 16
_SOME: Final = 128
"""What a size that is not known is taken for."""
_PRODUCTS: Final = frozenset({"Conv2D", "MatMul"})


def spell_heads(graph: Graph) -> Graph:
    """Return the graph with the products of heads as they are best for the site's backends."""
    if not any(_heads(node) for node in graph.nodes()):
        return graph
    if _gpu():
        graph = masked_heads(graph)
    return separate_heads(graph)


def _gpu() -> bool:
    return counts("webgl") or counts("webgpu")


def separate_heads(graph: Graph) -> Graph:
    """Return the graph with a product for each head, where that is better."""
    if not counts("wasm"):
        return graph
    stacked = [node for node in graph.nodes() if _heads(node)]
    if not stacked:
        return graph
    whole = sum(map(_multiplications, stacked)) * _PLAIN
    apart = sum(_multiplications(node) * _XNNPACK + _copied(node) * _COPY for node in stacked)
    rest = sum(_multiplications(node) for node in graph.nodes() if node.op in _PRODUCTS) * _XNNPACK
    if rest + whole <= (_WORSE if _gpu() else 1.0) * (rest + apart):
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


class _Attention(NamedTuple):
    """`source` values are [batch, n, heads, width]; `between` are the ops from the scores to the weights, in order."""

    query: Value
    key: Value
    value: Value
    between: list[Node]


def masked_heads(graph: Graph) -> Graph:
    """Return the graph with the attention of few heads as products with masked operands."""
    uses = graph.uses()
    found = {node: each for node in graph.nodes() if (each := _attention(node, uses)) is not None}

    def rule(context: Context, node: Node) -> Value | None:
        return _masked(context, found[node], node) if node in found else None

    return rewrite(graph, [rule]) if found else graph


def _attention(node: Node, uses: Mapping[Value, int]) -> _Attention | None:
    """Match what lays the heads' results side by side, and all before it back to query, key and value."""
    if node.op != "Transpose" or node.inputs[1].ints != (0, 2, 1, 3) or uses[node.inputs[0]] != 1:
        return None
    product_ = node.inputs[0].node
    heads = _heads(product_)
    if not 0 < heads <= _FEW_HEADS or product_.attrs.get("adj_x"):
        return None
    value = _laid(product_.inputs[1], heads, flipped=bool(product_.attrs.get("adj_y")))
    weights, between = product_.inputs[0], []
    while not _heads(weights.node):
        if uses[weights] != 1 or not _alike(weights.node):
            return None
        between.append(weights.node)
        weights = weights.node.inputs[_along(weights.node)]
    scores = weights.node
    if uses[weights] != 1 or scores.attrs.get("adj_x"):
        return None
    query = _laid(scores.inputs[0], heads, flipped=False)
    key = _laid(scores.inputs[1], heads, flipped=not scores.attrs.get("adj_y"))
    if query is None or key is None or value is None or not any(each.op == "Softmax" for each in between):
        return None
    return _Attention(query, key, value, between[::-1])


def _laid(value: Value, heads: int, *, flipped: bool) -> Value | None:
    """Return the tensor [batch, n, heads, width] that a stack of matrices [batch, heads, n, width] is made from, or,
    flipped, one of [batch, heads, width, n]."""
    if value.node.op != "Transpose" or value.node.inputs[1].ints != ((0, 2, 3, 1) if flipped else (0, 2, 1, 3)):
        return None
    source = value.node.inputs[0]
    shape = source.shape or ()
    return source if len(shape) == 4 and shape[2] == heads and None not in shape[1:] else None


def _along(node: Node) -> int:
    """Return which input of an op between scores and weights comes from the scores."""
    if node.op == "SelectV2":
        return 1
    return 1 if node.inputs[0].constant is not None or node.inputs[0].shape != node.outputs[0].shape else 0


def _alike(node: Node) -> bool:
    """Whether an op between scores and weights treats all heads and queries alike: their axes can change places."""
    if node.op == "Softmax":
        return True
    if node.op not in ("AddV2", "Add", "Sub", "Mul", "RealDiv", "SelectV2"):
        return False
    others = [value for position, value in enumerate(node.inputs) if position != _along(node)]
    if node.op in ("Sub", "RealDiv") and _along(node) != 0:
        return False
    shapes = [value.shape for value in (*others, node.inputs[_along(node)])]
    if None in shapes or shapes[-1] != node.outputs[0].shape:
        return False
    return all(len(shape or ()) < 2 or all(size == 1 for size in (shape or ())[-3:-1]) for shape in shapes[:-1])


def _masked(context: Context, found: _Attention, node: Node) -> Value:
    b = context.builder
    query, key, value = (context.new(each) for each in (found.query, found.key, found.value))
    _, queries, heads, width = _sizes(query)
    keys, deep = _sizes(key)[1], _sizes(value)[3]
    q = b.Reshape(query, [-1, queries, 1, heads * width]) * _mask(b, heads, width)
    k = b.Transpose(b.Reshape(key, [-1, keys, heads * width]), [0, 2, 1])
    scores = b.BatchMatMulV2(b.Reshape(q, [-1, queries * heads, heads * width]), k)
    if len(found.between) > 1:
        scores = b.Reshape(scores, [-1, queries, heads, keys])
    for each in found.between:
        inputs = [context.new(other) for other in each.inputs]
        inputs[_along(each)] = scores
        scores = b.node(each.op, inputs, each.attrs, name=each.name)[0]
    spread = b.Reshape(_mask(b, heads, deep), [heads, 1, heads * deep])
    v = b.Reshape(value, [-1, 1, keys, heads * deep]) * spread
    weights = b.Reshape(scores, [-1, queries, heads * keys])
    result = b.BatchMatMulV2(weights, b.Reshape(v, [-1, heads * keys, heads * deep]))
    return b.Reshape(result, [-1 if size is None else size for size in node.outputs[0].shape or ()])


def _sizes(value: Value) -> tuple[int, int, int, int]:
    _, n, heads, width = value.shape or (None, 0, 0, 0)
    return 1, n or 0, heads or 0, width or 0


def _mask(b: Builder, heads: int, width: int) -> Value:
    """Return [heads, heads · width]: 1 where the channel is the head's, else 0."""
    return b.const(np.kron(np.eye(heads, dtype=np.float32), np.ones((1, width), np.float32)), name="heads/mask")


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
