"""The table from TensorFlow Lite's operators to the functions that build their nodes, filled by `rules/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tfjs_build.convert.graph.ir import Value
    from tfjs_build.convert.tflite.call import Call
    from tfjs_build.convert.tflite.model import Operator

Build: TypeAlias = "Callable[[Call], Value | Sequence[Value]]"

RULES: dict[str, Build] = {}
"""By the operator's name."""

CUSTOM_RULES: dict[str, Build] = {}
"""By the name of an operator that another library brings."""


def rule(*names: str) -> Callable[[Build], Build]:
    """Enter a function as what these operators mean. What is fused behind an operator is not its business."""

    def enter(build: Build) -> Build:
        RULES.update(dict.fromkeys(names, build))
        return build

    return enter


def custom_rule(name: str) -> Callable[[Build], Build]:
    """Enter a function as what an operator of another library means."""

    def enter(build: Build) -> Build:
        CUSTOM_RULES[name] = build
        return build

    return enter


def rule_of(operator: Operator) -> Build | None:
    """Return what an operator means, None where that is not known."""
    return (CUSTOM_RULES if operator.is_custom else RULES).get(operator.name)
