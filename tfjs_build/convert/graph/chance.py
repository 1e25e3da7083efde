"""Random numbers that change no output: dropout that keeps all, noise of no strength.

    floor(keep + uniform)         TensorFlow 1's dropout: 1, where `keep` is 1
    uniform >= rate               TensorFlow 2's: true, where `rate` is 0
    normal * stddev               noise: 0, where `stddev` is 0

The least and the largest number that can be drawn are followed through arithmetic with constants, rounded as TensorFlow
rounds it: what both ends come to, all between come to. What is one number then, whatever is drawn, takes the place of
the random numbers. All others are refused later, by the op's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.rewrite import Context, Rule, rewrite

_UNIFORM: Final = ("RandomUniform", "StatelessRandomUniform", "StatelessRandomUniformV2")
_NORMAL: Final = (
    "RandomStandardNormal",
    "StatelessRandomNormal",
    "StatelessRandomNormalV2",
    "StatelessTruncatedNormal",
    "StatelessTruncatedNormalV2",
    "TruncatedNormal",
)
_BITS: Final = {"float16": 10, "float32": 23, "float64": 52}
"""A uniform number is drawn by its fraction, of so many bits."""

_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "Add": np.add,
    "AddV2": np.add,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
    "Less": np.less,
    "LessEqual": np.less_equal,
    "Mul": np.multiply,
    "Sub": np.subtract,
}
_SCALING: Final = ("Add", "AddV2", "Mul", "RealDiv", "Sub")
_SAME_SHAPE: Final = ("BiasAdd", "Elu", "Relu", "Relu6", "Sigmoid", "Softmax", "Tanh")


class _Range(NamedTuple):
    """What numbers a tensor can hold, from the least to the largest; `shape` is the tensor's."""

    least: Any
    most: Any
    shape: Value


def settle_chance(graph: Graph) -> Graph:
    """Return the graph without the random numbers that change nothing."""
    if not any(node.op in (*_UNIFORM, *_NORMAL) for node in graph.walk()):
        return graph
    return rewrite(graph, [_rule()])


def _rule() -> Rule:
    ranges: dict[Value, _Range] = {}

    def settle(context: Context, node: Node) -> Sequence[Value] | Value | None:
        b, inputs = context.builder, context.inputs(node) if not node.graphs else []
        if node.op in (*_UNIFORM, *_NORMAL) and node.outputs[0].dtype in _BITS:
            given = [(value.shape, value.dtype) for value in node.outputs]
            drawn = b.node(node.op, inputs, node.attrs, name=node.name, given=given)[0]
            ranges[drawn] = _Range(*_extremes(node), inputs[0])
            return drawn
        if not any(value in ranges for value in inputs):
            return None
        with np.errstate(all="ignore"):
            found = _followed(node, inputs, ranges)
        if found is None:
            return _without(node, inputs, ranges)
        if found.least == found.most:
            dtype = node.outputs[0].dtype
            value = b.Fill(found.shape, b.const(np.asarray(found.least, numpy_dtype(dtype)), dtype))
        else:
            given = [(value.shape, value.dtype) for value in node.outputs]
            value = b.node(node.op, inputs, node.attrs, name=node.name, given=given)[0]
        ranges[value] = found
        return value

    return settle


def _extremes(node: Node) -> tuple[Any, Any]:
    dtype = node.outputs[0].dtype
    kind = numpy_dtype(dtype).type
    if node.op in _UNIFORM:
        return kind(0), kind(1 - 2.0 ** -_BITS[dtype])
    most = kind(np.finfo(numpy_dtype(dtype)).max)  # type: ignore[type-var]
    return -most, most


def _followed(node: Node, inputs: Sequence[Value], ranges: Mapping[Value, _Range]) -> _Range | None:
    """Return what an op makes of a range, None where that is not followed."""
    if node.op in ("Floor", "Cast"):
        known = ranges[inputs[0]]
        if node.op == "Floor":
            return _Range(np.floor(known.least), np.floor(known.most), known.shape)
        if known.least != known.most:
            return None
        kind = numpy_dtype(node.outputs[0].dtype).type
        return _Range(kind(known.least), kind(known.most), known.shape)
    compute = _ARITHMETIC.get(node.op)
    if compute is None or len(inputs) != 2 or all(value in ranges for value in inputs):
        return None
    at = 0 if inputs[0] in ranges else 1
    known, other = ranges[inputs[at]], _number(inputs[1 - at], known_rank=inputs[at].rank)
    if other is None:
        return None
    ends = [compute(end, other) if at == 0 else compute(other, end) for end in (known.least, known.most)]
    if any(np.isnan(end) for end in ends):
        return None
    return _Range(min(ends), max(ends), known.shape)


def _number(value: Value, known_rank: int | None) -> Any:
    """Return a constant of one element that leaves the shape of what it is combined with; None for all else."""
    constant = value.constant
    if constant is None or constant.size != 1 or (constant.shape and len(constant.shape) > (known_rank or 0)):
        return None
    return constant.array().reshape(-1)[0]


def _without(node: Node, inputs: Sequence[Value], ranges: Mapping[Value, _Range]) -> Value | None:
    """Return what an op gives back of its other inputs, as what is random changes nothing of it; None where it may."""
    settled = {at: ranges[v] for at, v in enumerate(inputs) if v in ranges and ranges[v].least == ranges[v].most}
    if node.op in ("Mul", "Add", "AddV2", "Sub") and len(settled) == 1:
        [(at, known)] = settled.items()
        neutral = 1 if node.op == "Mul" else 0
        if known.least == neutral and not (node.op == "Sub" and at == 0) and _covers(inputs[1 - at], known.shape):
            return inputs[1 - at]
    if node.op in ("Select", "SelectV2") and 0 in settled:
        chosen = inputs[1 if settled[0].least else 2]
        if _covers(chosen, settled[0].shape) and node.outputs[0].rank == chosen.rank:
            return chosen
    return None


def _covers(value: Value, shape: Value) -> bool:
    """Whether a tensor of `shape` that is combined with `value` surely leaves the shape of `value`."""
    value = _source(value)
    if shape.node.op == "Shape" and _source(shape.node.inputs[0]) is value:
        return True
    if shape.known is None or value.shape is None or len(shape.known) > len(value.shape):
        return False
    pairs = zip(reversed(shape.known), reversed(value.shape), strict=False)
    return all(size == 1 or (size is not None and size == own) for size, own in pairs)


def _source(value: Value) -> Value:
    """Return the tensor of the same shape that `value` is made of by activations and arithmetic with single numbers."""
    while value.node.op in (*_SCALING, *_SAME_SHAPE):
        if value.node.op in _SAME_SHAPE:
            value = value.node.inputs[0]
            continue
        tensors = [each for each in value.node.inputs if _number(each, 0) is None]
        if len(tensors) != 1:
            break
        value = tensors[0]
    return value
