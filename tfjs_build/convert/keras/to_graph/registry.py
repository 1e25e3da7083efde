"""The table from Keras's classes to the functions that build their nodes, filled by the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from tfjs_build.convert.keras.description import Generation

if TYPE_CHECKING:
    from tfjs_build.convert.graph.ir import Value
    from tfjs_build.convert.keras.to_graph.context import Context

Result: TypeAlias = "Value | Sequence[Value]"
Build: TypeAlias = "Callable[[Context], Result]"


Masks: TypeAlias = Literal["drop", "pass", "merge", "join"]
"""What Keras does with the masks of a layer's inputs: forgets them, hands the first on, combines those of tensors that
are added up (or the like), or joins them as the tensors are."""


@dataclass(frozen=True)
class Rule:
    """How one class is built. With `floats`, integers and bools of its first argument are given as floats, as Keras has
    them there. What becomes of masks, and which arguments its `call` takes besides its input, in their order, may
    differ between the generations of Keras. (A rule that computes masks itself puts them into `Context.output_masks`.)
    """

    build: Build
    floats: bool = False
    masks: Mapping[Generation, Masks] = field(default_factory=dict)
    takes: Mapping[Generation, str] = field(default_factory=dict)


LAYERS: dict[str, Rule] = {}
"""By class name, for layers of Keras's own."""

OPERATIONS: dict[str, Rule] = {}
"""By class name, for Keras 3's operations on tensors (`Matmul`); by function, for Keras 2's (`linalg.matmul`)."""


def layer(
    *class_names: str,
    floats: bool = False,
    masks: Masks | Mapping[Generation, Masks] = "drop",
    takes: str | Mapping[Generation, str] = "",
) -> Callable[[Build], Build]:
    """Enter a function as the rule of these layers."""
    of_masks: Mapping[Generation, Masks] = masks if isinstance(masks, Mapping) else {2: masks, 3: masks}
    of_call: Mapping[Generation, str] = takes if isinstance(takes, Mapping) else {2: takes, 3: takes}

    def enter(build: Build) -> Build:
        LAYERS.update(dict.fromkeys(class_names, Rule(build, floats, of_masks, of_call)))
        return build

    return enter


def operation(*names: str, floats: bool = False) -> Callable[[Build], Build]:
    """Enter a function as the rule of these operations."""

    def enter(build: Build) -> Build:
        OPERATIONS.update(dict.fromkeys(names, Rule(build, floats)))
        return build

    return enter
