"""Constants, placeholders, and ops that hand on what they are given, handles included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjs_build.convert.graph.aliases import ALIASES
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Constant
from tfjs_build.convert.saved_model.resources import Handle, Traced
from tfjs_build.convert.saved_model.source import SourceNode
from tfjs_build.convert.saved_model.tensors import constant
from tfjs_build.convert.saved_model.trace import Frame, handles
from tfjs_build.errors import RefusedError


@handles("Const")
def _const(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    path = frame.session.assets.get(node.name) if frame.outer is None else None
    if path is not None:
        return [_asset(frame, path)]
    name = frame.prefix + node.name
    return [frame.builder.const(constant(node.tensor, name), name=name)]


@handles("Placeholder")
def _placeholder(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    path = frame.session.assets.get(node.name) if frame.outer is None else None
    if path is not None:
        return [_asset(frame, path)]
    if node.attrs.get("dtype") == "resource":
        return [Handle(node.name, node.op)]
    if frame.session.free_inputs is not None:
        found = frame.session.free_inputs
        if node.name not in found:
            found[node.name] = Builder().input(node.name, node.attrs.get("shape"), node.attrs["dtype"])
        return [found[node.name]]
    if frame.effectful:
        return [Handle(node.name, node.op)]  # the checkpoint's path
    raise RefusedError(
        f"The outputs depend on the placeholder {node.name}, which the signature does not name as an input.",
        hint="Choose another signature, or export one that has all inputs.",
    )


def _asset(frame: Frame, path: str) -> Traced:
    array = np.empty((), np.object_)
    array[()] = path.encode()
    return frame.builder.const(Constant.of(array, "string"))


@handles("PlaceholderWithDefault")
def _default(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    # One that the signature names is bound before it gets here.
    return [frame.get(node.inputs[0])]


@handles(*ALIASES, "IdentityN", "ReadVariableXlaSplitND")
def _identity(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    return [frame.get(reference) for reference in node.inputs]


@handles("NoOp", "Assert", "DisableCopyOnRead", "PrintV2")
def _nothing(_frame: Frame, _node: SourceNode) -> Sequence[Traced]:
    return []
