"""Constants, placeholders, and ops that return their inputs, handles included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjs_build.convert.dtypes import input_dtype
from tfjs_build.convert.graph.aliases import ALIASES
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.saved_model.placeholders import placeholder_shape
from tfjs_build.convert.saved_model.resources import Handle, Traced
from tfjs_build.convert.saved_model.source import SourceNode
from tfjs_build.convert.saved_model.tensors import constant, dims
from tfjs_build.convert.saved_model.trace import NEEDS, Frame, handles
from tfjs_build.errors import RefusedError, SourceError


@handles("Const")
def _const(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    path = frame.session.assets.get(node.name) if frame.outer is None else None
    if path is not None:
        return [_asset(frame, path)]
    name = frame.prefix + node.name
    return [frame.builder.const(constant(node.tensor, name), name=name)]


@handles("Placeholder", "PlaceholderV2")
def _placeholder(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    path = frame.session.assets.get(node.name) if frame.outer is None else None
    if path is not None:
        return [_asset(frame, path)]
    if node.attrs.get("dtype") == "resource":
        return [Handle(node.name, node.op)]
    if frame.session.free_inputs is not None:
        return [_free_input(frame, node)]
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


def _free_input(frame: Frame, node: SourceNode) -> Value:
    """Return the input that a placeholder of a frozen graph is."""
    found = frame.session.free_inputs
    assert found is not None
    if node.name not in found:
        dtype = node.attrs.get("dtype")
        if dtype is None:
            raise SourceError(f"{node.op} ({node.name}) lacks the attribute dtype.")
        input_dtype(node.name, dtype)  # refuses what no page can feed
        found[node.name] = Builder().input(node.name, placeholder_shape(frame.body, node), dtype)
    return found[node.name]


def _default_needs(frame: Frame, node: SourceNode) -> list[str]:
    """The default of what is an input is not needed: it may come from a queue of training data."""
    name, index = frame.body.resolve(node.inputs[0])
    return [] if (name, index) in frame.bound or _is_fed(frame, node) else [name]


def _is_fed(frame: Frame, node: SourceNode) -> bool:
    """Whether a placeholder with a default is an input of a frozen graph.

    Anything with a shape is (an image, a batch); one number that has a constant for its default is a setting (a rate of
    dropout, whether the model is in training), which keeps its default: a page would have to give it at each call.
    """
    if frame.session.free_inputs is None or frame.effectful:
        return False
    default = frame.body.nodes.get(frame.body.behind_identities(node.inputs[0])[0])
    scalar = default is not None and default.op == "Const" and dims(default.tensor.tensor_shape) == ()
    return not scalar or bool(node.attrs.get("shape"))


NEEDS["PlaceholderWithDefault"] = _default_needs


@handles("PlaceholderWithDefault")
def _default(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    """Give the default: a signature's inputs are bound before it gets here, and what a signature does not name takes
    its default in TensorFlow as well. A frozen graph names no inputs (see `_is_fed`)."""
    if _is_fed(frame, node):
        return [_free_input(frame, node)]
    value = frame.get(node.inputs[0])
    if frame.session.free_inputs is not None and isinstance(value, Value) and value.constant is not None:
        frame.session.note(
            f"The placeholder {node.name} keeps its default, {value.constant.item()!r}: a single number with a"
            " default is taken for a setting, not for an input. To feed it, freeze the graph with a placeholder that"
            " has no default."
        )
    return [value]


@handles(*ALIASES, "IdentityN", "ReadVariableXlaSplitND")
def _identity(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    return [frame.get(reference) for reference in node.inputs]


@handles("NoOp", "Assert", "DisableCopyOnRead", "PrintV2")
def _nothing(_frame: Frame, _node: SourceNode) -> Sequence[Traced]:
    return []
