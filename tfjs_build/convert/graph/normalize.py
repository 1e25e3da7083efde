"""Normalizations by a tensor's own mean and variance, however they are written, in one way and as rows.

    x · s + (β - mean · s)           becomes  (x - mean) · s + β      two ops less, and fewer digits lost
    (x - mean) · rsqrt(variance)     along the last axes: of a matrix whose rows are what is normalized

`variance` is the mean of the squares of `x - mean`, which is computed once. A matrix is what the products before and
behind a normalization work on, so that the reshapes around it meet theirs and are gone.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import product
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.rewrite import Context, rewrite

_SUMS: Final = frozenset({"Add", "AddV2", "Sub"})


class _Normalized(NamedTuple):
    """`centred` · rsqrt(mean(centred²) + epsilon), along the last `axes` axes of `x`."""

    x: Value
    centred: bool
    epsilon: Value
    axes: int
    root: Node


def normalize(graph: Graph) -> Graph:
    """Return the graph with normalizations written in one way."""
    if not any(node.op == "Rsqrt" for node in graph.walk()):
        return graph
    return rewrite(rewrite(graph, [_centred]), [_rows])


class _Term(NamedTuple):
    """One term of a sum: a value, taken off where `negative`."""

    value: Value
    negative: bool


def _centred(context: Context, node: Node) -> Value | None:
    """Match x · s - m · s, with β added or without, in any order; `m` is a mean of `x`, and `s` is computed."""
    if node.op not in _SUMS or node.outputs[0].dtype != "float32":
        return None
    terms = _terms(context, node, depth=2)
    if len(terms) not in (2, 3):
        return None
    products = [term for term in terms if term.value.node.op == "Mul" and context.only_use(term.value)]
    for scaled in products:
        for x, s in _both(scaled.value.node):
            for moved in products:
                mean = None if moved is scaled or s.constant is not None else _subtracted_mean(context, moved, x, s)
                if mean is None or scaled.negative:
                    continue
                rest = [term for term in terms if term is not scaled and term is not moved]
                if not any(term.negative for term in rest):
                    return _moved(context, node, x, mean, s, rest[0].value if rest else None)
    return None


def _terms(context: Context, node: Node, depth: int, negative: bool = False) -> list[_Term]:
    """Return the terms of a sum of sums that nothing else reads."""
    found = []
    for position, value in enumerate(node.inputs):
        sign = negative != (node.op == "Sub" and position == 1)
        if depth > 1 and value.node.op in _SUMS and context.only_use(value):
            found += _terms(context, value.node, depth - 1, sign)
        else:
            found.append(_Term(value, sign))
    return found


def _both(node: Node) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    return node.inputs, node.inputs[::-1]


def _subtracted_mean(context: Context, term: _Term, x: Value, s: Value) -> Value | None:
    """Return the mean of `x` that a term takes off, times `s`."""
    for m, other in _both(term.value.node):
        if other is not s:
            continue
        negated = m.node.op == "Neg" and context.only_use(m)
        mean = m.node.inputs[0] if negated else m
        if negated != term.negative and _is_mean(mean, x):
            return mean
    return None


def _is_mean(mean: Value, x: Value) -> bool:
    return mean.node.op == "Mean" and mean.node.inputs[0] is x and bool(mean.node.attrs.get("keep_dims"))


def _moved(context: Context, node: Node, x: Value, mean: Value, scale: Value, beta: Value | None) -> Value:
    b = context.builder
    result = b.Sub(context.new(x), context.new(mean))
    factors = [scale]
    if scale.node.op == "Mul" and context.uses(scale) == 2:  # by the two products that are gone
        # The computed factor first: the constant one may go on into a product behind.
        factors = sorted(scale.node.inputs, key=lambda factor: factor.constant is not None)
    for factor in factors:
        result = b.Mul(result, context.new(factor))
    result = result if beta is None else b.AddV2(result, context.new(beta))
    return result if result.shape == node.outputs[0].shape else b.node(node.op, context.inputs(node), node.attrs)[0]


def _rows(context: Context, node: Node) -> Value | None:
    """Match d · rsqrt(mean(d²) + ε), and write it of a matrix."""
    found = _normalized(node)
    if found is None or not _alone(context, found):
        return None
    b, x = context.builder, context.new(found.x)
    shape = x.shape
    if shape is None or len(shape) <= found.axes or shape.count(None) > 1:
        return None
    width = product(shape[len(shape) - found.axes :])
    if not width or 0 in shape:
        return None
    rows = x if len(shape) == 2 else b.Reshape(x, [-1, width])
    centred = b.Sub(rows, _mean(b, rows)) if found.centred else rows
    variance = _mean(b, b.Mul(centred, centred))
    result = b.Mul(centred, b.Rsqrt(b.AddV2(variance, context.new(found.epsilon))))
    return result if len(shape) == 2 else b.Reshape(result, [-1 if size is None else size for size in shape])


def _mean(b: Builder, rows: Value) -> Value:
    return b.Mean(rows, [1], keep_dims=True)


def _normalized(node: Node) -> _Normalized | None:
    if node.op != "Mul" or node.outputs[0].dtype != "float32":
        return None
    for centred, root in (node.inputs, node.inputs[::-1]):
        if root.node.op != "Rsqrt" or root.node.inputs[0].node.op not in ("AddV2", "Add"):
            continue
        for variance, epsilon in (root.node.inputs[0].node.inputs, root.node.inputs[0].node.inputs[::-1]):
            if epsilon.constant is None or epsilon.constant.size != 1 or variance.node.op != "Mean":
                continue
            axes = _last_axes(variance)
            mean = _subtracted(centred)
            if axes is None or not variance.node.attrs.get("keep_dims"):
                continue
            if not _squares(variance.node.inputs[0], centred, mean):
                continue
            if mean is not None and _last_axes(mean) == axes:
                return _Normalized(centred.node.inputs[0], True, epsilon, axes, root.node)
            return _Normalized(centred, False, epsilon, axes, root.node)
    return None


def _subtracted(centred: Value) -> Value | None:
    """Return the mean that is taken off, None where the value is not centred."""
    if centred.node.op != "Sub":
        return None
    x, mean = centred.node.inputs
    return mean if _is_mean(mean, x) else None


def _squares(value: Value, centred: Value, mean: Value | None) -> bool:
    node = value.node
    if node.op == "Square":
        return node.inputs[0] is centred
    if node.op == "Mul":
        return node.inputs[0] is centred and node.inputs[1] is centred
    return node.op == "SquaredDifference" and mean is not None and set(node.inputs) == {centred.node.inputs[0], mean}


def _last_axes(mean: Value) -> int | None:
    """Return over how many axes a mean is taken, None if they are not the last ones."""
    rank, axes = mean.node.inputs[0].rank, mean.node.inputs[1].ints
    if not rank or not axes:
        return None
    return len(axes) if sorted(axis % rank for axis in axes) == list(range(rank - len(axes), rank)) else None


def _alone(context: Context, found: _Normalized) -> bool:
    """Whether nothing else reads the variance's root: what is written anew is not computed twice."""
    return context.only_use(found.root.outputs[0])
