"""Ops of which a file may not say how many tensors come out: TensorFlow.js goes by their inputs, and files for it need
not have the attribute."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.saved_model.checks import MOST_TENSORS, TOLD
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.saved_model.source import SourceNode
from tfjs_build.convert.saved_model.trace import Frame, described, handles, public_attrs
from tfjs_build.errors import RefusedError, SourceError

READ = "_read"
"""How many of a node's outputs are read at least, where its reader has counted them."""


@handles("SplitV", "Unpack")
def _counted(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    inputs, attrs, key = frame.values(node), public_attrs(node), TOLD[node.op]
    given = described(node)
    if key not in attrs:
        count = _pieces(node, inputs)
        if count is None:  # as many as are read are enough
            count = node.attrs.get(READ)
        where = f"{node.op} ({frame.prefix}{node.name})"
        if not isinstance(count, int):
            raise RefusedError(f"{where} does not say how many tensors come out of it, nor does the shape of its input")
        if count > MOST_TENSORS:
            raise SourceError(f"{where} claims to have {count:,} outputs")
        attrs[key] = count
        given = [(None, inputs[0].dtype)] * count
    if not given:
        return []  # nothing to take apart
    return frame.builder.node(node.op, inputs, attrs, name=frame.prefix + node.name, given=given)


def _pieces(node: SourceNode, inputs: Sequence[Value]) -> int | None:
    """Return the size of the axis along which a tensor is taken apart, or how many sizes of pieces there are."""
    shape = inputs[0 if node.op == "Unpack" else 1].shape
    if shape is None:
        return None
    axis = axis_of(int(node.attrs.get("axis", 0)), len(shape)) if node.op == "Unpack" else 0
    return shape[axis] if 0 <= axis < len(shape) else None
