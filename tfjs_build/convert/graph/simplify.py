"""Removes nodes that change nothing and merges those that undo or repeat each other.

1. A reshape to the same shape is gone; reshapes, squeezes and expansions in a row are one. A target whose sizes are
   known but for one is a constant with -1: the computation of the shape is gone.
2. Transpositions in a row are one; the identity is gone; one that only moves axes of size 1 is a reshape.
3. Gone are: a cast between types that are one in TensorFlow.js, padding with nothing, a slice of everything, tiling or
   broadcasting to the same shape, a reduction over no axis, joining or splitting one tensor, a choice that is made when
   converting, adding 0 and multiplying by 1.
4. What surely has no entries is a constant without any: kernels of TensorFlow.js go wrong there.
5. Padding with zeros before a convolution that pads nothing becomes the convolution's own.
6. The parts of a complex number that was made of two are these. The absolute value of a spectrum, which a product gave,
   is computed from them; of other numbers it may be too large for that, as their squares are infinite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.dtypes import COMPLEX, is_tensor, numpy_dtype, tfjs_dtype
from tfjs_build.convert.graph.equal import sharing
from tfjs_build.convert.graph.infer.shapes import axis_of, broadcast
from tfjs_build.convert.graph.ir import Dims, Graph, Node, Value
from tfjs_build.convert.graph.rewrite import Context, rewrite
from tfjs_build.convert.graph.slices import slice_axes

Simplifier: TypeAlias = "Callable[[Builder, Sequence[Value], Node], Value | None]"


def simplify(graph: Graph, *, merge: bool = False) -> Graph:
    """Return the graph without nodes that change nothing, and, if wanted, with equal nodes merged."""
    return rewrite(graph, [_rule, sharing()] if merge else [_rule])


def _rule(context: Context, node: Node) -> Sequence[Value] | Value | None:
    if node.op not in ("Const", "Placeholder") and all(map(_nothing, node.outputs)):
        return [context.builder.const(np.zeros(v.static or (), numpy_dtype(v.dtype)), v.dtype) for v in node.outputs]
    simplifier = _SIMPLIFIERS.get(node.op)
    return None if simplifier is None else simplifier(context.builder, context.inputs(node), node)


def _nothing(value: Value) -> bool:
    return value.static is not None and 0 in value.static and is_tensor(value.dtype) and value.dtype not in COMPLEX


_RESHAPES = frozenset({"Reshape", "Squeeze", "ExpandDims"})


def _same(first: Dims, second: Dims) -> bool:
    """Whether two shapes of one number of elements are surely the same. (Of no elements, the free size may be any.)"""
    return first is not None and first == second and first.count(None) <= (0 if 0 in first else 1)


def _target(shape: Dims) -> list[int] | None:
    """Return the shape as a reshape's target, None if more than one size is not known."""
    if shape is None or shape.count(None) > 1 or 0 in shape:
        return None
    return [-1 if size is None else size for size in shape]


