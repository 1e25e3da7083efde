"""What a node's attributes are where a model.json leaves them out: what TensorFlow.js's executor takes then.

It has tables of its own (tfjs-converter, `operations/op_list`), whose `defaultValue` is mostly that of TensorFlow's
OpDef; here is where it is not. `tests/conversion/test_tfjs_attributes.py` holds the one beside the other, op by op.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.convert.saved_model.checks import TOLD
from tfjs_build.convert.saved_model.handlers.counts import READ

_NORM: Final[dict[str, Any]] = {"epsilon": 0.001, "is_training": False}
DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "Concat": {"N": 2},
    "ConcatV2": {"N": 2},
    "FusedBatchNorm": _NORM,
    "FusedBatchNormV2": _NORM,
    "FusedBatchNormV3": _NORM,
    "Split": {"num_split": 1},
    "TensorListSetItem": {"resize_if_index_out_of_bounds": True},
}
"""Attributes by op. Two the executor never asks for: it normalizes by the given mean and variance, whatever
`is_training` says, and its lists grow with what is written to them."""

_AXIS_FIRST: Final = "Concat"
_OTHER_NAMES: Final = {"Squeeze": ("axis", "squeeze_dims")}
"""An attribute that the executor asks for by another name first."""

_DIGITS: Final = 6
"""No op gives as many tensors as a longer number counts."""


def complete(node: Any) -> None:
    """Add to a NodeDef what the executor takes where the file says nothing, in place."""
    ours, theirs = _OTHER_NAMES.get(node.op, ("", ""))
    if ours in node.attr:
        node.attr[theirs].CopyFrom(node.attr[ours])
        del node.attr[ours]
    for key, value in DEFAULTS.get(node.op, {}).items():
        if key not in node.attr or key == "is_training":
            field = {bool: "b", int: "i", float: "f"}[type(value)]
            setattr(node.attr[key], field, value)
            if key == "N":
                _cut(node, value)
    _count(node)


def _cut(node: Any, number: int) -> None:
    """Keep as many tensors as are joined: the executor drops the others."""
    controls = [reference for reference in node.input if reference.startswith("^")]
    inputs = [reference for reference in node.input if not reference.startswith("^")]
    axis, tensors = (inputs[:1], inputs[1:]) if node.op == _AXIS_FIRST else (inputs[-1:], inputs[:-1])
    kept = tensors[:number]
    if len(kept) < number:
        node.attr["N"].i = len(kept)
    del node.input[:]
    node.input.extend([*axis, *kept, *controls] if node.op == _AXIS_FIRST else [*kept, *axis, *controls])


def _count(node: Any) -> None:
    """Say how many tensors a list of inputs has, which the executor does not need to be told, and we leave out."""
    known = op_def(node.op)
    lists = [each for each in known.inputs if each.count] if known is not None else []
    if known is None or len(lists) != 1 or known.attrs.get(lists[0].count) != "int" or lists[0].count in node.attr:
        return
    inputs = sum(not reference.startswith("^") for reference in node.input)
    node.attr[lists[0].count].i = inputs - (len(known.inputs) - 1)


def count_reads(graph: Any, outputs: Iterable[str]) -> None:
    """Note of nodes that do not say how many tensors come out of them how many are read, be it as one of `outputs`."""
    scopes = [(graph.node, [*outputs])]
    scopes += [(each.node_def, [*each.ret.values()]) for each in graph.library.function]
    for nodes, returned in scopes:
        silent = {node.name: node for node in nodes if node.op in TOLD and TOLD[node.op] not in node.attr}
        if not silent:
            continue
        for reference in (*returned, *(reference for node in nodes for reference in node.input)):
            name, *_, place = reference.split(":") if ":" in reference else (reference, "0")
            if name in silent and place.isdecimal() and len(place) < _DIGITS:
                attr = silent[name].attr[READ]
                attr.i = max(attr.i, int(place) + 1)
