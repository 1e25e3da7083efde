"""Says where whole numbers beyond 2048 are used as places: half floats round them, and no spelling helps where they
come from the page: they are rounded before the first kernel sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Final

from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.half.places import EXACT
from tfjs_build.convert.graph.half.values import MOVES
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Graph, Node, Value

_NAMED: Final = 3
"""Most ops that a note names."""


def half_notes(graph: Graph) -> list[str]:
    """Return a note for a graph that looks up, finds or compares places beyond 2048."""
    found = list(dict.fromkeys(text for node in graph.walk() if (text := _beyond(node)) is not None))
    if not found:
        return []
    listed = found[:_NAMED] + ([f"{len(found) - _NAMED} more do the like"] if len(found) > _NAMED else [])
    return [
        "On phones whose webgl has half-float textures only, whole numbers beyond 2048 are rounded:"
        f" {'; '.join(listed)}. Use the wasm or webgpu backend there."
    ]


def _beyond(node: Node) -> str | None:
    where = f"{node.op} ({node.name})"
    if node.op == "GatherV2" and (count := _size(node.inputs[0], node.inputs[2])) is not None:
        return _taken(where, count, node.inputs[1])
    if node.op == "GatherNd" and (depth := (node.inputs[1].shape or (None,))[-1]) is not None:
        sizes = [size for size in (node.inputs[0].shape or ())[:depth] if size is not None]
        return _taken(where, max(sizes, default=0), node.inputs[1])
    if node.op in ("ArgMax", "ArgMin"):
        count = _size(node.inputs[0], node.inputs[1])
        large = count is not None and count > EXACT
        return f"{where} finds the place among {count} numbers, and may give a neighbouring one" if large else None
    if node.op == "MaxPoolWithArgmax" and _product(node.inputs[0]) > EXACT:
        return f"{where} gives the places of {_product(node.inputs[0])} numbers, and may give neighbouring ones"
    if node.op == "Equal" and node.inputs[0].dtype in INTEGER:
        for value, other in (node.inputs, node.inputs[::-1]):
            most = None if value.constant is None else _most(value)
            if most is not None and most > EXACT and _may_exceed(other):
                return f"{where} compares numbers up to {most}, and may take neighbouring ones for the same"
    return None


def _product(value: Value) -> int:
    """Return how many numbers each image has, as far as that is known."""
    return prod(size or 1 for size in (value.shape or ())[1:])


def _taken(where: str, count: int, places: Value) -> str | None:
    if count <= EXACT or not _may_exceed(places):
        return None
    return f"{where} looks up {count} rows, and may take a neighbouring one"


def _size(value: Value, axis: Value) -> int | None:
    if value.shape is None or axis.ints is None:
        return None
    return value.shape[axis_of(axis.ints[0], len(value.shape))]


def _may_exceed(value: Value) -> bool:
    most = _most(value)
    return most is None or most > EXACT


def _most(value: Value) -> int | None:
    """Return a bound on the whole numbers of a value, None where there is none to be seen."""
    node = value.node
    if node.op == "Const":
        array = node.attrs["value"].array()
        return int(array.max()) if array.size and array.dtype.kind in "iub" else None
    if value.dtype == "bool":
        return 1
    if node.op in MOVES or node.op == "Cast":
        return _most(node.inputs[0])
    if node.op in ("ArgMax", "ArgMin"):
        return _size(node.inputs[0], node.inputs[1])
    if node.op in ("Minimum", "FloorMod", "ClipByValue"):
        inputs = node.inputs if node.op == "Minimum" else node.inputs[-1:]
        bounds = [bound for bound in map(_most, inputs) if bound is not None]
        return min(bounds, default=None)
    if node.op in ("Maximum", "SelectV2", "ConcatV2", "Pack"):
        inputs = (
            node.inputs[1:] if node.op == "SelectV2" else node.inputs[:-1] if node.op == "ConcatV2" else node.inputs
        )
        return _every(inputs, max)
    return _every(node.inputs, sum) if node.op in ("Add", "AddV2") else None


def _every(inputs: Sequence[Value], join: Callable[[list[int]], int]) -> int | None:
    bounds = [_most(value) for value in inputs]
    known = [bound for bound in bounds if bound is not None]
    return join(known) if len(known) == len(bounds) else None
