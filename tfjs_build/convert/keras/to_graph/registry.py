"""The table from Keras's classes to the functions that build their nodes, filled by the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from tfjs_build.convert.keras.description import Generation
from tfjs_build.convert.keras.variables import QuantizedVariables, Variables, none
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.graph.ir import Value
    from tfjs_build.convert.keras.to_graph.context import Context

Result: TypeAlias = "Value | Sequence[Value]"
Build: TypeAlias = "Callable[[Context], Result]"


Masks: TypeAlias = Literal["drop", "pass", "merge", "join"]
"""What Keras does with the masks of a layer's inputs: forgets them, hands the first on, combines those of tensors that
are added up (or the like), or joins them as the tensors are."""


@record(frozen=True)
class Rule:
    """All that is known of one class: the lines that build it (which say its variables' shapes), and what else Keras
    does with it.

    `variables` are those that a layer has by its options, `quantized` those that it has once it is quantized; with
    `stores_more`, some versions of Keras write more than its variables. With `floats`, integers and bools of its first
    argument are given as floats, as Keras has them there. What becomes of masks, and which arguments its `call` takes
    besides its input, in their order, may differ between the generations of Keras. (A rule that computes masks itself
    puts them into `Context.output_masks`.)
    """

    build: Build
    variables: Variables = none
    quantized: QuantizedVariables | None = None
    stores_more: bool = False
    floats: bool = False
    masks: Mapping[Generation, Masks] = field(default_factory=dict)
    takes: Mapping[Generation, str] = field(default_factory=dict)


LAYERS: dict[str, Rule] = {}
"""By class name, for layers of Keras's own."""

OPERATIONS: dict[str, Rule] = {}
"""By class name, for Keras 3's operations on tensors (`Matmul`); by function, for Keras 2's (`linalg.matmul`)."""


def layer(
    *class_names: str,
    variables: Variables = none,
    quantized: QuantizedVariables | None = None,
    stores_more: bool = False,
    floats: bool = False,
    masks: Masks | Mapping[Generation, Masks] = "drop",
    takes: str | Mapping[Generation, str] = "",
) -> Callable[[Build], Build]:
    """Enter a function as the rule of these layers (`Rule` says what the arguments are)."""
    of_masks: Mapping[Generation, Masks] = masks if isinstance(masks, Mapping) else {2: masks, 3: masks}
    of_call: Mapping[Generation, str] = takes if isinstance(takes, Mapping) else {2: takes, 3: takes}

    def enter(build: Build) -> Build:
        rule = Rule(build, variables, quantized, stores_more, floats, of_masks, of_call)
        LAYERS.update(dict.fromkeys(class_names, rule))
        return build

    return enter


def operation(*names: str, floats: bool = False) -> Callable[[Build], Build]:
    """Enter a function as the rule of these operations."""

    def enter(build: Build) -> Build:
        OPERATIONS.update(dict.fromkeys(names, Rule(build, floats=floats)))
        return build

    return enter
