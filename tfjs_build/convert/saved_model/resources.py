"""What handles stand for while a graph is traced: variables and tables. They are gone when the graph is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from tfjs_build.convert.graph.ir import Dims, Value


@dataclass(eq=False)
class Variable:
    """A variable; `value` is what the checkpoint gives it, None before that is read. A `reference` variable (TF 1) is
    read by using it."""

    name: str
    dtype: str
    shape: Dims
    value: Value | None = None
    reference: bool = False


@dataclass(eq=False)
class Table:
    """A hash table; `contents` are keys and values, None before the initializer has run."""

    name: str
    key_dtype: str
    value_dtype: str
    contents: tuple[Value, Value] | None = None


@dataclass(eq=False)
class Handle:
    """Any other resource: it may be passed around, but nothing can be done with it."""

    name: str
    op: str
    notes: list[str] = field(default_factory=list)


Resource: TypeAlias = "Variable | Table | Handle"
Traced: TypeAlias = "Value | Variable | Table | Handle"
