"""Constant places beyond 2048 that are looked up: webgl rounds them in half-float textures, and takes other entries.

Each is taken apart into a row and a column of a table of the same entries, both small.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.rewrite import Context

EXACT: Final = 2048
"""Up to here every whole number is a half float."""
_WIDTH: Final = 1024


def concerned(node: Node) -> bool:
    """Whether the rule may change a node."""
    if node.op != "GatherV2" or node.attrs.get("batch_dims") or node.inputs[0].dtype == "string":
        return False
    places = node.inputs[1].constant
    return places is not None and places.size > 0 and int(places.array().max()) > EXACT


def rule(context: Context, node: Node) -> Value | None:
    """Look up by rows and columns."""
    if not concerned(node):
        return None
    x, places, axis = node.inputs
    if x.shape is None or axis.ints is None or places.constant is None:
        return None
    at = axis_of(axis.ints[0], len(x.shape))
    count = x.shape[at]
    if count is None or (rows := -(-count // _WIDTH)) > EXACT:
        return None
    b = context.builder
    order = [at, *(each for each in range(len(x.shape)) if each != at)]
    whole = context.new(x) if at == 0 else b.Transpose(context.new(x), order)
    rest = [sizes.size(b, whole, each) for each in range(1, len(order))]
    if rows * _WIDTH != count:
        whole = b.Pad(whole, b.const([[0, rows * _WIDTH - count], *[[0, 0]] * len(rest)], "int32"))
    table = sizes.reshape(b, whole, [rows, _WIDTH, *rest])
    array = places.constant.array().astype(np.int32)
    pairs = np.stack([array // _WIDTH, array % _WIDTH], axis=-1).reshape(-1, 2)
    found = b.GatherNd(table, b.const(pairs, "int32"))
    if at:
        back = [*range(1, at + 1), 0, *range(at + 1, len(order))]
        found = b.Transpose(found, back)
    return sizes.reshape(b, found, [*rest[:at], *array.shape, *rest[at:]])
