"""Computes equal things once: nodes of one op with the same inputs and attributes become one.

What stands for itself stays: inputs, random numbers, tables and tensor lists, loops and branches, and what is marked as
such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tfjs_build.convert.graph.dtypes import is_tensor
from tfjs_build.convert.graph.ir import Constant, Node, Value
from tfjs_build.convert.graph.rewrite import Context, Rule

_OWN: Final = frozenset({"Const", "Placeholder", "Multinomial", "Print"})
_SMALL: Final = 256
"""Bytes of a constant up to which its numbers are compared; larger ones are equal where they are one and the same."""


def sharing() -> Rule:
    """Return the rule that merges equal nodes, in each function for itself. Other rules come before it; what those
    build is not looked at."""
    seen: dict[tuple[Any, ...], tuple[Context, Sequence[Value]]] = {}

    def rule(context: Context, node: Node) -> Sequence[Value] | None:
        if not _shared(node):
            return None
        inputs = context.inputs(node)
        key = (id(context), node.op, tuple(map(_input_key, inputs)), _attrs_key(node.attrs))
        if key not in seen:
            given = [(value.shape, value.dtype) for value in node.outputs]
            built = context.builder.node(node.op, inputs, node.attrs, name=node.name, given=given)
            seen[key] = (context, built)  # the context is kept so that no other one gets its id
        return seen[key][1]

    return rule


def _shared(node: Node) -> bool:
    if node.op in _OWN or "Random" in node.op or "_keep" in node.attrs or node.graphs:
        return False
    return bool(node.inputs) and all(is_tensor(value.dtype) for value in (*node.inputs, *node.outputs))


def _input_key(value: Value) -> Any:
    constant = value.constant
    return (id(value.node), value.index) if constant is None else _constant_key(constant)


def _constant_key(constant: Constant) -> Any:
    if constant.nbytes > _SMALL or constant.dtype == "string":
        return id(constant)
    array = constant.array()
    return constant.dtype, array.shape, array.tobytes()


def _attrs_key(attrs: Mapping[str, Any]) -> str:
    return repr(sorted(attrs.items(), key=lambda item: item[0])) if attrs else ""
