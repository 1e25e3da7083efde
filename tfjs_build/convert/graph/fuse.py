"""Joins a convolution or matrix product with its bias and activation into one op.

1. The parts are joined where nothing else reads the values in between, the tensors are floats, and the bias is a
   constant vector (wasm takes no other rank, and sees that of a reshaped tensor before it was reshaped). A product of
   transposed matrices, or of stacks of them, stays alone: wasm adds the bias to the wrong numbers there.
2. Activations that every backend has inside these ops: Relu, Relu6, Elu, Sigmoid, LeakyRelu. A depthwise convolution is
   not told the slope of its LeakyRelu.
3. `max(x, 0) + alpha * min(x, 0)`, in the forms that Keras writes it, is one Prelu.
"""

from __future__ import annotations

from typing import Any, Final

from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.convert.graph.rewrite import Context, rewrite

_FUSED: Final = {
    "Conv2D": "_FusedConv2D",
    "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative",
    "MatMul": "_FusedMatMul",
}
_ACTIVATIONS: Final = frozenset({"Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu"})
_SUMS: Final = frozenset({"BiasAdd", "Add", "AddV2"})


def fuse(graph: Graph) -> Graph:
    """Return the graph with biases and activations joined to what they follow."""
    return rewrite(graph, [_prelu, _fused])


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
