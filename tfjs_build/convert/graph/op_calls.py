"""Ops as methods of a builder: `b.MatMul(x, w, transpose_b=True)`. op_calls.pyi tells mypy which there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class OpCalls:
    """A method for each op, by way of `multi`, which makes a node."""

    def multi(self, op: str, *inputs: Any, **attrs: Any) -> tuple[Any, ...]:
        """Return all outputs of a new node."""
        raise NotImplementedError

    def __getattr__(self, op: str) -> Callable[..., Any]:
        if op.startswith("__"):
            raise AttributeError(op)

        def build(*inputs: Any, **attrs: Any) -> Any:
            outputs = self.multi(op, *inputs, **attrs)
            if len(outputs) != 1:
                raise TypeError(f"{op} has {len(outputs)} outputs: use multi()")
            return outputs[0]

        return build