def _reshape(b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    x = inputs[0]
    shape = node.outputs[0].shape
    if _same(x.shape, shape):
        return x
    if node.op != "Reshape" and x.node.op not in _RESHAPES:
        return None
    return _reshaped(b, x, shape, node.name)


def _reshaped(b: Builder, x: Value, shape: Dims, name: str) -> Value | None:
    """Return `x` in another shape, by one reshape of what it was before others."""
    target = _target(shape)
    if target is None:
        return None
    while x.node.op in _RESHAPES:
        x = x.node.inputs[0]
    if _same(x.shape, shape):
        return x
    return b.node("Reshape", [x, b.const(target, "int32", name=f"{name}/shape")], {}, name=name)[0]


def _transpose(b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    x, order = inputs[0], inputs[1].ints
    if order is None:
        return None
    if x.node.op == "Transpose" and x.node.inputs[1].ints is not None:
        before = x.node.inputs[1].ints
        merged = [before[axis] for axis in order]
        if merged == list(range(len(merged))):
            return x.node.inputs[0]
        perm = b.const(merged, "int32", name=f"{node.name}/perm")
        return b.node("Transpose", [x.node.inputs[0], perm], {}, name=node.name)[0]
    if order == tuple(range(len(order))):
        return x
    shape = x.shape
    if shape is not None and [a for a in order if shape[a] != 1] == [a for a in range(len(shape)) if shape[a] != 1]:
        return _reshaped(b, x, tuple(shape[axis] for axis in order), node.name)
    return None


def _cast(_b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    return inputs[0] if tfjs_dtype(inputs[0].dtype) == tfjs_dtype(node.attrs["DstT"]) else None


def _pad(_b: Builder, inputs: Sequence[Value], _node: Node) -> Value | None:
    pads = inputs[1].constant
    return inputs[0] if pads is not None and not pads.array().any() else None


def _slice(_b: Builder, inputs: Sequence[Value], _node: Node) -> Value | None:
    x, begin, size = inputs
    if begin.ints is None or any(begin.ints) or size.known is None or x.shape is None:
        return None
    whole = all(n == -1 or (n is not None and n == m) for n, m in zip(size.known, x.shape, strict=True))
    return x if whole else None


def _strided_slice(_b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    x, begin, end, strides = inputs
    if x.shape is None or begin.ints is None or end.ints is None or strides.ints is None:
        return None
    axes = slice_axes(len(x.shape), begin.ints, end.ints, strides.ints, node.attrs)
    if any(axis.new or axis.drop for axis in axes):
        return None
    for axis, size in zip(axes, x.shape, strict=True):
        if axis.whole:
            continue
        if size is None or range(size)[axis.start : axis.stop : axis.step] != range(size):
            return None
    return x


def _tile(_b: Builder, inputs: Sequence[Value], _node: Node) -> Value | None:
    return inputs[0] if inputs[1].ints is not None and set(inputs[1].ints) <= {1} else None


def _broadcast(_b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    return inputs[0] if inputs[0].static is not None and inputs[0].shape == node.outputs[0].shape else None


def _reduce(_b: Builder, inputs: Sequence[Value], _node: Node) -> Value | None:
    return inputs[0] if inputs[1].shape == (0,) else None


def _concat(_b: Builder, inputs: Sequence[Value], _node: Node) -> Value | None:
    return inputs[0] if len(inputs) == 2 else None


def _pack(b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    return b.ExpandDims(inputs[0], int(node.attrs.get("axis", 0))) if len(inputs) == 1 else None


def _split(_b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    return inputs[1] if len(node.outputs) == 1 else None


def _select(_b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    condition, x, y = inputs
    if condition.constant is None or condition.constant.size != 1:
        return None
    chosen = x if condition.constant.item() else y
    return chosen if _same(chosen.shape, node.outputs[0].shape) else None


def _all(value: Value, number: float) -> bool:
    """Whether a small constant is `number` throughout."""
    constant = value.constant
    return constant is not None and constant.size <= 4096 and bool(np.all(constant.array() == number))


def _neutral(number: float, *, commutes: bool) -> Simplifier:
    def simplifier(_b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
        if node.outputs[0].dtype == "string":
            return None
        for value, other in ((0, 1), (1, 0)) if commutes else ((0, 1),):
            x, constant = inputs[value], inputs[other]
            # Nothing may be lost: the constant must not broadcast the value to another shape.
            keeps = x.shape is not None and broadcast(x.shape, constant.shape) == x.shape
            if keeps and _all(constant, number) and None not in (constant.shape or ()):
                return x
        return None

    return simplifier


def _conv(b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    x, kernel = inputs
    pad = x.node
    layout = node.attrs.get("data_format", "NHWC")
    if pad.op not in ("Pad", "PadV2") or node.attrs.get("padding") != "VALID" or layout != "NHWC":
        return None
    pads = pad.inputs[1].constant
    zeros = len(pad.inputs) < 3 or _all(pad.inputs[2], 0)
    if pads is None or not zeros or pads.shape != (4, 2) or pads.array()[[0, 3]].any() or (pads.array() < 0).any():
        return None
    attrs: dict[str, Any] = {
        **node.attrs,
        "padding": "EXPLICIT",
        "explicit_paddings": [int(n) for n in pads.array().reshape(-1)],
    }
    return b.node(node.op, [pad.inputs[0], kernel], attrs, name=node.name)[0]


def _gather(b: Builder, inputs: Sequence[Value], node: Node) -> Value | None:
    """Taking one known entry of an axis of size 1 is a reshape."""
    x, index = inputs[0], inputs[1]
    axis = inputs[2].ints if len(inputs) > 2 else (0,)
    if x.shape is None or axis is None or index.shape != () or index.ints is None:
        return None
    if not x.shape or not -len(x.shape) <= axis[0] < len(x.shape):
        return None
    at = axis_of(axis[0], len(x.shape))
    return _reshaped(b, x, node.outputs[0].shape, node.name) if x.shape[at] == 1 else None


def _part(at: int) -> Simplifier:
    def part(_b: Builder, inputs: Sequence[Value], _node: Node) -> Value | None:
        made = inputs[0].node
        return made.inputs[at] if made.op == "Complex" and made.inputs[at].shape == inputs[0].shape else None

    return part


def _of_product(value: Value, depth: int = 8) -> bool:
    """Whether a tensor is a product of matrices, moved and added up."""
    if value.node.op == "MatMul":
        return True
    moved = value.node.op in ("AddV2", "Mul", "Neg", "Pad", "Reshape", "Slice", "StridedSlice", "Sub", "Transpose")
    return moved and depth > 0 and any(_of_product(each, depth - 1) for each in value.node.inputs)


def _absolute(b: Builder, inputs: Sequence[Value], _node: Node) -> Value | None:
    made = inputs[0].node
    if made.op != "Complex" or not any(map(_of_product, made.inputs)):
        return None
    real, imaginary = made.inputs
    return b.Sqrt(b.Square(real) + b.Square(imaginary))


_SIMPLIFIERS: dict[str, Simplifier] = {
    **dict.fromkeys(_RESHAPES, _reshape),
    "Transpose": _transpose,
    "Cast": _cast,
    "Pad": _pad,
    "PadV2": _pad,
    "MirrorPad": _pad,
    "Slice": _slice,
    "StridedSlice": _strided_slice,
    "Tile": _tile,
    "BroadcastTo": _broadcast,
    **dict.fromkeys(("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"), _reduce),
    "ConcatV2": _concat,
    "Real": _part(0),
    "Imag": _part(1),
    "ComplexAbs": _absolute,
    "Pack": _pack,
    "Split": _split,
    "SelectV2": _select,
    **dict.fromkeys(("Add", "AddV2"), _neutral(0, commutes=True)),
    "Sub": _neutral(0, commutes=False),
    "Mul": _neutral(1, commutes=True),
    "RealDiv": _neutral(1, commutes=False),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), _conv),
    "GatherV2": _gather,
}
