"""Joins a convolution or matrix product with its bias and activation into one op.

1. The parts are joined where nothing else reads the values in between, the tensors are floats, and the bias is a
   constant vector (wasm takes no other rank, and sees that of a reshaped tensor before it was reshaped). A product of
   transposed matrices, or of stacks of them, stays alone: wasm adds the bias to the wrong numbers there.
2. Activations that every backend has inside these ops: Relu, Relu6, Elu, Sigmoid, LeakyRelu. A depthwise convolution is
   not told the slope of its LeakyRelu.
3. What is scaled and moved by constants for each channel, or normalized with constant statistics, and then perhaps
   activated, is one depthwise convolution of one tap: it reads and writes once, and wasm's FusedBatchNorm is slow. A
   matrix, or a stack of them, is an image of one row for that: on the device it lies as before.
4. `max(x, 0) + alpha * min(x, 0)`, in the forms that Keras writes it, is one Prelu.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.convert.graph.prepared import prepared
from tfjs_build.convert.graph.rewrite import Context, rewrite

_FUSED: Final = {
    "Conv2D": "_FusedConv2D",
    "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative",
    "MatMul": "_FusedMatMul",
}
_ACTIVATIONS: Final = frozenset({"Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu"})
_NORMS: Final = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
_SUMS: Final = frozenset({"BiasAdd", "Add", "AddV2"})


def fuse(graph: Graph) -> Graph:
    """Return the graph with biases and activations joined to what they follow."""
    first = prepared(graph)

    def one_tap(context: Context, node: Node) -> Sequence[Value] | None:
        untouched = node.outputs[0] in first or (node.op in _ACTIVATIONS and node.inputs[0] in first)
        return None if untouched else _one_tap(context, node)

    return rewrite(graph, [_prelu, _fused, one_tap])


def _fused(context: Context, node: Node) -> Value | None:
    """Match from the last part back: activation, sum, product."""
    last = node
    activation = None
    if node.op in _ACTIVATIONS:
        activation = node
        if not context.only_use(node.inputs[0]):
            return None
        node = node.inputs[0].node
    bias = None
    if node.op in _SUMS:
        split = _bias(node)
        if split is None:
            return None
        value, bias = split
        if not context.only_use(value):
            return None
        node = value.node
    op = _FUSED.get(node.op)
    if op is None or (bias is None and activation is None) or node.outputs[0].dtype != "float32":
        return None
    if node.attrs.get("transpose_a") or node.attrs.get("transpose_b"):
        return None
    if activation is not None and activation.op == "LeakyRelu" and op == "FusedDepthwiseConv2dNative":
        return None
    known = op_def(op)
    attrs = {key: value for key, value in node.attrs.items() if known is None or key in known.attrs or key[0] == "_"}
    inputs = context.inputs(node) + ([] if bias is None else [context.new(bias)])
    return context.builder.node(
        op,
        inputs,
        {**attrs, **_parts(bias, activation)},
        name=last.name,
        given=[(last.outputs[0].shape, last.outputs[0].dtype)],
    )[0]


def _bias(node: Node) -> tuple[Value, Value] | None:
    """Return product and bias of a sum, None if it has no vector of the product's channels."""
    if node.attrs.get("data_format", "N").startswith("NC"):
        return None
    for value, bias in (node.inputs, node.inputs[::-1]):
        if value.node.op not in _FUSED or bias.rank != 1 or value.rank is None or value.rank < 2:
            continue
        if bias.constant is None:
            continue
        channels = value.shape[-1] if value.shape is not None else None
        if channels is not None and bias.shape == (channels,):
            return value, bias
        if node.op == "BiasAdd":
            return value, bias
    return None


