"""Says what webgl and webgpu do otherwise with some of the numbers that a page may feed, which no spelling helps.

1. A texture, and a shader, hold whole numbers as float32: beyond 2²⁴ they lose their last digits.
2. Nothing to reduce or to multiply, along an axis whose size the page decides, is an error there.
3. A batch of no images is an error in convolutions, and a logarithm of 0 may be no infinity: rare cautions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from tfjs_build.convert.artifacts import Caution
from tfjs_build.convert.graph.bounds import FLOAT_INTEGERS, MOVES, VIEWS, Bounds, walk
from tfjs_build.convert.graph.decompose.reductions import may_be_empty
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.ir import Graph, Node, Value
from tfjs_build.convert.graph.portable import products
from tfjs_build.convert.graph.unsupported import places

_BOTH: Final = ("webgl", "webgpu")

_MONOTONE_NAMES: Final = (
    "ClipByValue ConcatV2 Maximum Minimum MirrorPad Pack Pad PadV2 Relu Relu6 ScatterNd Select SelectV2"
    " TensorScatterUpdate"
)
_MONOTONE: Final = MOVES | frozenset(_MONOTONE_NAMES.split())
"""Ops that give what they would give of rounded numbers, rounded."""
_COMPARISONS: Final = frozenset({"Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"})
_NUMBERLESS_NAMES: Final = "Cast OnesLike Rank Shape Size StatelessIf StatelessWhile ZerosLike"
_NUMBERLESS: Final = frozenset(_NUMBERLESS_NAMES.split())
"""Ops that compute nothing of whole numbers."""
_CONVOLUTIONS: Final = frozenset({"Conv2D", "_FusedConv2D"})
_WRAPPING: Final = frozenset({"BitwiseAnd", "FloorMod", "Mod"})
"""Ops that make small numbers of large ones."""
_PLACES: Final[dict[str, tuple[int, ...]]] = {
    "Bincount": (0, 1),
    "DenseBincount": (0, 1),
    "Gather": (1,),
    "GatherNd": (1,),
    "GatherV2": (1, 2),
    "OneHot": (0, 1),
    "ScatterNd": (0, 2),
    "SparseToDense": (0, 1),
    "TensorScatterUpdate": (1,),
    **dict.fromkeys(("BroadcastTo", "Pad", "PadV2", "Reshape", "Tile"), (1,)),
    **dict.fromkeys(("Slice", "StridedSlice"), (1, 2, 3)),
    "Fill": (0,),
    "Range": (0, 1, 2),
}
"""Inputs that are indices or sizes: what float32 does not hold is out of range, whatever its last digits."""


def fed_cautions(graph: Graph) -> list[Caution]:
    """Return what there is to say of a graph, as it is published."""
    return [*_large(graph), *_nothing(graph), *_no_images(graph), *_logarithms(graph)]


def _large(graph: Graph) -> Iterator[Caution]:
    found: dict[str, list[str]] = defaultdict(list)
    outer: Bounds = {}
    seen: set[Node] = set()
    for node, bounds in walk(graph):
        if not outer:
            outer, seen = bounds, _read_as_numbers(graph, bounds)
        if _computes(node, bounds) and (bounds is not outer or node in seen or node.op in _WRAPPING):
            found[node.op].append(node.name)
    for node in _moved(graph, outer):
        found[node.op].append(node.name)
    if found:
        yield Caution(
            _BOTH,
            f"whole numbers beyond {FLOAT_INTEGERS:,} lose their last digits in {_listed(found)}."
            " Use the wasm or cpu backend if there are such numbers.",
        )


def _read_as_numbers(graph: Graph, bounds: Bounds) -> set[Node]:
    """Return the nodes of which an output is made, other than by places, sizes and comparisons with small numbers."""
    found: set[Node] = set()
    stack = [port.value.node for port in graph.outputs]
    while stack:
        node = stack.pop()
        if node in found:
            continue
        found.add(node)
        if node.op in _COMPARISONS and _wide(node, bounds) != 2:
            continue
        places = _PLACES.get(node.op, ())
        stack += [value.node for position, value in enumerate(node.inputs) if position not in places]
    return found


def _wide(node: Node, bounds: Bounds) -> int:
    """Return how many of a node's inputs may be whole numbers that float32 does not hold."""
    return sum(value.dtype in INTEGER and bounds[value].wide for value in node.inputs)


