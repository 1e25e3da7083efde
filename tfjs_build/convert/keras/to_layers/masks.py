"""Masks that Keras 3 writes out: operations in the graph whose results only go into `mask` arguments.

tfjs-layers computes masks itself, so those operations are not built. What they compute is read here as a `Mask`, to be
compared with the one that tfjs-layers will have at that place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.keras.description import Call, Generation, Graph, Tensor, tensors_in
from tfjs_build.convert.keras.to_layers.network import Mask, Value


def mask_calls(graph: Graph) -> frozenset[Call]:
    """Return the operations whose results are used for masks only."""
    masks = {tensor.call for call in graph.calls for tensor in tensors_in(call.kwargs.get("mask"))}
    masks |= {mask.call for _, mask in graph.handed_masks}
    if not masks:
        return frozenset()
    data = {port.tensor.call for port in graph.outputs}
    found: set[Call] = set()
    for call in reversed(graph.calls):  # every call after those that use it
        inputs = {tensor.call for tensor in tensors_in([call.args, {**call.kwargs, "mask": None}])}
        if call.layer.operation and call in masks and call not in data:
            found.add(call)
            masks |= inputs
        else:
            data |= inputs
    return frozenset(found)


def not_equal(x: Value, constant: float) -> Mask:
    """The mask of where a tensor is not a number: what an Embedding with `mask_zero` computes."""
    return Mask(("not equal", float(constant), id(x)))


def any_not_equal(x: Value, constant: float) -> Mask:
    """The mask of where any feature is not a number: what a Masking layer computes."""
    return Mask(("any not equal", float(constant), id(x)))


def all_of(masks: frozenset[Mask]) -> Mask:
    """The mask of where all of several masks hold."""
    return next(iter(masks)) if len(masks) == 1 else Mask(("all", masks))


def merged_mask(masks: Sequence[Mask | None], generation: Generation, axis: int = -1) -> Mask | None:
    """The mask of what is merged from tensors with these masks; `axis` is that of a concatenation, -1 the last one.

    In Keras 3 it depends on the version (that of 3.0 loses it, later ones take either mask instead of both), so it is
    taken from the file only.
    """
    if not any(masks):
        return None
    if generation == 3:
        return Mask(("merged", object()))
    return joined(masks, axis)


def joined(masks: Sequence[Mask | None], axis: int) -> Mask:
    """The mask of tensors that are joined along an axis: of steps one after the other, or (-1) where all masks hold."""
    if axis != -1:
        return Mask(("joined", axis, tuple(masks)))
    return all_of(frozenset(mask for mask in masks if mask is not None))


def mask_of(tensor: Tensor, values: Mapping[Tensor, Value]) -> Mask:
    """Return what a tensor that is used as a mask stands for. What is not recognized equals no other mask."""
    return _read(tensor, values) or Mask(("unknown", id(tensor.call)))


def _read(tensor: Any, values: Mapping[Tensor, Value]) -> Mask | None:
    if not isinstance(tensor, Tensor):
        return None
    call = tensor.call
    name, args, axis = call.layer.class_name, list(call.args), call.layer.config.get("axis")
    if name == "NotEqual" and len(args) == 2 and isinstance(args[0], Tensor) and isinstance(args[1], (int, float)):
        return not_equal(values[args[0]], args[1]) if args[0] in values else None
    if name == "Any" and axis == -1 and args:
        return _any(args[0], values)
    return None


def _any(tensor: Any, values: Mapping[Tensor, Value]) -> Mask | None:
    """Read `any(…, axis=-1)`: of a comparison of every feature, or of masks that were spread over the features and
    joined. Joined along the features it is what no layer of TensorFlow.js computes: where any of them holds."""
    if not isinstance(tensor, Tensor):
        return None
    inner = _read(tensor, values)
    if inner is not None and isinstance(inner.key, tuple) and inner.key[0] == "not equal":
        return Mask(("any not equal", *inner.key[1:]))
    call = tensor.call
    if call.layer.class_name != "Concatenate":
        return None
    parts = [_spread(part, values) for part in tensors_in(call.args)]
    if not all(parts):
        return None
    masks = tuple(mask for mask in parts if mask is not None)
    return Mask(("joined", call.layer.config.get("axis"), masks))


def _spread(tensor: Tensor, values: Mapping[Tensor, Value]) -> Mask | None:
    """Read `expand_dims(mask, -1) or zeros_like(x)`."""
    if tensor.call.layer.class_name != "LogicalOr" or len(tensor.call.args) != 2:
        return None
    mask, zeros = tensor.call.args
    if not isinstance(mask, Tensor) or not isinstance(zeros, Tensor):
        return None
    if mask.call.layer.class_name != "ExpandDims" or zeros.call.layer.class_name != "ZerosLike":
        return None
    return _read(mask.call.args[0], values) if mask.call.args else None