def _one_tap(context: Context, node: Node) -> Sequence[Value] | None:
    """Match activation(x · factor + offset), of images with so many channels."""
    last, activation = node, None
    if node.op in _ACTIVATIONS and node.op != "LeakyRelu" and context.only_use(node.inputs[0]):
        activation, node = node, node.inputs[0].node
    x = node.inputs[0] if node.inputs else None
    if last.outputs[0].dtype != "float32" or x is None:
        return None
    found = _norm(context, node) if node.op in _NORMS else _scaled(context, node)
    if found is None:
        return None
    x, factor, offset = found
    shape, last_shape = x.shape, last.outputs[0].shape
    if shape is None or shape != last_shape or shape[-1] is None or not 2 <= len(shape) <= 4 or 0 in shape:
        return None
    b = context.builder
    image = _as_image(shape)
    if image is None or any(value is not None and value.constant is None for value in (factor, offset)):
        return None
    vector = b.const(np.zeros(shape[-1], np.float32))
    kernel = b.Reshape(b.AddV2(factor, vector), [1, 1, shape[-1], 1])
    value = context.new(x) if len(shape) == 4 else b.Reshape(context.new(x), image)
    attrs = {"strides": [1, 1, 1, 1], "padding": "VALID", "data_format": "NHWC", "dilations": [1, 1, 1, 1]}
    inputs, whole = [value, kernel, b.AddV2(offset, vector)], {**attrs, **_parts(offset, activation)}
    result = b.node("FusedDepthwiseConv2dNative", inputs, whole, name=last.name)[0]
    if len(shape) < 4:
        result = b.Reshape(result, [-1 if size is None else size for size in shape])
    return [result] if last.op not in _NORMS else [result, *(context.new(node.inputs[3]) for _ in node.outputs[1:])]


def _as_image(shape: Sequence[int | None]) -> list[int] | None:
    """Return a shape with axes of size 1 put in so that it has four, None if several of its sizes are not known."""
    if len(shape) == 4:
        return []
    sizes = [-1 if size is None else size for size in shape]
    if sizes.count(-1) > 1:
        return None
    return [1, 1, *sizes] if len(sizes) == 2 else [sizes[0], 1, *sizes[1:]]


def _norm(context: Context, node: Node) -> tuple[Value, Value, Value] | None:
    """Return what is normalized with constant statistics, and the factor and the offset for each channel."""
    _, scale, offset, mean, variance = (context.new(value) for value in node.inputs[:5])
    if any(value.constant is None for value in (scale, offset, mean, variance)):
        return None
    if any(context.uses(value) for value in node.outputs[1:]):
        return None
    b = context.builder
    factor = b.Mul(b.Rsqrt(variance + float(node.attrs.get("epsilon", 1e-4))), scale)
    return node.inputs[0], factor, offset - mean * factor


def _scaled(context: Context, node: Node) -> tuple[Value, Value, Value] | None:
    """Return what is multiplied and added to, and the constants."""
    if node.op not in _SUMS:
        return None
    for value, offset in (node.inputs, node.inputs[::-1]):
        if value.node.op != "Mul" or not context.only_use(value):
            continue
        for x, factor in (value.node.inputs, value.node.inputs[::-1]):
            if x.constant is None and _of_channels(factor, x) and _of_channels(offset, x):
                b = context.builder
                factor, offset = (b.Reshape(context.new(each), [-1]) for each in (factor, offset))
                return x, factor, offset
    return None


def _of_channels(value: Value, x: Value) -> bool:
    """Whether a constant has one number for each channel."""
    size = None if value.constant is None else value.constant.size
    shape = value.static
    return bool(shape and x.shape) and size == shape[-1] == x.shape[-1]  # type: ignore[index]


def _parts(bias: Value | None, activation: Node | None) -> dict[str, Any]:
    parts = ["BiasAdd" if bias is not None else "noop"]
    attrs: dict[str, Any] = {"num_args": int(bias is not None)}
    if activation is not None:
        parts.append(activation.op)
        if activation.op == "LeakyRelu":
            attrs["leakyrelu_alpha"] = float(activation.attrs.get("alpha", 0.2))
    return {**attrs, "fused_ops": parts}


def _prelu(context: Context, node: Node) -> Value | None:
    """Match Relu(x) + (-alpha) * Relu(-x), the product in any order, or Relu(x) - alpha * Relu(-x)."""
    if node.op not in ("AddV2", "Add", "Sub") or len(node.inputs) != 2:
        return None
    orders = [node.inputs] if node.op == "Sub" else [node.inputs, node.inputs[::-1]]
    for positive, negative in orders:
        if positive.node.op != "Relu" or negative.node.op != "Mul" or not context.only_use(negative):
            continue
        x = positive.node.inputs[0]
        for slope, relu in (negative.node.inputs, negative.node.inputs[::-1]):
            mirrored = relu.node.inputs[0] if relu.node.op == "Relu" else None
            if mirrored is None or mirrored.node.op != "Neg" or mirrored.node.inputs[0] is not x:
                continue
            if x.dtype != "float32" or slope.constant is None:
                continue
            alpha = context.new(slope)
            b = context.builder
            return b.Prelu(context.new(x), alpha if node.op == "Sub" else b.Neg(alpha))
    return None