def _computes(node: Node, bounds: Bounds) -> bool:
    """Whether an op computes with whole numbers that float32 may not hold."""
    if not node.inputs or node.inputs[0].dtype not in INTEGER or node.op in _NUMBERLESS or node.op in _MONOTONE:
        return False
    if node.op in _COMPARISONS:
        return _wide(node, bounds) == 2
    if _PLACES.get(node.op, ())[:1] == (0,):
        return False
    results = any(value.dtype in INTEGER and bounds[value].wide for value in node.outputs)
    return results or _wide(node, bounds) > 0


def _moved(graph: Graph, bounds: Bounds) -> Iterator[Node]:
    """Yield the ops that move whole numbers which float32 may not hold to an output."""
    seen: set[Value] = set()
    stack = [port.value for port in graph.outputs]
    while stack:
        value = stack.pop()
        if value in seen or value.dtype not in INTEGER or not bounds[value].wide:
            continue
        seen.add(value)
        if value.node.op in _MONOTONE or value.node.op == "Cast":
            if value.node.op not in VIEWS and value.node.op != "Cast":
                yield value.node
            stack += value.node.inputs


def _nothing(graph: Graph) -> Iterator[Caution]:
    found: dict[tuple[str, ...], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for node in graph.walk():
        backends = _fails_of_nothing(node)
        if backends:
            found[backends][node.op].append(node.name)
    for backends, ops in found.items():
        yield Caution(
            backends,
            f"{_listed(ops)} cannot run where there is nothing along an axis of free size: feed at least one entry.",
        )


def _fails_of_nothing(node: Node) -> tuple[str, ...]:
    """Return the backends on which an op fails that may have nothing to work on."""
    if node.op == "Mean":
        return _BOTH if may_be_empty(node.inputs[0], node.inputs[1]) else ()
    if node.op in ("Softmax", "LogSoftmax"):
        shape = node.inputs[0].shape
        return _BOTH if shape and shape[-1] is None else ()
    if node.op in products.MATRICES:
        result = node.outputs[0].shape
        if result is None or None in result[1:]:
            return ()  # where there is nothing to be added up, there is no sum to be read either
        return ("webgl",) if products.terms(node.op, node.inputs[0], node.inputs[1], node.attrs) is None else ()
    return ()


def _no_images(graph: Graph) -> Iterator[Caution]:
    """On webgpu a convolution is written as products of matrices, whose size it takes for that of one image at least;
    on webgl, one with a kernel of a single pixel is."""
    found: dict[tuple[str, ...], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for node in graph.walk():
        if node.op in _CONVOLUTIONS and (node.inputs[0].shape or (None,))[0] is None:
            of_pixels = (node.inputs[1].shape or ())[:2] == (1, 1)
            found[_BOTH if of_pixels else ("webgpu",)][node.op].append(node.name)
    for backends, ops in found.items():
        yield Caution(backends, f"a batch of no images is an error in {_listed(ops)}.", rare=True)


def _logarithms(graph: Graph) -> Iterator[Caution]:
    found: dict[str, list[str]] = defaultdict(list)
    for node in graph.walk():
        if node.op in ("Log", "Log1p"):
            found[node.op].append(node.name)
    if found:
        yield Caution(
            _BOTH,
            f"{_listed(found)} may give about −88 where −∞ is right, as software rendering does: shaders define no"
            " logarithm of 0.",
            rare=True,
        )


def _listed(ops: dict[str, list[str]]) -> str:
    return ", ".join(f"{op} ({places(names)})" for op, names in ops.items())
