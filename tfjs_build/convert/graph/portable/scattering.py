"""Scattering to places of many coordinates, and gathering from such, which no GPU backend does."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable.registry import GPU_RANK, portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs


@portable_rule("ScatterNd")
def _scatter(b: Builder, inputs: Inputs, _attrs: Attrs) -> Value | None:
    places, updates, shape = inputs
    depth, whole = _deep(places), shape.ints
    if depth is None or whole is None or updates.shape is None:
        return None
    count = math.prod(whole[:depth])
    flat = _flat(b, places, whole[:depth])
    scattered = b.ScatterNd(flat, updates, b.const([count, *whole[depth:]], "int32"))
    return sizes.reshape(b, scattered, list(whole))


@portable_rule("GatherNd")
def _gather(b: Builder, inputs: Inputs, _attrs: Attrs) -> Value | None:
    x, places = inputs
    depth = _deep(places)
    if depth is None or x.shape is None or None in x.shape[1:]:
        return None
    known = [size or 0 for size in x.shape]  # the first is no factor of any stride
    rest = known[depth:]
    rows = sizes.reshape(b, x, [-1, *rest])
    flat = b.Squeeze(_flat(b, places, known[:depth]), squeeze_dims=[(places.rank or 1) - 1])
    return b.GatherV2(rows, flat, b.const(0, "int32"))


def _deep(places: Value) -> int | None:
    """Return how many coordinates places have, if they are more than shaders take."""
    depth = None if places.shape is None else places.shape[-1]
    return depth if depth is not None and depth > GPU_RANK else None


def _flat(b: Builder, places: Value, whole: Sequence[int]) -> Value:
    """Return places in a tensor of these sizes as places in a vector."""
    strides = [math.prod(whole[axis + 1 :]) for axis in range(len(whole))]
    return b.Sum(b.Mul(places, b.const(strides, "int32")), b.const([-1], "int32"), keep_dims=True)
