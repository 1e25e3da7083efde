"""What a rule is given: one operator, its inputs as graph values, its options, and the builder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.held import Held
from tfjs_build.convert.tflite.model import Operator, Tensor
from tfjs_build.errors import RefusedError, SourceError


class Host(Protocol):
    """What builds the other graphs of the file, for control flow."""

    def build(self, place: int, b: Builder, values: Sequence[Value]) -> list[Value]:
        """Return the outputs of a graph, by its place in the file, for these inputs. Raises SourceError."""

    def handed(self, place: int) -> list[bool]:
        """Return for each input of a graph whether the output of its place is it. Raises SourceError."""


class Call:
    """One operator. `held` are its inputs, None for those that are left out; `inputs` and `outputs` what the file
    says of these tensors."""

    def __init__(
        self,
        b: Builder,
        operator: Operator,
        held: Sequence[Held | None],
        inputs: Sequence[Tensor | None],
        outputs: Sequence[Tensor],
        host: Host,
    ) -> None:
        self.b = b
        self.operator = operator
        self.held = held
        self.inputs = inputs
        self.outputs = outputs
        self.host = host

    @property
    def label(self) -> str:
        """The operator as messages show it."""
        return f"{self.operator.name} ({self.outputs[0].name if self.outputs else 'without outputs'})"

    @property
    def x(self) -> Value:
        """The first input."""
        return self.value(0)

    def value(self, place: int) -> Value:
        """Return an input. Raises SourceError where it is left out."""
        found = self.optional(place)
        if found is None:
            raise SourceError(f"{self.label} is damaged: it lacks its input {place}")
        return found

    def optional(self, place: int) -> Value | None:
        """Return an input, None where it is left out."""
        found = self.held[place] if place < len(self.held) else None
        return None if found is None else found.real(self.b)

    def factored(self, place: int) -> tuple[Value, float]:
        """Return an input as a tensor and a number that it is to be multiplied by. Raises SourceError."""
        found = self.held[place] if place < len(self.held) else None
        return (self.value(place), 1.0) if found is None else (found.value, found.scale)

    def all(self) -> list[Value]:
        """Return all inputs. Raises SourceError where one is left out."""
        return [self.value(place) for place in range(len(self.held))]

    def tensor(self, place: int) -> Tensor:
        """Return what the file says of an input. Raises SourceError where it is left out."""
        found = self.inputs[place] if place < len(self.inputs) else None
        if found is None:
            raise SourceError(f"{self.label} is damaged: it lacks its input {place}")
        return found

    def option(self, name: str, default: Any = 0) -> Any:
        """Return an option, the default where the file leaves all options out."""
        return self.operator.options.get(name, default)

    def ints(self, place: int) -> tuple[int, ...]:
        """Return the whole numbers that an input is. Raises RefusedError where they are computed."""
        found = self.value(place).ints
        if found is None:
            raise self.refuse(f"its input {place} is not known when converting")
        return found

    def rank(self, value: Value) -> int:
        """Return a tensor's number of axes. Raises RefusedError where it is not known."""
        if value.rank is None:
            raise self.refuse("the rank of its input is not known when converting")
        return value.rank

    def size(self, value: Value, axis: int) -> int:
        """Return a size that has to be known. Raises RefusedError, SourceError."""
        rank = self.rank(value)
        if not -rank <= axis < rank:
            raise SourceError(f"{self.label} is damaged: its input has no axis {axis}")
        found = None if value.shape is None else value.shape[axis]
        if found is None:
            raise self.refuse(f"the size of its input along axis {axis} is not known when converting")
        return found

    def refuse(self, why: str, hint: str = "") -> RefusedError:
        """Return the refusal of this operator."""
        return RefusedError(f"{self.label}: {why}", hint=hint)
