"""Ops as methods of a builder: `b.MatMul(x, w, transpose_b=True)`. op_calls.pyi tells mypy which there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfjs_build.convert.graph.ir import Operand, Value


class OpCalls:
    """What has `multi`, which makes a node, gets a method for each op."""

    def __getattr__(self, op: str) -> Callable[..., Value]:
        if op.startswith("__"):
            raise AttributeError(op)

        def build(*inputs: Operand, **attrs: Any) -> Value:
            outputs: tuple[Value, ...] = self.multi(op, *inputs, **attrs)  # type: ignore[attr-defined]
            if len(outputs) != 1:
                raise TypeError(f"{op} has {len(outputs)} outputs: use multi()")
            return outputs[0]

        return build
