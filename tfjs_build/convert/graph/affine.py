"""Puts batch normalization and other arithmetic of constants per channel into the weights before it.

A convolution or matrix product with a constant kernel is followed through what comes after it, as long as nothing else
reads the values in between:

1. Multiplication or division by constants per channel scales the kernel and the bias; addition and subtraction move
   the bias; a FusedBatchNorm with constant statistics does both. In the end stands one BiasAdd.
2. Squeezes and reshapes that keep the channels together are moved behind: `x W + b` on stacks of vectors is one product
   with its bias and activation, then the reshape.
3. A factor that is not finite is left where it is.
4. A kernel that is used transposed is stored transposed.
5. A kernel of whole numbers stays what it is, since it is published as integers: its factor stands behind the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import product
from tfjs_build.convert.graph.ir import Constant, Graph, Node, Value
from tfjs_build.convert.graph.rewrite import Context, rewrite
from tfjs_build.records import record

_ACTIVATIONS: Final = frozenset({"Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu", "Tanh", "Selu", "Softplus"})
_VIEWS: Final = frozenset({"Reshape", "Squeeze", "ExpandDims"})
_NORMS: Final = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})


@record(frozen=True)
class _Product:
    """A product whose weights are still open: `node` is the old one, `inputs` are its new inputs, the kernel second,
    `attrs` its new attributes. It is followed by `views` (old nodes), after which its last axes, `channels`, hold the
    product's channels. `factor` is what a kernel of whole numbers is not multiplied by, before the bias is added."""

    node: Node
    inputs: tuple[Value, ...]
    attrs: dict[str, Any]
    bias: Value | None
    channels: tuple[int, ...]
    views: tuple[Node, ...] = ()
    factor: Value | None = None

    @property
    def kernel(self) -> Value:
        """The constant kernel."""
        return self.inputs[1]

    @property
    def rank(self) -> int | None:
        """Number of dimensions after the views."""
        return (self.views[-1] if self.views else self.node).outputs[0].rank


def fold_affine(graph: Graph) -> Graph:
    """Return the graph with arithmetic per channel put into kernels and biases."""
    followed: dict[Value, _Product] = {}

    def rule(context: Context, node: Node) -> Sequence[Value] | Value | None:
        start = _start(context, node)
        if start is not None:
            followed[node.outputs[0]] = start
            return _build(context, start, node.name)
        source = _only_source(context, node, followed)
        if source is None:
            return None
        product_, position = source
        step = _step(context, node, product_, position)
        if step is None:
            return None
        if isinstance(step, Value):
            return step
        followed[node.outputs[0]] = step
        value = _build(context, step, node.name)
        # A normalization's other outputs are its statistics; `decompose` has put those that are read in place.
        return value if node.op not in _NORMS else [value, *(context.new(node.inputs[3]) for _ in node.outputs[1:])]

    return rewrite(graph, [rule])


def _start(context: Context, node: Node) -> _Product | None:
    """Return the beginning of a product with a constant kernel."""
    if node.op not in _LAYOUTS or not node.outputs[0].dtype.startswith("float"):
        return None
    kernel = context.new(node.inputs[1])
    channels = _channels(node, kernel)
    if kernel.constant is None or channels is None or node.attrs.get("data_format", "N").startswith("NC"):
        return None
    inputs = context.inputs(node)
    attrs = dict(node.attrs)
    if attrs.get("transpose_b") or attrs.get("adj_y"):
        inputs[1] = _renamed(context.builder, context.builder.Transpose(kernel, [1, 0]), kernel)
        attrs["transpose_b" if node.op == "MatMul" else "adj_y"] = False
    return _Product(node, tuple(inputs), attrs, None, (channels,))


# Where the channels that a product gives are among the axes of its kernel.
_LAYOUTS: Final = {
    "Conv2D": (-1,),
    "Conv3D": (-1,),
    "DepthwiseConv2dNative": (-2, -1),
    "Conv2DBackpropInput": (-2,),
    "MatMul": (-1,),
    "BatchMatMulV2": (-1,),
}


def _channels(node: Node, kernel: Value) -> int | None:
    shape = kernel.static
    if shape is None or (node.op == "BatchMatMulV2" and len(shape) != 2):
        return None
    if node.attrs.get("transpose_b") or node.attrs.get("adj_y"):
        return shape[-2]
    return product(shape[axis] for axis in _LAYOUTS[node.op])


def _only_source(context: Context, node: Node, followed: dict[Value, _Product]) -> tuple[_Product, int] | None:
    """Return the product that `node` goes on from, and at which input, if nothing else reads it."""
    for position, value in enumerate(node.inputs[:2]):
        if value in followed and context.only_use(value):
            return followed[value], position
    return None


