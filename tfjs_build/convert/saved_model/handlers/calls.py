"""Calls of functions: they are put in place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.saved_model.source import Function, SourceNode
from tfjs_build.convert.saved_model.trace import Frame, handles
from tfjs_build.errors import SourceError

_CALL = re.compile(r"(Stateful)?PartitionedCall(_\d+)?$")


def scope_of(frame: Frame, node: SourceNode) -> str:
    """Return the prefix for the names of a called function's nodes: the path of the call, without the word itself."""
    path, _, last = node.name.rpartition("/")
    if _CALL.match(last):
        return f"{frame.prefix}{path}/" if path else frame.prefix
    return f"{frame.prefix}{node.name}/"


@handles("PartitionedCall", "StatefulPartitionedCall")
def _call(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    function = node.attrs.get("f")
    if not isinstance(function, Function):
        raise SourceError(f"{node.op} ({node.name}) does not say which function it calls.")
    body = frame.session.library.body(function.name)
    arguments = [frame.get(reference) for reference in node.inputs]
    return frame.call(body, arguments, scope_of(frame, node)).results()
