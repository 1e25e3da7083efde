"""The table from Keras's classes to the functions that build their nodes, filled by the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tfjs_build.convert.graph.ir import Value
    from tfjs_build.convert.keras.to_graph.context import Context

Result: TypeAlias = "Value | Sequence[Value]"
Build: TypeAlias = "Callable[[Context], Result]"


@dataclass(frozen=True)
class Rule:
    """How one class is built. With `floats`, integers and bools of its first argument are given as floats, as Keras has
    them there."""

    build: Build
    floats: bool = False


LAYERS: dict[str, Rule] = {}
"""By class name, for layers of Keras's own."""

OPERATIONS: dict[str, Rule] = {}
"""By class name, for Keras 3's operations on tensors (`Matmul`); by function, for Keras 2's (`linalg.matmul`)."""


def layer(*class_names: str, floats: bool = False) -> Callable[[Build], Build]:
    """Enter a function as the rule of these layers."""

    def enter(build: Build) -> Build:
        LAYERS.update(dict.fromkeys(class_names, Rule(build, floats)))
        return build

    return enter


def operation(*names: str, floats: bool = False) -> Callable[[Build], Build]:
    """Enter a function as the rule of these operations."""

    def enter(build: Build) -> Build:
        OPERATIONS.update(dict.fromkeys(names, Rule(build, floats)))
        return build

    return enter
