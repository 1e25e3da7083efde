"""Keras's masks: what becomes of those of a call's inputs, as its rule says.

A mask tells which time steps count. A rule that computes one itself, or answers for several outputs, has put it into
`Context.output_masks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import Rule


def masks_of(c: Context, rule: Rule, outputs: Sequence[Value]) -> list[Value | None]:
    """Return the masks of a call's outputs."""
    nothing: list[Value | None] = [None] * len(outputs)
    if c.output_masks is not None:
        return (c.output_masks + nothing)[: len(outputs)]
    masks = c.previous_masks()
    match rule.masks.get(c.generation, "drop"):
        case "pass":
            return [masks[0] if masks else None, *nothing[1:]]
        case "merge":
            return [_merged(c, masks)]
        case "join":
            return [_joined(c, masks)]
    return nothing


def _merged(c: Context, masks: Sequence[Value | None]) -> Value | None:
    """Return the mask of a merge of several tensors.

    Keras 3: the masks joined by "or", none unless all tensors have one (`_apply_merge_op_and_or_mask` in
    keras/src/layers/merging/base_merge.py). Keras 2: those that there are joined by "and" (`compute_mask` in
    tf_keras/src/layers/merging/base_merge.py).
    """
    there = [mask for mask in masks if mask is not None]
    if not there or (c.generation == 3 and len(there) < len(masks)):
        return None
    result, *rest = there
    for mask in rest:
        result = c.b.LogicalOr(result, mask) if c.generation == 3 else c.b.LogicalAnd(result, mask)
    return result


def _joined(c: Context, masks: Sequence[Value | None]) -> Value | None:
    """Return the mask of a concatenation: the masks concatenated as the tensors are, then joined over the features, by
    "or" in Keras 3 and by "and" in Keras 2 (`compute_mask` in keras/src/layers/merging/concatenate.py and in
    tf_keras/src/layers/merging/concatenate.py)."""
    if not any(mask is not None for mask in masks):
        return None
    b = c.b
    axis = c.config.integer("axis", -1)
    wide = []
    for value, mask in zip(c.inputs, masks, strict=False):
        shape = b.Shape(value)
        if mask is None:
            wide.append(b.Fill(shape, True))
        elif mask.rank == value.rank:
            wide.append(mask)
        elif c.generation == 3 or c.axis(value, axis) != c.rank(value) - 1:
            wide.append(b.LogicalOr(b.ExpandDims(mask, -1), b.Fill(shape, False)))
        else:
            wide.append(b.ExpandDims(mask, -1))
    joined = c.concat(wide, c.axis(c.inputs[0], axis))
    return b.Any(joined, [-1]) if c.generation == 3 else b.All(joined, [-1])
