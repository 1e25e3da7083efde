"""How many kernels a GPU is asked to run for one prediction, estimated from the graph as it is published.

What an op costs was fitted to the exact counts of `python -m bench.predictions` for fifteen networks, each from a
`.keras` file and from a SavedModel; `python -m bench.estimates` holds one against the other. Of these thirty, 28 are
estimated within 8 % on webgl; on webgpu 28 within 10 %, 25 of them within 1 %. What is further off are the two of GRUs
on webgl (24 % too few) and those of DenseNet on webgpu (17 % too few: small convolutions take two kernels there, which
depends on the device).

On webgl, most tensors are packed, four numbers to a texel; a kernel that has no packed form has its input unpacked and
its output packed again. Convolutions beyond a single pixel copy their input first. A softmax is a dozen kernels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tfjs_build.report.facts import Launches

_FREE_NAMES: Final = (
    "Const ExpandDims Fill Identity IdentityN NoOp Pack Placeholder PlaceholderWithDefault Rank Reshape Shape Size"
    " Squeeze StopGradient"
)
FREE: Final = frozenset(_FREE_NAMES.split())
"""Ops that launch nothing: what they give is known, is the same memory, or is small and stays with the CPU."""

_SPLITS: Final = frozenset({"Split", "SplitV", "Unpack"})
_REDUCTIONS: Final = frozenset({"All", "Any", "ArgMax", "ArgMin", "Max", "Min", "Prod"})
_UNPACKED_NAMES: Final = (
    "AvgPool Erf GatherV2 LogicalAnd MaxPool Mean ResizeBilinear ReverseV2 Rsqrt Select SelectV2 Square Sum"
)
_UNPACKED: Final = frozenset(_UNPACKED_NAMES.split())
_LOOPS: Final = frozenset({"While", "StatelessWhile"})
_BRANCHES: Final = frozenset({"If", "StatelessIf"})

_CONVOLUTION_MORE, _SOFTMAX_MORE, _REDUCTION_MORE, _UNPACKED_MORE, _TRANSPOSE_MORE = 1, 11, 4, 2, 1
"""Kernels on webgl beyond the one of each op."""

_REDUCTION_MORE_WEBGPU: Final = 2


def launches(topology: Mapping[str, Any], shapes: Mapping[str, Iterable[int]]) -> list[Launches]:
    """Return the estimates for the GPU backends; `shapes` are those of the weights, by name."""
    known = {name: tuple(shape) for name, shape in shapes.items()}
    library = {each["signature"]["name"]: each["nodeDef"] for each in _functions(topology)}
    found = []
    for backend in ("webgl", "webgpu"):
        once, turn = _of(topology.get("node", ()), library, known, backend, ())
        found.append(Launches(backend, once, turn))
    return found


def _functions(topology: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found: Iterable[Mapping[str, Any]] = topology.get("library", {}).get("function", ())
    return found


def _of(
    nodes: Iterable[Mapping[str, Any]],
    library: Mapping[str, Iterable[Mapping[str, Any]]],
    shapes: Mapping[str, tuple[int, ...]],
    backend: str,
    within: tuple[str, ...],
) -> tuple[int, int]:
    """Return what nodes launch once, and in a turn of their loops; of branches the one that launches more counts."""
    nodes = list(nodes)
    used = _used(nodes)
    once = turn = 0
    for node in nodes:
        op, attrs = node["op"], node.get("attr") or {}
        inner = {
            key: _of(library[name], library, shapes, backend, (*within, name))
            for key, value in attrs.items()
            if (name := value.get("func", {}).get("name")) in library and name not in within
        }
        if op in _LOOPS:
            turn += sum(each + more for each, more in inner.values())
        elif op in _BRANCHES:
            most = max(inner.values(), default=(0, 0))
            once, turn = once + most[0], turn + most[1]
        elif op not in FREE:
            once += _node(node, len(used.get(node["name"], ())), shapes, backend)
    return once, turn


def _used(nodes: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return which outputs of each node are read."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        for reference in node.get("input", ()):
            name, _, output = reference.partition(":")
            found.setdefault(name, set()).add(output)
    return found


def _node(node: Mapping[str, Any], used: int, shapes: Mapping[str, tuple[int, ...]], backend: str) -> int:
    op = str(node["op"])
    if op in _SPLITS:
        return max(1, used)
    if backend == "webgpu":
        return 1 + _REDUCTION_MORE_WEBGPU * (op in _REDUCTIONS)
    if op in ("Conv2D", "_FusedConv2D"):
        return 1 + _CONVOLUTION_MORE * _is_wide(node, shapes)
    more = _SOFTMAX_MORE * (op == "Softmax") + _TRANSPOSE_MORE * (op == "Transpose")
    return 1 + more + _UNPACKED_MORE * (op in _UNPACKED) + _REDUCTION_MORE * (op in _REDUCTIONS)


def _is_wide(node: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether a convolution is more than a product for each pixel, as far as its kernel is a weight."""
    inputs = node.get("input", ())
    kernel = shapes.get(inputs[1].partition(":")[0]) if len(inputs) > 1 else None
    strides = (node.get("attr") or {}).get("strides", {}).get("list", {}).get("i", ())
    return kernel is not None and (tuple(kernel[:2]) != (1, 1) or any(int(stride) != 1 for stride in strides))
