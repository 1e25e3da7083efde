"""The table from TensorFlow Lite's operators to the functions that build their nodes, filled by `rules/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tfjs_build.convert.graph.ir import Value
    from tfjs_build.convert.tflite.call import Call

Build: TypeAlias = "Callable[[Call], Value | Sequence[Value]]"

RULES: dict[str, Build] = {}
"""By the operator's name."""


def rule(*names: str) -> Callable[[Build], Build]:
    """Enter a function as what these operators mean. What is fused behind an operator is not its business."""

    def enter(build: Build) -> Build:
        RULES.update(dict.fromkeys(names, build))
        return build

    return enter
