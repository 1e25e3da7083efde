"""The table of decompositions, filled by the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.replacing import Attrs, Inputs, Result
from tfjs_build.convert.graph.replacing import Spelling as Decomposition
from tfjs_build.errors import RefusedError

__all__ = ["RULES", "Attrs", "Decomposition", "Inputs", "Result", "rank_text", "refuse", "rule"]

RULES: dict[str, Decomposition] = {}


def rule(*ops: str) -> Callable[[Decomposition], Decomposition]:
    """Register a decomposition of some ops."""

    def register(function: Decomposition) -> Decomposition:
        RULES.update(dict.fromkeys(ops, function))
        return function

    return register


def rank_text(value: Value) -> str:
    """Return a tensor's rank as messages say it."""
    return "an unknown rank" if value.rank is None else f"rank {value.rank}"


def refuse(b: Builder, op: str, why: str, hint: str = "") -> RefusedError:
    """Return the refusal of an op, named with its place (the builder's scope is the node's name)."""
    return RefusedError(f"{op} ({b.scope}): {why}", hint=hint)