def _step(context: Context, node: Node, product_: _Product, position: int) -> _Product | Value | None:
    b = context.builder
    if node.op in _VIEWS and position == 0:
        return _viewed(node, product_)
    if node.op in _ACTIVATIONS and product_.views:
        plain = _build(context, replace(product_, views=()), product_.node.name)
        return _view(context, b.node(node.op, [plain], node.attrs, name=node.name)[0], product_)
    if node.op in _NORMS and position == 0:
        return _normalized(context, node, product_)
    if node.op not in ("Mul", "RealDiv", "AddV2", "Add", "Sub", "BiasAdd") or len(node.inputs) != 2:
        return None
    other = context.new(node.inputs[1 - position])
    if other.constant is None or (position == 1 and node.op in ("RealDiv", "BiasAdd")):
        return None
    factor = _per_channel(b, other, product_, node)
    if factor is None:
        return None
    if node.op == "Mul":
        return _scaled(b, product_, factor)
    if node.op == "RealDiv":
        return _scaled(b, product_, 1.0 / factor)
    if node.op == "Sub":
        if position == 1:  # constant - product
            negative = _scaled(b, product_, b.const(-1.0))
            return None if negative is None else _moved(b, negative, factor)
        return _moved(b, product_, b.Neg(factor))
    return _moved(b, product_, factor)


def _viewed(node: Node, product_: _Product) -> _Product | None:
    """Follow a reshape whose last axes still hold the channels, and only them."""
    shape = node.outputs[0].shape
    if shape is None:
        return None
    wanted = product(product_.channels)
    for count in range(1, len(shape) + 1):
        tail = shape[-count:]
        if None in tail:
            return None
        if product(tail) == wanted:
            views = (*product_.views, node)
            return replace(product_, views=views, channels=tail)  # type: ignore[arg-type]
    return None


def _per_channel(b: Builder, other: Value, product_: _Product, node: Node) -> Value | None:
    """Return a constant as one number for each channel, None if it differs along other axes as well."""
    shape = other.static
    rank = node.outputs[0].rank
    if shape is None or rank is None or rank != product_.rank:
        return None
    tail = len(product_.channels)
    padded = (1,) * (rank - len(shape)) + shape
    if any(size != 1 for size in padded[: rank - tail]):
        return None
    assert other.constant is not None
    if not np.isfinite(other.constant.array()).all():
        return None
    if padded[rank - tail :] == product_.channels:
        return b.Reshape(other, [-1])
    if all(size == 1 for size in shape):
        return b.Reshape(other, [])
    spread = b.Reshape(other, list(padded[rank - tail :])) + b.const(np.zeros(product_.channels, np.float32))
    return b.Reshape(spread, [-1])


def _scaled(b: Builder, product_: _Product, factor: Value) -> _Product | None:
    constant = factor.constant
    if constant is None or not np.isfinite(constant.array()).all():
        return None
    kernel = product_.kernel
    bias = None if product_.bias is None else _renamed(b, product_.bias * factor, product_.bias)
    if kernel.constant is not None and kernel.constant.integers is not None:
        behind = factor if product_.factor is None else product_.factor * factor
        return replace(product_, factor=behind, bias=bias)
    spread = factor
    if factor.shape != ():
        sizes = kernel.static
        assert sizes is not None
        axes = {axis % len(sizes) for axis in _LAYOUTS[product_.node.op]}
        spread = b.Reshape(factor, [size if axis in axes else 1 for axis, size in enumerate(sizes)])
    scaled = _renamed(b, b.Mul(kernel, spread), kernel)
    inputs = (product_.inputs[0], scaled, *product_.inputs[2:])
    return replace(product_, inputs=inputs, bias=bias)


def _moved(b: Builder, product_: _Product, offset: Value) -> _Product:
    if product_.bias is None:
        channels = product(product_.channels) or 0
        vector = offset if offset.shape != () else offset + b.const(np.zeros(channels, np.float32))
        return replace(product_, bias=vector)
    return replace(product_, bias=_renamed(b, product_.bias + offset, product_.bias))


def _normalized(context: Context, node: Node, product_: _Product) -> _Product | None:
    _, scale, offset, mean, variance = (context.values[value] for value in node.inputs[:5])
    constants = (scale, offset, mean, variance)
    if any(value.constant is None for value in constants) or len(product_.channels) != 1:
        return None
    b = context.builder
    factor = b.Rsqrt(variance + float(node.attrs.get("epsilon", 1e-4))) * scale
    moved = b.const(offset.constant) - mean * factor if offset.constant is not None else None
    scaled = _scaled(b, product_, factor)
    if scaled is None or moved is None or moved.constant is None or not np.isfinite(moved.constant.array()).all():
        return None
    return _moved(context.builder, scaled, moved)


def _renamed(b: Builder, value: Value, source: Value) -> Value:
    """Give a constant that was computed from a variable that variable's name."""
    constant: Constant | None = value.constant
    if constant is None or source.constant is None or source.constant.name is None:
        return value
    return b.const(constant.named(source.constant.name), name=source.constant.name)


def _build(context: Context, product_: _Product, name: str) -> Value:
    """Return the product as nodes: itself, its factor, its bias, and its views."""
    b, node = context.builder, product_.node
    given = [(value.shape, value.dtype) for value in node.outputs]
    value = b.node(node.op, product_.inputs, product_.attrs, name=node.name, given=given)[0]
    if product_.factor is not None:
        value = b.node("Mul", [value, product_.factor], {}, name=name)[0]
    if product_.bias is not None:
        value = b.node("BiasAdd", [value, product_.bias], {}, name=name)[0]
    return _view(context, value, product_)


def _view(context: Context, value: Value, product_: _Product) -> Value:
    for view in product_.views:
        inputs = [value, *(context.new(other) for other in view.inputs[1:])]
        given = [(output.shape, output.dtype) for output in view.outputs]
        value = context.builder.node(view.op, inputs, view.attrs, name=view.name, given=given)[0]
    return value
