"""How large the whole numbers in a graph can be, as far as its constants, types and ops tell.

A bound is the lowest and the highest number of a tensor, infinite where there is none to be seen. Sizes of tensors, and
what is computed of sizes alone, count as numbers that float32 holds: a tensor of more entries fits no texture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, prod
from typing import Final, NamedTuple

import numpy as np

from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Graph, Node, Value

FLOAT_INTEGERS: Final = 1 << 24
"""Up to here float32 holds every whole number."""


class Bound(NamedTuple):
    """The lowest and the highest number of a tensor."""

    lowest: float
    highest: float

    @property
    def wide(self) -> bool:
        """Whether some of the numbers may be none that float32 holds."""
        return max(-self.lowest, self.highest) > FLOAT_INTEGERS


ANY: Final = Bound(-inf, inf)
SIZE: Final = Bound(0, FLOAT_INTEGERS)
_UNIT: Final = Bound(0, 1)

Bounds = Mapping[Value, Bound]

_SIZES_NAMES: Final = (
    "ArgMax ArgMin Bincount DenseBincount LookupTableFind LookupTableFindV2 LookupTableSizeV2 LowerBound"
    " MaxPoolWithArgmax NonMaxSuppressionV2 NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5"
    " Range Rank Shape Size TensorListLength TopKV2 Unique UniqueV2 UpperBound Where"
)
_SIZES: Final = frozenset(_SIZES_NAMES.split())
"""Ops whose whole numbers are sizes, or places of entries."""
_FRACTIONS: Final = frozenset({"Sigmoid", "Softmax"})
VIEWS: Final = frozenset({"ExpandDims", "Identity", "Reshape", "Squeeze"})
"""Ops that compute nothing."""
_PARTS_NAMES: Final = (
    "BroadcastTo Cummax Gather GatherNd GatherV2 Max MaxPool Min ReverseV2 Slice Split SplitV StridedSlice"
    " Tile Transpose Unpack"
)
_PARTS: Final = frozenset(_PARTS_NAMES.split())
MOVES: Final = VIEWS | _PARTS
"""Ops that give numbers of their first input (the second, for Split), and no others."""
_JOINS: Final = frozenset(
    {"ConcatV2", "Pack", "Pad", "PadV2", "MirrorPad", "SelectV2", "Select", "TensorScatterUpdate"}
)
_FED: Final = frozenset({"Placeholder", "PlaceholderWithDefault", "TensorListGetItem", "TensorListPopBack"})
_MOST_READ: Final = 1 << 20
"""Most numbers of a constant that is looked into."""
_UNKNOWN_COUNT: Final = 1 << 16
"""How many numbers a sum is taken of where that is not known."""


def walk(graph: Graph, given: Sequence[Bound] | None = None) -> Iterator[tuple[Node, Bounds]]:
    """Yield the nodes of a graph, and of all graphs inside it, each with bounds on the numbers of its own graph.

    `given` bounds what the graph is fed; the types say it where it is left out. A loop's variable counts as what it
    starts from: how far it grows is not followed.
    """
    bounds: dict[Value, Bound] = {}
    if given is not None:
        bounds.update(zip((port.value for port in graph.inputs), given, strict=True))
    nodes = graph.nodes()
    for node in nodes:
        for value in node.outputs:
            if value not in bounds:
                bounds[value] = _bound(node, value, bounds)
    for node in nodes:
        yield node, bounds
        for _, inner in node.graphs:
            fed = node.inputs[1:] if node.op == "StatelessIf" else node.inputs
            yield from walk(inner, [bounds[value] for value in fed])


def _of_type(dtype: str) -> Bound:
    if dtype == "bool":
        return _UNIT
    if dtype in INTEGER and np.dtype(dtype).itemsize < 4:
        limits = np.iinfo(dtype)
        return Bound(limits.min, limits.max)
    return ANY


def _bound(node: Node, value: Value, bounds: Bounds) -> Bound:
    inputs = [bounds[each] for each in node.inputs]
    if value.dtype == "bool" or node.op in _FRACTIONS:
        return _UNIT
    if node.op == "Const":
        return _of_constant(value)
    if node.op in _SIZES and value.dtype in INTEGER:
        return _of_place(node)
    if value.dtype in INTEGER and _of_sizes(node, bounds):
        return SIZE
    if value.dtype in INTEGER and any(each.dtype == "string" for each in node.inputs):
        return ANY if node.op == "StringToNumber" else SIZE
    if node.op in MOVES:
        return inputs[1 if node.op == "Split" else 0]
    if node.op in _JOINS:
        return _union(_joined(node, inputs))
    if node.op == "Cast":
        return inputs[0]
    found = _computed(node, inputs)
    if found is not None:
        return found
    return _of_type(value.dtype) if node.op in _FED else ANY  # what a type holds is wrapped after it is computed


def _of_constant(value: Value) -> Bound:
    constant = value.constant
    if constant is None or constant.size > _MOST_READ or (value.dtype not in INTEGER and constant.size > 1):
        return _of_type(value.dtype)
    array = constant.array()
    if not array.size or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return Bound(0, 0) if not array.size else _of_type(value.dtype)
    return Bound(float(array.min()), float(array.max()))


def _of_place(node: Node) -> Bound:
    if node.op in ("ArgMax", "ArgMin"):
        x, axis = node.inputs[0], node.inputs[1].ints
        size = None if x.shape is None or axis is None else x.shape[axis_of(axis[0], len(x.shape))]
        return SIZE if size is None else Bound(0, size)
    return SIZE


def _of_sizes(node: Node, bounds: Bounds) -> bool:
    """Whether numbers are computed of sizes, counts and small constants alone."""
    counts = node.op in ("Cumsum", "Sum")
    if not counts and not any(bounds[value] is SIZE for value in node.inputs):
        return False
    return all(_sized(value, bounds, counts) for value in node.inputs)


def _sized(value: Value, bounds: Bounds, counted: bool) -> bool:
    bound = bounds[value]
    if bound is SIZE or (value.constant is not None and not bound.wide):
        return True
    return counted and bound.lowest >= 0 and bound.highest <= 1


def _joined(node: Node, inputs: Sequence[Bound]) -> Sequence[Bound]:
    if node.op in ("Select", "SelectV2"):
        return inputs[1:]
    if node.op == "ConcatV2":
        return inputs[:-1]
    if node.op == "PadV2":
        return [inputs[0], inputs[2]]
    if node.op == "Pad":
        return [inputs[0], Bound(0, 0)]
    if node.op == "MirrorPad":
        return inputs[:1]
    return [inputs[0], inputs[2]] if node.op == "TensorScatterUpdate" else inputs


def _union(parts: Sequence[Bound]) -> Bound:
    return Bound(min(each.lowest for each in parts), max(each.highest for each in parts)) if parts else ANY


def _computed(node: Node, inputs: Sequence[Bound]) -> Bound | None:
    match node.op, inputs:
        case ("Add" | "AddV2", [x, y]):
            return Bound(x.lowest + y.lowest, x.highest + y.highest)
        case ("AddN", _):
            return Bound(sum(x.lowest for x in inputs), sum(x.highest for x in inputs))
        case ("Sub", [x, y]):
            return Bound(x.lowest - y.highest, x.highest - y.lowest)
        case ("Neg", [x]):
            return Bound(-x.highest, -x.lowest)
        case ("Mul", [x, y]):
            products = [_times(a, b) for a in x for b in y]
            return Bound(min(products), max(products))
        case ("Minimum", [x, y]):
            return Bound(min(x.lowest, y.lowest), min(x.highest, y.highest))
        case ("Maximum", [x, y]):
            return Bound(max(x.lowest, y.lowest), max(x.highest, y.highest))
        case ("ClipByValue", [x, low, high]):
            return Bound(min(max(x.lowest, low.lowest), high.highest), min(max(x.highest, low.lowest), high.highest))
        case ("Relu" | "Relu6", [x]):
            limit = 6 if node.op == "Relu6" else inf
            return Bound(min(max(0, x.lowest), limit), min(max(0, x.highest), limit))
        case ("Floor" | "Ceil" | "Round" | "Rint", [x]):
            return Bound(x.lowest - 1, x.highest + 1)
        case ("Abs", [x]):
            return Bound(0, max(-x.lowest, x.highest))
        case ("Sign", _):
            return Bound(-1, 1)
        case ("FloorMod" | "Mod", [_, y]) if y.lowest > 0:
            return Bound(0, y.highest)
        case ("FloorDiv", [x, y]) if y.lowest >= 1:
            return Bound(min(x.lowest, 0), max(x.highest, 0))
        case ("OneHot", [_, _, on, off]):
            return _union([on, off])
        case ("Sum" | "Cumsum", [x, _]):
            count = _count(node)
            return Bound(min(_times(x.lowest, count), 0), max(_times(x.highest, count), 0))
    return _UNIT if node.op in ("ZerosLike", "OnesLike") else inputs[1] if node.op == "Fill" else None


def _times(x: float, y: float) -> float:
    return 0.0 if 0 in (x, y) else x * y


def _count(node: Node) -> int:
    """Return how many numbers are taken together, at most and as far as that is known."""
    shape, axes = node.inputs[0].shape, node.inputs[1].ints
    if shape is None or axes is None:
        return _UNKNOWN_COUNT
    return prod(shape[axis_of(axis, len(shape))] or _UNKNOWN_COUNT for axis in axes)
