"""Says where whole numbers beyond 2048 are used as places: half floats round them, and no spelling helps where they
come from the page: they are rounded before the first kernel sees them."""

from __future__ import annotations

from math import prod
from typing import Final

from tfjs_build.convert.artifacts import Caution
from tfjs_build.convert.graph.bounds import Bounds, walk
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.half.places import EXACT
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Graph, Node, Value

_NAMED: Final = 3
"""Most ops that a note names."""


def half_cautions(graph: Graph) -> list[Caution]:
    """Return what there is to say of a graph that looks up, finds or compares places beyond 2048."""
    found = list(dict.fromkeys(text for node, bounds in walk(graph) if (text := _beyond(node, bounds)) is not None))
    if not found:
        return []
    listed = found[:_NAMED] + ([f"{len(found) - _NAMED} more do the like"] if len(found) > _NAMED else [])
    return [
        Caution(
            ("webgl",),
            "phones that have half-float textures only round whole numbers beyond 2048:"
            f" {'; '.join(listed)}. Use the wasm or webgpu backend there.",
        )
    ]


def _beyond(node: Node, bounds: Bounds) -> str | None:
    where = f"{node.op} ({node.name})"
    if node.op == "GatherV2":
        return _taken(where, _size(node.inputs[0], node.inputs[2]), node.inputs[1], bounds)
    if node.op == "GatherNd" and (depth := (node.inputs[1].shape or (None,))[-1]) is not None:
        sizes = [size for size in (node.inputs[0].shape or ())[:depth] if size is not None]
        return _taken(where, max(sizes, default=0), node.inputs[1], bounds)
    if node.op in ("ArgMax", "ArgMin"):
        count = _size(node.inputs[0], node.inputs[1])
        large = count is not None and count > EXACT
        return f"{where} finds the place among {count} numbers, and may give a neighbouring one" if large else None
    if node.op == "MaxPoolWithArgmax" and _product(node.inputs[0]) > EXACT:
        return f"{where} gives the places of {_product(node.inputs[0])} numbers, and may give neighbouring ones"
    if node.op == "Equal" and node.inputs[0].dtype in INTEGER:
        for value, other in (node.inputs, node.inputs[::-1]):
            most = 0 if value.constant is None else bounds[value].highest
            if most > EXACT and _may_exceed(other, bounds):
                return f"{where} compares numbers up to {most:.0f}, and may take neighbouring ones for the same"
    return None


def _product(value: Value) -> int:
    """Return how many numbers each image has, as far as that is known."""
    return prod(size or 1 for size in (value.shape or ())[1:])


def _taken(where: str, count: int | None, places: Value, bounds: Bounds) -> str | None:
    if not _may_exceed(places, bounds):
        return None
    if count is None:
        return f"{where} may take a neighbouring row for those beyond row {EXACT}"
    return f"{where} looks up {count} rows, and may take a neighbouring one" if count > EXACT else None


def _size(value: Value, axis: Value) -> int | None:
    if value.shape is None or axis.ints is None:
        return None
    return value.shape[axis_of(axis.ints[0], len(value.shape))]


def _may_exceed(value: Value, bounds: Bounds) -> bool:
    return bounds[value].highest > EXACT
